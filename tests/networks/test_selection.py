from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from grn_core.errors import DataError, RequestError
from grn_core.networks import LeftOut, select_edges
from tests.networks.toy import scored_edges, toy_edges


def pairs(table: pd.DataFrame) -> list[str]:
    return [f"{source}{target}" for source, target in zip(table["source"], table["target"], strict=True)]


def test_every_filter_by_hand():
    edges = toy_edges()
    assert pairs(select_edges(edges).edges) == ["Ax", "Ay", "Bx", "BA", "Az", "Bz", "Cy"]
    assert pairs(select_edges(edges, min_probability=0.6).edges) == ["Ax", "Ay", "Bx", "BA"]
    assert pairs(select_edges(edges, top_k_per_source=1).edges) == ["Ax", "Bx", "Cy"]
    assert pairs(select_edges(edges, sources=["B", "C"]).edges) == ["Bx", "BA", "Bz", "Cy"]
    assert pairs(select_edges(edges, targets=["z"]).edges) == ["Az", "Bz"]
    assert pairs(select_edges(edges, sign=-1).edges) == ["Ay", "BA", "Cy"]
    assert pairs(select_edges(edges, max_edges=2).edges) == ["Ax", "Ay"]


def test_says_exactly_what_was_left_out():
    chosen = select_edges(toy_edges(), sign=1, min_probability=0.45, top_k_per_source=1, max_edges=1)
    assert pairs(chosen.edges) == ["Ax"]
    assert chosen.left_out == (
        LeftOut("are not read as activation", 3),
        LeftOut("have a probability below 0.45", 1),
        LeftOut("are not among the 1 best of their TF", 1),
        LeftOut("are weaker than the 1 best (the limit that is set)", 1),
    )
    assert chosen.sentence() == (
        "1 of 7 scored edges are shown. Left out: 3 are not read as activation; 1 have a probability below 0.45; "
        "1 are not among the 1 best of their TF; 1 are weaker than the 1 best (the limit that is set)."
    )
    assert select_edges(toy_edges()).sentence() == "7 of 7 scored edges are shown."


def test_hard_cap_of_the_installation(monkeypatch):
    monkeypatch.setenv("GRN_MAX_GRAPH_EDGES", "3")
    chosen = select_edges(toy_edges(), max_edges=5)
    assert len(chosen.edges) == 3
    assert chosen.left_out == (LeftOut("are weaker than the 3 best (the most that can be drawn)", 4),)


def test_ties_are_broken_by_name():
    tied = toy_edges().assign(score=1.0, probability=0.5)
    assert pairs(select_edges(tied, max_edges=3).edges) == ["Ax", "Ay", "Az"]


options = st.fixed_dictionaries(
    {
        "min_probability": st.none() | st.floats(0, 1),
        "top_k_per_source": st.none() | st.integers(1, 4),
        "sources": st.none() | st.sets(st.sampled_from("ABC")),
        "sign": st.sampled_from([None, 1, -1]),
        "max_edges": st.integers(1, 8),
    }
)


@given(options, st.permutations(range(7)))
def test_order_of_rows_changes_nothing_and_nothing_is_lost(chosen, order):
    edges = toy_edges().assign(score=[1, 1, 1, 0, 0, 0, 0])
    selection = select_edges(edges, **chosen)
    shuffled = select_edges(edges.iloc[order], **chosen)
    assert_frame_equal(selection.edges, shuffled.edges)
    assert selection.left_out == shuffled.left_out
    assert len(selection.edges) + sum(part.n_edges for part in selection.left_out) == selection.n_total == 7


def test_empty_table():
    chosen = select_edges(toy_edges().iloc[:0], min_probability=0.5, top_k_per_source=2)
    assert (len(chosen.edges), chosen.n_total, chosen.left_out) == (0, 0, ())


def test_missing_column():
    with pytest.raises(DataError, match="no column sign"):
        select_edges(toy_edges().drop(columns=["probability", "sign"]))


@pytest.mark.parametrize(
    "wrong", [{"min_probability": 1.5}, {"top_k_per_source": 0}, {"sign": 2}, {"max_edges": 0}], ids=str
)
def test_options_out_of_range(wrong):
    with pytest.raises(RequestError, match="needed"):
        select_edges(toy_edges(), **wrong)


def test_edges_without_probability_are_chosen_by_percentile():
    chosen = select_edges(scored_edges(), min_percentile=50)
    assert pairs(chosen.edges) == ["Ax", "Ay", "Bx", "BA"]
    assert chosen.left_out == (LeftOut("are below percentile 50", 3),)
    with pytest.raises(DataError, match="no column probability"):
        select_edges(scored_edges(), min_probability=0.5)
    with pytest.raises(RequestError, match="percentile is 101"):
        select_edges(scored_edges(), min_percentile=101)


def test_an_effect_leaves_out_edges_without_sign():
    assert select_edges(scored_edges(signed=False), sign=1).left_out == (LeftOut("are not read as activation", 7),)
