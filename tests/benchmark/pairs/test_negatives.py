"""Negatives: uniform ones as the translator draws them, and ones matched on the in-degree of the targets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grn_core.benchmark.pairs.negatives import NEGATIVES, degree_matched, draw_pairs, natural_prevalence
from grn_core.errors import DataError, RequestError
from grn_core.translator.pairs import sample_pairs

L = 7


@st.composite
def networks(draw):
    """Edges without self pairs, sorted, and a mask of pairs that may be drawn."""
    cells = draw(st.sets(st.tuples(st.integers(0, L - 1), st.integers(0, L - 1)), min_size=1, max_size=25))
    edges = sorted((s, t) for s, t in cells if s != t)
    assume(edges)
    allowed = ~np.eye(L, dtype=bool)
    for source, target in draw(st.sets(st.tuples(st.integers(0, L - 1), st.integers(0, L - 1)), max_size=20)):
        allowed[source, target] = False
    return np.array(edges), allowed


def every():
    return ~np.eye(L, dtype=bool)


def pairs_of(pairs, label):
    rows = pairs.label == label
    return list(zip(pairs.source[rows].tolist(), pairs.target[rows].tolist(), strict=True))


@given(networks(), st.sampled_from(NEGATIVES), st.integers(0, 5))
def test_draws_obey_the_mask_and_the_labels(network, negatives, seed):
    edges, allowed = network
    try:
        drawn = draw_pairs(edges, L, seed=seed, negatives=negatives, allowed=allowed)
    except DataError:
        return
    assert drawn.universe == negatives
    assert allowed[drawn.source, drawn.target].all()
    both = pairs_of(drawn, 1) + pairs_of(drawn, 0)
    assert len(set(both)) == len(both)
    truth = set(map(tuple, edges.tolist()))
    assert set(pairs_of(drawn, 1)) <= truth
    assert not set(pairs_of(drawn, 0)) & truth
    if negatives not in ("all-pairs", "beeline"):
        assert set(drawn.source) <= set(edges[:, 0])
    again = draw_pairs(edges, L, seed=seed, negatives=negatives, allowed=allowed)
    np.testing.assert_array_equal(drawn.source, again.source)


@given(networks(), st.integers(0, 5))
def test_every_target_is_in_as_many_edges_as_non_edges(network, seed):
    edges, allowed = network
    try:
        drawn = degree_matched(edges, L, seed=seed, allowed=allowed)
    except DataError:
        return
    sources = np.unique(edges[:, 0])
    truth = set(map(tuple, edges.tolist()))
    for target in range(L):
        n_edges = sum((s, target) in truth and allowed[s, target] for s in sources)
        n_free = sum((s, target) not in truth and s != target and allowed[s, target] for s in sources)
        for label in (0, 1):
            assert sum(t == target for _, t in pairs_of(drawn, label)) == min(n_edges, n_free)


def test_uniform_negatives_are_those_of_the_translator():
    edges = np.array([(0, 1), (0, 2), (3, 1)])
    drawn = draw_pairs(edges, L, seed=4, negatives="tf-restricted", allowed=every())
    known = sample_pairs(edges, L, seed=4)
    np.testing.assert_array_equal(drawn.source, known.source)
    np.testing.assert_array_equal(drawn.target, known.target)


def test_seeds_differ():
    edges = np.array([(s, t) for s in range(4) for t in range(4, 7) if (s + t) % 2])
    draws = {tuple(pairs_of(degree_matched(edges, L, seed=seed, allowed=every()), 0)) for seed in range(1, 30)}
    assert len(draws) == 1, "two edges and two free sources a target leave no choice"
    edges = np.array([(0, 4), (1, 5), (2, 6), (3, 4)])
    draws = {tuple(pairs_of(degree_matched(edges, L, seed=seed, allowed=every()), 0)) for seed in range(30)}
    assert len(draws) > 5


def test_no_choice_left_is_an_error():
    with pytest.raises(DataError, match="no target has both an edge and a negative"):
        degree_matched(np.array([(0, 1), (0, 2)]), L, seed=0, allowed=every())
    with pytest.raises(RequestError, match="'odd' are not known; needed: one of tf-restricted, all-pairs, degree-m"):
        draw_pairs(np.array([(0, 1)]), L, seed=0, negatives="odd", allowed=every())


@given(networks())
def test_natural_prevalence_is_the_share_in_the_universe(network):
    edges, allowed = network
    for negatives, sources in (("tf-restricted", np.unique(edges[:, 0])), ("all-pairs", range(L))):
        universe = [(s, t) for s in sources for t in range(L) if s != t and allowed[s, t]]
        expected = (
            sum((s, t) in set(map(tuple, edges.tolist())) for s, t in universe) / len(universe) if universe else None
        )
        found = natural_prevalence(edges, L, negatives=negatives, allowed=allowed)
        assert found == (None if expected is None else pytest.approx(expected))
    assert natural_prevalence(edges, L, negatives="degree-matched", allowed=allowed) is None


def test_every_ordered_pair_by_hand():
    """Genes 0, 1, 2 have an edge: six ordered pairs, of which one may not be asked; 3 to 6 are in no pair."""
    allowed = every()
    allowed[2, 0] = False
    drawn = draw_pairs(np.array([(0, 1), (1, 2)]), L, seed=0, negatives="beeline", allowed=allowed)
    assert pairs_of(drawn, 1) == [(0, 1), (1, 2)]
    assert pairs_of(drawn, 0) == [(0, 2), (1, 0), (2, 1)]
    other = draw_pairs(np.array([(0, 1), (1, 2)]), L, seed=7, negatives="beeline", allowed=allowed)
    np.testing.assert_array_equal(drawn.source, other.source)
    allowed[[0, 1], [1, 2]] = False
    with pytest.raises(DataError, match="no edge is among the pairs that may be asked"):
        draw_pairs(np.array([(0, 1), (1, 2)]), L, seed=0, negatives="beeline", allowed=allowed)
