"""Laws of what differs between two groups, and numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from grn_core.coexpression.partial import partial_correlation
from grn_core.datasets.replicates import CELLS, DONORS, PAIRS, replicates
from grn_core.differential import Differential, InCells, InMeanCell, Labellings, OfDonors, Pairs, compared
from grn_core.differential.comparing import networks_of_tested
from grn_core.differential.null import null_bytes, null_of
from grn_core.differential.of_cells import coexpression_scores, shared_shrinkage
from grn_core.differential.testing import own_p, shared_p
from grn_core.differential.ways import CONTEXT, OF_CELLS, ways
from grn_core.errors import Cancelled, DataError, RequestError
from grn_core.networks import GeneNames
from grn_core.sums import keep_array

GENES = tuple(f"G{place:02d}" for place in range(40))
PAIRS_OF_8 = Pairs(GENES, tuple(range(8)))


def cells(*, n=160, seed=0) -> tuple[np.ndarray, np.ndarray]:
    """Cells of two groups: G00 and G10 go together in A alone, G01 and G20 in both; some genes are higher in A."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(n, len(GENES)))
    of_a = np.arange(n) < n // 2 - 10
    values[of_a, 10] = 0.8 * values[of_a, 0] + 0.6 * values[of_a, 10]
    values[:, 20] = 0.8 * values[:, 1] + 0.6 * values[:, 20]
    values[of_a, 30:] += 4.0
    return values, of_a


def found(values, of_a, *, pairs=PAIRS_OF_8, method="pearson", n=60, seed=0, **options) -> Differential:
    row, target = pairs.places
    model = InMeanCell(values, of_a, ask=lambda mean: np.tanh(mean[row]) * mean[target])
    return compared(
        model if method == CONTEXT else InCells(values, of_a, pairs=pairs, method=method),
        pairs,
        names=GeneNames.plain(pairs.genes),
        unit=CELLS,
        n=n,
        signed=method != CONTEXT,
        sized=method != CONTEXT,
        directed=method == CONTEXT,
        seed=seed,
        **options,
    )


def by_edge(one: Differential):
    return one.table.set_index(["source", "target"]).sort_index()


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_a_planted_difference_is_found_and_nothing_else(method):
    one = found(*cells(), method=method)
    assert one.table.loc[0, ["source", "target"]].tolist() == ["G00", "G10"]
    assert one.table.loc[0, "q"] < 0.05 <= one.table.loc[1, "q"]
    assert one.table.loc[0, "difference"] == pytest.approx(0.8, abs=0.2)
    assert (one.facts["sure"], one.facts["stronger_a"], one.facts["stronger_b"]) == (1, 1, 0)
    shared = by_edge(one).loc[("G01", "G20")]
    assert min(shared["score_a"], shared["score_b"]) > 0.6 < shared["q"]


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_a_gene_that_is_merely_higher_in_one_group_changes_neither_network(method):
    """The scores are those of the group's own cells, whatever was done to the genes before labels were permuted."""
    values, of_a = cells()
    scores = coexpression_scores(PAIRS_OF_8, method)
    one = InCells(values, of_a, pairs=PAIRS_OF_8, method=method)
    np.testing.assert_allclose(one.of(one.true), scores(values[of_a]), atol=1e-9)
    np.testing.assert_allclose(one.of(~one.true), scores(values[~of_a]), atol=1e-9)


def test_partial_correlations_of_both_groups_are_shrunk_alike():
    """By one share for all labellings; what a gene's level in a group is changes nothing, as for the others."""
    values, of_a = cells()
    one = InCells(values, of_a, pairs=PAIRS_OF_8, method="partial")
    scale = np.where(of_a[:, None], np.linspace(1, 4, values.shape[1]), 1.0)
    other = InCells(values * scale, of_a, pairs=PAIRS_OF_8, method="partial")
    for members in (of_a, ~of_a):
        np.testing.assert_allclose(
            np.sort(one.of(one.true if members is of_a else ~one.true)),
            np.sort(other.of(other.true if members is of_a else ~other.true)),
            atol=1e-6,
        )
    whole = np.vstack([_standard(values[of_a]), _standard(values[~of_a])])
    row, target = PAIRS_OF_8.places
    shrunk = partial_correlation(values[of_a], np.arange(8), shrinkage=shared_shrinkage(whole))[row, target]
    np.testing.assert_allclose(one.of(one.true), shrunk, atol=1e-6)


