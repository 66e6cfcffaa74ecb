"""The batches that a pre-training draws: seeded, each for itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from grn_core.genes import human_tfs_of
from grn_core.pretrain.corpus import FAVOURED, CorpusPart, weights
from grn_core.pretrain.recipe import Recipe


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
        self.part_share = weights(self.parts, recipe)
        tfs = human_tfs_of(FAVOURED)
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
