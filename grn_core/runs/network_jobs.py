"""The work whose result is a network: inference by a foundation model, by a rank model, and consensus of runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grn_core.errors import RequestError
from grn_core.runs.inputs import cells_of, dataset_of, panel_of, write_panel
from grn_core.runs.jobs import JobKind

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.adapt import Adaptation
    from grn_core.progress import Progress
    from grn_core.runs.request import RunRequest


def _infer(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    progress("read", 0, 1)
    panel = panel_of(request)
    write_panel(folder, panel)
    progress("read", 1, 1)

    from grn_core.inference import infer
    from grn_core.models.registry import card
    from grn_core.networks import write_edges
    from grn_core.settings import settings

    notes = list(panel.notes)
    edges = infer(
        panel,
        model=request.model,
        translator=request.translator if request.kind == "infer" else None,
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
    write_edges(edges, folder / "edges.parquet")
    size = {"edges": len(edges), "sources": len(panel.sources), "genes": len(panel.genes)}
    units = card(request.model).get("units", "")
    return {**size, "notes": notes, "device": edges.attrs.get("device", ""), "units": units}


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


def _infer_check(request: RunRequest) -> None:
    from grn_core.models.registry import record_of
    from grn_core.runs.request import GENES_ONLY
    from grn_core.translator.fit import check
    from grn_core.translator.registry import record_for

    check(
        record_for(request.translator, model=request.model),
        record_of(request.model),
        methods=request.methods,
        seeds=request.seeds,
        readout=request.readout,
        background=request.background,
        has_cells=request.dataset_ref != GENES_ONLY,
        called=request.model,
    )


def _adaptation(request: RunRequest) -> Adaptation | None:
    """Cells and options of the adaptation that was asked for: the cells of the panel."""
    if request.adapt is None:
        return None
    from grn_core.adapt import Adaptation, AdaptOptions

    dataset = dataset_of(request)
    return Adaptation(dataset, cells_of(request, dataset), AdaptOptions(steps=request.adapt))


def _adapt_hashes(request: RunRequest) -> dict[str, str]:
    """What decides an adaptation beside the weights and the cells; nothing where none was asked for."""
    if request.adapt is None:
        return {}
    from grn_core.adapt import AdaptOptions

    return {"adapt": json.dumps(AdaptOptions(steps=request.adapt).key(), sort_keys=True)}


def _ranks(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.models.geneformer.readouts import DEFAULT_READOUT, READOUTS

    readout = READOUTS[request.readout or DEFAULT_READOUT]
    score = {name: getattr(readout, name) for name in ("title", "unit", "directed", "limits")}
    return {**_infer(request, folder, progress), "score": {**score, "signed": False}}


def _ranks_hashes(request: RunRequest) -> dict[str, str]:
    from grn_core.models.geneformer.readouts import DEFAULT_READOUT, READOUTS
    from grn_core.models.record import offers_of
    from grn_core.models.registry import card, weights_sha
    from grn_core.runs.request import GENES_ONLY

    model = card(request.model)
    readout = request.readout or DEFAULT_READOUT
    takes_values = "value" in offers_of(model)
    if takes_values or readout not in model["readouts"]:
        message = f"the model {request.model!r} has no readout {readout!r} that needs no translator"
        needed = "a rank model" if takes_values else f"one of {', '.join(model['readouts'])}"
        raise RequestError(message, needed=needed, todo="choose another readout or model")
    if request.dataset_ref == GENES_ONLY and READOUTS[readout].needs_cells:
        without = ", ".join(name for name, record in READOUTS.items() if not record.needs_cells)
        message = f"the readout {readout!r} was asked of a gene list without cells"
        raise RequestError(message, needed=f"a dataset with cells, or the readout {without}", todo="name a dataset")
    return {"model": weights_sha(request.model), "readout": readout}


def _consensus(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.runs.consensus import consensus

    return consensus(request, folder, progress)


INFER = JobKind(
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
    check=_infer_check,
)
RANKS = JobKind(
    name="ranks",
    run=_ranks,
    result="edges.parquet",
    options=("dataset_ref", "species", "n_variable", "tfs", "genes", "cells"),
    stages={"read": 0.05, "load": 0.15, "extract": 0.8},
    hashes=_ranks_hashes,
)
CONSENSUS = JobKind(
    name="consensus",
    run=_consensus,
    result="edges.parquet",
    options=("extra",),
    stages={"read": 0.5, "consensus": 0.5},
)
