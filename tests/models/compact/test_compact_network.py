"""The compact network's state: a posterior mean, by hand and by brute force; its conditions."""

from __future__ import annotations

import pytest
import torch

from grn_core.errors import ModelError
from grn_core.extractors.engine import extract_features
from grn_core.models.compact.network import posterior_mean
from tests.models.tiny import GRID, tiny_model

NEAR = {"rtol": 0.0, "atol": 1e-10}


def cells(n_genes, width, n=3, seed=0):
    torch.manual_seed(seed)
    vectors = torch.nn.functional.normalize(torch.randn(n, n_genes, width, dtype=torch.float64), dim=-1)
    return vectors, torch.randn(n, n_genes, dtype=torch.float64), torch.rand(n, n_genes, dtype=torch.float64) * 0.9


@pytest.mark.parametrize("n_genes", [3, 12])
def test_posterior_mean_is_that_of_the_normal_model(n_genes):
    """Brute force: condition the joint normal distribution of state and values; both solved forms."""
    vectors, values, gain = cells(n_genes, 5)
    found = posterior_mean(vectors, values, gain)
    for cell in range(3):
        loading = vectors[cell] * gain[cell][:, None]
        covariance = loading @ loading.T + torch.diag(1 - gain[cell] ** 2)
        torch.testing.assert_close(found[cell], loading.T @ torch.linalg.inv(covariance) @ values[cell], **NEAR)


def test_one_gene_by_hand():
    """``z = a q x`` and for an exact value ``z = q x``."""
    vector = torch.tensor([[[0.6, 0.8]]], dtype=torch.float64)
    value = torch.tensor([[2.0]], dtype=torch.float64)
    half = posterior_mean(vector, value, torch.full_like(value, 0.5))
    torch.testing.assert_close(half, torch.tensor([[0.6, 0.8]], dtype=torch.float64), **NEAR)
    whole = posterior_mean(vector, value, torch.full_like(value, 1 - 1e-9))
    torch.testing.assert_close(whole, torch.tensor([[1.2, 1.6]], dtype=torch.float64), rtol=0, atol=1e-6)


def test_places_without_a_gene_change_nothing():
    vectors, values, gain = cells(6, 4)
    seen = torch.ones(3, 6, dtype=torch.bool)
    seen[:, 4:] = False
    torch.testing.assert_close(
        posterior_mean(vectors, values, gain, seen), posterior_mean(vectors[:, :4], values[:, :4], gain[:, :4]), **NEAR
    )


def test_rows_of_equal_ids_are_computed_once_to_the_same_values():
    model = tiny_model()
    ids = model.ids(model.vocabulary)
    values = torch.randn(4, len(ids), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    lent, own = ids.expand(4, -1), ids.repeat(4, 1)
    for name, value in model.network(lent, values, condition=1).items():
        torch.testing.assert_close(value, model.network(own, values, condition=1)[name], **NEAR)


def test_a_feature_of_all_conditions_is_that_of_each_in_turn():
    model = tiny_model()
    sources = [1, 4, 7]
    whole = extract_features(model, model.vocabulary, sources, readout="conditions")
    assert whole.spec.members == 3
    assert whole["vvp"].shape == (3, 11, 3 * len(GRID))
    for number in range(3):
        one = extract_features(model, model.vocabulary, sources, readout=f"conditions/{number}")
        part = slice(number * len(GRID), (number + 1) * len(GRID))
        for kind in ("vvp", "gdt"):
            torch.testing.assert_close(
                torch.tensor(whole[kind][..., part]), torch.tensor(one[kind]), rtol=0, atol=1e-6, equal_nan=True
            )
    first = extract_features(model, model.vocabulary, sources, readout="conditions/0")["gdt"]
    assert abs(first - extract_features(model, model.vocabulary, sources, readout="masked")["gdt"])[0, 2].max() > 1e-3


def test_a_single_pass_reads_a_single_condition():
    model = tiny_model()
    values = torch.zeros(1, 11, dtype=torch.float64)
    with pytest.raises(ModelError, match="for a single pass; needed: one of masked, plain"):
        model.predict(model.vocabulary, values, readout="conditions")
    with pytest.raises(ModelError, match="conditions/3"):
        model.predict(model.vocabulary, values, readout="conditions/3", shown=torch.ones(1, 11, dtype=torch.bool))
