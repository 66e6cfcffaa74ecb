"""What is shown where nothing is asked: the drawing is filled, and the cut at which it is stands beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from grn_core.networks import expected_precision, ranked, select_edges
from grn_core.networks.first_view import MOST, PER_TF, first_cut
from grn_core.translator.expected import LEVELS


def edges_of(n_sources, n_genes, *, seed=0):
    draws = np.random.default_rng(seed)
    pairs = [(f"T{s}", f"G{g}") for s in range(n_sources) for g in range(n_genes)]
    score = draws.normal(size=len(pairs)) + draws.normal(size=n_sources).repeat(n_genes)
    table = pd.DataFrame(pairs, columns=["source", "target"])
    return ranked(table.assign(score=score, probability=1 / (1 + np.exp(3.5 - 1.3 * score))))


@given(n_sources=st.integers(1, 30), n_genes=st.integers(1, 80), seed=st.integers(0, 99))
def test_the_first_cut_is_the_highest_that_leaves_the_first_view_as_it_is(n_sources, n_genes, seed):
    edges = edges_of(n_sources, n_genes, seed=seed)

    def shown(least):
        found = select_edges(edges, min_precision=least, top_k_per_source=PER_TF, max_edges=MOST).edges
        return found["rank"].tolist()

    found = first_cut(edges, LEVELS)
    whole = shown(None)
    kept = [level for level in LEVELS if shown(level) == whole]
    assert found == max(kept, default=None)
    if found is not None:
        assert expected_precision(edges)[len(edges[edges["rank"] <= whole[-1]]) - 1] >= found


def test_where_no_level_leaves_it_there_is_none():
    edges = edges_of(4, 20)
    assert first_cut(edges, [0.99]) is None
    assert first_cut(edges, []) is None
    assert first_cut(edges.iloc[:0], LEVELS) is None
