"""The one place that measures a method on a test: for benchmarks and for the cards of translators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from grn_core.benchmark.metrics.beeline import beeline_early_precision, trapezoid_auprc
from grn_core.benchmark.metrics.curves import RECALLS, precision_at_recalls, reliability
from grn_core.benchmark.metrics.measures import Measured, measure, per_source, summarise
from grn_core.benchmark.pairs.negatives import BEELINE, natural_prevalence
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.methods import Method
from grn_core.benchmark.protocol.scores import scores_of
from grn_core.errors import DataError
from grn_core.translator.pairs import Pairs


def measure_method(test: HeldOut, method: Method) -> dict[str, Any]:
    """Measure one method on one test.

    Parameters
    ----------
    test
        The test.
    method
        A row of the table.

    Returns
    -------
    dict
        ``row``: mean and standard deviation over seeds of every measure, and the universe; ``per_tf``; ``curve`` and
        ``calibration`` of the split ``all`` with TF-restricted negatives; or nothing but ``note``, which says why
        nothing can be asked.

    Raises
    ------
    DataError
        If the training references have no edge that the model knows.
    """
    allowed = test.allowed  # training pairs are drawn first: an error there is no matter of this test
    try:
        draws = test.pairs
    except DataError as error:
        return {"note": f"{test.name}, is left out: {error.found}."}
    natural = natural_prevalence(test.positives, len(test.reference.genes), negatives=test.negatives, allowed=allowed)
    scores, signs = scores_of(test, method)
    own = [per_source(p, s) for p, s in zip(draws, scores, strict=True)]
    measured = [_measured(test, *one, natural) for one in zip(draws, scores, own, strict=True)]
    row = {**summarise(measured), **_sign_scores(test, signs)}
    found: dict[str, Any] = {"row": row, "per_tf": _per_tf(test, own)}
    if test.split == "all" and test.negatives == "tf-restricted":
        curves = [precision_at_recalls(p.label, s) for p, s in zip(draws, scores, strict=True)]
        points = np.mean(curves, axis=0)
        found["curve"] = [[float(f"{r:.2f}"), round(float(p), 5)] for r, p in zip(RECALLS, points, strict=True)]
        if method.translator:
            scale = test.training.temperature(method)
            chance = [1.0 / (1.0 + np.exp(-np.asarray(s, dtype=np.float64) / scale)) for s in scores]
            found["calibration"] = reliability([p.label for p in draws], chance).to_dict("records")
    return found


def _measured(test: HeldOut, pairs: Pairs, score: np.ndarray, own: pd.DataFrame, natural: float | None) -> Measured:
    one = measure(pairs, score, natural_prevalence=natural, own=own)
    if test.negatives != BEELINE:
        return one
    early = beeline_early_precision(pairs.label, score) / one.universe.prevalence
    beeline = {"auprc_beeline": trapezoid_auprc(pairs.label, score), "epr_beeline": early}
    return Measured({**one.values, **beeline}, one.universe)


def _per_tf(test: HeldOut, own: list[pd.DataFrame]) -> list[dict[str, Any]]:
    columns = ["n_positives", "auprc", "prevalence"]
    table = np.concatenate([one[["source", *columns]].to_numpy(dtype=np.float64) for one in own])
    sources, place = np.unique(table[:, 0], return_inverse=True)
    means = [np.bincount(place, weights=values) / np.bincount(place) for values in table[:, 1:].T]
    return [
        {"source": test.reference.genes[int(source)], **dict(zip(columns, row, strict=True))}
        for source, row in zip(sources, np.round(means, 5).T.tolist(), strict=True)
    ]


def _sign_scores(test: HeldOut, signs: np.ndarray | None) -> dict[str, float]:
    """Share of signed edges whose sign is right, beside what the commoner sign alone would give."""
    if test.signs is None:
        return {}
    pairs = test.pairs[0]
    truth = test.signs[pairs.source, pairs.target]
    signed = (pairs.label > 0) & (truth != 0)
    if not signed.any():
        return {}
    activating = float((truth[signed] > 0).mean())
    right = {} if signs is None else {"sign_accuracy": float((signs[signed] == truth[signed]).mean())}
    return {**right, "sign_majority": max(activating, 1.0 - activating), "n_signed": int(signed.sum())}