def test_p_values_of_partial_correlation_are_not_small_together():
    """Law: without a difference some 5 % of the edges of any one comparison have a p below 0.05, not all or none."""
    of_a, share = np.arange(140) < 50, []
    for seed in range(12):
        draw = np.random.default_rng(100 + seed)
        common = draw.normal(size=(140, 1))
        values = np.maximum(draw.normal(size=(140, 40)) + 0.5 * common - np.linspace(0, 2, 40), 0.0)
        share.append(float((found(values, of_a, method="partial", n=40, seed=seed).table["p"] < 0.05).mean()))
    assert max(share) < 0.15
    assert np.median(share) > 0.01


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean(axis=0)) / values.std(axis=0)


def test_groups_that_change_names_change_the_sign_and_no_p():
    values, of_a = cells()
    one, other = by_edge(found(values, of_a)), by_edge(found(values, ~of_a))
    np.testing.assert_allclose(one["difference"], -other["difference"])
    np.testing.assert_array_equal(one["p"], other["p"])
    np.testing.assert_array_equal(one["rank_a"], other["rank_b"])


def test_neither_the_order_of_cells_nor_that_of_genes_changes_anything():
    values, of_a = cells()
    one = by_edge(found(values, of_a, n=20))
    draw = np.random.default_rng(1)
    rows, columns = draw.permutation(len(values)), draw.permutation(len(GENES))
    genes = tuple(GENES[place] for place in columns)
    turned = Pairs(genes, tuple(genes.index(name) for name in GENES[:8]))
    other = by_edge(found(values[np.ix_(rows, columns)], of_a[rows], pairs=turned, n=20))
    np.testing.assert_allclose(one["difference"], other.loc[one.index, "difference"], atol=1e-6)
    np.testing.assert_allclose(one["p"], other.loc[one.index, "p"], rtol=0.01)


def test_the_seed_decides_every_labelling():
    values, of_a = cells()
    one = by_edge(found(values, of_a, n=20))
    assert one.equals(by_edge(found(values, of_a, n=20)))
    assert not one["p"].equals(by_edge(found(values, of_a, n=20, seed=1))["p"])
    first = Labellings.of(of_a, unit=CELLS, n=30)
    whole = list(first.between(0, 30))
    np.testing.assert_array_equal(np.array(whole[7:9]), np.array(list(first.between(7, 9))))
    assert all(own.sum() == of_a.sum() for own in whole)


@pytest.mark.parametrize(
    ("method", "most"), [("pearson", 0.05), ("spearman", 0.05), ("partial", 0.05), ("context", 0.05)]
)
def test_without_a_difference_p_is_uniform(method, most):
    """No gene pair differs, two genes in five are mostly at 0, and some are several times higher in one group.

    Only a model reads the level of a gene: for it both groups are drawn from one distribution.
    """
    p, overall, of_a = [], [], np.arange(140) < 50
    for seed in range(6):
        draw = np.random.default_rng(seed)
        common = draw.normal(size=(140, 1))
        values = np.maximum(draw.normal(size=(140, 40)) + 0.5 * common - np.linspace(0, 2, 40), 0.0)
        if method != CONTEXT:
            values[of_a] *= np.linspace(1, 4, 40)
        one = found(values, of_a, method=method, n=30, seed=seed)
        assert one.facts["sure"] == 0
        p.append(one.table["p"].to_numpy())
        overall.append(one.facts["overall_p"])
    shares = np.histogram(np.concatenate(p), bins=5, range=(0, 1))[0] / sum(map(len, p))
    assert np.abs(shares - 0.2).max() < most
    assert min(overall) < 0.5 < max(overall)


def test_every_way_of_cells_has_its_uniform_p():
    (mark,) = test_without_a_difference_p_is_uniform.pytestmark
    assert tuple(method for method, _ in mark.args[1]) == OF_CELLS


@pytest.mark.parametrize(
    ("both", "alone", "unit", "left_out"),
    [(2, 10, DONORS, 2), (10, 2, PAIRS, 4), (5, 3, PAIRS, 6), (4, 3, DONORS, 4), (3, 0, PAIRS, 0), (0, 3, DONORS, 0)],
)
def test_donors_are_compared_in_the_way_that_can_reach_the_smaller_p(both, alone, unit, left_out):
    names = np.arange(both + 2 * alone)
    of = [np.r_[names[:both], names[both : both + alone]], np.r_[names[:both], names[both + alone :]]]
    donors, a = pd.Series(np.concatenate(of)), np.arange(2 * (both + alone)) < both + alone
    one = replicates(a, ~a, donors, least=1)
    assert (one.unit, one.left_out) == (unit, left_out)
    ways_of = [(PAIRS, both, both), (DONORS, alone, alone)]
    found = {name: Labellings.of(np.arange(n + m) < n, unit=name, n=1).distinct for name, n, m in ways_of if n > 1}
    assert found[unit] == max(found.values())


