from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from grn_core.benchmark.metrics.against import against_reference, labelled_pairs, named_reference
from grn_core.errors import DataError
from grn_core.networks.compare import match_networks
from tests.networks.test_compare import drawn

REFERENCE = pd.DataFrame(
    [("G00", "G03"), ("G00", "G09"), ("G01", "G02"), ("G01", "G02"), ("G03", "elsewhere")], columns=["source", "target"]
)


@pytest.fixture
def matched():
    return match_networks({"a": drawn(1), "b": drawn(2)})


def test_the_universe_is_every_common_pair_of_the_tfs_that_the_reference_knows(matched):
    pairs, rows = labelled_pairs(matched, REFERENCE)
    assert set(matched.source[rows]) == {"G00", "G01"}
    assert len(pairs) == 2 * 19
    assert pairs.label.sum() == 3


def test_scores_are_those_of_scikit_learn(matched):
    pairs, rows = labelled_pairs(matched, REFERENCE)
    table = against_reference(matched, REFERENCE).table.set_index("network")
    for place, network in enumerate(matched.names):
        score = matched.score[rows, place]
        assert table.loc[network, "auprc"] == pytest.approx(average_precision_score(pairs.label, score))
        assert table.loc[network, "auroc"] == pytest.approx(roc_auc_score(pairs.label, score))
    assert (table["n_positives"] == 3).all()
    assert table["prevalence"].iloc[0] == pytest.approx(3 / 38)


def test_curves_pass_through_the_points_of_scikit_learn(matched):
    pairs, rows = labelled_pairs(matched, REFERENCE)
    curves = against_reference(matched, REFERENCE).curves
    for place, network in enumerate(matched.names):
        own = curves[curves["network"] == network]
        precision, recall, _ = precision_recall_curve(pairs.label, matched.score[rows, place])
        wrong, right, _ = roc_curve(pairs.label, matched.score[rows, place], drop_intermediate=False)
        known = set(zip(recall.round(9), precision.round(9), strict=True))
        assert set(zip(own["recall"].round(9), own["precision"].round(9), strict=True)) <= known
        known = set(zip(wrong.round(9), right.round(9), strict=True))
        assert set(zip(own["false_positive_rate"].round(9), own["recall"].round(9), strict=True)) <= known
        assert own["recall"].iloc[-1] == own["false_positive_rate"].iloc[-1] == 1
        assert (np.diff(own["recall"]) >= 0).all()


def test_per_tf_names_the_tf(matched):
    own = against_reference(matched, REFERENCE).per_tf.set_index(["network", "source"])
    score = matched.score[matched.source == "G01", 1]
    label = matched.target[matched.source == "G01"] == "G02"
    assert own.loc[("b", "G01"), "auprc"] == pytest.approx(average_precision_score(label, score))
    assert own.loc[("b", "G01"), "n_positives"] == 1


def test_a_reference_of_other_genes_is_refused(matched):
    with pytest.raises(DataError, match="0 edges of the reference"):
        against_reference(matched, REFERENCE.assign(source="nobody"))


@pytest.mark.parametrize("name", ["omnipath", "mCAD", "GSD"])
def test_references_that_ship(name):
    reference = named_reference(name)
    assert len(reference.edges) > 5
    assert set(reference.edges["source"]) <= set(reference.genes)


def test_an_unknown_reference_is_refused():
    with pytest.raises(DataError, match="no reference"):
        named_reference("nonsense")
