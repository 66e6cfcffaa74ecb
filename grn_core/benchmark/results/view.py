"""Cut results down to one table whose scores may stand side by side: one universe, split, kind of negatives, metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from grn_core.benchmark.protocol.methods import methods
from grn_core.benchmark.results.tables import COLUMNS, Results
from grn_core.extractors import EXTRACTORS
from grn_core.translator.measured import WHOLE

AXES = ("suite", "train", "genes", "split", "negatives", "metric")
"""Whatever differs in one of these is not comparable; a table holds one value of each."""

WITHIN = ("genes", "split", "negatives", "metric")
"""Axes on which the cells of one transfer matrix agree."""

TEST = ["train", "network", "dataset"]
"""What one test is: scores are read beside the controls with the same training reference."""

SUITES = {
    "ugrn": "Data sets left out",
    "transfer": "Transfer: trained on each, tested on each other",
    "curated": "Curated Boolean models",
    "own": "Your own reference",
    "perturbation": "Perturbed TFs: which genes changed",
}
SPLITS = {
    "all": "All pairs but those of the training",
    "kept": "All pairs, those of the training too",
    "unseen-target": "Targets not seen in training",
    "unseen-both": "TFs and targets not seen in training",
}
NEGATIVES = {
    "tf-restricted": "TF-restricted: any target of a TF with edges",
    "all-pairs": "All pairs of genes (easier)",
    "degree-matched": "Degree-matched: same target as an edge (harder)",
    "natural": "All of them, at the natural prevalence",
    "beeline": "BEELINE: every ordered pair",
    "unchanged": "Genes that did not change with the TF",
}
METRICS = {
    "auprc": "AUPRC",
    "auprc_ratio": "AUPRC / prevalence",
    "auroc": "AUROC",
    "epr": "Early precision ratio",
    "auprc_ratio_per_tf": "Times a guess (AUPRC, mean over TFs)",
    "epr_per_tf": "Times a guess (first 100 genes of a TF, mean)",
    "direction": "Right direction (share of pairs of TFs)",
    "sign_balanced": "Balanced accuracy of the sign",
    "auprc_per_tf": "AUPRC, mean over TFs",
    "auprc_beeline": "AUPRC as BEELINE measures it",
    "epr_beeline": "Early precision ratio as BEELINE measures it",
    "sign_accuracy": "Share of signs that are right",
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "suite": SUITES,
    "train": {"omnipath": "OmniPath, human TF-target edges"},
    "genes": {"all": "All genes"},
    "split": SPLITS,
    "negatives": NEGATIVES,
    "metric": METRICS,
}
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
SAME = ":*"
"""Ends a training reference that is a data set with, for each test, the same kind of network as the test's."""

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


def words(axis: str, value: str) -> str:
    """Return a value of an axis in plain words."""
    if axis == "train" and value not in WORDS["train"]:
        if value.endswith(SAME):
            return f"{value.removesuffix(SAME)}, the same kind of network as the test"
        return value.replace(":", ", ") if value else "Nothing: methods that need no training"
    return WORDS.get(axis, {}).get(value, value)


def options(table: pd.DataFrame, axis: str) -> list[str]:
    """Return the values of an axis in the scores that the choices on the axes before it left, the usual one first."""
    found = [value for value in table[axis].unique() if axis != "metric" or value not in BASELINES.values()]
    if axis == "train":
        parts = table["train"].str.partition(":")
        alike = parts[2] == table["network"]
        several = table.loc[alike, "network"].groupby(parts.loc[alike, 0]).nunique()
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


def results_of_cards(cards: Iterable[Mapping[str, Any]]) -> Results:
    """Return the scores that the cards of translators carry as results, for want of a full benchmark.

    Parameters
    ----------
    cards
        With ``name``, ``training``, ``evaluation``, see `grn_core.benchmark.protocol.translator.train_and_measure`.
    """
    rows: list[dict[str, Any]] = []
    for card in cards:
        train = training_of(card)
        if any(row["train"] == train for row in rows):  # of the same network, in another readout
            train = str(card.get("name", ""))
        for row in card.get("evaluation", ()):
            method, _, inner = str(row["method"]).partition(": ")
            control = bool(row.get("is_control", method not in ORDER))
            rows.append(
                {
                    "suite": "ugrn",
                    "train": train,
                    "dataset": row["dataset"],
                    "network": row["network"],
                    "genes": "TFs+500",
                    "method": method if control or not inner else row["method"],
                    "kind": "control" if control else "method",
                    "split": "all",
                    "negatives": row.get("universe", "tf-restricted"),
                    "metric": "auprc",
                    "mean": row["mean"],
                    "sd": row["sd"],
                    "seeds": row["n_seeds"],
                    "sources": row["n_sources"],
                    "targets": row["n_targets"],
                    "positives": row["n_positives"],
                    "prevalence": row["prevalence"],
                }
            )
    return Results(pd.DataFrame(rows, columns=list(COLUMNS["scores"])), manifest={"title": "Translators' cards"})


def learnt_from(card: Mapping[str, Any]) -> str:
    """`training_of` of what a translator learnt from, whatever it knows beside."""
    return training_of({**card, "training": [one for one in card.get("training", ()) if not one.get("beside")]})


def training_of(card: Mapping[str, Any]) -> str:
    """Name what a translator was trained on as the benchmark does: ``hESC:STRING``, or the translator's name."""
    parts = [str(one.get("reference", "")).split() for one in card.get("training", ())]
    if len(parts) == 1 and len(parts[0]) == 3 and parts[0][2].startswith("TFs+"):
        return f"{parts[0][0]}:{parts[0][1]}"
    return str(card.get("name", ""))
