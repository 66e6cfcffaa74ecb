from __future__ import annotations

import numpy as np
import pytest

from grn_core.errors import DataError
from grn_core.networks import read_cells
from grn_core.networks.cells import BINS


def test_cells_are_counted_and_averaged_by_hand():
    reading = read_cells(np.array([0, 0, 1, 2, 3]), np.array([0, 4, 0, 2, 6]))
    assert (reading.both, reading.source_only, reading.target_only, reading.neither) == (2, 1, 1, 1)
    assert reading.n_cells == 5
    assert reading.mean_with == pytest.approx(8 / 3)
    assert reading.mean_without == 2.0
    np.testing.assert_allclose(reading.level, [0.0, 2.0])  # three cells with the source make one bin
    np.testing.assert_allclose(reading.mean, [2.0, 8 / 3])
    np.testing.assert_allclose(reading.error, [np.std([0, 4], ddof=1) / np.sqrt(2), np.std([0, 2, 6], ddof=1) / 3**0.5])


def test_bins_rise_and_hold_every_cell_once():
    draw = np.random.default_rng(0)
    source = np.maximum(draw.normal(0.3, 1, size=300), 0)
    target = 2 * source + 1
    reading = read_cells(source, target)
    assert len(reading.level) == BINS + 1
    assert (np.diff(reading.level) > 0).all()
    np.testing.assert_allclose(reading.mean, 2 * reading.level + 1)
    assert reading.both + reading.target_only == 300
    shuffled = draw.permutation(300)
    np.testing.assert_allclose(read_cells(source[shuffled], target[shuffled]).mean, reading.mean)


def test_genes_that_are_never_or_always_seen():
    never = read_cells(np.zeros(4), np.arange(4))
    assert never.mean_with is None
    assert never.mean.tolist() == [1.5]
    always = read_cells(np.ones(4), np.zeros(4))
    assert always.mean_without is None
    assert (always.source_only, always.mean.tolist()) == (4, [0.0])


@pytest.mark.parametrize(
    ("source", "target"), [(np.ones(3), np.ones(4)), (np.ones(0), np.ones(0)), (np.ones(2), np.array([1, np.nan]))]
)
def test_what_cannot_be_read(source, target):
    with pytest.raises(DataError, match="source and target have the shapes"):
        read_cells(source, target)
