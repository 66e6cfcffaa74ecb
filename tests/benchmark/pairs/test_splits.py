"""Splits are exact: what training has shown is not asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.benchmark.pairs.splits import SPLITS, Seen, allowed_pairs
from grn_core.errors import RequestError
from grn_core.translator.pairs import Pairs

NAMES = tuple("ABCDEFGH")
seen_pairs = st.frozensets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=12)
gene_lists = st.permutations(NAMES).flatmap(lambda order: st.integers(1, 8).map(lambda n: tuple(order[:n])))


def names_of(genes, allowed):
    return {(genes[source], genes[target]) for source, target in np.argwhere(allowed)}


def test_a_split_by_hand():
    seen = Seen(frozenset({("A", "B"), ("X", "C")}))
    genes = ("A", "B", "D", "E")
    assert ("A", "B") not in names_of(genes, allowed_pairs(genes, seen, "all"))
    assert len(names_of(genes, allowed_pairs(genes, seen, "all"))) == 4 * 3 - 1
    unseen = {("A", "D"), ("A", "E"), ("B", "D"), ("B", "E"), ("D", "E"), ("E", "D")}
    assert names_of(genes, allowed_pairs(genes, seen, "unseen-target")) == unseen
    assert names_of(genes, allowed_pairs(genes, seen, "unseen-both")) == {("D", "E"), ("E", "D")}


@given(gene_lists, seen_pairs)
def test_splits_are_what_they_are_called(genes, pairs):
    seen = Seen(pairs)
    shown = {gene for pair in pairs for gene in pair}
    every = {(s, t) for s in genes for t in genes if s != t}
    asked = {split: names_of(genes, allowed_pairs(genes, seen, split)) for split in SPLITS}
    assert asked["all"] == every - pairs
    assert asked["unseen-target"] == {(s, t) for s, t in every if t not in shown}
    assert asked["unseen-both"] == {(s, t) for s, t in every if t not in shown and s not in shown}
    assert asked["unseen-both"] <= asked["unseen-target"] <= asked["all"] <= asked["kept"] == every


@given(gene_lists, seen_pairs, seen_pairs)
def test_seeing_more_never_allows_more(genes, first, second):
    for split in SPLITS:
        more = allowed_pairs(genes, Seen(first | second), split)
        assert not (more & ~allowed_pairs(genes, Seen(first), split)).any()


def test_seen_gathers_all_draws():
    one = Pairs(np.array([0, 1]), np.array([1, 2]), np.array([1.0, 0.0]), "tf-restricted")
    two = Pairs(np.array([2]), np.array([0]), np.array([0.0]), "tf-restricted")
    seen = Seen.of(("A", "B", "C", "D"), [one, two])
    assert seen.pairs == {("A", "B"), ("B", "C"), ("C", "A")}
    assert seen.genes == {"A", "B", "C"}


def test_an_unknown_split():
    with pytest.raises(RequestError, match="no split 'half'; needed: one of all, unseen-target, unseen-both"):
        allowed_pairs(NAMES, Seen(frozenset()), "half")
