"""TF activity: decoupler by itself, laws of groups and differences, and the run. One file: decoupler loads slowly."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from scipy.spatial.distance import jensenshannon

import grn_core as grn
from grn_core import plots
from grn_core.cli import main
from grn_core.datasets import load
from grn_core.datasets.values import by_symbol
from grn_core.errors import Cancelled, DataError, GeneError, RequestError, RunError
from grn_core.files import write_json
from grn_core.networks.activity import (
    METHODS,
    Scoring,
    beside_all_cells,
    by_group,
    differences,
    shifted_tfs,
    specific_tfs,
)
from grn_core.networks.activity.kept import KeptActivity, overview_of, streamed
from grn_core.networks.activity.writing import table_of, write_h5ad
from grn_core.networks.regulons import omnipath_edges, regulons
from grn_core.progress import silent
from grn_core.runs import ActivityRequest, RunStatus
from grn_core.runs.jobs import job_kind
from tests.pages.fabricated_run import fabricate_run

CELL_TYPES = "bulk_labels"
MONOCYTES, B_CELLS = (CELL_TYPES, ("CD14+ Monocyte",)), (CELL_TYPES, ("CD19+ B",))


@pytest.fixture
def cells():
    return load("pbmc68k")


@pytest.fixture
def uncompiled(monkeypatch):
    """decoupler's own loops as plain Python: numba would compile them for a minute where they have not run before."""
    import decoupler
    from decoupler.mt import _aucell, _mlm, _run

    def fit(adj, values, inverse, df):
        coef, sse, _, _ = np.linalg.lstsq(adj, values)
        spread = np.sqrt(np.outer(sse / df, np.diag(inverse)))
        return coef.T[:, 1:], (coef.T / spread)[:, 1:]

    def area(row, cnct, starts, offsets, n_up, nsrc):
        found = np.zeros(nsrc)
        for place in range(nsrc):
            own = cnct[starts[place] : starts[place] + offsets[place]]
            best = np.arange(1, min(len(own), n_up - 1) + 1)
            ranks = np.sort(row[own][row[own] <= n_up])
            whole = np.sum(np.diff(np.append(best, n_up)) * best)
            found[place] = np.sum(np.diff(np.append(ranks, n_up)) * np.arange(1, len(ranks) + 1)) / whole
        return found

    monkeypatch.setattr(_mlm, "_fit", fit)
    monkeypatch.setattr(_aucell, "_auc", area)
    monkeypatch.setattr(_run, "_fdr_bh_axis1_numba", lambda values: values)
    return decoupler


def toy_edges(cells, *, n_tfs=6, n_targets=30, seed=0) -> pd.DataFrame:
    """A network of genes of the cells; every third edge is repression, and scores are all different."""
    draw = np.random.default_rng(seed)
    genes = sorted(set(filter(None, cells.match.symbols)))
    rows = [
        (f"TF{tf}", gene, float(draw.random()), -1 if place % 3 == 0 else 1)
        for tf in range(n_tfs)
        for place, gene in enumerate(draw.choice(genes, n_targets, replace=False))
    ]
    return pd.DataFrame(rows, columns=["source", "target", "score", "sign"])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("network", ["ours", "omnipath"])
def test_it_is_what_decoupler_finds_by_itself(cells, uncompiled, method, network):
    edges = toy_edges(cells) if network == "ours" else omnipath_edges()
    genes, values = by_symbol(cells.matrix, cells.match.symbols, kind=cells.value_kind)
    some = np.arange(cells.n_cells) < 60
    table = pd.DataFrame(values[some].toarray(), index=cells.obs.index[some], columns=genes)
    net = regulons(edges, n_targets=20).rename(columns={"target_symbol": "target"})[["source", "target", "weight"]]
    theirs = getattr(uncompiled.mt, method)(table, net)[0]
    ours = grn.activity(cells, edges, method=method, n_targets=20, cells=some)
    pd.testing.assert_frame_equal(ours, theirs[ours.columns], rtol=1e-6, atol=1e-6, check_names=False)
    assert len(theirs.columns) == len(ours.columns)


