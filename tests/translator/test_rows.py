"""Whole rows of pairs: what is asked once a gene is what each pair is told alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grn_core.extractors.engine import extract_features
from grn_core.translator import rows
from grn_core.translator.kernel import PairKernel
from grn_core.translator.rows import Rows
from grn_core.translator.terms import together
from tests.models.tiny import tiny_model
from tests.translator.toy_features import random_network

SOURCES, WIDTH = (7, 1, 4), 16
WEIGHTS = {"neighbours": 1.5, "source": 0.25, "target": 0.5}
ASKED = [
    ("gdt", "neighbours", "source", "target", "vvp"),
    ("vvp",),
    ("source", "target"),
    ("neighbours",),
    ("emb", "target"),
]


def known_pairs() -> PairKernel:
    """Two seeds, each of which knows 30 pairs of nine genes."""
    draws = torch.Generator().manual_seed(4)
    network = PairKernel(2, 30, 9, WIDTH)
    vectors = torch.randn(9, WIDTH, generator=draws)
    network.vectors.copy_(vectors / vectors.norm(dim=1, keepdim=True))
    for place in (network.source, network.target):
        place.copy_(torch.randint(0, 9, place.shape, generator=draws))
    network.weight.copy_(torch.randn(network.weight.shape, generator=draws))
    network.bias.copy_(torch.tensor([0.5, -1.0]))
    return network


@pytest.fixture(scope="module")
def features():
    model = tiny_model(dtype=torch.float32)
    names = ("vvp", "gdt", "emb", "source", "target", "neighbours")
    return extract_features(model, model.vocabulary, SOURCES, extractors=names)


@pytest.mark.parametrize("extractors", ASKED)
@pytest.mark.parametrize("at_once", [1, 5, 4096])
def test_rows_are_what_their_pairs_are_told_one_by_one(features, monkeypatch, extractors, at_once):
    monkeypatch.setattr(rows, "PAIRS_OF_PASS", at_once)
    networks = {
        name: known_pairs()
        if name == "neighbours"
        else random_network(2, features.lengths[name], () if name in WEIGHTS else (6, 5), seed=number)
        for number, name in enumerate(extractors)
    }
    ask, n_genes = Rows(features, networks, WEIGHTS), len(features.spec.genes)
    for part in (slice(0, 3), slice(0, 2), slice(2, 5)):
        found, _ = ask(part)
        assert found.shape == (2, len(SOURCES[part]), n_genes)
        for row, source in enumerate(SOURCES[part]):
            for target in (place for place in range(n_genes) if place != source):
                own = {name: torch.from_numpy(np.array(features[name][part][row, target])) for name in extractors}
                wanted = together({name: networks[name](one[None, None]) for name, one in own.items()}, WEIGHTS)
                torch.testing.assert_close(found[:, row, target], wanted[:, 0], rtol=0, atol=2e-5)
