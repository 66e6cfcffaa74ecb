"""Cells that differ in one of many genes: what the others pass on is taken to first order, within a tolerance."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import grn_core as grn
from grn_core.models.around import Around
from grn_core.models.compact import around, first_order
from grn_core.models.compact.around import AroundShown, Shared
from grn_core.models.compact.first_order import put_together, through_norm
from tests.models.compact.test_around import N_GENES, NEAR, asked, model_of

TOLERANCE = 0.005


@pytest.fixture
def few_are_many(monkeypatch):
    """The tiny model's genes count as many; as many matrices as tokens stand for their slopes."""
    monkeypatch.setattr(around, "MANY", N_GENES)
    monkeypatch.setattr(first_order, "RANK", N_GENES + 1)
    monkeypatch.setattr(first_order, "MOST", 2.0)


def answers(model, base, sources, levels):
    """Of first order, and of each cell by itself."""
    ask = model.around(model.vocabulary, base, "plain")
    assert isinstance(ask, AroundShown)
    assert ask.to_first_order
    found = ask(sources, levels, with_tangent=True)
    return found, Around(model, model.vocabulary, base, readout="plain")(sources, levels, with_tangent=True)


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize(("heads", "sharpness"), [(2, 1.0), (4, 2.0)])
def test_what_is_left_out_is_of_second_order(heads, sharpness):
    """A third of the way, a ninth of the difference in the values and a third of that in the slopes."""
    model = model_of(heads=heads, sharpness=sharpness)
    base, sources, _ = asked(model)
    off = []
    for far in (0.03, 0.01):
        found, wanted = answers(model, base, sources, base[sources] + far)
        off.append([float((one - other).abs().max()) for one, other in zip(found, wanted, strict=True)])
    (value, slope), (nearer_value, nearer_slope) = off
    assert 0 < nearer_value < value / 7
    assert 0 < nearer_slope < slope / 2.5


@pytest.mark.usefixtures("few_are_many")
def test_at_the_background_nothing_is_left_out():
    model = model_of()
    base, sources, _ = asked(model)
    found, wanted = answers(model, base, sources, base[sources])
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, **NEAR)


@pytest.mark.usefixtures("few_are_many")
def test_the_slopes_of_the_values_are_their_derivatives():
    model = model_of()
    base, sources, levels = asked(model)
    ask = model.around(model.vocabulary, base, "plain")
    _, slopes = ask(sources, levels.clamp(-2.9, 4.9), with_tangent=True)
    ends = [ask(sources, levels.clamp(-2.9, 4.9) + step, with_tangent=False)[0] for step in (1e-5, -1e-5)]
    torch.testing.assert_close((ends[0] - ends[1]) / 2e-5, slopes, rtol=0, atol=1e-8)


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("most", [0.0, 0.1, 2.0])
def test_which_cells_go_together_changes_nothing(most, monkeypatch):
    """Some of them are far, or all, or none."""
    monkeypatch.setattr(first_order, "MOST", most)
    model = model_of(sharpness=2.0)
    base, sources, levels = asked(model)
    ask = model.around(model.vocabulary, base, "plain")
    together = ask(sources, levels, with_tangent=True)
    for n in range(len(sources)):
        alone = ask(sources[[n]], levels[[n]], with_tangent=True)
        for whole, one in zip(together, alone, strict=True):
            torch.testing.assert_close(whole[n], one[0], **NEAR)


@pytest.mark.usefixtures("few_are_many")
def test_cells_in_which_a_gene_moves_others_far_are_computed_as_they_are(monkeypatch):
    model = model_of(sharpness=2.0)
    base, sources, levels = asked(model)
    monkeypatch.setattr(first_order, "MOST", 0.1)
    found, wanted = answers(model, base, sources, levels)
    off = (found[0] - wanted[0]).abs().amax(1)
    assert (off < 1e-10).any()
    assert (off > 1e-8).any()
    monkeypatch.setattr(first_order, "MOST", 0.0)
    for one, other in zip(*answers(model, base, sources, levels), strict=True):
        torch.testing.assert_close(one, other, **NEAR)


def test_few_genes_or_other_layers_are_computed_as_they_are(monkeypatch):
    base = torch.zeros(N_GENES, dtype=torch.float64)
    for many, layers, wanted in ((N_GENES + 1, 2, False), (N_GENES, 3, False), (N_GENES, 2, True)):
        monkeypatch.setattr(around, "MANY", many)
        model = model_of(layers=layers)
        ask = model.around(model.vocabulary, base, "plain")
        assert ask.to_first_order == wanted
        assert (ask._shared.first_order is not None) == wanted
        assert (ask.tokens < model.tokens(N_GENES, "plain")) == wanted


def test_in_the_demo_it_keeps_the_tolerance_of_the_features(monkeypatch):
    model, data = grn.load_model("compact", device="cpu"), grn.demo("pbmc68k")
    panel = data.panel(n_variable=300, tfs="auto", vocabulary=frozenset(model.vocabulary))
    levels = torch.tensor(model.record.grid).repeat(3)
    sources = torch.tensor(panel.sources[::12][:3]).repeat_interleave(len(model.record.grid))
    for cells in (None, data.cells_where("bulk_labels", ["CD34+"])):
        mean = panel.mean if cells is None else data.panel(n_variable=0, genes=panel.labels, cells=cells).mean
        base = torch.as_tensor(model.to_units(panel.genes, mean))
        ask = model.around(panel.genes, base, "plain")
        assert ask.to_first_order
        found = ask(sources, levels, with_tangent=True)
        with monkeypatch.context() as patch:
            patch.setattr(around, "MANY", len(panel.genes) + 1)
            wanted = model.around(panel.genes, base, "plain")(sources, levels, with_tangent=True)
        features = wanted[0] - model.predict(panel.genes, base[None], readout="plain"), wanted[1]
        for one, other, feature in zip(found, wanted, features, strict=True):
            off = (one - other) / feature.std()
            assert 0 < off.square().mean().sqrt() < TOLERANCE
            assert off.abs().max() < 10 * TOLERANCE


def test_slopes_through_a_layer_norm_are_those_of_reverse_mode():
    draws = torch.Generator().manual_seed(3)
    norm = torch.nn.LayerNorm(8).double()
    torch.nn.init.normal_(norm.weight, generator=draws)
    x, rows = (torch.randn(shape, generator=draws, dtype=torch.float64) for shape in ((5, 8), (5, 3, 8)))
    at = x.clone().requires_grad_(requires_grad=True)
    wanted = [torch.autograd.grad((norm(at) * rows[:, n]).sum(), at)[0] for n in range(3)]
    torch.testing.assert_close(through_norm(rows, x, norm).detach(), torch.stack(wanted, 1), **NEAR)


def test_matrices_are_put_together_in_any_order_of_tokens():
    draws = np.random.default_rng(4)
    whole = torch.from_numpy(draws.normal(size=(40, 6)) @ draws.normal(size=(6, 70)))
    order = torch.from_numpy(draws.permutation(40))
    for rows in (whole, whole[order]):
        basis, rest = put_together(rows, 6)
        assert basis.shape == (40, 6)
        torch.testing.assert_close(basis @ rest, rows, **NEAR)


def test_shared_work_is_of_the_kind_that_was_asked_for():
    model = model_of()
    base, *_ = asked(model)
    assert Shared(model, model.vocabulary, base, to_first_order=False).first_order is None
