"""The outline of a network: names, shapes and types as the network has them, no memory, none of torch's compiler."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from grn_core.models.compact.network import CompactNetwork, CompactShape
from grn_core.models.reading.outline import outline

ROOT = Path(__file__).resolve().parents[3]
SHAPE = CompactShape(n_genes=7, n_conditions=2, width=8, heads=2, layers=1, feedforward=16)
BUILDS = {
    "compact": lambda: CompactNetwork(SHAPE),
    "layers": lambda: nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 3), nn.LayerNorm(3), nn.GRU(3, 2)),
    "attention": lambda: nn.TransformerEncoderLayer(8, 2, dim_feedforward=16),
}


@pytest.mark.parametrize("name", BUILDS)
def test_it_has_the_tensors_of_the_network_and_no_memory(name):
    drawn, found = BUILDS[name]().state_dict(), outline(BUILDS[name]).state_dict()
    assert {key: (one.shape, one.dtype) for key, one in found.items()} == {
        key: (one.shape, one.dtype) for key, one in drawn.items()
    }
    assert all(one.is_meta for one in found.values())


def test_it_draws_nothing():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    outline(BUILDS["compact"])
    assert torch.equal(torch.get_rng_state(), before)


def test_it_loads_nothing_of_a_compiler():
    script = (
        "import sys\n"
        "from grn_core.models.compact.network import CompactNetwork, CompactShape\n"
        "from grn_core.models.reading.outline import outline\n"
        "outline(lambda: CompactNetwork(CompactShape(n_genes=7, n_conditions=2)))\n"
        "print(*{'torch._dynamo', 'sympy'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
