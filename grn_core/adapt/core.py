"""The training loop of an adaptation: seeded, stopped early on held-out cells, resumable, the base left untouched."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import Tensor, nn

from grn_core.adapt.options import FAMILIES, AdaptOptions
from grn_core.errors import ModelError
from grn_core.models.draws import drawing_from, step_seed
from grn_core.models.interface import FoundationModel
from grn_core.models.training_state import read_state, write_state
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from grn_core.pretrain.corpus import CorpusPart

CHECK_BATCHES = 8
Cells: TypeAlias = tuple[Tensor, Tensor, Tensor]
"""A batch: ids, values and which values are shown, (B, L) each."""


@dataclass(frozen=True)
class Adapted:
    """What an adaptation gave.

    Attributes
    ----------
    tensors
        State of the network with the lowest held-out error; that of the base if no step lowered it.
    report
        JSON types: ``kept_step`` (0 = base weights), ``error_base``, ``error_kept`` (held-out, relative to predicting
        each gene's mean), ``curve`` (a row per check: step, training and held-out error), numbers of cells and genes.
    """

    tensors: dict[str, Tensor]
    report: dict[str, Any]

    @property
    def changed(self) -> bool:
        """Whether the weights differ from the base."""
        return bool(self.report["kept_step"] > 0)


def family_module(model: FoundationModel) -> ModuleType:
    """Module that knows how to go on with a model's pre-training.

    Raises
    ------
    ModelError
        If there is none for the model's family.
    """
    family = model.record.family
    if family not in FAMILIES:
        message = f"models of the family {family!r} cannot be adapted yet"
        raise ModelError(message, needed=f"a model of {', '.join(FAMILIES)}", todo="infer without adaptation")
    return import_module(FAMILIES[family])


def adapt(
    model: FoundationModel,
    part: CorpusPart,
    options: AdaptOptions,
    *,
    checkpoint: Path | None = None,
    key: str = "",
    progress: Progress = silent,
) -> Adapted:
    """Continue a model's pre-training on a user's cells.

    Parameters
    ----------
    model
        The base; it leaves as it came.
    part
        The cells, from the family's ``cells_of``.
    options
        What to do.
    checkpoint
        File of the last checkpoint: gone on from if it bears the same `key`, removed at the end. None keeps none.
    key
        Names base, cells and options.
    progress
        Listener, stage ``adapt``; may cancel.

    Returns
    -------
    Adapted
        The weights to use and what was measured. The same base, cells and options give the same weights.

    Raises
    ------
    ModelError
        If the model's family cannot be adapted, or the training error is not finite.
    """
    family = family_module(model)
    network = copy.deepcopy(model.network).to("cpu")
    weight = family.gene_weight(part, model.vocabulary, options)

    def batch(step: int, stream: int) -> Cells:
        drawn: Cells = family.draw(part, weight, options, step=step, stream=stream)
        return drawn

    checks = [batch(number, family.CHECK) for number in range(CHECK_BATCHES)]
    state = _State(network, options) if checkpoint is None else _State.load(network, options, checkpoint, key)
    if not state.curve:
        state.check(_held_out(network, family.error, checks), train=None)
    network.train().requires_grad_(requires_grad=True)
    recent: list[float] = []
    for step in range(state.step, options.steps):
        progress("adapt", step, options.steps)
        for group in state.optimiser.param_groups:
            group["lr"] = learning_rate(options, step)
        with drawing_from(step_seed(options.seed, step)):
            loss = family.error(network, batch(step, family.TRAIN))
        state.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        state.optimiser.step()
        recent.append(float(loss.detach()))
        state.step = step + 1
        if state.step % options.check_every == 0 or state.step == options.steps:
            state.check(_held_out(network, family.error, checks), train=sum(recent) / len(recent))
            recent = []
            if checkpoint is not None:
                state.save(checkpoint, key)
    progress("adapt", options.steps, options.steps)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    sizes = {"n_cells": len(part.values), "n_held_out": int(part.held_out.sum()), "n_genes": len(part.genes)}
    return Adapted(state.best, {**state.report(), **sizes, "cells_sha256": part.sha256})


def learning_rate(options: AdaptOptions, step: int) -> float:
    """Linear warm-up over a tenth of the steps, then linear to zero."""
    warmup = max(1, options.steps // 10)
    share = (step + 1) / warmup if step < warmup else (options.steps - step) / max(1, options.steps - warmup)
    return options.learning_rate * share


def _held_out(network: nn.Module, error: Callable[..., Tensor], checks: Sequence[Cells]) -> float:
    """Error on the held-out batches relative to predicting every gene's mean."""
    training = network.training
    network.eval()
    with torch.no_grad():
        found = sum(float(error(network, batch)) for batch in checks)
    network.train(training)
    return found / sum(float((values[~visible] ** 2).mean()) for _, values, visible in checks)


class _State:
    """Network, optimiser and the best weights so far."""

    def __init__(self, network: nn.Module, options: AdaptOptions) -> None:
        self.network, self.step = network, 0
        self.curve: list[dict[str, Any]] = []
        self.optimiser = torch.optim.AdamW(
            network.parameters(), lr=options.learning_rate, betas=(0.9, 0.98), weight_decay=0.0
        )
        self.best: dict[str, Tensor] = {}

    def check(self, held_out: float, *, train: float | None) -> None:
        """Note what was measured, and keep the weights if no earlier ones were as good."""
        if not torch.isfinite(torch.tensor(held_out)):
            message = f"the held-out error after {self.step} steps of adaptation is {held_out}"
            raise ModelError(message, needed="a finite error", todo="lower the learning rate")
        if not self.curve or held_out < min(line["held_out"] for line in self.curve):
            self.best = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        self.curve.append({"step": self.step, "training": train, "held_out": held_out})

    def report(self) -> dict[str, Any]:
        """What was measured, as JSON types."""
        kept = min(self.curve, key=lambda line: line["held_out"])
        return {
            "kept_step": kept["step"],
            "error_base": self.curve[0]["held_out"],
            "error_kept": kept["held_out"],
            "curve": self.curve,
        }

    def save(self, path: Path, key: str) -> None:
        """Write a checkpoint, whole or not at all."""
        content = {
            "key": key,
            "step": self.step,
            "network": self.network.state_dict(),
            "best": self.best,
            "optimiser": self.optimiser.state_dict(),
            "curve": self.curve,
        }
        write_state(path, content)

    @classmethod
    def load(cls, network: nn.Module, options: AdaptOptions, path: Path, key: str) -> _State:
        """Go on from a checkpoint; from the beginning if there is none that fits."""
        state = cls(network, options)
        content = read_state(path, ("key", "network", "optimiser", "best", "step", "curve"))
        if content is not None and content["key"] == key:
            network.load_state_dict(content["network"])
            state.optimiser.load_state_dict(content["optimiser"])
            state.best, state.step, state.curve = content["best"], content["step"], content["curve"]
        return state
