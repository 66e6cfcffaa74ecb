from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from grn_core.errors import DataError, RequestError
from grn_core.networks import is_directed
from grn_core.networks.agreement import agreement
from grn_core.networks.borda import borda
from grn_core.networks.compare import (
    COMMON,
    edge_sets,
    overlap_at_k,
    per_tf,
    rank_correlation,
    sample_pairs,
    sign_agreement,
)
from grn_core.networks.matched import match_networks
from tests.networks.toy import toy_edges


def drawn(seed: int, *, n_sources: int = 5, n_genes: int = 20) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    rows = [(f"G{i:02d}", f"G{j:02d}") for i in range(n_sources) for j in range(n_genes) if i != j]
    table = pd.DataFrame(rows, columns=["source", "target"])
    table["score"] = generator.normal(size=len(table)).round(1)  # with ties
    table["probability"] = 1 / (1 + np.exp(-table["score"]))
    table["sign"] = generator.choice([-1, 1], size=len(table))
    return table.sample(frac=1, random_state=seed)


def toy_pair():
    """The toy network and one that has A -> x last, lacks C -> y and has a pair of its own."""
    other = toy_edges().iloc[:6].copy()
    other.loc[other["target"] == "x", "score"] -= 10
    other.loc[(other["source"] == "A") & (other["target"] == "x"), "sign"] = -1
    other = pd.concat([other, pd.DataFrame([{"source": "D", "target": "x", "score": 9.0, "sign": 1}])])
    return match_networks({"one": toy_edges(), "other": other})


def test_only_pairs_that_both_scored_are_compared_and_all_are_counted():
    matched = toy_pair()
    assert len(matched) == 6
    assert matched.sizes == (7, 7)
    assert ("C", "y") not in set(zip(matched.source, matched.target, strict=True))


NAMES = st.sampled_from([("a", "A"), ("b", "B"), ("b.1", "B"), ("c", "C"), ("d", "D")])
TABLES = st.dictionaries(st.tuples(NAMES, NAMES), st.integers(-2, 2), min_size=1)


@given(one=TABLES, other=TABLES, shuffled=st.randoms(use_true_random=False))
def test_matched_are_the_pairs_of_symbols_that_both_have_each_by_its_better_edge(one, other, shuffled):
    """Against a road of dictionaries, for labels that share a symbol and rows in any order."""

    def table(scored):
        rows = [(*s, *t, float(score)) for (s, t), score in scored.items()]
        shuffled.shuffle(rows)
        return pd.DataFrame(rows, columns=["source", "source_symbol", "target", "target_symbol", "score"])

    wanted = []
    for scored in (one, other):
        best: dict[tuple[str, str], float] = {}
        for ((_, source), (_, target)), score in scored.items():
            best[source, target] = max(best.get((source, target), -9.0), score)
        wanted.append(best)
    common = sorted(wanted[0].keys() & wanted[1].keys())
    if not common:
        with pytest.raises(DataError, match="no pair"):
            match_networks({"one": table(one), "other": table(other)})
        return
    matched = match_networks({"one": table(one), "other": table(other)})
    assert list(zip(*(ends.tolist() for ends in matched.symbols), strict=True)) == common
    assert matched.score.tolist() == [[best[pair] for best in wanted] for pair in common]
    assert matched.sizes == tuple(len(best) for best in wanted)
    assert list(matched.genes.symbols) == sorted({*sum(common, ())})


def test_overlap_is_counted_by_hand():
    # best first: one = Ax Ay Bx BA Az Bz; other = Ay BA Az Bz Ax(-6) Bx(-8)
    table = overlap_at_k(toy_pair(), ks=(1, 2, 4, 6, 100))
    assert table["shared"].tolist() == [0, 1, 2, 6]
    assert table["share"].tolist() == [0.0, 0.5, 0.5, 1.0]
    assert table["expected"].tolist() == pytest.approx([1 / 6, 2 / 6, 4 / 6, 1.0])


