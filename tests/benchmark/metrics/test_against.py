from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

import grn_core as grn
from grn_core.benchmark.metrics import against
from grn_core.benchmark.metrics.against import POINTS, against_reference, labelled_pairs
from grn_core.benchmark.references.curated import truth_of
from grn_core.benchmark.references.named import named_reference
from grn_core.errors import Cancelled, DataError, RequestError
from grn_core.genes import human_symbols
from grn_core.networks.matched import match_networks
from grn_core.runs import AgainstRequest
from grn_core.translator.pairs import Pairs
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


def test_a_long_curve_is_thinned_to_even_steps_and_keeps_both_ends():
    """2,000 pairs of one TF, all scores different: at most a hundred even steps of each rate, and the two ends."""
    rng = np.random.default_rng(0)
    score = rng.permutation(2000).astype(float)
    edge = np.isin(np.arange(2000), rng.choice(2000, 300, replace=False))
    pairs = Pairs(np.zeros(2000, dtype=int), np.arange(2000), edge.astype(np.float32), "natural")
    curves = against._curve(pairs, score)
    order = np.argsort(-score)
    label = edge[order]
    recall, wrong = np.cumsum(label) / 300, np.cumsum(~label) / 1700
    assert 100 < len(curves) <= POINTS + 2
    assert curves.index.tolist() == list(range(len(curves)))
    first, last = curves.iloc[0], curves.iloc[-1]
    assert (first["recall"], first["false_positive_rate"]) == (recall[0], wrong[0])
    assert (last["recall"], last["false_positive_rate"]) == (1.0, 1.0)
    assert last["precision"] == pytest.approx(300 / 2000)
    for name, step in (("recall", 1 / 300), ("false_positive_rate", 1 / 1700)):
        assert np.diff(curves[name]).max() <= 1 / (POINTS // 2 - 1) + step
        for even in np.linspace(0, 1, POINTS // 2):
            place = np.searchsorted({"recall": recall, "false_positive_rate": wrong}[name], even)
            assert curves["recall"].sub(recall[place]).abs().min() < 1e-12


def test_tables_of_all_networks_are_numbered_through(matched):
    found = against_reference(matched, REFERENCE)
    for table in (found.table, found.curves, found.per_tf):
        assert table.index.tolist() == list(range(len(table)))
    assert list(found.per_tf.columns) == ["network", "source", "n_positives", "prevalence", "auprc"]
    assert list(found.curves.columns) == ["network", "recall", "precision", "false_positive_rate"]


def test_where_every_pair_is_an_edge_there_is_nothing_to_measure(matched):
    everything = pd.DataFrame({"source": matched.source, "target": matched.target})
    with pytest.raises(DataError, match=r"edges of the reference are among the .* common pairs"):
        labelled_pairs(matched, everything)


def test_labels_are_those_of_the_reference_and_positions_name_genes(matched):
    pairs, rows = labelled_pairs(matched, REFERENCE)
    known = set(REFERENCE.itertuples(index=False, name=None))
    ends = list(zip(matched.source[rows], matched.target[rows], strict=True))
    assert pairs.label.tolist() == [float(pair in known) for pair in ends]
    assert (pairs.label.dtype, pairs.universe) == (np.float32, "natural")
    genes = np.unique(np.concatenate([matched.source[rows], matched.target[rows]]))
    assert genes[pairs.source].tolist() == matched.source[rows].tolist()
    assert genes[pairs.target].tolist() == matched.target[rows].tolist()


@pytest.mark.parametrize("name", ["mCAD", "GSD"])
def test_a_boolean_model_as_a_reference_is_in_human_symbols_once_each(name):
    reference = named_reference(name)
    assert (reference.name, reference.dataset, reference.network) == (f"{name}, curated truth", name, "truth")
    assert reference.genes == tuple(sorted(set(reference.genes)))
    assert set(reference.genes) <= human_symbols()
    assert list(reference.edges.columns) == ["source", "target"]
    assert not reference.edges.duplicated().any()
    assert set(reference.edges.to_numpy().ravel()) <= set(reference.genes)
    truth = truth_of(name)
    same = set(truth.edges[["source", "target"]].itertuples(index=False, name=None))
    assert set(reference.edges.itertuples(index=False, name=None)) == same


def test_intervals_stand_in_table_bands_and_words(matched):
    """Five TFs with an edge each: every network has an interval that holds its own measure, and so have the leads."""
    edges = pd.DataFrame([(f"G0{n}", f"G{n + 9:02d}") for n in range(5)], columns=["source", "target"])
    found = against_reference(matched, edges, n_draws=200)
    for name in ("auprc", "auroc"):
        low, own, high = (found.table[f"{name}{end}"] for end in ("_low", "", "_high"))
        assert ((low <= own) & (own <= high)).all()
    assert set(found.bands["network"]) == {"a", "b"}
    assert (found.bands["recall_low"] <= found.bands["recall_high"]).all()
    (lead,) = found.leads.to_dict("records")
    assert lead["lead"] == pytest.approx(found.table["auprc"].max() - found.table["auprc"].min())
    assert lead["low"] <= lead["lead"] <= lead["high"]
    universe, best, how = found.words
    assert "5 TFs" in universe
    assert "5 pairs are edges" in universe
    assert " to " in best
    assert "200 draws of whole TFs" in how
    again = against_reference(matched, edges, n_draws=200)
    pd.testing.assert_frame_equal(found.table, again.table)
    assert not found.table.equals(against_reference(matched, edges, n_draws=200, seed=1).table)


def test_few_tfs_have_no_interval_and_the_words_say_so(matched):
    found = against_reference(matched, REFERENCE)
    assert found.table[["auprc_low", "auroc_high"]].isna().all(axis=None)
    assert found.bands.empty
    assert found.leads["low"].isna().all()
    assert found.words[-1] == "No interval: 2 TFs are too few to draw from (5 are needed)."


@pytest.mark.parametrize("wrong", [{"n_draws": -1}, {"n_draws": 1}, {"n_draws": 10_001}, {"seed": -1}])
def test_python_refuses_the_draws_that_a_run_refuses(wrong):
    with pytest.raises(RequestError, match="draws and the seed"):
        grn.against({"a": drawn(1), "b": drawn(2)}, REFERENCE, **wrong)
    with pytest.raises(RequestError, match="draws and the seed"):
        AgainstRequest(runs=("a" * 16, "b" * 16), **wrong)


@pytest.mark.parametrize("columns", [{"source": "tf"}, {"target": "gene"}, {"source": "tf", "target": "gene"}])
def test_a_table_without_both_columns_is_no_reference(columns):
    with pytest.raises(DataError, match=r"the reference has no .*only .*needed: the columns source and target"):
        grn.against({"a": drawn(1), "b": drawn(2)}, REFERENCE.rename(columns=columns))


def test_without_draws_the_measures_stay_and_the_words_say_why_there_is_no_interval(matched):
    edges = pd.DataFrame([(f"G0{n}", f"G{n + 9:02d}") for n in range(5)], columns=["source", "target"])
    found, whole = (against_reference(matched, edges, n_draws=n) for n in (0, 50))
    measures = ["network", "auprc", "auprc_ratio", "auroc", "epr"]
    pd.testing.assert_frame_equal(found.table[measures], whole.table[measures])
    pd.testing.assert_frame_equal(found.curves, whole.curves)
    assert found.bands.empty
    assert found.words[-1] == "No interval: no draws were asked for."


def test_what_is_done_of_the_draws_is_kept_and_gives_the_same(matched, tmp_path):
    many = pd.DataFrame([(f"G{n:02d}", f"G{n + 7:02d}") for n in range(7)], columns=["source", "target"])
    whole, seen = against_reference(matched, many, n_draws=40, seed=3), []

    def cancel(stage: str, done: int, total: int) -> None:
        seen.append((stage, done, total))
        if done > 40:
            message = "enough"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        against_reference(matched, many, n_draws=40, seed=3, folder=tmp_path, progress=cancel)
    assert {total for _, _, total in seen} == {80}
    assert [path.name for path in tmp_path.iterdir()] == ["draws-0.npy"]
    seen.clear()
    again = against_reference(
        matched, many, n_draws=40, seed=3, folder=tmp_path, progress=lambda *told: seen.append(told)
    )
    assert min(done for _, done, _ in seen) == 40, "the first network is not drawn again"
    for name in ("table", "curves", "per_tf", "bands", "leads"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(whole, name))


def test_other_names_of_networks_change_nothing_else(matched):
    found = against_reference(matched, REFERENCE)
    swapped = found.renamed({"b": "B: other", "a": "A: one"})
    assert swapped.table["network"].tolist() == ["B: other", "A: one"]
    names = {"B: other": "b", "A: one": "a"}
    for name in ("table", "curves", "per_tf"):
        back = getattr(swapped, name).assign(network=lambda table: table["network"].map(names))
        own = getattr(found, name)
        for network in "ab":
            pd.testing.assert_frame_equal(
                back[back["network"] == network].reset_index(drop=True),
                own[own["network"] == network].reset_index(drop=True),
            )
    assert set(swapped.leads["a"]) | set(swapped.leads["b"]) == {"A: one", "B: other"}
