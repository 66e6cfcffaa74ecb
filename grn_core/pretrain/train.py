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
from grn_core.pretrain.start import start_from_data
from grn_core.progress import Progress, silent

FAST = 10.0
"""Share of the learning rate for the gains, which start at one value for all genes."""
VALIDATED_GENES = 256


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run.

    Attributes
    ----------
    width, heads, layers
        Shape of the network.
    targets
        Genes of a batch that are predicted, the same for all its cells.
    most_visible, few_visible, few_share
        Each cell shows its own genes. Their number is one for a batch: in `few_share` of the batches drawn evenly from
        1 to `few_visible`, in the others log-uniformly from 1 to `most_visible`.
    common_share
        Share of the batches that do not say which data set they are from.
    dropout
        Of what a token says of its gene.
    batch, steps, warmup, learning_rate
        Optimisation (AdamW, linear warm-up, cosine decay to a twentieth).
    slow
        Share of the learning rate for what started from the data: embeddings and mixing matrices.
    tf_weight
        How much likelier a TF is drawn than another gene. Genes are drawn in proportion to the square root of the
        share of cells that detect them, so that dropout noise does not fill the batches.
    seed
        Decides initial weights and every draw.
    """

    width: int = 128
    heads: int = 4
    layers: int = 2
    targets: int = 1536
    most_visible: int = 176
    few_visible: int = 4
    few_share: float = 0.5
    common_share: float = 0.2
    dropout: float = 0.3
    batch: int = 128
    steps: int = 3000
    warmup: int = 200
    learning_rate: float = 3e-4
    slow: float = 0.03
    tf_weight: float = 2.0
    seed: int = 0


@dataclass(frozen=True)
class TrainingBatch:
    """One step's data: visible `ids` and `values` (B, V), `targets` (T,) to predict and their `truth` (B, T).

    `hidden` (B, T) is True where the target is not among the cell's visible genes; `condition` as in `CompactNetwork`.
    """

    ids: Tensor
    values: Tensor
    targets: Tensor
    truth: Tensor
    hidden: Tensor
    condition: int | None


class Batches:
    """Seeded batches, all cells of one data set; batch `step` does not depend on the others."""

    def __init__(self, parts: Sequence[CorpusPart], vocabulary: Sequence[str], recipe: Recipe) -> None:
        self.parts, self.recipe = list(parts), recipe
        weight = np.array([min(1.0, len(part.genes) / 2000) for part in self.parts])
        self.part_share = weight / weight.sum()
        tfs = human_tfs_of("human")
        boost = np.array([recipe.tf_weight if symbol in tfs else 1.0 for symbol in vocabulary])
        self.log_weight = [np.log(boost[p.genes] * p.detected**0.5).astype(np.float32) for p in self.parts]

    def draw(self, step: int) -> TrainingBatch:
        """Draw the data of one training step."""
        recipe, rng = self.recipe, np.random.default_rng([self.recipe.seed, 1, step])
        number = int(rng.choice(len(self.parts), p=self.part_share))
        part, log_weight = self.parts[number], self.log_weight[number]
        cells, n_genes = rng.choice(part.training, recipe.batch), len(part.genes)
        most = max(1, min(recipe.most_visible, n_genes // 3))
        if rng.random() < recipe.few_share:
            n_visible = min(most, int(rng.integers(1, recipe.few_visible + 1)))
        else:
            n_visible = round(math.exp(rng.uniform(0, math.log(most))))
        targets = _draw(log_weight, min(recipe.targets, n_genes), rng.exponential(size=n_genes))
        picked = _draw(log_weight, n_visible, rng.exponential(size=(len(cells), n_genes)))
        condition = None if rng.random() < recipe.common_share else number
        values = part.values[cells]
        shown = np.zeros((len(cells), n_genes), dtype=bool)
        np.put_along_axis(shown, picked, values=True, axis=1)
        return TrainingBatch(
            ids=torch.from_numpy(part.genes[picked].astype(np.int64)),
            values=torch.from_numpy(np.take_along_axis(values, picked, axis=1).astype(np.float32)),
            targets=torch.from_numpy(part.genes[targets].astype(np.int64)),
            truth=torch.from_numpy(values[:, targets].astype(np.float32)),
            hidden=torch.from_numpy(~shown[:, targets]),
            condition=condition,
        )


def _draw(log_weight: np.ndarray, count: int, noise: np.ndarray) -> np.ndarray:
    """Draw `count` of the last axis without replacement, in proportion to the weights; `noise` is exponential."""
    keys = np.log(noise.astype(np.float32)) - log_weight
    return np.argpartition(keys, count - 1, axis=-1)[..., :count]


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
    return ((predicted - values) ** 2)[~visible].mean()


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
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        network = CompactNetwork(shape)
    slow = {"embedding.weight": recipe.slow, "mixing": recipe.slow, "gene_gain": FAST, "condition_gain": FAST}
    groups = [{"params": [p], "share": slow.get(name, 1.0)} for name, p in network.named_parameters()]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
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
        progress("start", 0, 1)
        start_from_data(network, parts, seed=recipe.seed)
    batches = Batches(parts, vocabulary, recipe)
    network.train()
    started, recent = time.monotonic() - seconds, []
    for step in range(first, recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = group["share"] * learning_rate(recipe, step)
        with torch.random.fork_rng(devices=[]):
            # Dropout draws the same in a training that was resumed.
            torch.manual_seed(int(np.random.default_rng([recipe.seed, 3, step]).integers(2**31)))
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
