"""Cells made up in memory and a model small enough to adapt in a second."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from scipy import sparse

from grn_core.adapt.options import AdaptOptions
from grn_core.datasets import Dataset
from grn_core.datasets.checks import assemble
from grn_core.datasets.kinds import ToldValues
from grn_core.genes import human_symbols, human_tfs_of
from grn_core.models.compact.model import CompactModel
from tests.models.tiny import tiny_model

TFS = tuple(sorted(human_tfs_of("human")))[:6]
OTHERS = tuple(sorted(human_symbols() - human_tfs_of("human")))
FAST = AdaptOptions(steps=12, learning_rate=1e-2, batch=16, genes_per_cell=24, check_every=4)


def symbols(n_genes: int) -> tuple[str, ...]:
    return tuple(sorted((*TFS, *OTHERS[: n_genes - len(TFS)]))) if n_genes > len(TFS) else TFS[:n_genes]


def toy_model(n_genes: int = 40, *, seed: int = 0, dropout: float = 0.0) -> CompactModel:
    model = tiny_model(n_genes, dtype=torch.float32, seed=seed, dropout=dropout)
    model.vocabulary = symbols(n_genes)
    return model


def toy_cells(n_cells: int = 120, n_genes: int = 30, *, seed: int = 0, related: bool = True) -> Dataset:
    """Counts in which two hidden states move one half of the genes each; unrelated genes otherwise."""
    rng = np.random.default_rng(seed)
    state = np.repeat(rng.normal(size=(n_cells, 2)), -(-n_genes // 2), axis=1)[:, :n_genes]
    rate = np.exp(2.0 + 0.8 * related * state)
    return dataset_of(rng.poisson(rate).astype(np.float32), symbols(n_genes))


def dataset_of(values: np.ndarray, genes, *, cells=None, kind: str = "counts") -> Dataset:
    names = [f"cell{number:04d}" for number in range(len(values))] if cells is None else list(cells)
    obs = pd.DataFrame({"half": ["low" if int(name[4:]) % 2 else "high" for name in names]}, index=names)
    matrix = sparse.csr_matrix(values)
    return assemble(matrix, genes, obs, title="toy", where="the toy", told=ToldValues(kind), species="human")


def states(model) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.network.state_dict().items()}


def same(one, other) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
