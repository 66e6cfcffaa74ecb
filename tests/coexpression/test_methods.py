"""Each method alone: values worked out by hand, and an independent computation in plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.covariance import LedoitWolf
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor, RandomForestRegressor
from sklearn.metrics import mutual_info_score
from sklearn.preprocessing import StandardScaler

from grn_core.coexpression import METHODS, genie3, grnboost2, mutual_information, partial
from tests.coexpression.toy import GENES, planted

SOURCES = np.array([2, 0, 4])


def score(name, expression, sources, **options):
    return METHODS[name].function(np.asarray(expression, dtype=float), np.asarray(sources), **options)


@pytest.fixture(scope="module")
def cells():
    """Correlated genes with many zeros, as cells have."""
    draw = np.random.default_rng(3)
    values = draw.normal(size=(60, 6)) @ draw.normal(size=(6, 6)) / 2
    return np.where(values > 0, values, 0.0)


def pair_by_pair(expression, compute):
    return np.array(
        [[compute(expression[:, s], expression[:, t]) for t in range(expression.shape[1])] for s in SOURCES]
    )


def test_correlations_worked_out_by_hand():
    # x = 1..5, y = 2x, z = x with its two ends exchanged: sum of products of deviations is -6 where variances are 10.
    expression = np.array([[1, 2, 5], [2, 4, 2], [3, 6, 3], [4, 8, 4], [5, 10, 1]])
    np.testing.assert_allclose(score("pearson", expression, [0]), [[1.0, 1.0, -0.6]])
    # Ranks are the same numbers, also when y is bent; the tie of the second table halves ranks 1 and 2 to 1.5 each.
    np.testing.assert_allclose(score("spearman", np.exp(expression), [0]), [[1.0, 1.0, -0.6]])
    tied = np.array([[1, 0], [2, 0], [3, 7]])
    np.testing.assert_allclose(score("spearman", tied, [0]), [[1.0, 1.5 / math.sqrt(2 * 1.5)]])


def test_correlations_are_those_of_scipy(cells):
    wanted = pair_by_pair(cells, lambda x, y: stats.pearsonr(x, y).statistic)
    np.testing.assert_allclose(score("pearson", cells, SOURCES), wanted, atol=1e-12)
    wanted = pair_by_pair(cells, lambda x, y: stats.spearmanr(x, y).statistic)
    np.testing.assert_allclose(score("spearman", cells, SOURCES), wanted, atol=1e-12)


def test_partial_correlation_of_three_genes_is_the_schoolbook_formula():
    expression = planted()[:, [0, 7, 3]]
    shrinkage = LedoitWolf().fit(StandardScaler().fit_transform(expression)).shrinkage_
    r = (1 - shrinkage) * np.corrcoef(expression, rowvar=False)
    wanted = (r[0, 1] - r[0, 2] * r[1, 2]) / math.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2))
    assert score("partial", expression, [0])[0, 1] == pytest.approx(wanted, abs=1e-12)


def test_partial_correlation_is_that_of_scikit_learns_precision(cells):
    precision = LedoitWolf().fit(StandardScaler().fit_transform(cells)).precision_
    found = score("partial", cells, SOURCES)
    for row, source in enumerate(SOURCES):
        for target in set(range(6)) - {source}:
            wanted = -precision[source, target] / math.sqrt(precision[source, source] * precision[target, target])
            assert found[row, target] == pytest.approx(wanted, abs=1e-10)


def test_partial_correlation_sees_through_a_chain():
    draw = np.random.default_rng(0)
    first = draw.normal(size=400)
    middle = first + 0.5 * draw.normal(size=400)
    last = middle + 0.5 * draw.normal(size=400)
    chain = np.column_stack([first, middle, last])
    assert score("pearson", chain, [0])[0, 2] > 0.7
    assert abs(score("partial", chain, [0])[0, 2]) < 0.15 < score("partial", chain, [0])[0, 1]


def test_partial_correlation_of_copies_is_finite():
    # Two genes that are plus or minus one together: Ledoit and Wolf shrink nothing, and the bare matrix is singular.
    copies = np.tile([[1.0, 1.0], [-1.0, -1.0]], (6, 1))
    assert partial.LEAST_SHRINKAGE > 0
    assert score("partial", copies, [0])[0, 1] == pytest.approx(1.0, abs=1e-5)


def test_mutual_information_worked_out_by_hand():
    # Twelve cells, two bins: a copy tells all of one bit, an independent gene nothing.
    low_high = np.repeat([0.0, 1.0], 6)
    independent = np.tile([0.0, 1.0], 6)
    found = score("mutual-information", np.column_stack([low_high, -low_high, independent]), [0])
    np.testing.assert_allclose(found, [[math.log(2), math.log(2), 0.0]], atol=1e-12)


def test_bins_keep_ties_together_and_hold_equally_many():
    column = np.array([0, 0, 0, 0, 0, 3, 1, 2])[:, None]
    assert mutual_information.rank_bins(column, n_bins=4)[:, 0].tolist() == [0, 0, 0, 0, 0, 3, 2, 3]
    bins = mutual_information.rank_bins(np.random.default_rng(0).random((40, 1)), n_bins=4)
    assert np.bincount(bins[:, 0]).tolist() == [10, 10, 10, 10]


def test_mutual_information_is_that_of_scikit_learn(cells):
    n_bins = 4  # the cube root of 60 cells is 3.9

    def binned(column):
        return [math.floor(n_bins * sum(other < value for other in column) / len(column)) for value in column]

    wanted = pair_by_pair(cells, lambda x, y: mutual_info_score(binned(x), binned(y)))
    np.testing.assert_allclose(score("mutual-information", cells, SOURCES), wanted, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "forest"), [("genie3", RandomForestRegressor), ("genie3-extra-trees", ExtraTreesRegressor)]
)
def test_genie3_adds_up_the_variance_that_each_split_removes(cells, name, forest):
    names = [f"G{i}" for i in range(6)]
    found = score(name, cells, SOURCES, names=names, seed=5, trees=3)
    for target in range(6):
        others = [int(source) for source in SOURCES if source != target]
        response = (cells[:, target] - cells[:, target].mean()) / cells[:, target].std()
        model = forest(n_estimators=3, max_features="sqrt", random_state=genie3.gene_seed(5, names[target]))
        model.fit(cells[:, others].astype(np.float32), response)
        wanted = dict.fromkeys(others, 0.0)
        for tree in (estimator.tree_ for estimator in model.estimators_):
            weight = tree.weighted_n_node_samples / tree.weighted_n_node_samples[0]
            for node in np.flatnonzero(tree.children_left >= 0):
                left, right = tree.children_left[node], tree.children_right[node]
                removed = sum(s * weight[n] * tree.impurity[n] for s, n in ((1, node), (-1, left), (-1, right)))
                wanted[others[tree.feature[node]]] += removed / 3
        for row, source in enumerate(SOURCES):
            assert found[row, target] == pytest.approx(wanted.get(int(source), 0.0), abs=1e-9)


def test_genie3_gives_an_only_tf_all_the_variance():
    expression = np.random.default_rng(0).random((30, 3))
    found = score("genie3-extra-trees", expression, [1], names=["A", "B", "C"], seed=0, trees=2)
    np.testing.assert_allclose(found, [[1.0, 0.0, 1.0]])  # trees that are grown to the end leave no variance


def arboreto(expression, sources, seed):
    """GRNBoost2 as arboreto wrote it, on scikit-learn: stop when the mean of 25 out-of-bag gains falls below 0."""
    result = np.zeros((len(sources), expression.shape[1]))

    def stop(index, model, _):
        return index >= 24 and np.mean(model.oob_improvement_[index - 24 : index + 1]) < 0

    for target in range(expression.shape[1]):
        rows = [row for row, source in enumerate(sources) if source != target]
        model = GradientBoostingRegressor(
            learning_rate=0.01, n_estimators=500, max_features=0.1, subsample=0.9, max_depth=3, random_state=seed
        )
        model.fit(expression[:, np.asarray(sources)[rows]], expression[:, target], monitor=stop)
        result[rows, target] = model.feature_importances_ * len(model.estimators_)
    return result


def test_grnboost2_agrees_with_scikit_learns_boosting():
    expression = planted()[:, [name != "FLAT" for name in GENES]]
    names = [name for name in GENES if name != "FLAT"]
    sources = np.array([names.index(name) for name in ("TFA", "TFB", "TFC", "TFD")])
    found = score("grnboost2", expression, sources, names=names, seed=1)
    wanted = arboreto(expression, sources, 1)
    for target in ("TGTA", "TGTB", "TGTC"):
        column = names.index(target)
        assert found[:, column].argmax() == wanted[:, column].argmax()
        assert found[:, column].max() > 0.5 * found[:, column].sum()
    noise = names.index("NOISE1")
    assert found[:, noise].sum() == pytest.approx(wanted[:, noise].sum(), abs=40)  # both stop within some tens of trees


def test_grnboost2_counts_the_trees_of_an_only_tf():
    expression = np.random.default_rng(0).random((80, 3))
    found = score("grnboost2", expression, [1], names=["A", "B", "C"], seed=0)
    assert found[0, 1] == 0
    np.testing.assert_allclose(found, np.rint(found), atol=1e-3)
    assert found[0, [0, 2]].min() >= 25  # the window of the early stop


def test_the_length_of_the_blocks_changes_nothing_in_grnboost2(monkeypatch):
    expression = np.random.default_rng(1).random((60, 9))
    names = [f"G{i}" for i in range(9)]
    whole = score("grnboost2", expression, [1, 4], names=names, seed=0)
    monkeypatch.setattr(grnboost2, "TARGETS_AT_ONCE", 1)  # blocks of twice as many as there are sources: 4 and 3
    steps = []
    parts = score(
        "grnboost2",
        expression,
        [1, 4],
        names=names,
        seed=0,
        progress=lambda _, done, total: steps.append((done, total)),
    )
    np.testing.assert_array_equal(parts, whole)
    assert steps == [(0, 9), (6, 9), (9, 9)]


@pytest.mark.parametrize("targets", [[0, 2, 3], [1, 4], [4, 5, 8], [7]])
def test_what_a_target_gets_in_grnboost2_depends_on_no_other(targets):
    expression = np.random.default_rng(1).random((60, 9))
    options = {"names": [f"G{i}" for i in range(9)], "seed": 0}
    whole = score("grnboost2", expression, [1, 4], **options)
    np.testing.assert_array_equal(score("grnboost2", expression, [1, 4], targets=targets, **options), whole[:, targets])
