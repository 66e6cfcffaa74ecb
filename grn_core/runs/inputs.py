"""What a request names, read: its dataset, and the genes and cells that the work is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.errors import RunError
from grn_core.files import write_json

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from grn_core.datasets import Dataset, GenePanel
    from grn_core.runs.request import RunRequest


def dataset_of(request: RunRequest) -> Dataset:
    """Read the dataset of a request.

    Raises
    ------
    RunError
        Its content is no longer the one that the request was made for.
    """
    from grn_core.datasets import catalog

    dataset = catalog.load(request.dataset_ref)
    if dataset.sha256 != request.dataset_sha:
        message = f"the content of dataset {request.dataset_ref!r} is not the one that this run was asked for"
        raise RunError(message, todo="start a new run on the dataset as it is now")
    return dataset


def cells_of(request: RunRequest, dataset: Dataset) -> np.ndarray | None:
    """Return which cells were asked for, (n_cells,) bool; None for all of them."""
    return None if request.cells is None else dataset.cells_where(*request.cells)


def panel_of(request: RunRequest) -> GenePanel:
    """Choose the genes and TFs of a request, those that its model knows, from its dataset or its gene list."""
    from grn_core import datasets
    from grn_core.models.registry import record_of, vocabulary
    from grn_core.runs.request import GENES_ONLY

    if request.dataset_ref == GENES_ONLY:
        return datasets.genes_only(
            request.genes,
            tfs=request.tfs,
            species=request.species,
            vocabulary=vocabulary(request.model),
            model=record_of(request.model).title,
        )
    dataset = dataset_of(request)
    return dataset.panel(
        n_variable=request.n_variable,
        tfs=request.tfs,
        genes=request.genes,
        cells=cells_of(request, dataset),
        vocabulary=vocabulary(request.model),
        model=record_of(request.model).title,
    )


def write_panel(folder: Path, panel: GenePanel) -> None:
    """Write ``panel.json`` of a run."""
    sources = [int(index) for index in panel.sources]
    content = {
        "genes": panel.genes,
        "labels": panel.labels,
        "ids": panel.ids,
        "sources": sources,
        "notes": panel.notes,
        "lost_tfs": [[one.name, one.reason] for one in panel.lost_tfs],
    }
    write_json(folder / "panel.json", content)
