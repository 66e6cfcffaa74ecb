"""Ways together, weighed by other data sets; whole TFs that no training set knows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core.benchmark.references.reference import Reference
from scripts.measure_contexts import CONTEXTS, TOGETHER, WAYS, table_of
from scripts.measure_own_cells import CORRELATION, FEWEST, GENERIC, Measured
from scripts.measure_training_sets import folds_of, without_tfs

N = 4 * FEWEST
LABEL = np.arange(N) < N // 2


def asked(**scores):
    """Pairs of one TF, half of them edges, and scores that say nothing but those that are given."""
    nothing = dict.fromkeys(WAYS, np.zeros(N))
    return Measured(np.full(N, "TF"), np.arange(N).astype(str), {"STRING": LABEL}, nothing | scores)


@pytest.mark.thorough
def test_what_says_nothing_gets_no_weight_and_what_is_right_elsewhere_is_taken_though_it_is_wrong_here():
    right = LABEL + np.arange(N) / (2 * N)
    told = {"one": asked(), "other": replace(asked(), scores=asked().scores | {GENERIC: right})}
    assert all(row["weights"] == {way: [0.0] * len(of) for way, of in TOGETHER.items()} for row in table_of(told)[:1])
    told = {"one": asked(), "other": asked()}
    told["one"].scores[CONTEXTS], told["other"].scores[CONTEXTS] = right, -right
    one, other = table_of(told)
    assert one["auprc"][CONTEXTS] == 1
    assert other["weights"]["generic and in contexts"] != [0.0]
    assert other["auprc"]["generic and in contexts"] < 0.5


@settings(max_examples=15)
@given(st.lists(st.floats(-3, 3), min_size=N, max_size=N), st.floats(0.1, 5))
def test_a_weight_of_nothing_changes_nothing_and_only_the_rank_of_what_is_added_counts(values, scale):
    one = asked(**{GENERIC: np.array(values), CORRELATION: np.arange(N) * 1.0})
    assert one.combined({CONTEXTS: 0.0, CORRELATION: 0.0}) == pytest.approx(one.scores[GENERIC])
    more = asked(**{GENERIC: np.array(values), CORRELATION: np.exp(scale * np.arange(N) / N)})
    assert one.combined({CORRELATION: 0.5}) == pytest.approx(more.combined({CORRELATION: 0.5}))


def test_every_tf_is_asked_once_and_no_training_set_has_an_edge_of_a_tf_that_is_asked():
    edges = pd.DataFrame({"source": [f"T{n % 7}" for n in range(21)], "target": [f"G{n}" for n in range(21)]})
    genes = tuple(sorted({*edges["source"], *edges["target"]}))
    reference = Reference("name", "human", "name", genes, edges)
    asked_of = []
    for tfs, own in folds_of(reference):
        (left,) = without_tfs([reference], tfs)
        assert set(own.edges["source"]) == tfs
        assert not set(left.edges["source"]) & tfs
        assert len(left.edges) + len(own.edges) == len(edges)
        asked_of += sorted(tfs)
    assert sorted(asked_of) == sorted(set(edges["source"]))
