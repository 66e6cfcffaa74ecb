"""Cells that differ in one gene: what is computed once for all of them changes no answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grn_core.errors import ModelError
from grn_core.models.around import Around
from grn_core.models.compact import first_layer
from grn_core.models.compact.around import AroundShown, Shared
from grn_core.models.compact.network import CompactNetwork, CompactShape
from grn_core.models.draws import seeded
from tests.models.tiny import tiny_model

N_GENES = 24
NEAR = {"rtol": 0.0, "atol": 1e-10}


def asked(model, *, seed=0, n=9):
    """A cell, and some genes of it at other levels, a gene several times."""
    draws = np.random.default_rng(seed)
    base = torch.from_numpy(draws.uniform(-2, 3, N_GENES)).to(model.dtype)
    sources = torch.from_numpy(np.sort(draws.integers(0, N_GENES, n)))
    return base, sources, torch.from_numpy(draws.uniform(-3, 5, n)).to(model.dtype)


def model_of(*, layers=2, heads=2, sharpness=1.0):
    """A random network of more genes than it is wide; `sharpness` makes its attention peaked."""
    model = tiny_model(N_GENES)
    shape = CompactShape(N_GENES, 3, width=16, heads=heads, layers=layers, feedforward=32)
    network = seeded(lambda: CompactNetwork(shape), 5).eval().requires_grad_(requires_grad=False)
    model.network = network.to(torch.float64)
    model.network.blocks[0].query_key_value.weight.mul_(sharpness)
    return model


@pytest.mark.parametrize("with_tangent", [True, False])
@pytest.mark.parametrize(("layers", "heads", "sharpness"), [(2, 2, 1.0), (3, 4, 1.0), (2, 2, 6.0)])
def test_the_answers_are_those_of_each_cell_alone(layers, heads, sharpness, with_tangent):
    model = model_of(layers=layers, heads=heads, sharpness=sharpness)
    for seed in range(3):
        base, sources, levels = asked(model, seed=seed)
        ask = model.around(model.vocabulary, base, "plain")
        assert isinstance(ask, AroundShown)
        found = ask(sources, levels, with_tangent=with_tangent)
        wanted = Around(model, model.vocabulary, base, readout="plain")(sources, levels, with_tangent=with_tangent)
        torch.testing.assert_close(found[0], wanted[0], **NEAR)
        if with_tangent:
            torch.testing.assert_close(found[1], wanted[1], **NEAR)
        else:
            assert found[1] is None


@pytest.mark.parametrize(("layers", "heads", "sharpness"), [(2, 2, 1.0), (3, 4, 1.0), (2, 2, 6.0)])
def test_in_single_precision_no_more_digits_are_lost_than_cell_by_cell(layers, heads, sharpness):
    """The app asks so; what each way is off from double precision is beside what the other is."""
    model = model_of(layers=layers, heads=heads, sharpness=sharpness)
    base, sources, levels = asked(model)
    exact = Around(model, model.vocabulary, base, readout="plain")(sources, levels, with_tangent=True)
    model.network = model.network.to(torch.float32)
    base, levels = base.float(), levels.float()
    ask = model.around(model.vocabulary, base, "plain")
    assert isinstance(ask, AroundShown)
    shared = ask(sources, levels, with_tangent=True)
    alone = Around(model, model.vocabulary, base, readout="plain")(sources, levels, with_tangent=True)
    for one, other, wanted in zip(shared, alone, exact, strict=True):
        assert one.dtype == torch.float32
        size = wanted.abs().max()
        assert (one.double() - wanted).abs().max() <= 3 * (other.double() - wanted).abs().max() + 1e-6 * size


def test_which_cells_go_together_changes_nothing():
    model = model_of()
    base, sources, levels = asked(model)
    ask = model.around(model.vocabulary, base, "plain")
    together = ask(sources, levels, with_tangent=True)
    order = torch.randperm(len(sources), generator=torch.Generator().manual_seed(1))
    again = ask(sources[order], levels[order], with_tangent=True)
    for one, (whole, other) in enumerate(zip(together, again, strict=True)):
        torch.testing.assert_close(whole[order], other, **NEAR)
        alone = [ask(sources[[n]], levels[[n]], with_tangent=True)[one][0] for n in range(len(sources))]
        torch.testing.assert_close(whole, torch.stack(alone), **NEAR)


@pytest.mark.parametrize("rows", [1, 27, 60])
def test_how_many_tokens_go_together_changes_nothing(rows, monkeypatch):
    model = model_of()
    base, sources, levels = asked(model)
    wanted = Around(model, model.vocabulary, base, readout="plain")(sources, levels, with_tangent=True)
    monkeypatch.setattr(first_layer, "ROWS", rows)
    for one, other in zip(
        model.around(model.vocabulary, base, "plain")(sources, levels, with_tangent=True), wanted, strict=True
    ):
        torch.testing.assert_close(one, other, **NEAR)


def test_the_layer_alone_gives_the_tokens_of_each_cell_but_for_their_mean():
    """The rest of the network would hide a fault that all tokens have in common."""
    model = model_of()
    base, sources, levels = asked(model)
    network, ids = model.network, model.ids(model.vocabulary)
    block, vectors = next(iter(network.blocks)), network.vectors(ids, None)
    cells = base.repeat(len(sources), 1)
    cells[torch.arange(len(sources)), sources] = levels
    tokens = network.tokens(vectors.expand(len(cells), -1, -1), cells, None)
    own = tokens[torch.arange(len(sources)), 1 + sources]
    layer = first_layer.FirstLayer(block, network.tokens(vectors[None], base[None], None)[0])
    wanted = block(tokens, None)
    torch.testing.assert_close(layer(1 + sources, own), wanted - wanted.mean(-1, keepdim=True), **NEAR)


def test_a_gene_that_has_all_attention_is_asked_the_longer_way(monkeypatch):
    """Without it too few digits would be left of what the others are given."""
    model = model_of()
    base, sources, levels = asked(model)
    ask = model.around(model.vocabulary, base, "plain")
    wanted = Around(model, model.vocabulary, base, readout="plain")(sources, levels, with_tangent=True)
    monkeypatch.setattr(first_layer, "LEAST", 2.0)
    monkeypatch.setattr(Shared, "_posterior", None)
    for one, other in zip(ask(sources, levels, with_tangent=True), wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_what_hides_genes_or_has_few_is_asked_cell_by_cell():
    model = model_of()
    few = model.vocabulary[:16]
    for genes, readout in ((model.vocabulary, "masked"), (model.vocabulary, "conditions/1"), (few, "plain")):
        base = torch.zeros(len(genes), dtype=torch.float64)
        assert type(model.around(genes, base, readout)) is Around
    base = torch.zeros(N_GENES, dtype=torch.float64)
    assert type(model_of(layers=1).around(model.vocabulary, base, "plain")) is Around


def test_levels_outside_of_the_range_are_refused_and_the_network_is_left_as_it_was():
    model = model_of()
    model.network.train()
    base, sources, levels = asked(model)
    ask = model.around(model.vocabulary, base, "plain")
    with pytest.raises(ModelError, match="values reach from"):
        ask(sources, levels + 50, with_tangent=True)
    ask(sources, levels, with_tangent=True)
    assert all(module.training for module in model.network.modules())
    assert torch.autograd.forward_ad._current_level == -1


@pytest.mark.parametrize("wrong", [-9.0, np.nan])
def test_a_background_that_cell_by_cell_is_refused_is_refused(wrong):
    model = model_of()
    base, sources, levels = asked(model)
    base[next(gene for gene in range(N_GENES) if gene not in sources)] = wrong
    for ask in (Around(model, model.vocabulary, base, readout="plain"), model.around(model.vocabulary, base, "plain")):
        with pytest.raises(ModelError, match="values reach from"):
            ask(sources, levels, with_tangent=False)


@pytest.mark.parametrize("rows", [1, 5, N_GENES])
def test_the_sums_are_the_same_in_blocks_of_any_size(rows, monkeypatch):
    parts = torch.randn(3, N_GENES, 2, 8, generator=torch.Generator().manual_seed(2))
    query, key, value = parts
    monkeypatch.setattr(first_layer, "BLOCK_BYTES", rows * 8 * N_GENES)
    most, weights, sums = first_layer.sums_of_values(query, key, value)
    scores = torch.einsum("thd,shd->ths", query.double(), key.double())
    torch.testing.assert_close(most, scores.amax(-1), **NEAR)
    torch.testing.assert_close(weights, torch.exp(scores - most[..., None]).sum(-1), **NEAR)
    wanted = torch.einsum("ths,shd->thd", torch.softmax(scores, -1), value.double())
    torch.testing.assert_close(sums / weights[..., None], wanted, **NEAR)


def test_no_matrix_of_all_genes_by_all_is_held_for_the_sums(monkeypatch):
    class Largest(TorchDispatchMode):
        found = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            out = func(*args, **(kwargs or {}))
            if isinstance(out, torch.Tensor):
                self.found = max(self.found, out.numel())
            return out

    monkeypatch.setattr(first_layer, "BLOCK_BYTES", 1 << 15)
    largest = []
    for tokens in (500, 1000):
        with Largest() as mode:
            first_layer.sums_of_values(*torch.randn(3, tokens, 2, 8))
        largest.append(mode.found)
    assert largest[1] <= 2 * largest[0]


@pytest.mark.parametrize("where", ["__init__", "ask"])
def test_without_memory_for_what_is_shared_cells_are_asked_one_by_one(where, monkeypatch):
    def run_out(*_args, **_kwargs):
        raise torch.OutOfMemoryError

    model = model_of()
    base, sources, levels = asked(model, n=1)
    wanted = Around(model, model.vocabulary, base, readout="plain")(sources, levels, with_tangent=True)
    monkeypatch.setattr(Shared, where, run_out)
    ask = model.around(model.vocabulary, base, "plain")
    for one, other in zip(ask(sources, levels, with_tangent=True), wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_nothing_is_shared_before_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(Shared, "__init__", None)
    model = model_of()
    base, sources, levels = asked(model)
    ask = model.around(model.vocabulary, base.float(), "plain")
    model.network.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        ask(sources, levels.float(), with_tangent=False)
