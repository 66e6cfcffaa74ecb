"""Ways to put networks together: their order changes nothing, a mean keeps what is expected, who has none is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import grn_core as grn
from grn_core.errors import RequestError
from grn_core.genes.usual import JOININGS
from grn_core.networks.consensus import CONSENSUSES, with_consensus
from grn_core.networks.matched import match_networks

PAIRS = [(f"T{n // 4}", f"G{n}") for n in range(12)]
probabilities = st.lists(st.floats(0, 1, width=32), min_size=12, max_size=12)


def network(probability, uncertainty=0.0) -> pd.DataFrame:
    table = pd.DataFrame(PAIRS, columns=["source", "target"])
    likely = np.asarray(probability, dtype=float)
    return table.assign(score=likely, probability=likely, uncertainty=uncertainty, sign=1)


def by_pair(edges: pd.DataFrame, column: str) -> np.ndarray:
    return edges.set_index(["source", "target"])[column].reindex(PAIRS).to_numpy(dtype=float)


@settings(max_examples=8)
@given(probabilities, probabilities, probabilities)
def test_the_mean_keeps_how_many_edges_are_expected(one, other, third):
    """Law: as many edges are expected as the networks expect on average, so it is calibrated where they are."""
    networks = {"a": network(one), "b": network(other), "c": network(third)}
    found = grn.consensus(networks, method="calibrated-mean")
    assert found["probability"].sum() == pytest.approx(np.mean([sum(one), sum(other), sum(third)]), abs=1e-4)
    assert by_pair(found, "probability") == pytest.approx(np.mean([one, other, third], axis=0), abs=1e-6)
    assert by_pair(found, "uncertainty") == pytest.approx(np.std([one, other, third], axis=0), abs=1e-6)
    assert (found["score"].diff().dropna() <= 0).all()
    turned = grn.consensus(dict(reversed(networks.items())), method="calibrated-mean")
    pd.testing.assert_frame_equal(found, turned)


@settings(max_examples=8)
@given(probabilities)
def test_networks_that_agree_are_their_own_mean_with_their_own_uncertainty(one):
    found = grn.consensus({"a": network(one, 0.03), "b": network(one, 0.04)}, method="calibrated-mean")
    assert by_pair(found, "probability") == pytest.approx(np.asarray(one), abs=1e-6)
    assert by_pair(found, "uncertainty") == pytest.approx(np.full(12, np.sqrt((0.03**2 + 0.04**2) / 2)), abs=1e-6)


def test_a_network_without_a_probability_is_named_and_refused():
    networks = {"model": network(np.linspace(0, 1, 12)), "genie3": network(np.ones(12)).drop(columns="probability")}
    with pytest.raises(RequestError, match="genie3 has no calibrated probability") as refused:
        grn.consensus(networks, method="calibrated-mean")
    assert "Borda" in str(refused.value.todo)
    assert "probability" not in grn.consensus(networks)
    with pytest.raises(RequestError, match="no consensus 'mean'"):
        grn.consensus(networks, method="mean")


@pytest.mark.parametrize("method", list(CONSENSUSES))
def test_the_consensus_stands_beside_its_networks(method):
    rng = np.random.default_rng(0)
    networks = {name: network(rng.random(12)) for name in "ab"}
    every = with_consensus(match_networks(networks), method=method)
    assert every.names == ("a", "b", CONSENSUSES[method].title)
    found = pd.DataFrame({"source": every.source, "target": every.target, "score": every.score[:, 2]})
    assert by_pair(found, "score") == pytest.approx(by_pair(grn.consensus(networks, method=method), "score"))


def test_requests_name_the_ways_that_there_are():
    assert tuple(CONSENSUSES) == tuple(JOININGS)
