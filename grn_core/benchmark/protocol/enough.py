"""Whether references have edges enough to train and calibrate a translator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grn_core.benchmark.features.handle import ModelHandle
from grn_core.benchmark.protocol.training import Training
from grn_core.benchmark.references.reference import Reference
from grn_core.errors import DataError
from grn_core.translator.pairs import positive_pairs

FEWEST_EDGES = 50
"""With fewer, which ones they are decides more than what the model knows: the card of the translator says so."""
TO_CALIBRATE = 10
"""With fewer, the pairs that are held back are too few to find a temperature on."""


def few_edges(model: ModelHandle, known: Sequence[Reference]) -> str:
    """Say that a translator learns from few edges, empty if it does not; `DataError` if they are too few."""
    n_edges = sum(len(positive_pairs(one.edges, one.genes)) for one in known)
    if n_edges < TO_CALIBRATE:
        message = f"the references have {n_edges} edges between genes that {model.record.title} knows"
        needed = f"at least {TO_CALIBRATE}, or the translator cannot be calibrated; {FEWEST_EDGES} or more are better"
        raise DataError(message, needed=needed, todo="check species and names of the reference, or take a larger one")
    if n_edges >= FEWEST_EDGES:
        return ""
    return f"It learnt from {n_edges} edges, fewer than {FEWEST_EDGES}: do not rely on its scores and probabilities."


def check_held_back(training: Training) -> None:
    """Refuse pairs of which no edge or no negative is held back: a temperature fitted to them would mean nothing."""
    found = {float(one) for label, held in training.labels("own") for one in np.unique(label[held].numpy())}
    if len(found) < 2:
        lacking = "negative" if found == {1.0} else "edge"
        message = f"there is no {lacking} among the pairs that are held back to calibrate"
        raise DataError(message, needed="edges and negatives", todo="take a larger reference, or more seeds")
