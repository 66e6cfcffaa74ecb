"""The kinds of long work: each one is a function and a frozen record, registered where it stands."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from grn_core.errors import RequestError, RunError
from grn_core.runs.files import write_atomic, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from grn_core.adapt import Adaptation
    from grn_core.datasets import Dataset, GenePanel
    from grn_core.models.folders import FolderRecord
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
    optional
        Stage name -> field of the request; where that is None the work does not pass through the stage.
    hashes
        What decides the result beside the request and the dataset, e.g. the hash of weights; must not import torch.
    uses_device
        Whether it waits for its turn at the computing device; a download does not.
    """

    name: str
    run: Callable[[RunRequest, Path, Progress], dict[str, Any]]
    result: str
    options: tuple[str, ...]
    stages: Mapping[str, float] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    hashes: Callable[[RunRequest], dict[str, str]] = lambda _request: {}
    uses_device: bool = True

    def stages_of(self, request: RunRequest) -> dict[str, float]:
        """Return the stages that the work of one request passes through, with their shares of the time."""
        left_out = {stage for stage, name in self.optional.items() if getattr(request, name) is None}
        return {stage: share for stage, share in self.stages.items() if stage not in left_out}


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


def _write_panel(folder: Path, panel: GenePanel) -> None:
    sources = [int(index) for index in panel.sources]
    content = {"genes": panel.genes, "labels": panel.labels, "sources": sources, "notes": panel.notes}
    write_json(folder / "panel.json", content)


