"""What is typical of a run's curves, and in what one edge differs from it."""

from __future__ import annotations

import numpy as np
import pytest

from grn_core.networks import read_edge, typical_band, typical_readings, unusual
from grn_core.networks.evidence import READINGS, TYPICAL

GRID = np.linspace(-2.0, 4.0, 8)


def curves(n_sources: int, n_genes: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return rising curves of many sizes, and none of a gene with itself."""
    sizes = np.random.default_rng(seed).uniform(0.5, 1.5, (n_sources, n_genes, 1))
    response, gradient = sizes * np.tanh(GRID), sizes / np.cosh(GRID) ** 2
    for place in range(min(n_sources, n_genes)):
        response[place, place] = gradient[place, place] = np.nan
    return response, gradient


def test_a_gene_with_itself_takes_no_part():
    response, gradient = curves(3, 9)
    found = typical_readings(response, gradient, GRID)
    assert found.shape == (3 * 9 - 3, len(READINGS))
    low, high = typical_band(response[0])
    assert np.isfinite([low, high]).all()
    assert (low <= high).all()


def test_of_many_pairs_some_are_read_and_the_seed_decides_which():
    response, gradient = curves(30, 40)
    found = [typical_readings(response, gradient, GRID, seed=seed) for seed in (0, 0, 1)]
    assert TYPICAL - 30 <= len(found[0]) <= TYPICAL
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_a_reading_is_named_only_where_it_differs_and_by_how_much():
    response, gradient = curves(6, 30)
    typical = typical_readings(response, gradient, GRID)
    middle = read_edge(np.tanh(GRID), 1 / np.cosh(GRID) ** 2, GRID)
    assert unusual(middle, typical) == {}, "what every edge shares is never unusual"
    large = read_edge(5 * np.tanh(GRID), 5 / np.cosh(GRID) ** 2, GRID)
    assert unusual(large, typical) == {"response_range": 1.0, "peak_slope": 1.0}
    small = read_edge(0.1 * np.tanh(GRID), 0.1 / np.cosh(GRID) ** 2, GRID)
    assert unusual(small, typical) == {"response_range": 0.0, "peak_slope": 0.0}
    falling = read_edge(-np.tanh(GRID), -1 / np.cosh(GRID) ** 2, GRID)
    assert unusual(falling, typical) == {"monotonicity": 0.0}


@pytest.mark.parametrize("share", [0.5, 0.8, 1.0])
def test_the_band_holds_its_share_of_the_curves_at_every_level(share):
    response, _ = curves(1, 400)
    low, high = typical_band(response[0], share=share)
    inside = ((response[0, 1:] >= low) & (response[0, 1:] <= high)).mean(axis=0)
    np.testing.assert_allclose(inside, share, atol=0.01)


def test_of_no_curve_the_band_is_empty():
    low, high = typical_band(np.full((1, 8), np.nan))
    assert not np.any([low, high])
