"""The measures of a table: of one ranking, of each TF on its own, over seeds; each carries its universe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from grn_core.benchmark.metrics.ranking import area_under_roc_of_steps, early_precision_of_steps
from grn_core.translator.pairs import Pairs
from grn_core.translator.precision import average_precision_of_steps, steps

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
    return Universe(
        name=pairs.universe,
        n_sources=len(np.unique(pairs.source)),
        n_targets=len(np.unique(pairs.target)),
        n_positives=int(pairs.label.sum()),
        n_pairs=len(pairs),
        prevalence=float(pairs.label.mean(dtype=np.float64)),
    )


def per_source(pairs: Pairs, score: np.ndarray) -> pd.DataFrame:
    """AUPRC of each source on its own, which asks whether the score orders the targets of one TF.

    Returns
    -------
    DataFrame
        ``source`` (position), ``n_pairs``, ``n_positives``, ``prevalence``, ``auprc``, ``auprc_ratio``; only sources
        that have both edges and negatives, in order of position.
    """
    rows = []
    order = np.argsort(pairs.source)
    for own in np.split(order, np.flatnonzero(np.diff(pairs.source[order])) + 1):
        label = pairs.label[own]
        prevalence = float(label.mean(dtype=np.float64)) if len(own) else 0.0
        if 0 < prevalence < 1:
            auprc = average_precision_of_steps(*steps(label, score[own]))
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
    true, false = steps(pairs.label, score)
    auprc = average_precision_of_steps(true, false)
    own = per_source(pairs, score) if own is None else own
    values = {
        "auprc": auprc,
        "auroc": area_under_roc_of_steps(true, false),
        "auprc_ratio": auprc / universe.prevalence,
        "epr": early_precision_of_steps(true, false) / universe.prevalence,
        "auprc_per_tf": float(own["auprc"].mean()),
        "prevalence_per_tf": float(own["prevalence"].mean()),
        "n_tfs": len(own),
    }
    if natural_prevalence is not None:
        n_others = universe.n_pairs - universe.n_positives
        weight = universe.n_positives * (1.0 - natural_prevalence) / (natural_prevalence * n_others)
        natural = average_precision_of_steps(true, weight * false)
        early = early_precision_of_steps(true, weight * false)
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
    row: dict[str, float | int | str] = {"n_seeds": len(measured)}
    for name in measured[0].values:
        own = pd.Series([one.values[name] for one in measured])  # its mean leaves out NaN
        row[name] = float(own.mean())
        if name not in WITHOUT_SPREAD:
            row[f"{name}_sd"] = float(own.std(ddof=1)) if len(own) > 1 else float(own.mean() * 0.0)
    return {**row, **Measured({}, measured[0].universe).row()}
