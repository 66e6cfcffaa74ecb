from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from grn_core.errors import DataError, RequestError
from grn_core.networks import LeftOut, select_edges
from grn_core.networks.selection import shares, strength_column
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


def test_why_a_gene_is_not_shown_is_said():
    chosen = select_edges(toy_edges(), sources=["A", "B"], targets=["x", "y"])
    assert pairs(chosen.edges) == ["Ax", "Ay", "Bx"]
    assert chosen.left_out == (
        LeftOut("start at a TF that is not chosen", 1),
        LeftOut("end at a gene that is not chosen", 3),
    )


def test_the_columns_stay_and_the_rows_are_numbered_through():
    edges = toy_edges().iloc[::-1]
    chosen = select_edges(edges, sources=["B"]).edges
    assert list(chosen) == list(edges)
    assert chosen.index.tolist() == [0, 1, 2]


def test_three_hundred_edges_are_shown_unless_more_are_asked_for():
    many = pd.DataFrame({"source": "A", "target": [f"G{n:03d}" for n in range(302)], "score": 1.0, "sign": 1})
    assert len(select_edges(many).edges) == 300
    assert len(select_edges(many, max_edges=301).edges) == 301


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
    with pytest.raises(DataError, match=r"no column percentile; needed: the columns source, .*, percentile; what"):
        select_edges(toy_edges(), min_percentile=10)


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


def slow(edges: pd.DataFrame, **chosen) -> list[tuple[str, str]]:
    """The pairs that pass, counted one edge at a time by the words of the documentation."""
    rows = sorted(edges.to_dict("records"), key=lambda row: (-row["score"], row["source"], row["target"]))
    kept: list[tuple[str, str]] = []
    seen: dict[str, int] = {}
    for row in rows:
        if chosen["sources"] is not None and row["source"] not in chosen["sources"]:
            continue
        if chosen["targets"] is not None and row["target"] not in chosen["targets"]:
            continue
        if chosen["sign"] is not None and row["sign"] != chosen["sign"]:
            continue
        if chosen["min_probability"] is not None and row["probability"] < chosen["min_probability"]:
            continue
        if chosen["min_percentile"] is not None and row["percentile"] < chosen["min_percentile"]:
            continue
        seen[row["source"]] = seen.get(row["source"], 0) + 1
        if chosen["top_k_per_source"] is not None and seen[row["source"]] > chosen["top_k_per_source"]:
            continue
        kept.append((row["source"], row["target"]))
    return kept[: chosen["max_edges"]]


# Limits that lie exactly on values of the table, so that an edge on the limit and one below are told apart.
on_the_limits = st.fixed_dictionaries(
    {
        "min_probability": st.sampled_from([None, 0.0, 0.3, 0.5, 0.7, 0.9, 1.0]),
        "min_percentile": st.sampled_from([None, 0.0, 50.0, 100.0]),
        "top_k_per_source": st.none() | st.integers(1, 4),
        "sources": st.none() | st.sets(st.sampled_from("ABC")),
        "targets": st.none() | st.sets(st.sampled_from("Axyz")),
        "sign": st.sampled_from([None, 1, -1, 0]),
        "max_edges": st.integers(1, 8),
    }
)


@given(on_the_limits, st.lists(st.integers(0, 2), min_size=7, max_size=7), st.permutations([1, 1, 1, -1, -1, 0, 0]))
def test_every_combination_equals_a_slow_count(chosen, scores, signs):
    edges = toy_edges().assign(score=scores, sign=signs)
    edges["percentile"] = [100.0, 100.0, 50.0, 50.0, 25.0, 0.0, 0.0]
    found = select_edges(edges, **chosen).edges
    assert list(zip(found["source"], found["target"], strict=True)) == slow(edges, **chosen)


@pytest.mark.parametrize(("k", "kept"), [(1, ["Ax", "BA", "Cy"]), (2, ["Ax", "Ay", "BA", "Bx", "Cy"])])
def test_ties_at_the_cut_of_a_tf_are_decided_by_name(k, kept):
    """A has x, y, z and B has x, A, z, all alike: the first `k` by name are kept, in whatever order they come."""
    tied = toy_edges().assign(score=1.0).iloc[::-1]
    assert pairs(select_edges(tied, top_k_per_source=k).edges) == kept


