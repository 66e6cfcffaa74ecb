"""The two genes of an edge in the cells that its run was asked about: values, map and groups of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.datasets.annotations import column_title
from grn_core.datasets.cell_columns import group_columns, usual_column
from grn_core.datasets.measured import genes_in_cells, units
from grn_core.datasets.replicates import NO_LABEL, labelled
from grn_core.errors import RequestError
from grn_core.runs.kinds.panel import PanelRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grn_core.runs.request import Request

MOST_CELLS = 5000
"""Cells that are read; of more, so many drawn at random."""


@dataclass(frozen=True, eq=False)
class EdgeCells:
    """Two genes in cells.

    Attributes
    ----------
    values
        (2, cells) float32: the TF and the target, in `units`.
    chosen
        (cells,) bool: which of them the run was asked about.
    points
        (cells, 2) the map that came with the data, or None.
    groups
        (cells,) group of each cell as text, missing where it has none, named by its column; None where the data have no
        such column.
    columns, column
        Columns that can sort the cells, and the one that does.
    units
        What the values are, in words.
    n_total
        Cells of the dataset.
    """

    values: np.ndarray
    chosen: np.ndarray
    points: np.ndarray | None
    groups: pd.Series | None
    columns: tuple[str, ...]
    column: str
    units: str
    n_total: int

    def by_group(self, *, least: int) -> dict[str, np.ndarray]:
        """Return the values of each group of at least `least` cells, (2, cells of the group), the largest first."""
        if self.groups is None:
            return {}
        labels, counts = self.groups.to_numpy(), self.groups.value_counts()
        order = sorted((-n, str(name)) for name, n in counts.items() if n >= least)
        return {name: self.values[:, labels == name] for _, name in order}


def has_cells(request: Request) -> bool:
    """Whether a run was asked of a dataset, so that its genes can be looked at in cells."""
    return isinstance(request, PanelRequest) and request.has_cells


def edge_cells(request: Request, source: str, target: str, *, by: Sequence[str] = ()) -> EdgeCells:
    """Read a TF and its target in the cells of a run's dataset.

    Parameters
    ----------
    request
        Of a run with cells.
    source, target
        Canonical symbols.
    by
        Columns that were chosen to sort the cells, the one that counts most first; else the one by which the run's
        cells were chosen, or as of `usual_column`.

    Raises
    ------
    GrnError
        The run has no cells, or its dataset is gone, has changed since, or does not hold the genes.
    """
    if not isinstance(request, PanelRequest) or not request.has_cells:
        message = "no cells belong to this run"
        raise RequestError(message, needed="a run that was asked of a dataset", todo="choose another run")
    dataset = request.dataset()
    mask = request.mask(dataset)
    chosen = np.ones(dataset.n_cells, dtype=bool) if mask is None else mask
    shown = _shown(chosen)
    columns = group_columns(dataset)
    own = [request.cells[0]] if request.cells else []
    column = usual_column(dataset, columns, chosen=[*by, *own]) if columns else ""
    groups = dataset.column(column).rename(column_title(column)) if column else None
    return EdgeCells(
        values=genes_in_cells(dataset, (source, target), shown),
        chosen=chosen[shown],
        points=None if dataset.embedding is None else np.asarray(dataset.embedding)[shown],
        groups=None if groups is None else _named(groups.iloc[shown]),
        columns=tuple(columns),
        column=column,
        units=units(dataset),
        n_total=dataset.n_cells,
    )


def _named(groups: pd.Series) -> pd.Series:
    """Return the name of each cell's group in words; a cell without a label is in none."""
    labels, codes = labelled(groups)
    return pd.Series([None if code == NO_LABEL else labels[code] for code in codes], name=groups.name, dtype=object)


def _shown(chosen: np.ndarray) -> np.ndarray:
    """Return the numbers of the cells that are read, ascending: at least half of them chosen ones, where there are."""
    if len(chosen) <= MOST_CELLS:
        return np.arange(len(chosen))
    ours, others = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    n_others = min(len(others), max(MOST_CELLS // 2, MOST_CELLS - len(ours)))
    drawn = (_drawn(ours, MOST_CELLS - n_others), _drawn(others, n_others))
    return np.sort(np.concatenate(drawn))


def _drawn(places: np.ndarray, most: int) -> np.ndarray:
    return places if len(places) <= most else places[np.random.default_rng(0).choice(len(places), most, replace=False)]
