"""The figures of the paper (arXiv 2605.08128) as quoted, and ours by the protocol as far as it can be read.

What is left open is measured either way: negatives drawn from the TFs that have an edge or from all pairs, and pairs
that the translator was trained on left out of the tests or kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from grn_core.assets import asset
from grn_core.translator.measured import ENSEMBLE

TRAIN = ("hESC:STRING", "hESC:Non-Specific")
"""What the paper's translators are trained on; they are tested on the same kind of network of other data sets."""
SIZE, NEGATIVES, SPLITS = ("500",), ("tf-restricted", "all-pairs"), ("all", "kept")
SWITCHES = {
    ("tf-restricted", "all"): "TF-restricted, seen left out",
    ("tf-restricted", "kept"): "TF-restricted, seen kept",
    ("all-pairs", "all"): "all pairs, seen left out",
    ("all-pairs", "kept"): "all pairs, seen kept",
}
AT = ["network", "dataset", "method"]
OURS = ["train", "genes"]
"""What the paper has one of, and a command may name several of."""
GENES = "TFs+500"


def published() -> pd.DataFrame:
    """Return the figures of the paper, as quoted; never to be put among measured ones.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``network``, ``dataset``, ``method``, ``auprc``.
    """
    return pd.read_csv(asset("benchmarks", "published.tsv"), sep="\t")


def beside_published(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Set measured scores beside the quoted ones of the same test and method.

    Parameters
    ----------
    tables
        Measures of a run, see `grn_core.benchmark.job.measures`.

    Returns
    -------
    DataFrame
        ``train``, ``genes``, ``network``, ``dataset``, ``method``; ``published``, NaN where the paper has none, which
        is trained on `TRAIN` and asks `GENES`; then AUPRC for each of `SWITCHES`, NaN where it was not measured. The
        methods of a test in the paper's order, others behind them.
    """
    rows = pd.concat(tables, ignore_index=True)
    rows = rows[~rows["genes"].str.endswith("(measured)") & ~rows["is_control"].astype(bool)]
    found = []
    for (negatives, split), words in SWITCHES.items():
        own = rows[(rows["negatives"] == negatives) & (rows["split"] == split)]
        found.append(own.drop_duplicates([*OURS, *AT]).set_index([*OURS, *AT])["auprc"].rename(words))
    whole = pd.concat(found, axis=1).dropna(how="all").reset_index()
    whole = whole.merge(published()[[*AT, "auprc"]].rename(columns={"auprc": "published"}), on=AT, how="left")
    theirs = whole["train"].isin(TRAIN) & (whole["genes"] == GENES)
    whole["published"] = whole["published"].where(theirs)
    methods = list(dict.fromkeys([*published()["method"], *rows["method"]]))
    place = whole["method"].map({name: number for number, name in enumerate(methods)})
    order = [*OURS, "network", "dataset", "_place"]
    columns = [*OURS, *AT, "published", *SWITCHES.values()]
    return whole.assign(_place=place).sort_values(order, ignore_index=True)[columns]


def what_switches_change(table: pd.DataFrame, *, method: str = ENSEMBLE) -> list[str]:
    """Say of a method what each open point changes, mean over the tests, the other one held.

    Parameters
    ----------
    table
        From `beside_published`.
    method
        Whose scores.
    """
    own = table[table["method"] == method]
    said = []
    pairs = {
        "all pairs in place of TF-restricted ones": [(("tf-restricted", s), ("all-pairs", s)) for s in SPLITS],
        "seen pairs kept in place of left out": [((n, "all"), (n, "kept")) for n in NEGATIVES],
    }
    for what, ways in pairs.items():
        steps = [(own[SWITCHES[after]] - own[SWITCHES[before]]).mean() for before, after in ways]
        if pd.notna(steps).all():
            low, high = (f"{step:+z.3f}" for step in sorted(steps))
            said.append(f"{method}, {what}: {low if low == high else f'{low} to {high}'} AUPRC")
    return said
