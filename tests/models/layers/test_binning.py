"""Expression bins: the published rule to the digit, and our deterministic one beside it."""

from __future__ import annotations

import numpy as np
import pytest

from grn_core.errors import ModelError
from grn_core.models.layers.binning import bin_values
from tests.models.published import FIXTURES

CASES = ("cont", "cont_zeros", "short", "two", "const", "zeros", "counts", "lognorm", "allpos")


class PublishedDraws:
    """numpy's legacy generator, from which the published code draws."""

    def __init__(self, seed):
        self.random = np.random.RandomState(seed).random_sample


@pytest.fixture(scope="module")
def golden():
    with np.load(FIXTURES / "scgpt_preprocess" / "expected.npz") as arrays:
        return dict(arrays)


@pytest.mark.parametrize("case", CASES)
def test_random_ties_are_those_of_the_published_code(golden, case):
    found = bin_values(golden[f"bin_{case}_in"], rng=PublishedDraws(7))
    np.testing.assert_array_equal(found, golden[f"bin_{case}_out_seed7"])


@pytest.mark.parametrize(
    ("given", "wanted"), [("log1p_log1p", "log1p_binned_seed3"), ("nolog_normed", "nolog_binned_seed3")]
)
def test_a_matrix_is_binned_cell_by_cell(golden, given, wanted):
    found = bin_values(golden[f"pp_{given}"], rng=PublishedDraws(3))
    np.testing.assert_array_equal(found, golden[f"pp_{wanted}"])


@pytest.mark.parametrize("case", [case for case in CASES if case != "zeros"])
def test_ties_without_a_generator_take_the_middle_of_their_range(golden, case):
    values = golden[f"bin_{case}_in"]
    found = bin_values(values)[values > 0]
    left, right = golden[f"bin_{case}_left"], golden[f"bin_{case}_right"]
    np.testing.assert_array_equal(found, np.ceil((left + right) / 2))
    assert np.all(found <= left)
    assert np.all((found > right) | (left == right))


def test_bins_by_hand():
    assert bin_values(np.array([0.0, 3.0, 3.0, 3.0])).tolist() == [0.0, 25.0, 25.0, 25.0]
    assert bin_values(np.array([1.0, 0.0, 9.0])).tolist() == [1.0, 0.0, 50.0]
    assert bin_values(np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]), n_bins=4).tolist() == [[1, 2, 3], [0, 0, 0]]


def test_only_ranks_count_and_the_order_of_genes_does_not():
    rng = np.random.default_rng(0)
    counts = rng.poisson(2.0, size=(3, 80)).astype(float)
    bins, order = bin_values(counts), rng.permutation(80)
    np.testing.assert_array_equal(bin_values(counts[:, order]), bins[:, order])
    continuous = rng.gamma(1.0, size=(3, 80))
    np.testing.assert_array_equal(bin_values(continuous * 1e4), bin_values(continuous))
    assert bins.min() >= 0
    assert bins.max() <= 50


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_scaled_or_broken_values_are_refused(wrong):
    with pytest.raises(ModelError, match="negative or not finite"):
        bin_values(np.array([1.0, wrong]))
