"""Positives and negatives: which pairs may be drawn, and by what."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core.errors import DataError
from grn_core.translator.pairs import UNIVERSES, Pairs, positive_pairs, sample_pairs

GENES = ("A", "B", "C", "D")


def edges_of(*pairs):
    return pd.DataFrame(pairs, columns=["source", "target"])


def as_set(pairs, label):
    rows = pairs.label == label
    return set(zip(pairs.source[rows].tolist(), pairs.target[rows].tolist(), strict=True))


def test_positive_pairs_by_hand():
    edges = edges_of(("C", "A"), ("A", "B"), ("A", "B"), ("B", "B"), ("A", "unknown"), ("unknown", "C"), ("A", "D"))
    assert positive_pairs(edges, GENES).tolist() == [[0, 1], [0, 3], [2, 0]]


@pytest.mark.parametrize("edges", [edges_of(), edges_of(("x", "y")), edges_of(("A", "A"))])
def test_no_positive_pair(edges):
    assert positive_pairs(edges, GENES).shape == (0, 2)


def test_positions_are_those_of_the_gene_list():
    edges = edges_of(("A", "B"))
    assert positive_pairs(edges, ("B", "C", "A")).tolist() == [[2, 0]]


@given(st.permutations([("C", "A"), ("A", "B"), ("A", "D"), ("B", "C"), ("A", "B")]))
def test_the_order_of_the_edges_decides_nothing(rows):
    pairs = positive_pairs(edges_of(*rows), GENES)
    assert pairs.tolist() == [[0, 1], [0, 3], [1, 2], [2, 0]]
    again = sample_pairs(pairs, len(GENES), seed=3)
    straight = sample_pairs(positive_pairs(edges_of(*sorted(rows)), GENES), len(GENES), seed=3)
    assert as_set(again, 0) == as_set(straight, 0)


@st.composite
def references(draw):
    n_genes = draw(st.integers(2, 9))
    cells = [(source, target) for source in range(n_genes) for target in range(n_genes) if source != target]
    chosen = draw(st.lists(st.sampled_from(cells), min_size=1, unique=True))
    seen = draw(st.lists(st.sampled_from([cell for cell in cells if cell != chosen[0]] or [(0, 0)]), unique=True))
    return np.array(sorted(chosen)), n_genes, np.array(seen, dtype=np.int64).reshape(-1, 2)


@settings(deadline=None)
@given(references(), st.integers(0, 5), st.sampled_from(UNIVERSES), st.sampled_from([0.0, 0.5, 1.0, 3.0]))
def test_laws_of_the_universe(reference, seed, universe, ratio):
    positives, n_genes, seen = reference
    pairs = sample_pairs(positives, n_genes, seed=seed, universe=universe, ratio=ratio, seen=seen)
    positive, negative = as_set(pairs, 1), as_set(pairs, 0)
    edges, before = set(map(tuple, positives.tolist())), set(map(tuple, seen.tolist()))
    sources = set(positives[:, 0].tolist()) if universe == "tf-restricted" else set(range(n_genes))
    free = {(s, t) for s in sources for t in range(n_genes) if s != t} - edges - before

    assert positive == edges - before
    assert negative <= free
    assert len(negative) == min(len(free), round(ratio * len(positive)))
    assert len(pairs) == len(positive) + len(negative), "a pair is drawn once"
    assert pairs.universe == universe
    assert pairs.label.dtype == np.float32
    assert (np.diff(pairs.label) <= 0).all(), "positives first"


def test_without_a_ratio_there_are_as_many_negatives_as_positives():
    pairs = sample_pairs(np.array([[0, 1], [2, 3], [4, 5]]), 9, seed=0)
    assert pairs.label.tolist() == [1.0] * 3 + [0.0] * 3


@pytest.mark.parametrize(("universe", "sources"), [("tf-restricted", {1}), ("all-pairs", {0, 1, 2, 3})])
def test_negatives_come_from_the_whole_universe(universe, sources):
    """So many are asked for that every pair of the universe is drawn."""
    pairs = sample_pairs(np.array([[1, 0]]), 4, seed=0, universe=universe, ratio=100)
    assert as_set(pairs, 0) == {(s, t) for s in sources for t in range(4) if s != t} - {(1, 0)}


def test_seen_pairs_change_nothing_where_there_are_none():
    positives = np.array([[0, 1], [1, 2], [4, 0]])
    one, other = (sample_pairs(positives, 9, seed=0, seen=seen) for seen in (None, np.empty((0, 2), dtype=int)))
    assert (one.target == other.target).all()


def test_a_reference_that_was_wholly_seen_is_an_error():
    positives = np.array([[0, 1], [1, 2]])
    with pytest.raises(
        DataError, match="every edge of the reference is among the pairs seen before; needed: at least one"
    ):
        sample_pairs(positives, 5, seed=0, seen=positives)


def test_the_seed_decides_the_negatives():
    positives = np.array([[0, 1], [1, 2], [4, 0], [7, 3]])
    one, same, other = (sample_pairs(positives, 40, seed=seed) for seed in (0, 0, 1))
    assert (one.source == same.source).all()
    assert (one.target == same.target).all()
    assert as_set(one, 0) != as_set(other, 0)
    assert as_set(one, 1) == as_set(other, 1)


def test_negatives_are_drawn_uniformly():
    """One source, four free targets, one negative a draw: each falls about 250 times in 1000."""
    positives = np.array([[2, 0]])
    targets = [int(sample_pairs(positives, 6, seed=seed).target[1]) for seed in range(1000)]
    counts = np.bincount(targets, minlength=6)
    assert counts[[0, 2]].tolist() == [0, 0]
    assert ((counts[[1, 3, 4, 5]] > 190) & (counts[[1, 3, 4, 5]] < 310)).all()


def test_without_positives_there_is_nothing_to_sample():
    with pytest.raises(
        DataError, match="no edge between genes of the list; needed: at least one; what to do: check the"
    ):
        sample_pairs(np.empty((0, 2), dtype=int), 5, seed=0)


def test_an_unknown_universe_is_an_error():
    with pytest.raises(DataError, match="universe 'tfs' is not known; needed: tf-restricted or all-pairs"):
        sample_pairs(np.array([[0, 1]]), 5, seed=0, universe="tfs")


def test_the_universe_in_numbers():
    pairs = Pairs(np.array([0, 0, 1, 1]), np.array([1, 2, 2, 3]), np.array([1, 0, 0, 0], dtype=np.float32), "all-pairs")
    assert pairs.describe() == {"n_sources": 2, "n_targets": 3, "n_positives": 1, "prevalence": 0.25}
    assert len(pairs) == 4


@pytest.mark.parametrize("rows", [np.array([True, False, False, True]), np.array([0, 3])])
def test_a_subset(rows):
    pairs = Pairs(np.arange(4), np.arange(4) + 10, np.array([1, 0, 0, 0], dtype=np.float32), "tf-restricted")
    some = pairs.take(rows)
    assert (some.source.tolist(), some.target.tolist(), some.label.tolist()) == ([0, 3], [10, 13], [1, 0])
    assert some.universe == "tf-restricted"
