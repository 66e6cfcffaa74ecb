"""From the score of a translator to a probability, by data sets that it was not trained on.

A curve brings scores to log-odds: straight between a few knots, rising everywhere, so that it changes no order. It is
fitted to every pair of held-out data sets, where edges are as rare as they are, and needs no correction for that. The
curves of the single data sets say how far such a probability holds on another one; how much a pair's log-odds change
when the translator learns from another data set, how far it hangs on the one that it learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grn_core.translator.calibration import held_out

QUANTILES = (0.9, 0.99)
"""At which shares of the scores of the fitted data sets the knots lie: few pairs are edges, and they rank high."""
STEP = 0.01
"""Scores that differ by less count as one when a curve is fitted."""
FLATTEST = 0.02
"""Smallest slope: a higher score is never less likely, and two scores never have one probability."""


@dataclass(frozen=True)
class Curve:
    """A rising line with bends.

    Attributes
    ----------
    knots
        Scores at which it bends, ascending.
    start
        Log-odds at the first knot.
    slopes
        Below the first knot, between two, above the last: one more than there are knots.
    """

    knots: tuple[float, ...]
    start: float
    slopes: tuple[float, ...]

    def log_odds(self, score: np.ndarray, *, parts: np.ndarray | None = None) -> np.ndarray:
        """Return log-odds (N,) of scores; `parts` of them, where a curve with these knots has made them already."""
        found = _parts(score, self.knots) if parts is None else parts
        return np.asarray(self.start + found @ np.asarray(self.slopes))

    def probability(self, score: np.ndarray, *, parts: np.ndarray | None = None) -> np.ndarray:
        """Return probabilities (N,) of scores; `parts` as in `log_odds`."""
        return _likely(self.log_odds(score, parts=parts))


@dataclass(frozen=True)
class Calibration:
    """What held-out data sets say of a translator's scores.

    Attributes
    ----------
    curve
        That of all data sets together.
    of_sets
        That of each.
    training
        ``(log-odds, standard deviation)``: how much the log-odds of a pair differ between translators of different
        training sets, at rising log-odds; empty where it was not measured.
    prior
        Share of edges among the pairs of the data sets.
    """

    curve: Curve
    of_sets: tuple[Curve, ...]
    training: tuple[tuple[float, float], ...]
    prior: float

    @classmethod
    def of(
        cls, card: Mapping[str, Any], extractors: Sequence[str], seeds: Sequence[int] | None = None
    ) -> Calibration | None:
        """Read what a translator's card says of extractors and seeds (all if None); None where it says nothing."""
        told = held_out(card, extractors, seeds)
        if not told:
            return None
        knots = tuple(map(float, told["knots"]))
        of_sets = tuple(_curve(knots, one) for one in told["sets"])
        training = tuple((float(at), float(sd)) for at, sd in told.get("training", ()))
        return cls(_curve(knots, told["curve"]), of_sets, training, float(told["prior"]))

    def spreads(self, n_seeds: int) -> bool:
        """Whether there is more than one seed, data set or training set whose probabilities could differ."""
        return n_seeds > 1 or len(self.of_sets) > 1 or bool(self.training)

    def uncertainty(self, scores: np.ndarray) -> np.ndarray:
        """Return the standard deviation (N,) of the probability over seeds, data sets and training sets together.

        Parameters
        ----------
        scores
            (seeds, N).
        """
        score = scores.mean(0)
        parts = _parts(score, self.curve.knots)
        odds = self.curve.log_odds(score, parts=parts)
        likely = _likely(odds)
        of_seeds = self.curve.probability(scores.ravel()).reshape(scores.shape).std(0)
        spreads = [of_seeds**2]
        if len(self.of_sets) > 1:
            own = [
                one.probability(score, parts=parts if one.knots == self.curve.knots else None) for one in self.of_sets
            ]
            spreads.append(np.var(own, axis=0, ddof=1))
        if self.training:
            at, sd = map(np.array, zip(*self.training, strict=True))
            spreads.append((likely * (1 - likely) * np.interp(odds, at, sd)) ** 2)
        return np.asarray(np.sqrt(np.sum(spreads, axis=0)))


def knots_of(scores: Sequence[np.ndarray]) -> tuple[float, ...]:
    """Where a curve bends: `QUANTILES` of the scores of all data sets together."""
    return tuple(round(float(one), 4) for one in np.quantile(np.concatenate(list(scores)), QUANTILES))


def fit_curve(sets: Sequence[tuple[np.ndarray, np.ndarray]], knots: Sequence[float]) -> Curve:
    """Fit the curve of the greatest likelihood to data sets.

    Parameters
    ----------
    sets
        Scores and labels (N,), 1 = edge, of all pairs of each data set; a data set weighs as much as another.
    knots
        Scores at which it may bend.

    Returns
    -------
    Curve
        Slopes are `FLATTEST` or more.
    """
    from scipy.optimize import minimize  # brings much that no inference needs

    score = np.concatenate([one for one, _ in sets]).astype(np.float64)
    weight = np.concatenate([np.full(len(one), 1 / len(one) / len(sets)) for one, _ in sets])
    edges = np.concatenate([label for _, label in sets]) * weight
    score, place = np.unique(np.round(score / STEP), return_inverse=True)  # pairs of one score are counted, not kept
    weight, edges = np.bincount(place, weight), np.bincount(place, edges)
    parts = _parts(score * STEP, knots)

    def loss(free: np.ndarray) -> tuple[float, np.ndarray]:
        odds = free[0] + parts @ free[1:]
        off = weight / (1 + np.exp(-odds)) - edges
        return float((weight * np.logaddexp(0, odds) - edges * odds).sum()), np.r_[off.sum(), off @ parts]

    n_slopes = parts.shape[1]
    first = np.r_[-3.0, np.full(n_slopes, 0.5)]
    bounds = [(None, None), *[(FLATTEST, None)] * n_slopes]
    options = {"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9}
    found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    return Curve(tuple(knots), round(float(found[0]), 4), tuple(round(float(one), 4) for one in found[1:]))


def as_told(curve: Curve) -> dict[str, Any]:
    """Write a curve as a card keeps it, without its knots."""
    return {"start": curve.start, "slopes": list(curve.slopes)}


def _curve(knots: tuple[float, ...], told: Mapping[str, Any]) -> Curve:
    return Curve(knots, float(told["start"]), tuple(map(float, told["slopes"])))


def _likely(odds: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-odds)))


def _parts(score: np.ndarray, knots: Sequence[float]) -> np.ndarray:
    """How far a score lies on each piece of a line: (N, pieces); the first counts down from the first knot."""
    score = np.asarray(score, dtype=np.float64)
    ends = [*knots[1:], np.inf]
    above = [np.clip(score - low, 0, high - low) for low, high in zip(knots, ends, strict=True)]
    return np.column_stack([np.minimum(score - knots[0], 0), *above])
