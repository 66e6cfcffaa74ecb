"""Masked pre-training of the compact network: seeded, resumable after any step that was saved."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from grn_core.errors import ModelError
from grn_core.files import write_atomic
from grn_core.models.compact.network import CompactNetwork, CompactShape
from grn_core.models.draws import drawing_from, seeded, step_seed
from grn_core.models.training_state import read_state, write_state
from grn_core.pretrain.batches import Batches, TrainingBatch
from grn_core.pretrain.corpus import CorpusPart, weights
from grn_core.pretrain.recipe import Recipe
from grn_core.pretrain.start import start_from_data
from grn_core.progress import Progress, silent

FAST = 10.0
"""Share of the learning rate for the gains, which start at one value for all genes."""
VALIDATED_GENES = 256
LOG = "log.jsonl"
"""File of a training folder: step, seconds and errors of every checkpoint, one line each."""
SAVED = ("network", "optimiser", "step", "seconds", "recipe", "vocabulary")


def training_error(network: CompactNetwork, batch: TrainingBatch) -> Tensor:
    """Mean squared error over the hidden targets of a batch."""
    state = network.state(batch.ids, batch.values, None, condition=batch.condition, exact=False)
    predicted = network.levels(state, batch.targets, batch.condition) * network.gain(batch.targets, batch.condition)
    return ((predicted - batch.truth) ** 2)[batch.hidden].mean()


def masked_error(
    network: CompactNetwork, batch: tuple[Tensor, Tensor, Tensor], *, condition: int | None = None
) -> Tensor:
    """Mean squared error over the hidden genes of ids, values and visible (B, L each), the condition not being told."""
    ids, values, visible = batch
    predicted = network(ids, values, visible=visible, condition=condition)["value"]
    error: Tensor = ((predicted - values) ** 2)[~visible].mean()
    return error


def learning_rate(recipe: Recipe, step: int) -> float:
    """Linear warm-up, then cosine to a twentieth of the top."""
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    share = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return recipe.learning_rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, share))))


def train(
    parts: Sequence[CorpusPart],
    vocabulary: Sequence[str],
    recipe: Recipe,
    folder: Path,
    *,
    save_every: int = 500,
    progress: Progress = silent,
) -> CompactNetwork:
    """Train a compact network, going on from the last saved step of `folder`.

    Parameters
    ----------
    parts, vocabulary
        Corpus, from `grn_core.pretrain.corpus.load_corpus`.
    recipe
        What to do.
    folder
        Holds ``checkpoint.pt`` and ``log.jsonl``; created if absent.
    save_every
        Steps between two checkpoints.
    progress
        Listener; may cancel.

    Returns
    -------
    CompactNetwork
        In evaluation mode.

    Raises
    ------
    ModelError
        If `folder` holds a checkpoint of another recipe or vocabulary.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shape = CompactShape(
        len(vocabulary), len(parts), recipe.width, recipe.heads, recipe.layers, 4 * recipe.width, recipe.dropout
    )
    network = seeded(lambda: CompactNetwork(shape), recipe.seed)
    slow = {"embedding.weight": recipe.slow, "mixing": recipe.slow, "gene_gain": FAST, "condition_gain": FAST}
    groups = [{"params": [p], "share": slow.get(name, 1.0)} for name, p in network.named_parameters()]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    path, first, seconds = folder / "checkpoint.pt", 0, 0.0
    saved = read_state(path, SAVED)
    if saved is not None:
        if saved["recipe"] != asdict(recipe) or tuple(saved["vocabulary"]) != tuple(vocabulary):
            message = f"{path} was made by another recipe or vocabulary"
            raise ModelError(message, needed="the same options and corpus", todo="choose an empty folder")
        network.load_state_dict(saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        first, seconds = saved["step"], saved["seconds"]
    else:
        progress("start", 0, 1)
        start_from_data(network, parts, weights=weights(parts, recipe).tolist(), seed=recipe.seed)
    log = [line for line in read_log(folder) if line["step"] <= first]
    batches = Batches(parts, vocabulary, recipe)
    network.train()
    started, recent = time.monotonic() - seconds, []
    for step in range(first, recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = group["share"] * learning_rate(recipe, step)
        with drawing_from(step_seed(recipe.seed, step)):
            loss = training_error(network, batches.draw(step))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        recent.append(float(loss.detach()))
        if (step + 1) % save_every == 0 or step + 1 == recipe.steps:
            seconds = time.monotonic() - started
            state = {
                "network": network.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": step + 1,
                "seconds": seconds,
                "recipe": asdict(recipe),
                "vocabulary": list(vocabulary),
            }
            line = {
                "step": step + 1,
                "seconds": round(seconds, 1),
                "loss": float(np.mean(recent)),
                **validate(network, parts, recipe),
            }
            log.append(line)
            write_log(folder, log)  # before the checkpoint: of a step that was saved there is a line, whatever kills us
            write_state(path, state)
            recent = []
        progress("train", step + 1, recipe.steps)
    return network.eval()


def read_log(folder: Path) -> list[dict[str, float]]:
    """Return the lines of a training's log, in the order of steps; a line that was cut off is passed over."""
    found: list[dict[str, float]] = []
    path = folder / LOG
    for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        with suppress(json.JSONDecodeError):
            found.append(json.loads(text))
    return found


def write_log(folder: Path, lines: Sequence[Mapping[str, float]]) -> None:
    """Write the log of a training, one line a checkpoint, in one step."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    write_atomic(folder / LOG, lambda draft: draft.write_text(text, encoding="utf-8"))


def validate(
    network: CompactNetwork,
    parts: Sequence[CorpusPart],
    recipe: Recipe,
    *,
    visible_counts: Sequence[int] = (1, 32, 128),
) -> dict[str, float]:
    """Error on held-out cells relative to the gene means, mean over data sets, per number of visible genes.

    Counts of visible genes that no data set is large enough for are left out.
    """
    training = network.training
    network.eval()
    result: dict[str, float] = {}
    for n_visible in visible_counts:
        shares = []
        for number, part in enumerate(parts):
            cells = np.flatnonzero(part.held_out)
            length = min(VALIDATED_GENES, len(part.genes))
            if len(cells) == 0 or length <= n_visible + 8:
                continue
            rng = np.random.default_rng([recipe.seed, 2, number])
            picked = np.stack([rng.permutation(len(part.genes))[:length] for _ in cells[:64]])
            values = np.take_along_axis(part.values[cells[:64]].astype(np.float32), picked, axis=1)
            visible = torch.zeros(values.shape, dtype=torch.bool)
            visible[:, :n_visible] = True
            batch = (torch.from_numpy(part.genes[picked].astype(np.int64)), torch.from_numpy(values), visible)
            with torch.no_grad():
                error = float(masked_error(network, batch, condition=number))
            shares.append(error / float((batch[1][~visible] ** 2).mean()))
        if shares:
            result[f"relative_error_{n_visible}"] = float(np.mean(shares))
    network.train(training)
    return result
