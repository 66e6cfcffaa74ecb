"""Masked pre-training of the compact network: seeded, resumable after any step that was saved."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from grn_core.errors import ModelError
from grn_core.genes import human_tfs_of
from grn_core.models.compact_network import CompactNetwork, CompactShape
from grn_core.pretrain.corpus import CorpusPart
from grn_core.progress import Progress, silent


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run.

    Attributes
    ----------
    width, heads, layers
        Shape of the network.
    genes_per_cell
        Genes drawn for each training cell.
    most_visible
        The number of visible genes of a batch is drawn log-uniformly from 1 to this; the others are predicted.
    batch, steps, warmup, learning_rate, weight_decay
        Optimisation (AdamW, linear warm-up, cosine decay to a twentieth).
    tf_weight
        How much likelier a TF is drawn than another gene. Genes are drawn in proportion to the square root of the
        share of cells that detect them, so that dropout noise does not fill the batches.
    seed
        Decides initial weights and every draw.
    """

    width: int = 128
    heads: int = 4
    layers: int = 3
    genes_per_cell: int = 256
    most_visible: int = 176
    batch: int = 32
    steps: int = 20_000
    warmup: int = 400
    learning_rate: float = 8e-4
    weight_decay: float = 0.01
    tf_weight: float = 2.0
    seed: int = 0


def svd_embedding(parts: Sequence[CorpusPart], n_genes: int, width: int, *, seed: int = 0) -> Tensor:
    """Gene embeddings from a truncated SVD of the standardised matrices stacked over data sets.

    Parameters
    ----------
    parts
        Data sets; each weighs as the square root of its number of cells, and only training cells count.
    n_genes
        Size of the vocabulary; genes that a data set lacks are at their mean (0) there.
    width
        Number of components.
    seed
        Of the randomised SVD.

    Returns
    -------
    Tensor
        (n_genes, width): right singular vectors times the square roots of the singular values, scaled to an overall
        standard deviation of 0.5.
    """
    rows = sum(len(part.training) for part in parts)
    stacked = torch.zeros(rows, n_genes)
    start = 0
    for part in parts:
        values = torch.from_numpy(part.values[part.training].astype(np.float32)) * len(part.training) ** -0.25
        stacked[start : start + len(values), torch.from_numpy(part.genes.astype(np.int64))] = values
        start += len(values)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _, strength, vectors = torch.svd_lowrank(stacked, q=min(width + 16, *stacked.shape), niter=3)
    embedding = torch.zeros(n_genes, width)
    found = vectors[:, :width] * strength[:width].sqrt()
    embedding[:, : found.shape[1]] = found
    return embedding * (0.5 / embedding.std())


class Batches:
    """Seeded batches: one data set a batch, its own genes for each cell; batch `step` does not depend on the others."""

    def __init__(self, parts: Sequence[CorpusPart], vocabulary: Sequence[str], recipe: Recipe) -> None:
        self.parts, self.recipe = list(parts), recipe
        weight = np.array([len(p.training) ** 0.5 * min(1.0, len(p.genes) / 2000) for p in self.parts])
        self.part_share = weight / weight.sum()
        tfs = human_tfs_of("human")
        boost = np.array([recipe.tf_weight if symbol in tfs else 1.0 for symbol in vocabulary])
        self.log_weight = [np.log(boost[p.genes] * p.detected**0.5).astype(np.float32) for p in self.parts]

    def draw(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """Ids (B, L), values (B, L) and visible (B, L) of one training step."""
        rng = np.random.default_rng([self.recipe.seed, 1, step])
        number = int(rng.choice(len(self.parts), p=self.part_share))
        part = self.parts[number]
        cells = rng.choice(part.training, self.recipe.batch)
        length = min(self.recipe.genes_per_cell, len(part.genes))
        keys = self.log_weight[number] - np.log(rng.exponential(size=(len(cells), len(part.genes))).astype(np.float32))
        picked = np.argpartition(-keys, length - 1, axis=1)[:, :length]
        picked = rng.permuted(picked, axis=1)
        most = min(self.recipe.most_visible, length - 8)
        n_visible = round(math.exp(rng.uniform(0, math.log(most))))
        values = np.take_along_axis(part.values[cells].astype(np.float32), picked, axis=1)
        visible = np.zeros(values.shape, dtype=bool)
        visible[:, :n_visible] = True
        ids = part.genes[picked].astype(np.int64)
        return torch.from_numpy(ids), torch.from_numpy(values), torch.from_numpy(visible)


def masked_error(network: CompactNetwork, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Mean squared error over the hidden genes, in bfloat16 matrix products."""
    ids, values, visible = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        predicted = network(ids, values, visible=visible)["value"]
    return ((predicted.float() - values) ** 2)[~visible].mean()


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
    shape = CompactShape(len(vocabulary), recipe.width, recipe.heads, recipe.layers, 4 * recipe.width)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        network = CompactNetwork(shape)
    decayed = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98), fused=True)
    path, first, seconds = folder / "checkpoint.pt", 0, 0.0
    if path.exists():
        saved = torch.load(path, weights_only=True)
        if saved["recipe"] != asdict(recipe) or tuple(saved["vocabulary"]) != tuple(vocabulary):
            message = f"{path} was made by another recipe or vocabulary"
            raise ModelError(message, needed="the same options and corpus", todo="choose an empty folder")
        network.load_state_dict(saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        first, seconds = saved["step"], saved["seconds"]
    else:
        progress("svd", 0, 1)
        embedding = svd_embedding(parts, len(vocabulary), recipe.width, seed=recipe.seed)
        with torch.no_grad():
            network.embedding.weight.copy_(embedding)
    batches = Batches(parts, vocabulary, recipe)
    network.train()
    started, recent = time.monotonic() - seconds, []
    for step in range(first, recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(recipe, step)
        loss = masked_error(network, batches.draw(step))
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
            torch.save(state, path.with_suffix(".tmp"))
            path.with_suffix(".tmp").replace(path)
            line = {
                "step": step + 1,
                "seconds": round(seconds, 1),
                "loss": float(np.mean(recent)),
                **validate(network, parts, recipe),
            }
            with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            recent = []
        progress("train", step + 1, recipe.steps)
    return network.eval()


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
            length = min(recipe.genes_per_cell, len(part.genes))
            if len(cells) == 0 or length <= n_visible + 8:
                continue
            rng = np.random.default_rng([recipe.seed, 2, number])
            picked = np.stack([rng.permutation(len(part.genes))[:length] for _ in cells[:64]])
            values = np.take_along_axis(part.values[cells[:64]].astype(np.float32), picked, axis=1)
            visible = torch.zeros(values.shape, dtype=torch.bool)
            visible[:, :n_visible] = True
            batch = (torch.from_numpy(part.genes[picked].astype(np.int64)), torch.from_numpy(values), visible)
            with torch.no_grad():
                error = float(masked_error(network, batch))
            shares.append(error / float((batch[1][~visible] ** 2).mean()))
        if shares:
            result[f"relative_error_{n_visible}"] = float(np.mean(shares))
    network.train(training)
    return result
