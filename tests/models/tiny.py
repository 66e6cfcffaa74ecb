"""A compact model small enough to work out by brute force."""

from __future__ import annotations

import torch

from grn_core.models.compact.model import CompactModel
from grn_core.models.compact.network import CompactNetwork, CompactShape
from grn_core.models.draws import seeded
from grn_core.models.record import ModelRecord

GRID = (-2.0, -1.0, 0.0, 1.0, 2.0)


def tiny_record(**changes: object) -> ModelRecord:
    given = {
        "name": "tiny",
        "title": "Tiny",
        "family": "compact",
        "description": "",
        "licence": "MIT",
        "limits": "",
        "n_parameters": 0,
        "n_genes": 0,
        "units": "standard deviations",
        "value_range": (-3.0, 5.0),
        "background": 0.0,
        "grid": GRID,
        "readouts": ("conditions", "masked", "plain"),
        "hiding_readouts": ("conditions", "masked"),
        "default_readout": "masked",
        "width": 16,
        "conditions": ("one", "two", "three"),
    }
    return ModelRecord(**{**given, **changes})


def tiny_model(
    n_genes: int = 11, *, dtype: torch.dtype = torch.float64, seed: int = 0, width: int = 16, dropout: float = 0.0
) -> CompactModel:
    """A random network, frozen and in evaluation mode; genes are named G00, G01, ..."""
    shape = CompactShape(n_genes, 3, width=width, heads=2, layers=2, feedforward=32, dropout=dropout)
    network = seeded(lambda: CompactNetwork(shape), seed)
    network.eval().requires_grad_(requires_grad=False).to(dtype)
    statistics = {"reference_mean": torch.full((n_genes,), 0.5), "reference_sd": torch.full((n_genes,), 0.25)}
    genes = [f"G{number:02d}" for number in range(n_genes)]
    return CompactModel(tiny_record(n_genes=n_genes, width=width), genes, network, statistics)