def test_edge_sets_name_what_is_common_and_what_is_not():
    table = edge_sets(toy_pair(), a="one", b="other", k=2)
    found = {(row.source, row.target): row.found for row in table.itertuples()}
    assert found == {("A", "y"): COMMON, ("A", "x"): "one", ("B", "A"): "other"}
    assert table["found"].tolist() == [COMMON, "one", "other"]
    ranks = table.set_index(["source", "target"])[["rank_a", "rank_b"]]
    assert ranks.loc[("A", "x")].tolist() == [1, 5]


def test_rank_correlation_is_spearmans():
    matched = match_networks({"a": drawn(1), "b": drawn(2), "c": drawn(3)})
    found = rank_correlation(matched)
    expected = spearmanr(matched.score).statistic
    np.testing.assert_allclose(found.to_numpy(), expected, atol=1e-12)


def test_per_tf_is_spearmans_of_each_tf():
    matched = match_networks({"a": drawn(1), "b": drawn(2)})
    table = per_tf(matched, a="a", b="b", k=5).set_index("source")
    for tf, row in table.iterrows():
        own = matched.source == tf
        assert row["correlation"] == pytest.approx(spearmanr(*matched.score[own].T).statistic)
        assert row["targets"] == own.sum() == 19
        assert 0 <= row["shared"] <= row["of"] == 5
        assert row["first_a"] == matched.target[own][np.argmax(matched.score[own, 0])]


def test_a_tf_with_two_common_targets_has_no_correlation():
    table = per_tf(toy_pair(), a="one", b="other").set_index("source")
    assert np.isfinite(table.loc["A", "correlation"])
    two = match_networks({name: toy_edges()[lambda t: t["source"] == "A"].head(2) for name in ("a", "b")})
    assert np.isnan(per_tf(two, a="a", b="b").loc[0, "correlation"])


def test_the_order_of_rows_changes_nothing():
    one, other = (match_networks({"a": drawn(1), "b": drawn(2).sample(frac=1, random_state=s)}) for s in (3, 4))
    pd.testing.assert_frame_equal(borda(one), borda(other))
    pd.testing.assert_frame_equal(edge_sets(one, a="a", b="b", k=9), edge_sets(other, a="a", b="b", k=9))


def test_a_network_whose_scores_order_no_common_pair_is_named():
    flat = drawn(2).assign(score=1.0)
    assert match_networks({"a": drawn(1), "b": flat, "c": drawn(3)}).unranked == ("b",)
    best = flat.assign(score=[5.0, *[1.0] * (len(flat) - 1)])  # it orders one pair, which the other lacks
    other = drawn(1)
    first = best.iloc[0]
    other = other[(other["source"] != first["source"]) | (other["target"] != first["target"])]
    assert match_networks({"a": other, "b": best}).unranked == ("b",)
    assert match_networks({"a": drawn(1), "b": best}).unranked == ()


def test_borda_counts_points():
    matched = toy_pair()
    table = borda(matched).set_index(["source", "target"])
    # A -> y: second of 6 in one (4 of 5 points), first in the other (5 of 5)
    assert table.loc[("A", "y"), "score"] == pytest.approx(0.9)
    assert table.loc[("A", "y"), "uncertainty"] == pytest.approx(0.1)
    assert table.loc[("A", "y"), "rank"] == 1
    assert table.loc[("A", "y"), ["sign", "sign_agreement"]].tolist() == [-1, 1.0]
    assert table.loc[("A", "x"), ["sign", "sign_agreement"]].tolist() == [0, 0.0]  # a draw is no majority


def test_borda_ignores_the_scale_of_scores():
    stretched = drawn(2).assign(score=lambda t: np.exp(3 * t["score"]))
    plain, other = (borda(match_networks({"a": drawn(1), "b": b})) for b in (drawn(2), stretched))
    pd.testing.assert_series_equal(plain["score"], other["score"])


