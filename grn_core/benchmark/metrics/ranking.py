"""How well scores rank edges above negatives; every result carries the universe it was measured in.

All measures of one ranking come from one walk down the scores in which ties count as one step, so that the order of
the pairs never matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from grn_core.errors import DataError
from grn_core.translator.pairs import Pairs

WITHOUT_SPREAD = ("n_tfs", "prevalence_per_tf", "natural_prevalence")


@dataclass(frozen=True)
class Universe:
    """The pairs among which edges are sought.

    Attributes
    ----------
    name
        Where negatives come from, e.g. ``tf-restricted``.
    n_sources, n_targets, n_positives, n_pairs, prevalence
        Sizes; `prevalence` (positives / pairs) is the AUPRC of a random guess.
    """

    name: str
    n_sources: int
    n_targets: int
    n_positives: int
    n_pairs: int
    prevalence: float


@dataclass(frozen=True)
class Measured:
    """Measures by name, and their universe."""

    values: dict[str, float]
    universe: Universe

    def row(self) -> dict[str, float | int | str]:
        """Measures and universe as columns of a table."""
        universe = asdict(self.universe)
        return {**self.values, "universe": universe.pop("name"), **universe}


def universe_of(pairs: Pairs) -> Universe:
    """Return the sizes of a set of labelled pairs."""
    sizes = pairs.describe() | {"n_pairs": len(pairs), "prevalence": float(pairs.label.mean(dtype=np.float64))}
    return Universe(name=pairs.universe, **sizes)


def average_precision(label: np.ndarray, score: np.ndarray, *, negative_weight: float = 1.0) -> float:
    """AUPRC as average precision: the mean, over the edges, of the precision where each is found.

    Parameters
    ----------
    label
        (N,) 1 = edge, 0 = not.
    score
        (N,) the higher, the more likely an edge.
    negative_weight
        How many negatives each one stands for, where they are a sample: gives the AUPRC at the natural prevalence.

    Raises
    ------
    DataError
        If there are no edges or no negatives, or a score is not a number.
    """
    true, false = steps(label, score, negative_weight)
    return float((np.diff(true, prepend=0.0) * true / (true + false)).sum() / true[-1])


def area_under_roc(label: np.ndarray, score: np.ndarray) -> float:
    """AUROC: the chance that an edge scores above a negative, ties counting half. Parameters as above."""
    true, false = steps(label, score)
    return float(np.trapezoid([0.0, *true / true[-1]], [0.0, *false / false[-1]]))


def trapezoid_auprc(label: np.ndarray, score: np.ndarray) -> float:
    """AUPRC by trapezoids between the steps, from (recall 0, precision 1): higher than average precision."""
    true, false = steps(label, score)
    return float(np.trapezoid([1.0, *true / (true + false)], [0.0, *true / true[-1]]))


def early_precision(label: np.ndarray, score: np.ndarray, *, negative_weight: float = 1.0) -> float:
    """Precision among the best k pairs, k = number of edges; where k cuts through a tie, its expected value."""
    true, false = steps(label, score, negative_weight)
    k = true[-1]
    return float(np.interp(k, [0.0, *(true + false)], [0.0, *true]) / k)


def per_source(pairs: Pairs, score: np.ndarray) -> pd.DataFrame:
    """AUPRC of each source on its own, which asks whether the score orders the targets of one TF.

    Returns
    -------
    DataFrame
        ``source`` (position), ``n_pairs``, ``n_positives``, ``prevalence``, ``auprc``, ``auprc_ratio``; only sources
        that have both edges and negatives, in order of position.
    """
    rows = []
    order = np.argsort(pairs.source, kind="stable")
    for own in np.split(order, np.flatnonzero(np.diff(pairs.source[order])) + 1):
        label = pairs.label[own]
        prevalence = float(label.mean(dtype=np.float64)) if len(own) else 0.0
        if 0 < prevalence < 1:
            auprc = average_precision(label, score[own])
            rows.append((pairs.source[own[0]], len(own), int(label.sum()), prevalence, auprc, auprc / prevalence))
    return pd.DataFrame(rows, columns=["source", "n_pairs", "n_positives", "prevalence", "auprc", "auprc_ratio"])


def measure(
    pairs: Pairs, score: np.ndarray, *, natural_prevalence: float | None = None, own: pd.DataFrame | None = None
) -> Measured:
    """Measure one ranking of labelled pairs.

    Parameters
    ----------
    pairs
        Labelled pairs.
    score
        (N,) one score a pair.
    natural_prevalence
        Share of edges in the universe that the negatives were drawn from uniformly; adds measures at that prevalence.
    own
        What `per_source` gives, where it is at hand.

    Returns
    -------
    Measured
        ``auprc`` (average precision), ``auroc``, ``auprc_ratio`` (AUPRC / prevalence), ``epr`` (early precision /
        prevalence), ``auprc_per_tf`` (mean over the ``n_tfs`` TFs with edges and negatives; NaN without any), to be
        read beside ``prevalence_per_tf`` (what a random guess gives there), and, when asked for,
        ``natural_prevalence``, ``auprc_natural``, ``auprc_ratio_natural`` and ``epr_natural``.

    Raises
    ------
    DataError
        As `average_precision`.
    """
    universe = universe_of(pairs)
    auprc = average_precision(pairs.label, score)
    own = per_source(pairs, score) if own is None else own
    values = {
        "auprc": auprc,
        "auroc": area_under_roc(pairs.label, score),
        "auprc_ratio": auprc / universe.prevalence,
        "epr": early_precision(pairs.label, score) / universe.prevalence,
        "auprc_per_tf": float(own["auprc"].mean()) if len(own) else float("nan"),
        "prevalence_per_tf": float(own["prevalence"].mean()) if len(own) else float("nan"),
        "n_tfs": len(own),
    }
    if natural_prevalence is not None:
        n_others = universe.n_pairs - universe.n_positives
        weight = universe.n_positives * (1.0 - natural_prevalence) / (natural_prevalence * n_others)
        natural = average_precision(pairs.label, score, negative_weight=weight)
        early = early_precision(pairs.label, score, negative_weight=weight)
        values["natural_prevalence"] = natural_prevalence
        values["auprc_natural"] = natural
        values["auprc_ratio_natural"] = natural / natural_prevalence
        values["epr_natural"] = early / natural_prevalence
    return Measured(values, universe)


def summarise(measured: Sequence[Measured]) -> dict[str, float | int | str]:
    """Put the seeds of one method together.

    Returns
    -------
    dict
        ``n_seeds``, the mean of every measure, its standard deviation as ``<measure>_sd`` (0 for one seed), and the
        universe of the first seed.
    """
    values = pd.DataFrame([one.values for one in measured])
    spread = values.std(ddof=1) if len(values) > 1 else values.mean() * 0.0
    row: dict[str, float | int | str] = {"n_seeds": len(values)}
    for name in values:
        row[name] = float(values[name].mean())
        if name not in WITHOUT_SPREAD:
            row[f"{name}_sd"] = float(spread[name])
    return {**row, **Measured({}, measured[0].universe).row()}


def beeline(truth: pd.DataFrame, predicted: pd.DataFrame) -> Measured:
    """Measure an edge table the way BEELINE does (Pratapa et al. 2020), to compare with its published figures.

    The universe is every ordered pair of two different genes of the truth, whether they regulate anything or not; a
    pair that is not predicted scores 0; the sign of a score is ignored.

    Parameters
    ----------
    truth
        ``source``, ``target``.
    predicted
        ``source``, ``target``, ``score``; of a pair that is there twice the first row counts.

    Returns
    -------
    Measured
        ``auprc`` by trapezoids, ``auroc``, and ``epr``: among the edges not below the k-th best (all those tied with
        it, none of score 0), the share of true ones over the prevalence.

    Raises
    ------
    DataError
        As `average_precision`.
    """
    edges = truth[truth["source"] != truth["target"]].drop_duplicates(["source", "target"])
    genes = np.unique(truth[["source", "target"]].to_numpy(dtype=str))
    source, target = np.nonzero(~np.eye(len(genes), dtype=bool))
    every = pd.MultiIndex.from_arrays([genes[source], genes[target]])
    label = every.isin(pd.MultiIndex.from_frame(edges[["source", "target"]])).astype(np.float32)
    named = predicted.drop_duplicates(["source", "target"]).set_index(["source", "target"])["score"]
    score = named.abs().reindex(every).fillna(0.0).to_numpy(dtype=np.float64)
    pairs = Pairs(source, target, label, "all ordered pairs")
    universe = universe_of(pairs)
    values = {"auprc": trapezoid_auprc(label, score), "auroc": area_under_roc(label, score)}
    values["epr"] = beeline_early_precision(label, score) / universe.prevalence
    return Measured(values, universe)


def beeline_early_precision(label: np.ndarray, score: np.ndarray) -> float:
    """Share of edges among the pairs not below the k-th best, k = number of edges; ties count, scores of 0 do not."""
    rounded = np.round(np.asarray(score, dtype=np.float64), 6)
    kept = (rounded >= np.sort(rounded)[::-1][int(np.sum(label)) - 1]) & (rounded > 0)
    return float(label[kept].mean()) if kept.any() else 0.0


def steps(label: np.ndarray, score: np.ndarray, negative_weight: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Edges and negatives found down to each distinct score, best first."""
    label, score = np.asarray(label, dtype=np.float64), np.asarray(score, dtype=np.float64)
    if not np.isfinite(score).all():
        message = f"{int((~np.isfinite(score)).sum())} of {len(score)} scores are not numbers"
        raise DataError(message, needed="a finite score for every pair")
    if not 0 < label.sum() < len(label):
        message = f"{int(label.sum())} of {len(label)} pairs are edges"
        raise DataError(message, needed="at least one edge and one negative", todo="measure on other pairs")
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    true = np.cumsum(label[order])[ends]
    return true, negative_weight * (ends + 1 - true)
