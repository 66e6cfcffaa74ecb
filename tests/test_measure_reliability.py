"""The measure of printed probabilities: bins of what is asked, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from grn_core.benchmark.references.reference import Reference
from grn_core.translator.curves import Calibration, Curve
from scripts.measure_precision import Scored
from scripts.measure_reliability import FEWEST, Whole, row_of

GENES = tuple(f"G{number}" for number in range(400))
SCORES = {0.03: -np.log(1 / 0.03 - 1), 0.4: -np.log(1 / 0.4 - 1)}


@pytest.fixture
def whole():
    """Of A the first 100 pairs have 0.4, of which 30 are edges, the others 0.03, of which 6 are; B has none."""
    edges = pd.DataFrame({"source": "A", "target": [f"G{place}" for place in (*range(30), *range(100, 106))]})
    score = np.tile(np.where(np.arange(400) < 100, SCORES[0.4], SCORES[0.03]), 2)
    names = (np.repeat(["A", "B"], 400), np.tile(GENES, 2))
    one = Scored([np.stack([score, score])], [np.ones(800, bool)], np.zeros(800, bool), names)
    return Whole("hONE", one, {"NET": Reference("hONE NET", "hONE", "NET", GENES, edges)})


def found(whole, kept):
    calibration = Calibration(Curve((0.0,), 0.0, (1.0, 1.0)), (), (), 0.1)
    return row_of(whole, "NET", kept, calibration=calibration, genes="TFs+500", curve_of=["hTWO"])


def test_bins_hold_the_share_of_edges_of_the_tfs_that_have_one(whole):
    row = found(whole, np.ones(800, bool))
    assert (row["pairs"], row["edges"]) == (400, 36)
    assert row["expected"] == pytest.approx(100 * 0.4 + 300 * 0.03)
    assert [one[:2] for one in row["bins"]] == [[0.02, 0.05], [0.3, 0.5]]
    assert [one[2:5] for one in row["bins"]] == [[0.03, 0.02, 300], [0.4, 0.3, 100]]


def test_what_is_left_out_is_in_no_bin_and_a_bin_of_few_pairs_is_none(whole):
    kept = np.arange(800) % 400 >= 100 - FEWEST + 1
    row = found(whole, kept)
    assert (row["pairs"], row["edges"]) == (300 + FEWEST - 1, 6)
    assert [one[2:5] for one in row["bins"]] == [[0.03, 0.02, 300]]
