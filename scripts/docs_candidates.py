"""The documentation's tables of a translator, and of what was tried and measured beside what the app does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from grn_core.assets import asset
from grn_core.benchmark.protocol.methods import UNTRAINED_CONTROLS
from grn_core.benchmark.results.boolean import boolean_rows, boolean_scores
from grn_core.translator import reliability
from grn_core.translator.measured import ENSEMBLE, WITH_GENES, WITH_NEIGHBOURS
from grn_core.translator.registry import records
from scripts.docs_commands import markdown_table

NETWORKS = ("STRING", "Non-Specific", "Specific")
OURS = "beeline-hesc-string-omnipath"
"""The translator that the tables of single sets are of."""
OF_TRAINING = ("Random weights", "Shuffled labels")
SHOWN = (WITH_NEIGHBOURS, WITH_GENES, ENSEMBLE, *OF_TRAINING, *(one.name for one in UNTRAINED_CONTROLS))
"""Methods of these tables, a row each, and controls."""


def own_scores(network: str) -> pd.DataFrame:
    """AUPRC of `OURS` and its controls by its card: a row a method of `SHOWN`, then a guess; a column a data set.

    Parameters
    ----------
    network
        ``STRING``, ``Non-Specific`` or ``Specific``.
    """
    card = next(one.card for one in records() if one.name == OURS)
    rows = pd.DataFrame(card["evaluation"])
    rows = rows[rows["network"] == network]
    rows = rows.assign(method=rows["method"].str.removesuffix(f": {ENSEMBLE}"))
    found = rows.pivot_table(index="method", columns="dataset", values="mean").loc[list(SHOWN)]
    found.loc["Random guess"] = rows.groupby("dataset")["prevalence"].first()
    return found


def own_cut(name: str) -> pd.DataFrame:
    """AUPRC of `OURS` and its controls in one of the ways of `CUTS`; arranged alike, a random guess last."""
    rows = pd.DataFrame(_read("translator_scores.json")[OURS]["rows"])
    rows = rows[rows["cut"] == name]
    found = rows.pivot_table(index="method", columns="dataset", values="auprc").loc[list(SHOWN)]
    found.loc["Random guess"] = rows.groupby("dataset")["guess"].first()
    return found


def own_table(network: str) -> str:
    """`own_scores` as text."""
    return _figures(own_scores(network))


def own_cut_table(name: str) -> str:
    """`own_cut` as text."""
    return _figures(own_cut(name))


def _figures(table: pd.DataFrame) -> str:
    lines = [(str(method), *(f"{one:.3f}" for one in row)) for method, row in table.iterrows()]
    return markdown_table(("AUPRC", *map(str, table.columns)), lines)


def own_cells_table() -> str:
    """What measured cells add, a row a way, a column a data set and network; see `scripts.measure_own_cells`."""
    rows = sorted(_read("own_cells.json")["auprc"], key=lambda row: NETWORKS.index(row["network"]))
    ways = list(dict.fromkeys(way for row in rows for way in row["auprc"]))
    lines = [(f"{way[0].upper()}{way[1:]}", *_with_mean(row["auprc"][way] for row in rows)) for way in ways]
    weights = {way: {row["weights"][way] for row in rows} for way in rows[0]["weights"]}
    lines += [
        (f"*weight of it in {way}*", *(f"{row['weights'][way]:g}" for row in rows), "")
        for way, taken in weights.items()
        if taken != {0.0}
    ]
    return markdown_table(("AUPRC", *(f"{row['dataset']} {row['network']}" for row in rows), "mean"), lines)


def boolean_table() -> str:
    """The Boolean networks, a row a way; see `scripts.measure_boolean`."""
    table = boolean_scores()
    lines = [(str(way), *(f"{one:.3f}" for one in row)) for way, row in table.iterrows()]
    lines.append(("*edges, and those left out*", *(f"{row.edges}, {row.shown}" for row in boolean_rows().itertuples())))
    return markdown_table(("AUPRC", *map(str, table.columns)), lines)


def reliability_table() -> str:
    """What the default's probabilities were worth: a row a reference, a column a bin; lowest and highest data set."""
    table, sums = reliability.measured(), reliability.edges_expected()
    bins = sorted(set(zip(table["low"], table["high"], strict=True)))
    lines = []
    for asked in reliability.KINDS.values():
        own, whole = table[table["asked"] == asked], sums[sums["asked"] == asked]
        shares = [own["observed"][own["low"] == low] for low, _ in bins]
        times = whole["expected"] / whole["edges"]
        lines.append((asked, f"{len(whole)}", _low_to_high(times, "{:.2g}"), *(_low_to_high(one) for one in shares)))
    return markdown_table(
        ("share of edges", "sets", "edges promised, in times of those found", *map(_bin, bins)), lines
    )


def _bin(ends: tuple[float, float]) -> str:
    return f"{100 * ends[0]:g} to {100 * ends[1]:g}%"


def _low_to_high(found: pd.Series, form: str = "{:.1%}") -> str:
    """The lowest and the highest of some figures; nothing of none, and one where both are the same."""
    ends = dict.fromkeys(form.format(one) for one in (found.min(), found.max())) if len(found) else ()
    return " to ".join(ends)


