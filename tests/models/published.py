"""Golden outputs of the published code on tiny checkpoints in the published formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from grn_core.models.layers.tangent import value_and_tangent
from grn_core.models.load import load_model

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
EXACT = {"rtol": 0.0, "atol": 1e-10}
SLOPE = {"rtol": 0.0, "atol": 1e-9}


def expected(folder, name="expected.npz"):
    with np.load(folder / name) as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays.files if arrays[key].dtype.kind != "U"}


def model_of(folder, dtype=torch.float64):
    model = load_model(folder, device="cpu")
    model.network.to(dtype)
    return model


def jacobian(function, values):
    """Derivative [j, i] of output j of a function of (B, L), at one row of values (L,), by the shared joint pass."""
    directions = torch.eye(len(values), dtype=torch.float64)
    _, tangent = value_and_tangent(function, values.double().repeat(len(values), 1), directions)
    return tangent.T
