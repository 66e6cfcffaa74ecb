"""Cut results down to one table whose scores may stand side by side: one universe, split, kind of negatives, metric."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from grn_core.benchmark.protocol.methods import methods
from grn_core.benchmark.results.words import SAME, WORDS
from grn_core.extractors import EXTRACTORS
from grn_core.translator.measured import WHOLE

AXES = ("suite", "train", "genes", "split", "negatives", "metric")
"""Whatever differs in one of these is not comparable; a table holds one value of each."""

WITHIN = ("genes", "split", "negatives", "metric")
"""Axes on which the cells of one transfer matrix agree."""

TEST = ["train", "network", "dataset"]
"""What one test is: scores are read beside the controls with the same training reference."""

CHANCE = {
    "auroc": 0.5,
    "auprc_ratio": 1.0,
    "epr": 1.0,
    "epr_beeline": 1.0,
    "auprc_ratio_per_tf": 1.0,
    "epr_per_tf": 1.0,
    "direction": 0.5,
    "sign_balanced": 0.5,
}
BASELINES = {"auprc_per_tf": "prevalence_per_tf", "sign_accuracy": "sign_majority"}
"""Metric -> the metric that holds what a guess gets there: they are read together, never chosen."""

PREVALENCE = ("auprc",)
"""Metrics whose value for a random guess is the prevalence of the row."""

TRANSFERS = ("ugrn", "transfer")
"""Suites that train on one reference and test on others, by one protocol."""

ORDER = (*WHOLE, "VVP", "GDT")
KIND_ORDER = {"method": 0, "extension": 1, "coexpression": 2, "control": 3}
FIRST = {axis: tuple(known) for axis, known in WORDS.items()} | {"genes": ("TFs+500",)}


@dataclass(frozen=True)
class Cut:
    """One choice on every axis of `AXES`."""

    suite: str
    train: str
    genes: str
    split: str
    negatives: str
    metric: str

    def of(self, table: pd.DataFrame, *, axes: Iterable[str] = AXES) -> pd.DataFrame:
        """Return the rows of a table that have these values on some axes."""
        for axis in axes:
            table = where(table, axis, getattr(self, axis))
        return table


def options(table: pd.DataFrame, axis: str) -> list[str]:
    """Return the values of an axis in the scores that the choices on the axes before it left, the usual one first."""
    found = [value for value in table[axis].unique() if axis != "metric" or value not in BASELINES.values()]
    if axis == "train":
        pairs = table[["train", "network"]].drop_duplicates()
        parts = pairs["train"].str.partition(":")
        alike = parts[2] == pairs["network"]
        several = pairs.loc[alike, "network"].groupby(parts.loc[alike, 0]).nunique()
        found += [f"{dataset}{SAME}" for dataset, n in several.items() if n > 1]
        return sorted(found, key=lambda train: (train == "", _usual(train), train))
    known = FIRST.get(axis, ())
    return sorted(found, key=lambda value: (known.index(value) if value in known else len(known), value))


def where(table: pd.DataFrame, axis: str, value: str) -> pd.DataFrame:
    """Return the rows with this value on an axis; a training reference may be the data set alone (`SAME`)."""
    if axis == "train" and value.endswith(SAME):
        return table[table["train"] == value.removesuffix(SAME) + ":" + table["network"]]
    return table[table[axis] == value]


def _usual(train: str) -> int:
    usual = (f"hESC{SAME}", "hESC:STRING")
    return usual.index(train) if train in usual else len(usual)


def cut_table(scores: pd.DataFrame, cut: Cut) -> pd.DataFrame:
    """Return the rows of a cut, methods before controls, with what they are to be read beside.

    Returns
    -------
    pandas.DataFrame
        The columns of ``scores``, and ``chance`` (what a random guess gets; NaN where that is not known),
        ``best_control`` and ``control`` (name and mean of the best control on the same test; NaN without one), ``lead``
        (mean minus that).
    """
    table = _beside(scores, cut, axes=AXES)
    known = dict.fromkeys([*ORDER, *(method.name for method in methods(asked=tuple(EXTRACTORS)))])
    place = table["method"].map({name: place for place, name in enumerate(known)}).fillna(len(known))
    kind = table["kind"].map(KIND_ORDER).fillna(len(KIND_ORDER))
    table = table.assign(_kind=kind, _place=place, _row=range(len(table)))
    table = table.sort_values(["_kind", "_place", "_row", "network", "dataset"], kind="stable")
    return table.drop(columns=["_kind", "_place", "_row"]).reset_index(drop=True)


def _beside(scores: pd.DataFrame, cut: Cut, *, axes: Iterable[str]) -> pd.DataFrame:
    """Return the rows of a cut on some axes, each with what a guess and the best control get on the same test."""
    table = cut.of(scores, axes=axes).copy()
    table["chance"] = table["prevalence"] if cut.metric in PREVALENCE else CHANCE.get(cut.metric, float("nan"))
    if cut.metric in BASELINES:
        guess = replace(cut, metric=BASELINES[cut.metric]).of(scores, axes=axes).drop_duplicates(TEST)
        table["chance"] = guess.set_index(TEST)["mean"].reindex(pd.MultiIndex.from_frame(table[TEST])).to_numpy()
    controls = table[(table["kind"] == "control") & table["mean"].notna()].sort_values(["mean", "method"])
    best = controls.drop_duplicates(TEST, keep="last").set_index(TEST)[["method", "mean"]]
    beside: pd.DataFrame = table.join(best.set_axis(["best_control", "control"], axis=1), on=TEST)
    beside["lead"] = beside["mean"] - beside["control"]
    return beside


def transfer_table(scores: pd.DataFrame, cut: Cut) -> pd.DataFrame:
    """Return the scores of every training reference on every test, with what they are to be read beside.

    Rows of the suites ``ugrn`` and ``transfer`` are taken together: both are the same protocol.

    Returns
    -------
    pandas.DataFrame
        Columns as of `cut_table`, for whatever was trained or tested with the cut's gene set, split, negatives and
        metric; a row for each ``train``, test (``dataset`` and ``network``) and method, sorted by these.
    """
    trained = scores[scores["suite"].isin(TRANSFERS) & (scores["train"] != "")]
    same = _beside(trained, cut, axes=WITHIN)
    return same.drop_duplicates([*TEST, "method"], keep="last").sort_values([*TEST, "method"], ignore_index=True)


def trainings(scores: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return with how many training references each pair of gene set and split was measured, most first."""
    trained = scores[scores["suite"].isin(TRANSFERS) & (scores["train"] != "")]
    counts = trained.groupby(["genes", "split"])["train"].nunique().sort_values(ascending=False, kind="stable")
    return {(genes, split): int(n) for (genes, split), n in zip(counts.index, counts, strict=True)}