@pytest.mark.parametrize("method", sorted(ways().keys() - set(OF_CELLS)))
def test_what_would_see_the_group_in_a_mixture_is_refused_where_cells_are_permuted(method):
    with pytest.raises(RequestError, match="cells are permuted") as refused:
        InCells(*cells(), pairs=PAIRS_OF_8, method=method)
    assert "donors" in refused.value.needed


def test_p_worked_out_by_hand():
    observed = np.array([2.0, -1.0, 0.0])
    null = [np.array([[1.0, 1.0, 0.0], [-2.0, 0.5, 0.0]]), np.array([[3.0, -0.5, 0.0]])]
    np.testing.assert_allclose(own_p(observed, lambda: null), [3 / 4, 2 / 4, 1.0])
    # Middle 1 and spread sqrt(14/4) of the first edge's four values, 0 and sqrt(2.5/4) of the second's: sizes 0.53 and
    # 1.26 beside 0, 1.60, 1.07 and 1.26, 0.63, 0.63.
    np.testing.assert_allclose(shared_p(observed, lambda: null), [6 / 7, 3 / 7, 1.0])


def test_edges_are_compared_with_those_of_like_tails():
    draw = np.random.default_rng(0)
    wild = np.arange(1200) < 600
    null = draw.normal(size=(50, 1200))
    null[:, wild] = draw.standard_t(2, size=(50, 600))
    observed = np.where(wild, 0.0, 6.0)
    alone = shared_p(observed[~wild], lambda: [null[:, ~wild]])
    together, apart = (shared_p(observed, lambda: [null], alike=alike)[~wild] for alike in (None, wild.astype(float)))
    np.testing.assert_allclose(apart, alone)
    assert together.min() > 5 * alone.max()


@pytest.mark.parametrize(
    ("unit", "of_a", "of_b", "others"), [(DONORS, 2, 3, 9), (DONORS, 3, 3, 9), (PAIRS, 4, 4, 7), (PAIRS, 2, 2, 1)]
)
def test_few_donors_are_labelled_in_every_way(unit, of_a, of_b, others):
    true = np.arange(of_a + of_b) < of_a
    labellings = Labellings.of(true, unit=unit, n=100)
    assert (labellings.n, labellings.exhaustive, labellings.smallest_p) == (others, True, 1 / (1 + others))
    every = {tuple(own.tolist()) for own in labellings.between(0, others)}
    assert len(every) == others
    assert not every & {tuple(true.tolist()), tuple((~true).tolist())}
    if unit == PAIRS:
        assert all((np.array(own)[:of_a] != np.array(own)[of_a:]).all() for own in every)
    drawn = Labellings.of(true, unit=unit, n=1)
    assert drawn.exhaustive is (others == 1)


def test_donors_are_compared_as_by_hand():
    draw = np.random.default_rng(0)
    networks = draw.normal(size=(7, len(PAIRS_OF_8.places[0])))
    of_a = np.arange(7) < 3
    networks[of_a, 5] += 9.0
    one = compared(
        OfDonors(networks, of_a),
        PAIRS_OF_8,
        names=GeneNames.plain(GENES),
        unit=DONORS,
        n=1000,
        signed=True,
        sized=True,
        directed=False,
    )
    sums = np.array(
        [networks[list(own)].mean(0) - np.delete(networks, own, 0).mean(0) for own in combinations(range(7), 3)]
    )
    expected = (np.abs(sums) >= np.abs(sums[0]) * (1 - 1e-6)).mean(axis=0)
    source, target = PAIRS_OF_8.ends
    table = by_edge(one)
    for place in (0, 5, 100):
        assert table.loc[(GENES[source[place]], GENES[target[place]]), "p"] == pytest.approx(expected[place])
    assert one.table.loc[0, "p"] == one.facts["smallest_p"] == 1 / 35
    np.testing.assert_allclose(one.table["q"], stats.false_discovery_control(one.table["p"]))


def test_what_was_done_before_a_stop_is_not_done_again(tmp_path):
    values, of_a = cells()
    scorer = InCells(values, of_a, pairs=PAIRS_OF_8)
    labellings, tested = Labellings.of(scorer.true, unit=CELLS, n=45), np.arange(30)
    steps = []

    def stop(_stage, done, _total):
        steps.append(done)
        if done == 20:
            message = "stopped"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        null_of(scorer, labellings, tested, folder=tmp_path, progress=stop)
    (tmp_path / "labellings-000010.npy").write_bytes(b"broken")
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = null_of(scorer, labellings, tested, folder=tmp_path)
    assert (tmp_path / "labellings-000000.npy").stat().st_mtime_ns == times["labellings-000000.npy"]
    whole = null_of(scorer, labellings, tested)
    np.testing.assert_array_equal(np.concatenate(list(again())), np.concatenate(list(whole())))


