"""The work on measured cells alone: co-expression, and the map of cells."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from grn_core.errors import RequestError
from grn_core.files import write_array
from grn_core.runs.inputs import cells_of, dataset_of, panel_of, write_panel
from grn_core.runs.jobs import JobKind

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.progress import Progress
    from grn_core.runs.request import RunRequest


def _coexpression(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import shutil

    from grn_core.coexpression import find_method, infer, shown_cells
    from grn_core.datasets import expression
    from grn_core.datasets.measured import units
    from grn_core.networks import write_edges

    progress("read", 0, 1)
    panel, dataset = panel_of(request), dataset_of(request)
    cells = cells_of(request, dataset)
    write_panel(folder, panel)
    values = expression(dataset, panel, cells)
    write_array(folder / "expression.npy", shown_cells(values))
    progress("read", 1, 1)
    method, parts = find_method(request.methods[0]), folder / "parts"
    options = {name: int(value) for name, value in request.extra}
    asked = {"method": method.name, "seed": request.seeds[0], "options": options, "folder": parts}
    edges = infer(dataset, panel, cells, **asked, progress=progress)
    write_edges(edges, folder / "edges.parquet")
    shutil.rmtree(parts, ignore_errors=True)
    score = {name: getattr(method, name) for name in ("title", "unit", "signed", "directed", "limits")}
    size = {"edges": len(edges), "sources": len(panel.sources), "genes": len(panel.genes), "cells": values.shape[0]}
    return {**size, "notes": list(panel.notes), "score": score, "units": units(dataset)}


def _coexpression_hashes(request: RunRequest) -> dict[str, str]:
    """The model takes part by its vocabulary alone, and the seed where the method draws."""
    from grn_core.coexpression import find_method, resolved
    from grn_core.models.registry import vocabulary
    from grn_core.runs.request import GENES_ONLY

    if request.dataset_ref == GENES_ONLY:
        message = "co-expression was asked of a gene list without cells"
        raise RequestError(message, needed="a dataset with cells", todo="name a dataset, or ask a foundation model")
    if len(request.methods) != 1 or len(request.seeds) != 1:
        message = f"{len(request.methods)} co-expression methods and {len(request.seeds)} seeds were given"
        raise RequestError(message, needed="one of each for one run", todo="start a run for each")
    method = find_method(request.methods[0])
    options = resolved(method.name, {name: _whole(name, value) for name, value in request.extra})
    draws = {"seed": request.seeds[0]} if method.seeded else {}
    genes = hashlib.sha256("\n".join(vocabulary(request.model)).encode()).hexdigest()
    return {"vocabulary": genes, "options": json.dumps({**options, **draws}, sort_keys=True)}


def _whole(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        message = f"{name} is {value!r}"
        raise RequestError(message, needed="a whole number", todo="correct it") from error


def _umap(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import numpy as np

    progress("read", 0, 1)
    dataset = dataset_of(request)
    progress("read", 1, 1)
    from grn_core.datasets.embedding import compute_umap

    progress("umap", 0, 1)
    points = np.asarray(compute_umap(dataset, seed=request.seeds[0]), dtype=np.float32)
    write_array(folder / "embedding.npy", points)
    progress("umap", 1, 1)
    return {"cells": len(points)}


COEXPRESSION = JobKind(
    name="coexpression",
    run=_coexpression,
    result="edges.parquet",
    options=("dataset_ref", "n_variable", "tfs", "genes", "cells", "methods"),
    stages={"read": 0.05, "co-expression": 0.95},
    hashes=_coexpression_hashes,
)
UMAP = JobKind(
    name="umap",
    run=_umap,
    result="embedding.npy",
    options=("dataset_ref", "seeds"),
    stages={"read": 0.1, "umap": 0.9},
)