def test_borda_takes_signs_where_there_are_any():
    bare = drawn(2)[["source", "target", "score"]]
    table = borda(match_networks({"a": drawn(1), "b": bare})).set_index(["source", "target"])
    expected = drawn(1).set_index(["source", "target"])["sign"]
    assert (table["sign"] == expected.reindex(table.index)).all()
    assert (table["sign_agreement"] == 1).all()
    nothing = borda(match_networks({"a": bare, "b": drawn(3)[["source", "target", "score"]]}))
    assert (nothing["sign"] == 0).all()
    assert (nothing["sign_agreement"] == 0).all()


def test_identical_networks_agree_entirely():
    matched = match_networks({"a": drawn(1), "b": drawn(1)})
    assert rank_correlation(matched).to_numpy() == pytest.approx(np.ones((2, 2)))
    assert sign_agreement(matched).to_numpy().min() == 1
    assert (overlap_at_k(matched)["share"] == 1).all()
    assert set(edge_sets(matched, a="a", b="b", k=10)["found"]) == {COMMON}
    np.testing.assert_array_equal(borda(matched)["uncertainty"], 0)


def test_a_sample_is_drawn_by_its_seed_and_keeps_the_place_among_all_pairs():
    matched = match_networks({"a": drawn(1), "b": drawn(2)})
    whole, part = (sample_pairs(matched, a="a", b="b", n=n) for n in (10_000, 30))
    assert len(whole) == 95
    assert len(part) == 30
    pd.testing.assert_frame_equal(part, sample_pairs(matched, a="a", b="b", n=30))
    both = part.merge(whole, on=["source", "target"])
    assert (both["percentile_a_x"] == both["percentile_a_y"]).all()
    best = whole.loc[whole["score_a"].idxmax()]
    assert best["percentile_a"] > 98


@pytest.mark.parametrize(
    ("tables", "error", "words"),
    [
        ({"a": toy_edges()}, RequestError, "1 network"),
        ({"a": toy_edges(), "b": toy_edges().assign(source=list("TUVWXYZ"))}, DataError, "no pair"),
        ({"a": toy_edges(), "b": pd.concat([toy_edges(), toy_edges()])}, DataError, "twice"),
    ],
)
def test_what_cannot_be_compared_is_refused(tables, error, words):
    with pytest.raises(error, match=words):
        match_networks(tables)


def test_the_order_of_the_networks_changes_no_consensus():
    tables = {"a": drawn(1), "b": drawn(2), "c": drawn(3), "d": drawn(4)}
    there, back = (borda(match_networks(dict(items))) for items in (tables.items(), reversed(tables.items())))
    pd.testing.assert_frame_equal(there, back, rtol=1e-6)
    assert (there.loc[there["sign"] == 0, "sign_agreement"] == 0).all()
    assert (there["sign"] == 0).any()
    assert is_directed(there)
    assert not is_directed(borda(match_networks(tables), directed=False))


def named(table: pd.DataFrame, **labels: str) -> pd.DataFrame:
    """The same edges in the labels of other data; symbols are G00, G01, ..."""
    ends = {f"{end}_symbol": table[end] for end in ("source", "target")}
    return table.assign(**ends, **{end: table[end].replace(labels) for end in ("source", "target")})


def test_genes_are_matched_by_symbol_and_called_by_one_label():
    mouse = named(drawn(1), G00="Spi1", G01="Gata1", G02="H2afy")
    human = named(drawn(2), G00="SPI1", G02="H2AFY")
    matched = match_networks({"mouse": mouse, "human": human})
    assert len(matched) == 95
    shown = dict(zip(matched.genes.symbols, matched.genes.labels, strict=True))
    assert shown["G01"] == "G01"  # a draw with the canonical symbol among the labels
    assert shown["G02"] == "H2AFY"  # a draw without it
    assert set(matched.source) == {shown[f"G0{place}"] for place in range(5)}
    alike = match_networks({"a": drawn(1), "b": drawn(2)})
    np.testing.assert_array_equal(matched.score, alike.score)
    np.testing.assert_array_equal(matched.symbols[0], alike.source)
    both = match_networks({"a": mouse, "b": mouse})
    assert set(both.source) == set(mouse["source"])  # what both call by one name has that name here
    table = borda(both)
    assert set(table["source_symbol"]) == {f"G0{place}" for place in range(5)}
    assert set(table["source"]) == set(mouse["source"])


