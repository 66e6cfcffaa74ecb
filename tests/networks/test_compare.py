from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from grn_core.errors import DataError, RequestError
from grn_core.networks.borda import borda
from grn_core.networks.compare import (
    COMMON,
    edge_sets,
    match_networks,
    overlap_at_k,
    per_tf,
    rank_correlation,
    sample_pairs,
    sign_agreement,
)
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
