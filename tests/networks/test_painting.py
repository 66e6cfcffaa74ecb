"""What colours say: nothing that the network does not have."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from grn_core.networks import build_graph, by_community, by_expression, by_reference, by_sign, communities, scored_pairs
from grn_core.networks.colours import ACTIVATION, KNOWN, NEUTRAL, SCALE, UNKNOWN, mixed, on_scale
from tests.networks.toy import toy_edges

COLOUR = re.compile(r"#[0-9a-f]{6}")


def test_colours_are_mixed_between_their_ends():
    assert mixed(ACTIVATION, NEUTRAL, 0) == ACTIVATION
    assert mixed(ACTIVATION, NEUTRAL, 1) == mixed(ACTIVATION, NEUTRAL, 7) == NEUTRAL
    assert [on_scale(place / 3) for place in range(4)] == list(SCALE)
    assert on_scale(-1) == SCALE[0]
    assert on_scale(2) == SCALE[-1]


def test_only_uncertain_signs_are_greyer():
    sure = build_graph(toy_edges().assign(sign_agreement=1.0))
    assert not by_sign(sure).edges
    unsure = by_sign(build_graph(toy_edges().assign(sign_agreement=[1, 0.5, 0.8, 1, 1, 1, 1])))
    assert set(unsure.edges) == {("A", "y"), ("B", "x")}
    assert unsure.edges["A", "y"] == NEUTRAL
    assert unsure.edges["B", "x"] not in {NEUTRAL, ACTIVATION}
    assert unsure.reading


def test_genes_of_a_community_share_a_colour_and_edges_between_two_are_grey():
    graph = build_graph(toy_edges())
    painted, found = by_community(graph), communities(graph)
    assert set(painted.nodes) == set(graph)
    assert set(painted.edges) == set(graph.edges)
    for (source, target), colour in painted.edges.items():
        assert colour == (painted.nodes[source] if found[source] == found[target] else NEUTRAL)
    assert len(painted.entries) == len(set(found.values()))


def test_expression_goes_from_zero_to_the_highest_of_the_drawn_genes():
    graph = build_graph(toy_edges())
    painted = by_expression(graph, {"A": 2.0, "x": 0.0, "elsewhere": 9.0}, where="B cells")
    assert (painted.nodes["A"], painted.nodes["x"], painted.nodes["y"]) == (SCALE[-1], SCALE[0], NEUTRAL)
    assert "B cells" in painted.reading
    assert set(by_expression(graph, {}, where="no cell").nodes.values()) == {NEUTRAL}


def test_edges_are_known_unknown_or_missed():
    edges = toy_edges()
    graph = build_graph(edges, min_probability=0.6)  # A-x, A-y, B-x, B-A
    reference = pd.DataFrame({"source": ["A", "A", "B", "Z"], "target": ["x", "z", "y", "x"]})
    known = scored_pairs(pd.concat([edges, edges.iloc[[0]].assign(source="B", target="y", rank=8)]), reference)
    assert known == {("A", "x"), ("A", "z"), ("B", "y")}
    painted = by_reference(graph, known, name="A reference")
    assert painted.edges == {("A", "x"): KNOWN, ("A", "y"): UNKNOWN, ("B", "x"): UNKNOWN, ("B", "A"): UNKNOWN}
    assert painted.missed == (("B", "y"),)  # z is not drawn
    assert [words for *_, words in painted.entries] == ["known: 1", "unknown: 3", "missed: 1"]
    assert "TFs of 0 of the drawn edges have no target in it" in painted.reading


@pytest.mark.parametrize("painting", [by_sign, by_community])
def test_legends_hold_colours(painting):
    for _, colour, words in painting(build_graph(toy_edges().assign(sign_agreement=0.9))).entries:
        assert COLOUR.fullmatch(colour)
        assert words
