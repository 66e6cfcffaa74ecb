"""What the printed probability was worth: the share of edges beside it, on data sets that it was not calibrated on.

The figures are measured by ``scripts/measure_reliability.py``.
"""

from __future__ import annotations

import json

import pandas as pd

from grn_core.assets import asset
from grn_core.translator.registry import translator_sha

KINDS = {
    ("STRING", "TFs+500"): "STRING",
    ("STRING", "the 500 next"): "STRING, the 500 next genes",
    ("Non-Specific", "TFs+500"): "ChIP-seq of all cell types",
    ("Non-Specific", "the 500 next"): "ChIP-seq of all cell types, the 500 next genes",
    ("Specific", "TFs+500"): "ChIP-seq of one cell type",
    ("Lofgof", "TFs+500"): "Knock-outs and over-expression",
}
"""Network and genes -> what is asked, in words."""
NORMAL_90 = 1.645
"""Standard deviations from the mean within which 90% of a normal distribution lie."""


def measured() -> pd.DataFrame:
    """Return what was found of the translator that is taken by default.

    Returns
    -------
    pandas.DataFrame
        A row a data set, reference and bin of probability: ``asked`` (in words), ``dataset``; ``low``, ``high`` (of the
        bin), ``predicted`` (mean probability), ``observed`` (share of edges), ``pairs``, ``uncertainty`` (mean of what
        stands beside the probability), ``within`` (whether the share is within `NORMAL_90` times that).
    """
    content = json.loads(asset("reliability.json").read_text(encoding="utf-8"))
    columns = ("low", "high", "predicted", "observed", "pairs", "uncertainty")
    rows = [
        {
            "asked": KINDS[row["network"], row["genes"]],
            "dataset": row["dataset"],
            **dict(zip(columns, told, strict=True)),
        }
        for row in content["rows"]
        for told in row["bins"]
    ]
    table = pd.DataFrame(rows)
    off = (table["observed"] - table["predicted"]).abs()
    return table.assign(within=off <= NORMAL_90 * table["uncertainty"])


def edges_expected() -> pd.DataFrame:
    """Return how many edges the probabilities promise beside those found.

    Returns
    -------
    pandas.DataFrame
        A row a data set and reference: ``asked``, ``dataset``, ``pairs``, ``edges`` (found), ``expected`` (sum of the
        probabilities).
    """
    content = json.loads(asset("reliability.json").read_text(encoding="utf-8"))
    return pd.DataFrame(
        {
            "asked": KINDS[row["network"], row["genes"]],
            **{name: row[name] for name in ("dataset", "pairs", "edges", "expected")},
        }
        for row in content["rows"]
    )


def of_further_genes(translator: str, *, mark: str) -> str:
    """Say what the probabilities are worth on genes that vary less than those of the calibration, in one sentence.

    Parameters
    ----------
    translator
        Name of a translator.
    mark
        Which calibration gave the probabilities, see `grn_core.translator.calibration.mark`.

    Returns
    -------
    str
        "" where that was not measured of this translator and calibration.
    """
    content = json.loads(asset("reliability.json").read_text(encoding="utf-8"))
    if (content["translator"], content["translator_sha"], content["mark"]) != (
        translator,
        translator_sha(translator),
        mark,
    ):
        return ""
    sums = edges_expected()
    times = sums["expected"] / sums["edges"]
    ends = _ends(times[sums["asked"] == KINDS["STRING", "the 500 next"]])
    return (
        "Genes that vary less have fewer known edges, and the probability does not know it: of the 500 that vary next "
        f"most it promises {ends} times the edges found."
    )


def _ends(times: pd.Series) -> str:
    return " to ".join(dict.fromkeys(f"{one:.2g}" for one in (times.min(), times.max())))


def in_words(asked: str) -> str:
    """Say in a sentence how far the printed probabilities held of one reference out of `KINDS`."""
    sums = edges_expected()
    sums = sums[sums["asked"] == asked]
    times = sums["expected"] / sums["edges"]
    table = measured()
    table = table[table["asked"] == asked]
    within = (
        f"{int(table['within'].sum())} of {len(table)} points are within {NORMAL_90:g} times the uncertainty beside"
    )
    sets = f"{len(sums)} data sets" if len(sums) > 1 else sums["dataset"].iloc[0]
    return f"On {sets} the probabilities promise {_ends(times)} times the edges found; {within} them."