def test_parts_are_read_from_the_disk_one_at_a_time(tmp_path):
    values, of_a = cells()
    labellings = Labellings.of(of_a, unit=CELLS, n=25)
    blocks = null_of(InCells(values, of_a, pairs=PAIRS_OF_8), labellings, np.arange(30), folder=tmp_path)
    before, files = [np.array(one) for one in blocks()], sorted(tmp_path.iterdir())
    keep_array(files[1], before[1] + 1)  # as it would be read, were it what is on disk
    files[2].write_bytes(b"broken")
    after = list(blocks())
    for expected, own in zip([before[0], before[1] + 1, before[2]], after, strict=True):
        np.testing.assert_array_equal(own, expected)
    assert not any(isinstance(one, np.memmap) for one in after)  # a thousand would be too many open files


def test_more_than_a_disk_should_hold_is_refused():
    assert null_bytes(1000, 20_000) == 80_000_000
    with pytest.raises(RequestError, match="100,000 permutations of 20,000 edges") as refused:
        null_bytes(100_000, 20_000)
    assert "26,843 permutations" in refused.value.needed


def test_a_model_is_asked_in_the_mean_of_each_group_and_few_labellings_prove_nothing():
    values, of_a = cells()
    row, target = PAIRS_OF_8.places
    asked = []

    def ask(mean):
        asked.append(mean)
        return mean[row] * mean[target]

    one = compared(
        InMeanCell(values, of_a, ask=ask),
        PAIRS_OF_8,
        names=GeneNames.plain(GENES),
        unit=CELLS,
        n=5,
        signed=False,
        sized=False,
        directed=True,
    )
    np.testing.assert_allclose(asked[1], values[of_a].mean(axis=0))
    np.testing.assert_allclose(asked[2], values[~of_a].mean(axis=0))
    assert len(asked) == 3 + 2 * 5
    assert one.table["q"].min() == one.facts["smallest_p"] == 1 / 6
    assert one.a["score"].is_monotonic_decreasing


def test_labels_that_cannot_be_permuted_are_refused():
    with pytest.raises(RequestError, match="1 samples of A and 1 of B"):
        Labellings.of(np.array([True, False]), unit=DONORS, n=10)
    with pytest.raises(RequestError, match="0 permutations"):
        Labellings.of(np.arange(9) < 3, unit=CELLS, n=0)
    many = Labellings.of(np.arange(4000) < 2000, unit=CELLS, n=3)
    assert (many.exhaustive, many.n) == (False, 3)
    assert replace(many, seed=1).distinct == many.distinct


def test_a_pair_that_a_group_does_not_show_is_not_tested():
    values, of_a = cells()
    seen = np.ones(values.shape[1], dtype=bool)
    seen[10] = False
    one = found(values, of_a, seen=seen)
    assert not {"G10"} & {*one.table["source"], *one.table["target"]}
    assert one.facts["unseen"] > 0
    with pytest.raises(DataError, match="both seen in enough cells"):
        found(values, of_a, seen=np.zeros(values.shape[1], dtype=bool))


def test_a_pair_without_direction_is_tested_once_and_named_by_where_it_is_stronger():
    one = found(*cells())
    ends = [frozenset(pair) for pair in zip(one.table["source"], one.table["target"], strict=True)]
    assert len(ends) == len(set(ends))
    size_a, size_b = one.table["score_a"].abs(), one.table["score_b"].abs()
    assert ((one.table["stronger"] == "A") == (size_a > size_b)).all()


@pytest.mark.parametrize("method", ["pearson", "partial", CONTEXT])
def test_the_networks_of_tested_pairs_are_those_of_all_pairs_without_the_others(method):
    values, of_a = cells(n=60)
    one = found(values, of_a, method=method, most=60, n=10)
    asked = pd.MultiIndex.from_frame(one.table[["source", "target"]])
    for whole, tested in zip((one.a, one.b), networks_of_tested(one.table, one.facts), strict=True):
        assert len(tested) == 60
        columns = ["source", "target", "score", "sign", "source_symbol", "target_symbol"]
        wanted = whole[pd.MultiIndex.from_frame(whole[["source", "target"]]).isin(asked)]
        pd.testing.assert_frame_equal(tested[columns], wanted[columns].reset_index(drop=True))