def test_ties_are_broken_by_symbol_where_labels_are_others():
    tied = toy_edges().assign(score=1.0).replace({"source": {"A": "zeta"}})
    tied = tied.assign(source_symbol=toy_edges()["source"], target_symbol=toy_edges()["target"])
    assert select_edges(tied, max_edges=3).edges["source"].tolist() == ["zeta"] * 3


@pytest.mark.parametrize(("limit", "left"), [(6, 1), (7, 0), (8, 0)])
def test_the_limit_of_edges_on_the_edge(limit, left):
    chosen = select_edges(toy_edges(), max_edges=limit)
    assert len(chosen.edges) == 7 - left
    assert sum(part.n_edges for part in chosen.left_out) == left
    assert len(chosen.left_out) == (left > 0)  # a filter that took nothing away is not named


@pytest.mark.parametrize("cap", [5, 6])
def test_who_set_the_limit_is_said(monkeypatch, cap):
    monkeypatch.setenv("GRN_MAX_GRAPH_EDGES", "6")
    (left,) = select_edges(toy_edges(), max_edges=cap).left_out
    assert left.reason.endswith("(the most that can be drawn)" if cap == 6 else "(the limit that is set)")


@pytest.mark.parametrize(
    "fine",
    [
        {"min_probability": 0.0},
        {"min_probability": 1.0},
        {"min_percentile": 0.0},
        {"min_percentile": 100.0},
        {"top_k_per_source": 1},
        {"max_edges": 1},
        {"sign": 0},
    ],
    ids=str,
)
def test_options_at_the_end_of_their_range_are_taken(fine):
    edges = toy_edges().assign(percentile=50.0)
    assert select_edges(edges, **fine).n_total == 7


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"min_probability": -0.01}, "the smallest probability is -0.01; needed: a number from 0 to 1"),
        ({"min_probability": 1.01}, "the smallest probability is 1.01; needed: a number from 0 to 1"),
        ({"min_percentile": -0.5}, "the smallest percentile is -0.5; needed: a number from 0 to 100"),
        ({"min_percentile": 100.5}, "the smallest percentile is 100.5; needed: a number from 0 to 100"),
        ({"top_k_per_source": 0}, "the number of edges per TF is 0; needed: 1 or more"),
        ({"sign": 2}, "the sign is 2; needed: 1 .activation., -1 .repression., 0 .no sign. or None"),
        ({"max_edges": 0}, "the largest number of edges is 0; needed: 1 or more"),
    ],
    ids=str,
)
def test_what_is_out_of_range_is_said(wrong, words):
    with pytest.raises(RequestError, match=words):
        select_edges(toy_edges().assign(percentile=50.0), **wrong)


@pytest.mark.parametrize(
    "limits",
    [
        {"min_percentile": 0},
        {"min_percentile": 0.5},
        {"min_percentile": 100},
        {"min_probability": 0},
        {"min_probability": 1},
        {"sign": 0},
        {"top_k_per_source": 1},
        {"max_edges": 1},
    ],
)
def test_limits_at_the_ends_of_their_ranges_are_taken(limits):
    edges = toy_edges().assign(percentile=[100.0, 80.0, 60.0, 40.0, 20.0, 10.0, 0.0])
    chosen = select_edges(edges, **limits)
    assert len(chosen.edges) + sum(one.n_edges for one in chosen.left_out) == len(edges)


def test_the_strength_of_an_edge_is_its_probability_where_it_has_one():
    edges = toy_edges()
    assert strength_column(edges.assign(probability=0.5)) == "probability"
    assert strength_column(edges.drop(columns="probability", errors="ignore")) == "score"


