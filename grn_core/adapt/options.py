"""What decides an adaptation, its bounds and its cost; reading it needs no torch."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from grn_core.errors import RequestError

if TYPE_CHECKING:
    import numpy as np

    from grn_core.datasets import Dataset

VERSION = 3
"""Raised whenever the same options on the same cells would give other weights."""
FAMILIES = {"compact": "grn_core.adapt.compact"}
"""Model families whose pre-training can be continued, and the module that knows how: `grn_core.adapt.compact` is the
pattern (``cells_of``, ``draw``, ``error``)."""
MIN_CELLS = 60  # as pre-training asks of a data set
DEFAULT_STEPS = 300
MAX_STEPS = 5000
# Measured with the compact model on 700 cells, 50 and 150 steps of 32 cells of 256 genes, checks included: CPU time of
# one thread, because other work shared the cores.
SECONDS_TO_START, SECONDS_PER_STEP = 2.0, 0.12


@dataclass(frozen=True, kw_only=True)
class AdaptOptions:
    """How the pre-training goes on.

    Attributes
    ----------
    steps
        Training steps; 0 leaves the base weights as they are.
    learning_rate
        Of AdamW without weight decay: linear warm-up over a tenth of the steps, then linear to zero.
    batch, genes_per_cell
        Cells a step, and genes drawn for each of them (all genes where there are fewer).
    most_visible
        The number of visible genes of a batch is drawn log-uniformly from 1 to this; the others are predicted.
    tf_weight
        How much likelier a TF is drawn than another gene of the same detection.
    held_out
        Share of the cells kept for early stopping, at least ten cells.
    check_every
        Steps between two measurements on the held-out cells, each with a checkpoint.
    most_cells
        More cells than this are thinned out at random: it bounds the memory.
    seed
        Decides every draw, dropout's too, whatever else the process has drawn.
    """

    steps: int = DEFAULT_STEPS
    learning_rate: float = 3e-5
    batch: int = 32
    genes_per_cell: int = 256
    most_visible: int = 176
    tf_weight: float = 2.0
    held_out: float = 0.1
    check_every: int = 25
    most_cells: int = 5000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is out of bounds."""
        check_steps(self.steps)
        for name in ("learning_rate", "batch", "most_visible", "tf_weight", "check_every"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                message = f"{name} is {value}"
                raise RequestError(message, needed="a number more than 0", todo="change the options")
        for name, low, high in (("held_out", 0.0, 0.5), ("genes_per_cell", 2, 2048), ("most_cells", MIN_CELLS, 20_000)):
            if not low <= getattr(self, name) <= high:
                message = f"{name} is {getattr(self, name)}"
                raise RequestError(message, needed=f"{low} to {high}", todo="change the options")
        if self.seed < 0:
            message = f"seed is {self.seed}"
            raise RequestError(message, needed="0 or more")

    def key(self) -> dict[str, object]:
        """JSON types that decide the result, with the version of the code."""
        return {"version": VERSION, **asdict(self)}


@dataclass(frozen=True, eq=False)
class Adaptation:
    """The cells that a model is adapted to, and how.

    Attributes
    ----------
    dataset
        Measured cells: counts or log-normalised values.
    cells
        (n_cells,) bool: only these; None takes all.
    options
        Steps, learning rate, seed and bounds.
    """

    dataset: Dataset
    cells: np.ndarray | None = None
    options: AdaptOptions = field(default_factory=AdaptOptions)


def check_steps(steps: int) -> None:
    """Refuse a number of steps out of bounds with a `RequestError`."""
    if not 0 <= steps <= MAX_STEPS:
        message = f"{steps} steps of adaptation were asked for"
        raise RequestError(message, needed=f"0 to {MAX_STEPS:,}", todo="change the number of steps")


def can_adapt(family: str) -> bool:
    """Whether models of this family (``record.family``) can be adapted."""
    return family in FAMILIES


def estimate(steps: int = DEFAULT_STEPS) -> float:
    """Foretell the wall time of an adaptation of the compact model, in seconds; cells and genes hardly matter."""
    return SECONDS_TO_START + SECONDS_PER_STEP * steps
