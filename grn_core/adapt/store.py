"""Adapted models: computed once for each base, cells and options, then read from disk. The base stays as it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import Field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from grn_core.adapt.core import Adapted, adapt, family_module
from grn_core.adapt.options import Adaptation
from grn_core.caches import made, used
from grn_core.files import write_atomic
from grn_core.models.interface import FoundationModel
from grn_core.models.weights import network_digest, on_weights
from grn_core.progress import Progress, silent
from grn_core.settings import settings
from grn_core.sums import file_sum, read_summed, write_summed

if TYPE_CHECKING:
    from grn_core.pretrain.corpus import CorpusPart


class ModelHandle(Protocol):
    """What `adapted_handle` needs of `grn_core.benchmark.features.handle.ModelHandle`, which stands above it."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The model's genes."""

    @property
    def sha(self) -> str:
        """What the weights are known by."""

    @property
    def load(self) -> Callable[[], FoundationModel]:
        """Load the model."""


Handle = TypeVar("Handle", bound=ModelHandle)


def adapted_model(
    model: FoundationModel, adaptation: Adaptation, *, home: Path | None = None, progress: Progress = silent
) -> tuple[FoundationModel, dict[str, Any]]:
    """Return a model adapted to the user's cells, from disk if it was computed before.

    Parameters
    ----------
    model
        The base. It is not changed.
    adaptation
        Cells and options.
    home
        Data folder of the cache (``adapted/`` in it); the one of the settings if None.
    progress
        Listener, stage ``adapt``; may cancel: the next call goes on from the last checkpoint.

    Returns
    -------
    model, report
        A model of the same record on the adapted weights, or the base itself where no step lowered the error on
        held-out cells (or none was asked for); the report of `grn_core.adapt.core.Adapted`.

    Raises
    ------
    ModelError
        If models of this family cannot be adapted.
    DataError, GeneError
        For too few cells or genes.
    """
    part = family_module(model).cells_of(
        adaptation.dataset, model.vocabulary, cells=adaptation.cells, options=adaptation.options
    )
    base = network_digest(model)
    key = adaptation_key(base, model.vocabulary, part, adaptation)
    folder = (settings().home if home is None else home) / "adapted" / key[:32]
    used(folder, home=home)
    found = _read(folder, model)
    if found is None:
        found = adapt(model, part, adaptation.options, checkpoint=folder / "checkpoint.pt", key=key, progress=progress)
        _write(folder, found)
        made(folder, home=home)
    else:
        progress("adapt", adaptation.options.steps, adaptation.options.steps)
    return (on_weights(model, found.tensors) if found.changed else model), found.report


def adaptation_key(base: str, vocabulary: tuple[str, ...], part: CorpusPart, adaptation: Adaptation) -> str:
    """SHA-256 of everything that decides adapted weights: base, vocabulary, chosen cells, options, code version."""
    content = [base, hashlib.sha256("\n".join(vocabulary).encode()).hexdigest(), part.sha256, adaptation.options.key()]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def adapted_handle(
    handle: Handle, adaptation: Adaptation, *, home: Path | None = None, progress: Progress = silent
) -> Handle:
    """Return the handle of a model adapted to some cells; nothing is trained before it is loaded.

    Parameters
    ----------
    handle
        `grn_core.benchmark.features.handle.ModelHandle` of the base.
    adaptation
        Cells and options.
    home, progress
        As in `adapted_model`.

    Returns
    -------
    ModelHandle
        Same record and vocabulary; ``sha`` names base, cells and options; ``load`` adapts, or reads what was adapted
        before. Pair it with translators that were trained on the base.

    Raises
    ------
    DataError, GeneError
        For too few cells or genes.
    """
    from grn_core.adapt.compact import cells_of

    part = cells_of(adaptation.dataset, handle.vocabulary, cells=adaptation.cells, options=adaptation.options)

    @lru_cache(maxsize=1)
    def load() -> FoundationModel:
        return adapted_model(handle.load(), adaptation, home=home, progress=progress)[0]

    sha = adaptation_key(handle.sha, handle.vocabulary, part, adaptation)
    return replace(handle, sha=f"adapted-{sha}", load=load)


def _read(folder: Path, model: FoundationModel) -> Adapted | None:
    """What an earlier call left, None where there is nothing whole."""
    try:
        kept = read_summed(folder / "report.json") or {}
        report = kept["report"]
        if not report["kept_step"]:
            return Adapted({}, report)
        if kept["weights"] != file_sum(folder / "model.safetensors"):
            return None
        tensors = load_file(folder / "model.safetensors")
        wanted = {name: value.shape for name, value in model.network.state_dict().items()}
        if {name: value.shape for name, value in tensors.items()} != wanted:
            return None
    except (OSError, ValueError, KeyError, SafetensorError):
        return None
    return Adapted(tensors, report)


def _write(folder: Path, found: Adapted) -> None:
    """Weights first, then the report that makes them valid."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = ""
    if found.changed:
        tensors = {name: value.contiguous() for name, value in found.tensors.items()}
        write_atomic(folder / "model.safetensors", lambda draft: save_file(tensors, draft))
        weights = file_sum(folder / "model.safetensors")
    write_summed(folder / "report.json", {"report": found.report, "weights": weights})


def report_in_words(report: dict[str, Any]) -> str:
    """One sentence on what an adaptation did."""
    cells = f"{report['n_cells']:,} cells"
    if not report["kept_step"]:
        steps = report["curve"][-1]["step"]
        return f"Adaptation to {cells}: {steps} steps did not lower the error on held-out cells; base weights used."
    return (
        f"Model adapted to {cells} and {report['n_genes']:,} genes: after {report['kept_step']} steps the error on "
        f"{report['n_held_out']} held-out cells fell from {report['error_base']:.3f} to {report['error_kept']:.3f} "
        "(1 = each gene's mean)."
    )
