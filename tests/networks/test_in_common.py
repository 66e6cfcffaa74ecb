"""What is in common of two rankings is the mean over every order of their ties."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import grn_core as grn
from grn_core.networks.in_common import Places, in_common

SCORES = st.lists(st.integers(0, 2), min_size=5, max_size=5)


def lists(scores: list[int], k: int) -> list[set[int]]:
    """Return the best k of every order that the scores allow."""
    orders = permutations(range(len(scores)))
    return [set(one[:k]) for one in orders if all(scores[a] >= scores[b] for a, b in pairwise(one))]


@given(SCORES, SCORES, st.integers(1, 5))
def test_it_is_the_mean_over_all_orders_of_the_ties_of_both(one, other, k):
    found = in_common(Places.of(np.array(one)), Places.of(np.array(other)), range(1, 6))
    places = [Places.of(np.array(scores)) for scores in (one, other)]
    if np.array_equal(places[0].above, places[1].above):  # alike throughout
        assert found.tolist() == [1, 2, 3, 4, 5]
        return
    wanted = [len(a & b) for a, b in product(lists(one, k), lists(other, k))]
    assert found[k - 1] == pytest.approx(np.mean(wanted))
    assert places[0].cut_at(k) == (0 if len({frozenset(a) for a in lists(one, k)}) == 1 else one.count(sorted(one)[-k]))


def test_two_networks_without_a_common_edge_have_no_more_in_common_than_chance():
    """Each scores 1,000 pairs and gives 20 of them, other ones, a score: what ties with the rest is no edge."""
    draw = np.random.default_rng(0)
    pairs = pd.DataFrame([(f"T{n // 200}", f"G{n % 200}") for n in range(1000)], columns=["source", "target"])
    chosen = draw.permutation(1000)[:40].reshape(2, 20)
    networks = {
        name: pairs.assign(score=np.where(np.isin(np.arange(1000), own), draw.random(1000), 0.0))
        for name, own in zip("ab", chosen, strict=True)
    }
    (row,) = grn.compare(networks, ks=(20, 100, 500)).to_dict("records")
    assert row["shared_20"] == 0
    for k in (100, 500):
        assert row[f"shared_{k}"] <= row[f"by_chance_{k}"]
    assert row["rbo"] <= row["rbo_by_chance"]
    assert "(a mean: equal scores leave the order open); by chance 10" in row["words"]
    (same,) = grn.compare({"a": networks["a"], "b": networks["a"]}).to_dict("records")
    assert (same["shared_100"], same["rbo"]) == (100, pytest.approx(1.0))