def own_cells_apart_table() -> str:
    """Whether two data sets differ where the truth does: a row a pair of data sets and network, a column a way."""
    rows = _read("own_cells.json")["differs"]
    ways = list(rows[0]["auroc"])
    lines = [
        (
            f"{row['one']} and {row['other']}",
            row["network"],
            f"{row['pairs']}",
            f"{row['tfs']}",
            *(f"{row['auroc'][way]:.2f}" for way in ways),
        )
        for row in rows
    ]
    return markdown_table(("cells", "network", "pairs that differ", "TFs", *ways), lines)


def tissues_table() -> str:
    """Whether kinds of cells differ where the truth does, a row a truth; see `scripts.measure_tissues`."""
    rows = _read("tissues.json")["apart"]
    ways = list(rows[0]["auroc"])
    lines = [
        (
            f"{row['truth']} ({row['tfs']} TFs, {row['kinds']} kinds, {row['genes']:,} genes)",
            *(f"{mean:.3f} ± {error:.3f}" for mean, error in (row["auroc"][way] for way in ways)),
        )
        for row in rows
    ]
    return markdown_table(("what differs", *ways), lines)


def contexts_table() -> str:
    """What translators trained in cells add, a row a way, a column a data set; see `scripts.measure_contexts`."""
    rows = sorted(_read("contexts.json")["auprc"], key=lambda row: NETWORKS.index(row["network"]))
    ways = list(dict.fromkeys(way for row in rows for way in row["auprc"]))
    lines = [(f"{way[0].upper()}{way[1:]}", *_with_mean(row["auprc"][way] for row in rows)) for way in ways]
    lines += [
        (
            f"*weights of what is added in {way}*",
            *(", ".join(f"{one:g}" for one in row["weights"][way]) for row in rows),
            "",
        )
        for way in rows[0]["weights"]
    ]
    return markdown_table(("AUPRC", *(f"{row['dataset']} {row['network']}" for row in rows), "mean"), lines)


def training_sets_table() -> str:
    """What to train on, a row a training set and method; see `scripts.measure_training_sets`."""
    found = _read("training_sets.json")
    tests = list(found["rows"][0]["auprc"])
    groups = {
        "chosen on": found["chosen_on"],
        **{name: _others(name, tests, found["chosen_on"]) for name in NETWORKS},
    }
    groups |= {name: [name] for name in tests if not any(name in own for own in groups.values())}
    lines = [
        (
            row["trained_on"],
            row["method"],
            f"{row['edges']:,}",
            *(_mean(row["auprc"][test] for test in own) for own in groups.values()),
        )
        for row in found["rows"]
    ]
    return markdown_table(("trained on", "method", "edges", *groups), lines)


def matched_table() -> str:
    """Translators as they ship, degree-matched negatives, a row a translator and method; see `measure_translator`."""
    told = _read("translator_scores.json").items()
    table = pd.DataFrame([{"translator": name, **row} for name, own in told for row in own["rows"]])
    table = table[table["negatives"] == "degree-matched"]
    wide = table.pivot_table(index=["translator", "method"], columns=["network", "dataset"], values="auprc", sort=False)
    columns = sorted(wide, key=lambda test: (NETWORKS.index(test[0]), test[1]))
    lines = [
        (f"`{name}`", method, *("" if pd.isna(one) else f"{one:.3f}" for one in row))
        for (name, method), row in wide[columns].iterrows()
    ]
    return markdown_table(("translator", "AUPRC", *(f"{dataset} {network}" for network, dataset in columns)), lines)


def _others(network: str, tests: Sequence[str], chosen_on: Sequence[str]) -> list[str]:
    """Tests of a kind of network on which nothing was chosen."""
    return [test for test in tests if test.split(" ", 1)[-1] == network and test not in chosen_on]


def _with_mean(scores: Iterable[float]) -> list[str]:
    own = list(scores)
    return [*(f"{one:.3f}" for one in own), _mean(own)]


def _mean(scores: Iterable[float]) -> str:
    own = list(scores)
    return f"{sum(own) / len(own):.3f}"


def sign_candidates_table() -> str:
    """Ways to tell activation from repression, balanced accuracy; see `scripts.measure_sign_candidates`."""
    rows = _read("sign_candidates.json")
    told = {(row["way"], row["reference"]): _with_error(row["balanced"], row["error"]) for row in rows}
    sizes = {row["reference"]: row["n_edges"] for row in rows}
    ways = dict.fromkeys(row["way"] for row in rows)
    lines = [(way, *(told.get((way, reference), "") for reference in sizes)) for way in ways]
    return markdown_table(("balanced accuracy", *(f"{name} ({n:,})" for name, n in sizes.items())), lines)


def _with_error(score: float | None, error: float | None) -> str:
    """Return a score and its standard error; the score alone where nothing else could come out, "" without one."""
    if score is None:
        return ""
    return f"{score:.2f} ± {error:.2f}" if error else f"{score:.2f}"


def _read(name: str) -> Any:
    return json.loads(asset(name).read_text(encoding="utf-8"))
