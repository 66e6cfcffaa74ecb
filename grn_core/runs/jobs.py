"""The kinds of long work: each one is a function and a frozen record, registered where it stands."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from grn_core.errors import RequestError, RunError
from grn_core.runs.files import write_atomic, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from grn_core.datasets import Dataset, GenePanel
    from grn_core.progress import Progress
    from grn_core.runs.request import RunRequest


@dataclass(frozen=True)
class JobKind:
    """One kind of work.

    Attributes
    ----------
    name
        The request's ``kind``.
    run
        ``run(request, folder, progress) -> summary``: writes its result into `folder` and returns what ``run.json``
        keeps of it (JSON types). It calls `progress` often: that is where a cancel stops it.
    result
        File in `folder` without which the run is not done.
    options
        Fields of the request that the work reads; they decide the run id together with the dataset's content.
    stages
        Stage name -> share of the time, in the order of work.
    hashes
        What decides the result beside the request and the dataset, e.g. the hash of weights; must not import torch.
    """

    name: str
    run: Callable[[RunRequest, Path, Progress], dict[str, Any]]
    result: str
    options: tuple[str, ...]
    stages: Mapping[str, float] = field(default_factory=dict)
    hashes: Callable[[RunRequest], dict[str, str]] = lambda _request: {}


_KINDS: dict[str, JobKind] = {}


def register(kind: JobKind) -> JobKind:
    """Add a kind of work."""
    _KINDS[kind.name] = kind
    return kind


def job_kind(name: str) -> JobKind:
    """Return the kind of work called `name`.

    Raises
    ------
    RequestError
        No such kind.
    """
    if name not in _KINDS:
        message = f"unknown kind of work {name!r}"
        raise RequestError(message, needed=f"one of {', '.join(sorted(_KINDS))}")
    return _KINDS[name]


def _dataset(request: RunRequest) -> Dataset:
    from grn_core.datasets import catalog

    dataset = catalog.load(request.dataset_ref)
    if dataset.sha256 != request.dataset_sha:
        message = f"the content of dataset {request.dataset_ref!r} is not the one that this run was asked for"
        raise RunError(message, todo="start a new run on the dataset as it is now")
    return dataset


def _panel(request: RunRequest) -> GenePanel:
    from grn_core import datasets
    from grn_core.models.registry import vocabulary
    from grn_core.runs.request import GENES_ONLY

    if request.dataset_ref == GENES_ONLY:
        options = {"tfs": request.tfs, "species": request.species, "vocabulary": vocabulary(request.model)}
        return datasets.genes_only(request.genes, **options)
    dataset = _dataset(request)
    cells = None if request.cells is None else dataset.cells_where(*request.cells)
    return dataset.panel(
        n_variable=request.n_variable,
        tfs=request.tfs,
        genes=request.genes,
        cells=cells,
        vocabulary=vocabulary(request.model),
    )


def _infer(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    progress("read", 0, 1)
    panel = _panel(request)
    sources = [int(index) for index in panel.sources]
    content = {"genes": panel.genes, "labels": panel.labels, "sources": sources, "notes": panel.notes}
    write_json(folder / "panel.json", content)
    progress("read", 1, 1)

    from grn_core.inference import infer
    from grn_core.settings import settings

    edges = infer(
        panel,
        model=request.model,
        translator=request.translator,
        methods=request.methods,
        seeds=request.seeds,
        readout=request.readout,
        background=request.background,
        folder=folder,
        progress=progress,
        device=settings().device,
    )
    write_atomic(folder / "edges.parquet", lambda path: edges.to_parquet(path, index=False))
    return {"edges": len(edges), "sources": len(sources), "genes": len(panel.genes), "notes": list(panel.notes)}


def _infer_hashes(request: RunRequest) -> dict[str, str]:
    from grn_core.models.registry import card, weights_sha
    from grn_core.translator.registry import records, translator_sha

    weights = {"model": weights_sha(request.model), "translator": translator_sha(request.translator)}
    model = card(request.model)
    translator = next(record.card for record in records() if record.name == request.translator)
    probe = {
        **{name: model[name] for name in ("background", "grid")},
        **{name: translator[name] for name in ("readout", "temperature")},
        **({"readout": request.readout} if request.readout else {}),
    }
    return {**weights, "probe": json.dumps(probe, sort_keys=True)}


def _umap(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import numpy as np

    progress("read", 0, 1)
    dataset = _dataset(request)
    progress("read", 1, 1)
    from grn_core.datasets.embedding import compute_umap

    progress("umap", 0, 1)
    points = np.asarray(compute_umap(dataset, seed=request.seeds[0]), dtype=np.float32)
    write_atomic(folder / "embedding.npy", lambda path: _save(path, points))
    progress("umap", 1, 1)
    return {"cells": len(points)}


def _save(path: Path, array: Any) -> None:
    import numpy as np

    with path.open("wb") as handle:  # np.save would add a suffix to a bare path
        np.save(handle, array, allow_pickle=False)


INFER = register(
    JobKind(
        name="infer",
        run=_infer,
        result="edges.parquet",
        options=(
            *("dataset_ref", "species", "n_variable", "tfs", "genes", "cells"),
            *("model", "background", "methods", "translator", "seeds"),
        ),
        stages={"read": 0.05, "load": 0.1, "extract": 0.75, "score": 0.1},
        hashes=_infer_hashes,
    )
)
UMAP = register(
    JobKind(
        name="umap",
        run=_umap,
        result="embedding.npy",
        options=("dataset_ref", "seeds"),
        stages={"read": 0.1, "umap": 0.9},
    )
)