@given(scores=st.lists(st.floats(-30, 30, allow_subnormal=False), min_size=1, max_size=20), shift=st.floats(0, 5))
def test_shares_keep_the_order_of_scores_of_any_sign(scores, shift):
    """Log-odds below zero are not drawn wider than those above."""
    found = shares(pd.DataFrame({"score": scores}))
    assert found.between(0, 1).all()
    for (one, a), (other, b) in itertools.pairwise(sorted(zip(scores, found, strict=True))):
        assert a <= b or one == other


def test_shares_of_scores_above_zero_and_probabilities_are_parts_of_the_highest():
    edges = pd.DataFrame({"score": [4.0, 1.0], "probability": [0.2, 0.1]})
    assert shares(edges).tolist() == [1.0, 0.5]
    assert shares(edges.drop(columns="probability")).tolist() == [1.0, 0.25]
    assert shares(pd.DataFrame({"score": [3.0, -1.0, 1.0]})).tolist() == [1.0, 0.0, 0.5]


def test_a_cut_by_expected_precision_keeps_the_best_down_to_that_rank():
    # mean probability of the best 1 to 7: 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6
    edges = toy_edges().sample(frac=1, random_state=3)
    found = select_edges(edges, min_precision=0.7)
    assert found.edges["rank"].tolist() == [1, 2, 3, 4, 5]
    assert [(one.reason, one.n_edges) for one in found.left_out] == [("rank below the 5 best of the run", 2)]
    assert select_edges(edges, min_precision=0.91).edges.empty
    assert len(select_edges(edges, min_precision=0.0).edges) == len(select_edges(edges, min_precision=0.5).edges) == 7


def test_the_rank_of_the_cut_is_that_of_the_whole_run_whatever_else_is_chosen():
    found = select_edges(toy_edges(), min_precision=0.8, sources=["A"], min_probability=0.85)
    assert found.edges["rank"].tolist() == [1]
    reasons = ["start at a TF that is not chosen", "rank below the 3 best of the run", "have a probability below 0.85"]
    assert [one.reason for one in found.left_out] == reasons
    assert [one.n_edges for one in found.left_out] == [4, 1, 1]


@pytest.mark.parametrize("share", [-0.01, 1.01])
def test_an_expected_precision_that_is_no_share_is_refused(share):
    with pytest.raises(RequestError, match=f"the smallest expected precision is {share}; needed: a number from 0 to 1"):
        select_edges(toy_edges(), min_precision=share)


@pytest.mark.parametrize("options", [{"min_precision": 0.5}, {"min_probability": 0.5}])
def test_edges_without_a_probability_have_no_cut_by_it(options):
    with pytest.raises(DataError, match="no column probability"):
        select_edges(scored_edges(), **options)


def test_all_that_is_shown_is_told_without_a_reason():
    assert select_edges(toy_edges()).sentence() == "7 of 7 scored edges are shown."


def test_genes_and_edges_that_are_asked_for_pass_every_filter():
    edges = toy_edges()
    strict = {"min_probability": 0.85, "max_edges": 1, "top_k_per_source": 1, "sign": 1}
    for options, wanted in (
        ({"also": ["C"]}, {("A", "x"), ("C", "y")}),
        ({"also": ["z"]}, {("A", "x"), ("A", "z"), ("B", "z")}),
        ({"pairs": [("B", "A"), ("no", "body")]}, {("A", "x"), ("B", "A")}),
        ({"also": ["nobody"]}, {("A", "x")}),
    ):
        found = select_edges(edges, **strict, **options)
        pairs = set(zip(found.edges["source"], found.edges["target"], strict=True))
        assert pairs - {("A", "x")} == wanted - {("A", "x")}
        assert found.edges["score"].is_monotonic_decreasing
        assert len(found.edges) + sum(one.n_edges for one in found.left_out) == len(edges)


def test_among_keeps_edges_between_two_of_the_genes():
    found = select_edges(toy_edges(), among=["A", "B", "y"])
    assert set(zip(found.edges["source"], found.edges["target"], strict=True)) == {("A", "y"), ("B", "A")}
    assert [one.reason for one in found.left_out] == ["are not between two of the chosen genes"]
