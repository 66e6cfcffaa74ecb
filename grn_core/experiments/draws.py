"""Over what an uncertainty is taken: draws of a group's cells or donors, or other generic cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grn_core.datasets.annotations import column_title
from grn_core.datasets.groups import MIN_CELLS
from grn_core.datasets.large import blocks
from grn_core.datasets.replicates import NO_LABEL
from grn_core.datasets.values import grouped, groups_of
from grn_core.errors import DataError
from grn_core.experiments.draw_limits import N_DRAWS
from grn_core.in_words import counted, short

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.datasets import Dataset
    from grn_core.models.record import ModelRecord

STRENGTHS = (0.5, 0.625, 0.75, 0.875, 1.0)
"""Of a change in a generic cell that a model sees nothing else of."""
FEWEST_DONORS = 3
COVERS = {
    "donors": "the standard deviation over {n} draws of the group's donors with replacement",
    "cells": "the standard deviation over {n} draws of the group's cells with replacement: donors may differ more",
    "conditions": "the standard deviation over the {n} kinds of data that the model tells apart",
    "backgrounds": "the standard deviation over {n} generic cells whose other genes stand at drawn levels of the grid",
}
"""What an uncertainty covers, by what was drawn."""
NO_DRAWS = (
    "No uncertainty is known: in a generic cell this model sees nothing that could be drawn. The spread over {n} "
    "strengths of the change, from half of it to the whole, tells how it grows."
)
STRENGTH, CUT = "strengths", "cut"
NO_UNCERTAINTY = (STRENGTH, CUT)
"""What was varied that gives no uncertainty."""
CUT_OFF = (
    "No uncertainty is stated: the mean of these cells is at the {end} end of what the model reads, for {tfs}. How far "
    "beyond it is does not reach the model, so that draws of the cells would claim far too little."
)
LEAVES_OUT = "How far the model is from what a laboratory would measure is not in it."


@dataclass(frozen=True)
class Means:
    """Mean expression of a group of cells, and of draws of it.

    Attributes
    ----------
    mean
        (L,) log1p(CP10k).
    draws
        (D, L), the same of each draw.
    over
        ``cells`` or ``donors``: what was drawn.
    n_cells, n_donors
        Of the group; no donors where none were named.
    unnamed
        Cells of the group that name no donor, where donors are drawn: they are in the mean, and in no draw.
    """

    mean: np.ndarray
    draws: np.ndarray
    over: str
    n_cells: int
    n_donors: int = 0
    unnamed: int = 0

    @property
    def notes(self) -> list[str]:
        """What is to be said of the cells, in sentences."""
        if not self.unnamed:
            return []
        cells = counted(self.unnamed, "cell names no donor and is", "cells name no donor and are")
        return [f"{cells} in the mean of the group, and in no draw."]


def group_means(
    dataset: Dataset,
    cells: np.ndarray | None,
    genes: Sequence[str],
    *,
    donor: str = "",
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> Means:
    """Return the mean of every gene in a group of cells, and in draws with replacement from it.

    Parameters
    ----------
    dataset
        The cells; large ones go through block by block.
    cells
        (n_cells,) bool: the group; None for all.
    genes
        L canonical symbols.
    donor
        Column that tells donors apart: whole donors are drawn, since cells of one donor are no replicates.
    n_draws, seed
        How many draws, and what decides them.

    Raises
    ------
    DataError
        As of `check_group`.
    """
    mask = check_group(dataset, cells, donor=donor)
    n_cells, rng = int(mask.sum()), np.random.default_rng(seed)
    codes, n_donors = (None, 0) if not donor else _donors(dataset.column(donor)[mask], donor)
    times = np.stack([_times(rng, n_cells if codes is None else n_donors) for _ in range(n_draws)])
    weights = np.vstack([np.ones(n_cells), times if codes is None else _of_cells(times, codes)]).astype(np.float32)
    group, total, start = groups_of(dataset.match.symbols, genes), np.zeros((n_draws + 1, len(genes))), 0
    for block in blocks(dataset.matrix, None if mask.all() else mask):
        values = grouped(block, group, kind=dataset.value_kind, n_groups=len(genes))
        total += (values.T @ weights[:, start : start + block.shape[0]].T).T
        start += block.shape[0]
    means = total / weights.sum(axis=1, keepdims=True, dtype=np.float64)
    unnamed = 0 if codes is None else int((codes == NO_LABEL).sum())
    return Means(means[0], means[1:], "donors" if donor else "cells", n_cells, n_donors, unnamed)


def check_group(dataset: Dataset, cells: np.ndarray | None, *, donor: str = "") -> np.ndarray:
    """Return which cells are in a group, (n_cells,) bool, after a look at what is asked of it.

    Raises
    ------
    DataError
        The mask does not fit the cells, the group has fewer cells than a mean and draws of them are made of, or fewer
        donors than draws are made of.
    """
    mask = dataset.mask_of(cells)
    if (n_cells := int(mask.sum())) < MIN_CELLS:
        message = f"{counted(n_cells, 'cell is', 'cells are') if n_cells else 'no cell is'} in the group"
        raise DataError(message, needed=f"at least {MIN_CELLS}", todo="widen the choice of cells")
    if donor:
        _donors(dataset.column(donor)[mask], donor)
    return mask


def other_cells(record: ModelRecord, genes: Sequence[str], *, n_draws: int = N_DRAWS, seed: int = 0) -> np.ndarray:
    """Return generic cells whose genes stand at levels of the model's grid, (D, L); each gene keeps its own by name."""
    order = np.argsort(np.array(genes, dtype=object))
    drawn = np.random.default_rng(seed).choice(np.array(record.grid), size=(n_draws, len(genes)))
    found = np.empty_like(drawn)
    found[:, order] = drawn
    return found


def _times(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.bincount(rng.integers(n, size=n), minlength=n)


def _donors(column: pd.Series, name: str) -> tuple[np.ndarray, int]:
    """Return the number of each cell's donor, `NO_LABEL` where none is said, and how many donors there are."""
    known = column.notna().to_numpy()
    names, codes = np.unique(column[known].astype(str), return_inverse=True)
    if len(names) < FEWEST_DONORS:
        message = f"the group has {counted(len(names), 'donor')} in the column {short(column_title(name))!r}"
        raise DataError(message, needed=f"{FEWEST_DONORS} or more", todo="leave out the donors: cells are drawn then")
    found = np.full(len(column), NO_LABEL)
    found[known] = codes
    return found, len(names)


def _of_cells(times: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return how often each cell is in each draw of donors; a cell without a donor is in none."""
    return np.hstack([times, np.zeros((len(times), 1), dtype=times.dtype)])[:, codes]
