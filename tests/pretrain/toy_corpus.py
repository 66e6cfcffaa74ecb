"""A corpus made up in memory: two modules of genes, each moved by a hidden state of the cell."""

from __future__ import annotations

import numpy as np

from grn_core.pretrain.batches import Recipe
from grn_core.pretrain.corpus import CorpusPart

TINY = Recipe(
    width=16,
    heads=2,
    layers=1,
    targets=32,
    most_visible=16,
    batch=8,
    dropout=0.1,
    slow=0.3,
    cell_weight=1.0,
    size_power=0.0,
    steps=8,
    warmup=2,
    learning_rate=3e-3,
    seed=3,
)
"""Every data set weighs the same."""


def toy_vocabulary(n_genes: int = 40) -> tuple[str, ...]:
    return tuple(f"G{number:03d}" for number in range(n_genes))


def toy_part(
    n_cells: int = 120, n_genes: int = 40, *, seed: int = 0, name: str = "toy", noise: float = 0.4
) -> CorpusPart:
    """Genes 0 .. n/2 follow one state, the others a second one."""
    rng = np.random.default_rng(seed)
    state = rng.normal(size=(n_cells, 2))
    values = np.repeat(state, n_genes // 2, axis=1) + noise * rng.normal(size=(n_cells, n_genes))
    values = np.clip((values - values.mean(0)) / values.std(0), -3, 5).astype(np.float16)
    return CorpusPart(
        name=name,
        species="human",
        values=values,
        genes=np.arange(n_genes, dtype=np.int32),
        mean=np.full(n_genes, 1.0, dtype=np.float32),
        sd=np.full(n_genes, 0.5, dtype=np.float32),
        detected=np.full(n_genes, 0.8, dtype=np.float32),
        held_out=np.arange(n_cells) % 10 == 0,
        sha256="0" * 64,
    )