def _infer(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    progress("read", 0, 1)
    panel = _panel(request)
    _write_panel(folder, panel)
    progress("read", 1, 1)

    from grn_core.inference import infer
    from grn_core.models.registry import card
    from grn_core.settings import settings

    notes = list(panel.notes)
    edges = infer(
        panel,
        model=request.model,
        translator=request.translator,
        methods=request.methods,
        seeds=request.seeds,
        readout=request.readout,
        background=request.background,
        adapt=_adaptation(request),
        folder=folder,
        progress=progress,
        note=notes.append,
        device=settings().device,
    )
    write_atomic(folder / "edges.parquet", lambda path: edges.to_parquet(path, index=False))
    size = {"edges": len(edges), "sources": len(panel.sources), "genes": len(panel.genes)}
    units = card(request.model).get("units", "")
    return {**size, "notes": notes, "device": edges.attrs.get("device", ""), "units": units}


def _ranks(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.models.geneformer_readouts import DEFAULT_READOUT, READOUTS

    readout = READOUTS[request.readout or DEFAULT_READOUT]
    score = {name: getattr(readout, name) for name in ("title", "unit", "directed", "limits")}
    return {**_infer(request, folder, progress), "score": {**score, "signed": False}}


def _ranks_hashes(request: RunRequest) -> dict[str, str]:
    from grn_core.models.geneformer_readouts import DEFAULT_READOUT, READOUTS
    from grn_core.models.registry import card, weights_sha
    from grn_core.runs.request import GENES_ONLY

    model = card(request.model)
    readout = request.readout or DEFAULT_READOUT
    if model["extractors"] or readout not in model["readouts"]:
        message = f"the model {request.model!r} has no readout {readout!r} that needs no translator"
        needed = "a rank model" if model["extractors"] else f"one of {', '.join(model['readouts'])}"
        raise RequestError(message, needed=needed, todo="choose another readout or model")
    if request.dataset_ref == GENES_ONLY and READOUTS[readout].needs_cells:
        without = ", ".join(name for name, record in READOUTS.items() if not record.needs_cells)
        message = f"the readout {readout!r} was asked of a gene list without cells"
        raise RequestError(message, needed=f"a dataset with cells, or the readout {without}", todo="name a dataset")
    return {"model": weights_sha(request.model), "readout": readout}


def _adaptation(request: RunRequest) -> Adaptation | None:
    """Cells and options of the adaptation that was asked for: the cells of the panel."""
    if request.adapt is None:
        return None
    from grn_core.adapt import Adaptation, AdaptOptions

    dataset = _dataset(request)
    cells = None if request.cells is None else dataset.cells_where(*request.cells)
    return Adaptation(dataset, cells, AdaptOptions(steps=request.adapt))


def _infer_hashes(request: RunRequest) -> dict[str, str]:
    from grn_core.models.registry import card, weights_sha
    from grn_core.translator.registry import record_for, translator_sha

    weights = {"model": weights_sha(request.model), "translator": translator_sha(request.translator)}
    model = card(request.model)
    translator = record_for(request.translator, model=request.model).card
    probe = {
        **{name: model[name] for name in ("background", "grid")},
        **{name: translator[name] for name in ("readout", "temperature")},
        **({"readout": request.readout} if request.readout else {}),
    }
    return {**weights, "probe": json.dumps(probe, sort_keys=True), **_adapt_hashes(request)}


def _adapt_hashes(request: RunRequest) -> dict[str, str]:
    """What decides an adaptation beside the weights and the cells; nothing where none was asked for."""
    if request.adapt is None:
        return {}
    from grn_core.adapt import AdaptOptions

    return {"adapt": json.dumps(AdaptOptions(steps=request.adapt).key(), sort_keys=True)}


def _coexpression(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import shutil

    from grn_core.coexpression import find_method, infer, shown_cells
    from grn_core.datasets import expression

    progress("read", 0, 1)
    panel, dataset = _panel(request), _dataset(request)
    cells = None if request.cells is None else dataset.cells_where(*request.cells)
    _write_panel(folder, panel)
    values = expression(dataset, panel, cells)
    write_atomic(folder / "expression.npy", lambda path: _save(path, shown_cells(values)))
    progress("read", 1, 1)
    method, parts = find_method(request.methods[0]), folder / "parts"
    options = {name: int(value) for name, value in request.extra}
    asked = {"method": method.name, "seed": request.seeds[0], "options": options, "folder": parts}
    edges = infer(dataset, panel, cells, **asked, progress=progress)
    write_atomic(folder / "edges.parquet", lambda path: edges.to_parquet(path, index=False))
    shutil.rmtree(parts, ignore_errors=True)
    score = {name: getattr(method, name) for name in ("title", "unit", "signed", "directed", "limits")}
    size = {"edges": len(edges), "sources": len(panel.sources), "genes": len(panel.genes), "cells": values.shape[0]}
    return {**size, "notes": list(panel.notes), "score": score}


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
    dataset = _dataset(request)
    progress("read", 1, 1)
    from grn_core.datasets.embedding import compute_umap

    progress("umap", 0, 1)
    points = np.asarray(compute_umap(dataset, seed=request.seeds[0]), dtype=np.float32)
    write_atomic(folder / "embedding.npy", lambda path: _save(path, points))
    progress("umap", 1, 1)
    return {"cells": len(points)}


def _consensus(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.runs.consensus import consensus

    return consensus(request, folder, progress)


def _benchmark(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.benchmark.job import run_job

    return run_job(request.model, dict(request.extra), folder, n_seeds=len(request.seeds), progress=progress)


def _benchmark_hashes(request: RunRequest) -> dict[str, str]:
    from grn_core.benchmark.job import hashes

    return hashes(request.model)


def _pull(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.hub.pull import pull

    return _registered(pull(request.model, progress=progress), folder)


def _pull_hashes(request: RunRequest) -> dict[str, str]:
    from grn_core.hub.manifest import fingerprint

    return {"checkpoint": fingerprint(request.model)}


def _add(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.hub.check import add

    return _registered(add(dict(request.extra)["folder"], name=request.model, progress=progress), folder)


def _add_hashes(request: RunRequest) -> dict[str, str]:
    from grn_core.hub.check import stamp

    return {"files": stamp(dict(request.extra)["folder"])}


def _registered(record: FolderRecord, folder: Path) -> dict[str, Any]:
    """Point to the entry in the list of folders: when the user takes it off, the work counts as not done."""
    from grn_core.models.folders import record_file

    link = folder / "record.json"
    link.unlink(missing_ok=True)
    link.symlink_to(record_file(record.name).resolve())
    return {"name": record.name, "folder": str(record.folder), "format": record.format}


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
            *("background", "methods", "seeds"),  # model and translator take part by their content: see the hashes
        ),
        stages={"read": 0.05, "load": 0.1, "adapt": 1.0, "extract": 0.75, "score": 0.1},
        optional={"adapt": "adapt"},
        hashes=_infer_hashes,
    )
)
RANKS = register(
    JobKind(
        name="ranks",
        run=_ranks,
        result="edges.parquet",
        options=("dataset_ref", "species", "n_variable", "tfs", "genes", "cells"),
        stages={"read": 0.05, "load": 0.15, "extract": 0.8},
        hashes=_ranks_hashes,
    )
)
COEXPRESSION = register(
    JobKind(
        name="coexpression",
        run=_coexpression,
        result="edges.parquet",
        options=("dataset_ref", "n_variable", "tfs", "genes", "cells", "methods"),
        stages={"read": 0.05, "co-expression": 0.95},
        hashes=_coexpression_hashes,
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
CONSENSUS = register(
    JobKind(
        name="consensus",
        run=_consensus,
        result="edges.parquet",
        options=("extra",),
        stages={"read": 0.5, "consensus": 0.5},
    )
)
BENCHMARK = register(
    JobKind(
        name="benchmark",
        run=_benchmark,
        result="results/manifest.json",
        options=("model", "seeds", "extra"),
        stages={"corpus": 0.1, "measure": 0.9},
        hashes=_benchmark_hashes,
    )
)
PULL = register(
    JobKind(
        name="pull",
        run=_pull,
        result="record.json",
        options=("model",),
        stages={"download": 0.9, "verify": 0.05, "check": 0.05},
        hashes=_pull_hashes,
        uses_device=False,
    )
)
ADD = register(
    JobKind(
        name="add",
        run=_add,
        result="record.json",
        options=("model", "extra"),
        stages={"verify": 0.3, "check": 0.7},
        hashes=_add_hashes,
        uses_device=False,
    )
)
