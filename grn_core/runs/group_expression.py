"""The mean expression of a run's genes in the cells that it was asked about, or in a group of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grn_core.datasets.measured import genes_in_cells, units
from grn_core.errors import DataError, RequestError
from grn_core.runs.kinds.panel import PanelRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grn_core.runs.request import Request

MOST_CELLS = 5000
"""Cells that are read; of more, so many drawn at random."""


def why_no_cells(request: Request) -> str:
    """Return why the genes of a run cannot be looked at in cells; empty where they can, as far as its request says."""
    if isinstance(request, PanelRequest):
        return "" if request.has_cells else "it was asked of a gene list, which has no cells"
    return {
        "import": "its network was read from a file, without cells",
        "consensus": "it is put together from other runs, and has no cells of its own",
    }.get(request.kind, "no cells belong to it")


def mean_expression(
    request: Request, panel: Mapping[str, Any], *, by: str = "", group: str = ""
) -> tuple[dict[str, float], str]:
    """Return the mean of each gene of a run over cells, and the unit in words.

    Parameters
    ----------
    request
        Of a run with cells.
    panel
        Its ``panel.json``.
    by, group
        Column of the cells and one of its values; the cells that the run was asked about where they are empty.

    Raises
    ------
    GrnError
        The run has no cells, its dataset is gone or has changed since, or no cell is of this group.
    """
    if not isinstance(request, PanelRequest) or not request.has_cells:
        message = f"there is no expression: {why_no_cells(request)}"
        raise RequestError(message, needed="a run that was asked of a dataset", todo="choose another colour")
    dataset = request.dataset()
    mask = dataset.cells_where(by, (group,)) if by else request.mask(dataset)
    cells = np.arange(dataset.n_cells) if mask is None else np.flatnonzero(mask)
    if not len(cells):
        message = f"no cell is of the group {group}"
        raise DataError(message, needed="a group with cells", todo="choose another")
    if len(cells) > MOST_CELLS:
        cells = np.sort(np.random.default_rng(0).choice(cells, MOST_CELLS, replace=False))
    here = set(dataset.match.symbols)
    symbols = panel.get("genes") or panel["labels"]
    label_of = {str(symbol): str(label) for symbol, label in zip(symbols, panel["labels"], strict=True)}
    known = [symbol for symbol in label_of if symbol in here]
    means = genes_in_cells(dataset, known, cells).mean(axis=1)
    return {label_of[symbol]: float(mean) for symbol, mean in zip(known, means, strict=True)}, units(dataset)