def test_of_two_labels_with_one_symbol_the_better_edge_counts():
    doubled = pd.DataFrame(
        {
            "source": ["T", "T", "T"],
            "target": ["old", "new", "x"],
            "source_symbol": ["T"] * 3,
            "target_symbol": ["NEW", "NEW", "X"],
            "score": [1.0, 2.0, 0.0],
        }
    )
    matched = match_networks({"a": doubled, "b": doubled})
    assert matched.score[:, 0].tolist() == [2.0, 0.0]
    assert matched.symbols[1].tolist() == ["NEW", "X"]


def test_an_id_is_kept_where_the_networks_have_the_same():
    one = drawn(1).assign(source_id="E1", target_id=lambda table: "E" + table["target"])
    other = drawn(2).assign(source_id="E2", target_id=lambda table: "E" + table["target"])
    matched = match_networks({"a": one, "b": other})
    ids = dict(zip(matched.genes.symbols, matched.genes.ids, strict=True))
    assert ids["G19"] == "EG19"
    assert ids["G00"] == ""


@pytest.mark.parametrize("score", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_refused(score):
    torn = drawn(1)
    torn.iloc[3, torn.columns.get_loc("score")] = score
    with pytest.raises(DataError, match="1 of 95 edges of the network b have no finite score"):
        match_networks({"a": drawn(2), "b": torn})


def test_percents_are_no_probabilities():
    percents = drawn(1).assign(probability=lambda table: table["probability"] * 100)
    with pytest.raises(DataError, match="probabilities of the network b are none"):
        match_networks({"a": drawn(2), "b": percents})


def symmetric(seed: int) -> pd.DataFrame:
    """A network of a symmetric method: the two orders of two TFs have one score and one sign."""
    table = drawn(seed).sort_values(["source", "target"])
    either = table[["source", "target"]].apply(lambda row: tuple(sorted(row)), axis=1)
    table = table.assign(**{name: table.groupby(either)[name].transform("first") for name in ("score", "sign")})
    table.attrs["directed"] = False
    return table.drop(columns="probability")


def listed_once(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["source"] < table["target"]) | ~table["target"].isin(table["source"])]


@given(one=st.integers(0, 50), other=st.integers(51, 99))
def test_two_tfs_are_counted_once_where_no_network_has_a_direction(one, other):
    tables = {"one": symmetric(one), "other": symmetric(other)}
    both, once = match_networks(tables), match_networks({name: listed_once(table) for name, table in tables.items()})
    assert len(both) > len(both.once)
    for found in (rank_correlation, sign_agreement, overlap_at_k, agreement):
        pd.testing.assert_frame_equal(found(both), found(once))
    best = edge_sets(both, a="one", b="other", k=20)
    assert len(set(map(frozenset, zip(best["source"], best["target"], strict=True)))) == len(best)
    assert len(sample_pairs(both, a="one", b="other")) == len(both.once)
    assert per_tf(both, a="one", b="other")["targets"].sum() == len(both), "each of two TFs has the other"
    directed = tables | {"other": drawn(other)}
    assert len(match_networks(directed).once) == len(match_networks(directed)), "then both orders are pairs"


def test_pairs_that_are_left_out_are_counted_once_too():
    whole, part = symmetric(1), symmetric(2)
    part = part[part["source"] != "G00"]
    part = part[part["target"] != "G00"]
    part.attrs["directed"] = False
    matched = match_networks({"whole": whole, "part": part})
    pairs = {frozenset(pair) for pair in zip(whole["source"], whole["target"], strict=True)}
    assert matched.sizes[0] == len(whole)
    assert matched.once.sizes[0] == len(pairs)
    assert matched.once.sizes[1] == len(matched.once)
