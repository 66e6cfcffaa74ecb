"""What is read off a model without extractors, against the definition worked out gene by gene."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from grn_core.benchmark.features import origin
from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.features.origin import attention, mean_cell, perturbation, whole_cell_readout
from tests.models.tiny import tiny_model, tiny_record

GENES = tuple(f"G{number:02d}" for number in range(8))


@pytest.fixture(scope="module")
def model():
    return tiny_model(len(GENES), dtype=torch.float32)


def cells_of(genes, mean):
    values = np.tile(np.asarray(mean, dtype=np.float64), (3, 1))
    return Cells("toy", tuple(genes), values, values.mean(0))


@pytest.fixture
def cells():
    return cells_of(GENES[1:5], [0.0, 0.5, 0.75, 1.0])


def test_the_mean_cell_by_hand(model, cells):
    """Units of the tiny model: (expression - 0.5) / 0.25, clipped at -3; the background is 0."""
    small = tiny_model(len(GENES), dtype=torch.float32)
    values, zeros = mean_cell(small, GENES, cells)
    assert values.tolist() == [0.0, -2.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0]
    assert zeros.tolist() == [-2.0] * 8
    assert mean_cell(small, GENES, None)[0].tolist() == [0.0] * 8
    assert mean_cell(small, GENES, replace(cells, mean=None))[0].tolist() == [0.0] * 8


def test_perturbation_is_its_definition(model, cells, monkeypatch):
    values, zeros = (torch.from_numpy(one) for one in mean_cell(model, GENES, cells))
    expected = []
    for source in (4, 0, 1):
        without = values.clone()
        without[source] = zeros[source]
        both = model.predict(GENES, torch.stack([values, without]), readout="plain")
        expected.append((both[0] - both[1]).numpy())
    found = perturbation(model, GENES, cells, [4, 0, 1], readout="plain")
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.abs(found[0]).max() > 1e-4
    assert np.abs(found[2]).max() < 1e-6, "a gene that is not expressed cannot be taken away"
    monkeypatch.setattr(origin, "TOKENS_PER_BATCH", 1)
    np.testing.assert_allclose(perturbation(model, GENES, cells, [4, 0, 1], readout="plain"), found, atol=1e-6)


def test_attention_says_who_reads_whom(model, cells):
    values, _ = mean_cell(model, GENES, cells)
    weights = model.attend(GENES, torch.from_numpy(values)[None])[0].numpy()
    assert weights.shape[0] == 2
    found = attention(model, GENES, cells)
    for source, target in ((0, 1), (1, 0), (6, 2)):
        assert found[source, target] == pytest.approx(weights[:, :, target, source].mean(), abs=1e-6)
    last = attention(model, GENES, cells, layers=1)
    np.testing.assert_allclose(last, weights[-1].mean(0).T, atol=1e-6)


def test_permuting_the_genes_permutes_the_result(model, cells):
    order = np.random.default_rng(0).permutation(len(GENES))
    genes = tuple(GENES[index] for index in order)
    plain = perturbation(model, GENES, cells, range(8), readout="plain")
    mixed = perturbation(model, genes, cells, range(8), readout="plain")
    np.testing.assert_allclose(mixed, plain[np.ix_(order, order)], atol=1e-5)
    np.testing.assert_allclose(
        attention(model, genes, cells), attention(model, GENES, cells)[np.ix_(order, order)], atol=1e-5
    )


def test_the_readout_of_a_whole_cell():
    record = tiny_record()
    assert whole_cell_readout(record, "masked") == "plain"
    assert whole_cell_readout(record, "plain") == "plain"
    assert whole_cell_readout(tiny_record(hiding_readouts=("conditions", "masked", "plain")), "masked") is None
