"""Controls that need the corpus and no model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grn_core.benchmark.features import corpus as controls
from grn_core.benchmark.features.corpus import corpus_controls, mean_correlation
from tests.pretrain.toy_corpus import toy_part, toy_vocabulary


def part_of(values, genes):
    values = np.asarray(values, dtype=np.float16)
    return replace(toy_part(n_genes=2), values=values, genes=np.array(genes, dtype=np.int32))


def test_mean_correlation_by_hand():
    """Genes 0 and 1: 1 in the first set, -1 in the second. 0 and 2: in the first only. 1 and 3 never together."""
    first = part_of([[0, 0, 2], [1, 1, 1], [2, 2, 0]], [0, 1, 2])
    second = part_of([[0, 2], [1, 1], [2, 0]], [1, 0])
    third = part_of([[0.0], [1.0], [2.0]], [3])
    found = mean_correlation([first, second, third], [0, 1, 2, 3])
    np.testing.assert_allclose(found, [[1, 0, -1, 0], [0, 1, -1, 0], [-1, -1, 1, 0], [0, 0, 0, 0]], atol=1e-6)
    of_two = mean_correlation([first, second, third], [1, -1, 2, 9], [2, 1])
    np.testing.assert_allclose(of_two, [[-1, 0, 1, 0], [0, 0, 0, 0]], atol=1e-6, err_msg="-1 and 9 are in no set")


def test_mean_correlation_equals_numpy_in_any_order_of_genes():
    parts = [toy_part(50, seed=0), toy_part(70, seed=1)]
    asked = [7, 3, 31, 22]
    expected = np.mean([np.corrcoef(p.values.astype(float), rowvar=False)[np.ix_(asked, asked)] for p in parts], axis=0)
    np.testing.assert_allclose(mean_correlation(parts, asked), expected, atol=1e-5)


def test_a_constant_gene_correlates_with_none():
    values = np.array([[1, 0, 2], [1, 1, 1], [1, 2, 0]])
    found = mean_correlation([part_of(values, [0, 1, 2])], [0, 1, 2])
    assert np.isfinite(found).all()
    assert found[0].tolist() == [0.0, 0.0, 0.0]
    assert found[1, 2] == pytest.approx(-1.0)


def test_corpus_controls_know_the_modules(monkeypatch, tmp_path):
    """Genes 0-19 and 20-39 of the toy corpus are two modules; positions are those of the asked list."""
    vocabulary = toy_vocabulary()
    asked = {}

    def load(folder, **options):
        asked.update(folder=folder, **options)
        return [toy_part(200, noise=0.3)], vocabulary

    monkeypatch.setattr(controls, "load_corpus", load)
    made = corpus_controls(tmp_path, vocabulary)
    assert asked["folder"] == tmp_path
    assert asked["vocabulary"] == vocabulary
    assert list(made) == ["Corpus correlation", "SVD cosine"]
    for make in made.values():
        score = make(["G030", "G001", "G002", "G035"])
        source, target = np.array([0, 1, 0, 1]), np.array([3, 2, 1, 3])
        same, other = np.split(score(source, target), 2)
        assert same.min() > 3 * np.abs(other).max()
