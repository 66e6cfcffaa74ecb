"""GENIE3 beside scikit-learn's forests called gene by gene, as a user would: the same panel, in turn, minima."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from grn_core.coexpression import score_pairs
from scripts.measure_peers import forests
from tests.performance.figures import note

pytestmark = pytest.mark.performance
N_CELLS, N_TFS, N_GENES, ROUNDS = 400, 30, 60, 3


def seconds(call) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def test_genie3_is_no_slower_than_the_library_it_stands_on():
    draws = np.random.default_rng(0)
    values = draws.gamma(0.6, 1.0, size=(N_CELLS, N_GENES))
    values[:, N_TFS:] += 0.5 * values[:, :N_TFS].mean(axis=1, keepdims=True)
    genes, sources = [f"GENE{number:03d}" for number in range(N_GENES)], np.arange(N_TFS)
    ours, theirs = [], []
    with threadpool_limits(limits=os.cpu_count() or 1):
        for _ in range(ROUNDS + 1):  # the first warms up
            ours.append(seconds(lambda: score_pairs(values, genes, sources.tolist(), method="genie3")))
            theirs.append(seconds(lambda: forests(values, genes, sources)))
    ratio = min(ours[1:]) / min(theirs[1:])
    note("GENIE3, in times of scikit-learn's forests gene by gene", f"{ratio:.2f}", aim="1.0")
    assert ratio <= 1.1