def test_the_tfs_of_the_bundled_network_are_called_as_the_species_of_the_cells_calls_them(cells, tmp_path):
    mouse = anndata.AnnData(np.random.default_rng(0).poisson(3.0, (20, 6)).astype(np.float32))
    mouse.var_names = ["Cdk1", "Ccnb1", "Mybl2", "Fbxo5", "E2f1", "E2f2"]
    mouse.write_h5ad(tmp_path / "mouse.h5ad")
    found = grn.activity(grn.read(tmp_path / "mouse.h5ad", species="mouse"), min_targets=3)
    assert {"E2f4", "E2f3"} & set(found.columns)
    assert not {"E2F4", "E2F3"} & set(found.columns)
    same, named = omnipath_edges(), omnipath_edges("mouse")
    assert named["source_symbol"].equals(same["source"])
    assert (named["source"] != same["source"]).mean() > 0.9
    one = dict(zip(named["source"], same["source"], strict=True))
    assert len(one) == same["source"].nunique()


def test_neither_chunks_nor_a_stop_change_the_scores(cells, tmp_path):
    scoring = Scoring.of(regulons(toy_edges(cells)), cells)
    whole = np.concatenate(list(scoring.chunks()))
    assert whole.shape == (700, 6)
    small = replace(scoring, method=replace(scoring.method, at_once=97 * len(scoring.genes)))
    np.testing.assert_allclose(np.concatenate(list(small.chunks())), whole, rtol=1e-9)
    done = []

    def stop(stage, n, total):
        done.append(n)
        if n > 300:
            message = "stopped"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        streamed(small, tmp_path / "parts", progress=stop)
    done.clear()
    scores = streamed(small, tmp_path / "parts", progress=lambda stage, n, total: done.append(n))
    assert done == [388, 485, 582, 679, 700]
    np.testing.assert_allclose(scores.T, whole, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("method", ["ulm", "aucell"])
def test_the_order_of_cells_and_genes_changes_no_score(cells, uncompiled, method):
    edges, draw = toy_edges(cells), np.random.default_rng(1)
    few = replace(cells, matrix=cells.matrix[:80], obs=cells.obs.iloc[:80])
    turned, genes = draw.permutation(80), draw.permutation(cells.n_genes)
    names, symbols, own = (
        tuple(one[place] for place in genes) for one in (few.match.names, few.match.symbols, few.match.own_symbols)
    )
    other = replace(
        few,
        matrix=few.matrix[turned][:, genes],
        obs=few.obs.iloc[turned],
        genes=tuple(few.genes[place] for place in genes),
        match=replace(few.match, names=names, symbols=symbols, own_symbols=own),
    )
    found = grn.activity(other, edges.sample(frac=1, random_state=1), method=method)
    pd.testing.assert_frame_equal(found.loc[few.obs.index], grn.activity(few, edges, method=method))


def test_a_cell_without_any_gene_has_no_activity(cells):
    matrix = cells.matrix.copy()
    matrix.data[matrix.indptr[3] : matrix.indptr[4]] = 0
    matrix.eliminate_zeros()
    found = grn.activity(replace(cells, matrix=matrix), toy_edges(cells))
    assert found.isna().all(axis=1).to_numpy().nonzero()[0].tolist() == [3]


def test_the_best_targets_of_each_tf_are_its_regulon():
    edges = pd.DataFrame(
        {
            "source": ["A", "A", "A", "B"],
            "target": ["CD14", "FCN1", "LYZ", "CD14"],
            "score": [3, 1, 2, 1],
            "sign": [0, 1, -1, -1],
        }
    )
    best = regulons(edges, n_targets=2)
    assert [tuple(row) for row in best[["source", "target_symbol", "weight"]].to_numpy()] == [
        ("A", "CD14", 1.0),
        ("A", "LYZ", -1.0),
        ("B", "CD14", -1.0),
    ]
    assert len(regulons(edges, n_targets=0)) == 4
    assert len(regulons(edges.assign(score=1.0), n_targets=1)) == 4  # none is the best
    with pytest.raises(DataError, match="no column target"):
        regulons(edges.drop(columns="target"))


def test_what_cannot_be_scored_is_refused_in_words(cells):
    with pytest.raises(GeneError, match="no TF of the network has 5 targets"):
        grn.activity(cells, pd.DataFrame({"source": ["A"], "target": ["SPI1"]}))
    same = toy_edges(cells, n_tfs=1)
    with pytest.raises(DataError, match="cannot be told apart"):
        grn.activity(cells, pd.concat([same, same.assign(source="TWIN")]), method="mlm")
    with pytest.raises(RequestError, match="one of ulm, aucell, mlm"):
        grn.activity(cells, same, method="viper")
    with pytest.raises(DataError, match="no bundled network"):
        grn.activity(cells, "dorothea")


def test_specificity_is_that_of_scenic():
    draw = np.random.default_rng(0)
    groups = pd.Series(draw.choice(["a", "b", "c"], 200))
    scores = draw.normal(size=(4, 200))
    scores[1] = (groups == "b") * 2.0
    scores[2] = -1.0
    table = by_group(["T0", "T1", "T2", "T3"], scores, groups).set_index(["tf", "group"])
    for tf in ("T0", "T1", "T3"):
        own = np.maximum(scores[int(tf[1])], 0)
        for group in "abc":
            inside = (groups == group).to_numpy(dtype=float)
            known = 1 - jensenshannon(own / own.sum(), inside / inside.sum(), base=2)
            assert table.loc[(tf, group), "rss"] == pytest.approx(known, abs=1e-7)
            assert table.loc[(tf, group), "mean"] == pytest.approx(scores[int(tf[1])][inside > 0].mean())
    assert table.loc[("T1", "b"), "rss"] == pytest.approx(1.0)
    assert table.loc["T2", "rss"].isna().all()
    assert "T1" in specific_tfs(table.reset_index(), per_group=1, most=3)


@pytest.mark.parametrize("n_groups", [2, 3, 5])
def test_a_picture_of_groups_tells_what_differs_from_what_hardly_does(n_groups):
    """Of two groups a deviation over the groups is one above and one below, whatever the difference."""
    draw = np.random.default_rng(0)
    codes = np.arange(600) % n_groups
    scores = draw.normal(size=(30, 600)) * np.linspace(0.1, 9, 30)[:, None]
    tfs = [f"T{n}" for n in range(30)]
    scores[7] += 2 * scores[7].std() * (codes == 1)
    table = by_group(tfs, scores, pd.Series(codes.astype(str)))
    facts = {"tfs": tfs, "sizes": [9] * len(tfs)}
    table = beside_all_cells(table, overview_of(facts, scores))
    cells = plots.activity_heatmap(table, tfs).data[0]
    reach = dict(zip(cells.y, np.abs(cells.z).max(axis=1), strict=True))
    others = max(value for tf, value in reach.items() if tf != "T7")
    assert reach["T7"] > 3 * others
    assert "T7" in shifted_tfs(table, per_group=1, most=3)
    if n_groups == 2:
        assert shifted_tfs(table, per_group=1, most=3)[0] == "T7"


def test_differences_of_cells_are_those_of_scipy():
    draw = np.random.default_rng(0)
    scores = draw.normal(size=(20, 80))
    scores[3, :30] += 2
    scores[5, 7] = np.nan
    a, b = np.arange(80) < 30, np.arange(80) >= 50
    table = differences([f"T{n}" for n in range(20)], scores, a=a, b=b)
    assert table["tf"].iloc[0] == "T3"
    assert table.attrs["unit"] == "cells"
    assert table.attrs["n"] == [30, 30]
    for tf, row in table.set_index("tf").iterrows():
        own = scores[int(tf[1:])]
        one, two = own[a & np.isfinite(own)], own[b]
        assert row["p"] == pytest.approx(stats.mannwhitneyu(one, two, method="asymptotic").pvalue)
        assert row["difference"] == pytest.approx(one.mean() - two.mean())
        assert row["statistic"] == pytest.approx(np.mean(one[:, None] > two))
    np.testing.assert_allclose(table["p_adjusted"], stats.false_discovery_control(table["p"]))


def test_cells_of_one_donor_are_no_replicates():
    """A difference between donors, not between groups: many cells make it look sure, few donors do not."""
    draw = np.random.default_rng(0)
    donors = pd.Series(np.repeat(["d1", "d2", "d3", "d4"], 100))
    level = donors.map({"d1": 3.0, "d2": 0.0, "d3": 0.1, "d4": 0.0}).to_numpy()
    scores = (level + draw.normal(size=400))[None]
    a, b = np.arange(400) < 200, np.arange(400) >= 200
    assert differences(["T"], scores, a=a, b=b)["p"].iloc[0] < 1e-9
    table = differences(["T"], scores, a=a, b=b, donors=donors)
    assert (table.attrs["unit"], table.attrs["n"]) == ("donors", [2, 2])
    assert table["p"].iloc[0] > 0.2
    means = scores[0].reshape(4, 100).mean(axis=1)
    assert table["p"].iloc[0] == pytest.approx(stats.ttest_ind(means[:2], means[2:], equal_var=False).pvalue)
    one = differences(["T"], scores, a=a, b=b, donors=donors.where(a, "d5"))
    assert one.attrs["unit"] == "cells"


def asked(cells, **options) -> ActivityRequest:
    return ActivityRequest(title="Cells", dataset_ref=cells.ref, dataset_sha=cells.sha256, **options)


def computed(store, request):
    """The run of a request, computed in this process and entered as finished."""
    run_id = store.write_request(request)
    summary = job_kind("activity").run(request, store.path(run_id), silent)
    store.write_result(run_id, summary)
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    return run_id, summary


def test_a_run_describes_groups_and_takes_scores_that_are_there(store, cells, monkeypatch, tmp_path, capsys):
    first, summary = computed(store, asked(cells, group=CELL_TYPES))
    kept = store.activity(first)
    assert summary["tfs"] == len(kept.tfs) == 28
    assert kept.differences is None
    with monkeypatch.context() as read:  # a page reads what the run has written, not all scores
        read.setattr(KeptActivity, "scores", None)
        assert kept.overview().shape == (28, 4)
    assert set(kept.groups["group"]) == set(map(str, cells.obs[CELL_TYPES].unique()))
    np.testing.assert_allclose(kept.scores.T, grn.activity(cells), rtol=1e-5, atol=1e-6)
    with monkeypatch.context() as today:  # another OmniPath, or another decoupler: those scores are not asked for
        today.setattr(ActivityRequest, "hashes", lambda request: {"network": "another"})
        today.setattr(Scoring, "of", None)
        with pytest.raises(TypeError, match="not callable"):
            computed(store, asked(cells, a=MONOCYTES, b=B_CELLS))
    monkeypatch.setattr(Scoring, "of", None)  # the scores are those of the first run
    second, summary = computed(store, asked(cells, a=MONOCYTES, b=B_CELLS, donor="phase"))
    assert summary["differences"]["unit"] == "pairs"
    assert "in both groups" in summary["notes"][-1]
    few = replace(asked(cells, a=MONOCYTES, b=B_CELLS), cells=B_CELLS)
    with pytest.raises(DataError, match="0 cells among the chosen"):
        computed(store, few)
    assert store.activity(second).differences["tf"].nunique() == 28
    np.testing.assert_array_equal(store.activity(second).scores, kept.scores)
    assert main(["activity", "pbmc68k", f"--group={CELL_TYPES}", "-o", str(tmp_path / "a.h5ad")]) == 0
    assert capsys.readouterr().out.startswith("tf\tgroup\tcells\tmean\trss\n")
    assert anndata.read_h5ad(tmp_path / "a.h5ad").obsm["score_ulm"].shape == (700, 28)


def test_cells_without_an_activity_or_a_group_are_told(store, cells, monkeypatch):
    values = cells.matrix[:40].toarray()
    values[3], values[5] = 1, 0  # all alike; nothing
    labels = cells.obs[CELL_TYPES].iloc[:40].astype(object).where(np.arange(40) >= 7)
    few = replace(cells, matrix=sparse.csr_matrix(values), obs=cells.obs.iloc[:40].assign(kind=labels))
    monkeypatch.setattr(ActivityRequest, "dataset", lambda _request: few)
    run_id, summary = computed(store, asked(few, group="kind"))
    assert np.isnan(store.activity(run_id).scores).all(axis=0).nonzero()[0].tolist() == [3, 5]
    assert summary["of_cells"] == [
        "2 cells have no activity: they express none of the genes, or all of them alike.",
        "7 cells have no value in the column 'kind' and are in no group.",
    ]
    assert set(summary["of_cells"]) < set(summary["notes"])


def test_files_hold_every_cell_and_names_are_data(cells, tmp_path):
    names = ["=cmd()", "NKX2/1", "NKX2_1"]
    np.save(tmp_path / "activity.npy", np.arange(3 * 700, dtype=np.float32).reshape(3, 700))
    np.save(tmp_path / "cells.npy", np.arange(700))
    facts = {"tfs": names, "sizes": [5, 6, 7], "left_out": [], "genes": 9, "method": "ulm"}
    write_json(tmp_path / "activity.json", facts)
    kept = KeptActivity(tmp_path)
    lines = b"".join(table_of(kept, cells)).decode().splitlines()
    assert lines[0] == "cell\t'=cmd()\tNKX2/1\tNKX2_1"
    assert len(lines) == 701
    assert lines[700].split("\t") == [cells.obs.index[699], "699", "1399", "2099"]
    write_h5ad(kept, cells, tmp_path / "cells.h5ad")
    found = anndata.read_h5ad(tmp_path / "cells.h5ad")
    assert list(found.obsm["score_ulm"]) == ["=cmd()", "NKX2_1", "NKX2_1-2"]
    assert found.obs_names.tolist() == cells.obs.index.tolist()
    assert found.obs[CELL_TYPES].astype(str).tolist() == cells.obs[CELL_TYPES].astype(str).tolist()


def test_a_network_of_ours_is_taken_and_one_that_is_not_there_refused(store, cells):
    run = fabricate_run(name_of_gene="G{}")
    asked(cells, network=run).check()
    with pytest.raises(GeneError, match="no TF of the network"):
        job_kind("activity").run(asked(cells, network=run), store.path(run), silent)
    with pytest.raises(RunError):
        asked(cells, network="e" * 16).check()
    with pytest.raises(RequestError, match="no network 'dorothea'"):
        asked(cells, network="dorothea").check()
    with pytest.raises(RequestError, match="one group"):
        asked(cells, a=MONOCYTES)
    assert asked(cells, network=run).run_id() != asked(cells, network=run, n_targets=7).run_id()
    assert asked(cells) == asked(cells, n_targets=7)  # OmniPath ranks no target
    assert main(["activity", "pbmc68k", "--targets", "7"]) == 2


@pytest.mark.parametrize("where", [None, MONOCYTES])
def test_a_column_that_names_no_group_among_the_chosen_cells_is_refused(cells, where):
    named = pd.Series(None if where is None else "B", index=cells.obs.index, dtype=object)
    named[cells.cells_where(*MONOCYTES)] = None
    dataset = replace(cells, obs=cells.obs.assign(batch=named))
    with pytest.raises(RequestError, match="'batch' has no value in these cells"):
        replace(asked(cells, group="batch"), cells=where).check_cells(dataset)


@pytest.mark.parametrize("named", [False, True])
def test_the_command_says_where_a_column_of_donors_is_not_named(cells, monkeypatch, capsys, named):
    """As that of two groups does: p-values of cells only rank."""
    told = replace(cells, obs=cells.obs.assign(donor=np.arange(cells.n_cells) % 2))
    monkeypatch.setattr(ActivityRequest, "dataset", lambda _request: told)
    monkeypatch.setattr("grn_core.cli.activity.computed", Mock(side_effect=RequestError("nothing is computed")))
    donor = ["--donor=donor"] if named else []
    groups = [f"--a={CELL_TYPES}=CD14+ Monocyte", f"--b={CELL_TYPES}=CD19+ B"]
    assert main(["activity", "pbmc68k", *groups, *donor]) == 2
    said = "The column 'donor' is called as one of donors, and is not named as such. --donors compares donors"
    assert (said in capsys.readouterr().err) != named
