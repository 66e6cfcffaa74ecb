"""The laws that hold for every method, the edge table, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from grn_core.coexpression import METHODS, resolved, score_pairs
from grn_core.coexpression import run as run_in_full
from grn_core.errors import Cancelled, DataError, GeneError, RequestError
from grn_core.networks.edge_columns import COLUMNS, OPTIONAL
from tests.coexpression.toy import GENES, SOURCES, TRUTH, few_trees, planted

SEEDED = [name for name, record in METHODS.items() if record.seeded]
every_method = pytest.mark.parametrize("method", METHODS)


def run(expression, genes, sources, *, method, **options):
    return run_in_full(expression, genes, sources, method=method, options=few_trees(method), **options)


def small(method, *, genes=GENES, sources=SOURCES, cells=slice(None), seed=0):
    """Scores of the toy network's first cells, as a table of names."""
    columns = [GENES.index(gene) for gene in genes]
    values = planted(n_cells=60)[cells][:, columns]
    found = score_pairs(values, genes, sources, method=method, seed=seed, options=few_trees(method))
    return pd.DataFrame(found, index=[genes[source] for source in sources], columns=list(genes))


def test_records_are_complete_and_frozen():
    assert list(METHODS) == [record.name for record in METHODS.values()]
    for record in METHODS.values():
        assert all((record.title, record.description, record.limits, record.reference))
        with pytest.raises(FrozenInstanceError):
            record.name = "other"


@every_method
def test_the_planted_network_is_recovered(method):
    edges = run(planted(), GENES, SOURCES, method=method, seed=0)
    assert set(zip(edges["source"][:3], edges["target"][:3], strict=True)) == set(TRUTH)
    if METHODS[method].signed:
        best = edges.head(3).set_index(["source", "target"])["sign"]
        assert best.to_dict() == TRUTH


@every_method
def test_the_edge_table_is_whole_and_ranked(method):
    edges = run(planted(n_cells=60), GENES, SOURCES, method=method)
    assert list(edges) == [name for name in COLUMNS if name not in OPTIONAL]
    wanted = {(GENES[s], target) for s in SOURCES for target in GENES if target != GENES[s]}
    assert set(zip(edges["source"], edges["target"], strict=True)) == wanted
    assert len(edges) == len(wanted) == 4 * 9
    assert edges["score"].is_monotonic_decreasing
    assert edges["score"].min() >= 0
    assert edges["rank"].tolist() == list(range(1, 37))
    assert edges["percentile"].iloc[[0, -1]].tolist() == [100.0, 0.0]
    scores = pd.DataFrame(
        score_pairs(planted(n_cells=60), GENES, SOURCES, method=method, options=few_trees(method)),
        index=[GENES[s] for s in SOURCES],
        columns=GENES,
    )
    for edge in edges.itertuples():
        assert edge.score == abs(scores.loc[edge.source, edge.target])
        assert edge.sign == (np.sign(scores.loc[edge.source, edge.target]) if METHODS[method].signed else 0)


def test_ties_go_by_name():
    edges = run(np.tile([[1.0], [2.0]], (5, 4)), ("D", "B", "C", "A"), (1, 3), method="pearson")
    assert (edges["source"] + edges["target"]).tolist() == ["AB", "AC", "AD", "BA", "BC", "BD"]


@every_method
def test_the_order_of_genes_and_sources_changes_nothing(method):
    shuffled = tuple(np.random.default_rng(1).permutation(GENES).tolist())
    sources = tuple(shuffled.index(name) for name in ("TFD", "TFA", "TFC", "TFB"))
    wanted = small(method)
    found = small(method, genes=shuffled, sources=sources)
    pd.testing.assert_frame_equal(found.loc[wanted.index, wanted.columns], wanted, check_exact=True)


@every_method
def test_the_order_of_cells_changes_nothing(method):
    shuffled = np.random.default_rng(2).permutation(60)
    pd.testing.assert_frame_equal(small(method, cells=shuffled), small(method), check_exact=True)


@every_method
def test_the_seed_decides(method):
    first = small(method, seed=1)
    pd.testing.assert_frame_equal(small(method, seed=1), first, check_exact=True)
    assert small(method, seed=2).equals(first) == (method not in SEEDED)


@pytest.mark.parametrize("method", [name for name in METHODS if name != "partial"])
def test_other_targets_change_nothing(method):
    """Only partial correlation looks at the other targets."""
    kept = tuple(gene for gene in GENES if gene not in ("NOISE1", "TGTB"))
    found = small(method, genes=kept, sources=tuple(kept.index(GENES[s]) for s in SOURCES))
    pd.testing.assert_frame_equal(found, small(method)[list(kept)], check_exact=method in SEEDED, rtol=1e-12)


@every_method
def test_genes_that_do_not_vary_score_nought_and_change_nothing(method):
    varying = tuple(gene for gene in GENES if gene != "FLAT")
    found = small(method, sources=(*SOURCES, GENES.index("FLAT")))
    assert (found["FLAT"] == 0).all()
    assert (found.loc["FLAT"] == 0).all()
    wanted = small(method, genes=varying, sources=tuple(varying.index(GENES[s]) for s in SOURCES))
    pd.testing.assert_frame_equal(found.loc[wanted.index, wanted.columns], wanted, check_exact=True)


@every_method
def test_nothing_that_varies_is_no_error(method):
    edges = run(np.ones((10, 3)), ("A", "B", "C"), (0, 1), method=method)
    assert edges["score"].tolist() == [0.0] * 4
    assert edges["sign"].tolist() == [0] * 4


@every_method
def test_undirected_methods_are_symmetric(method):
    scores = small(method)
    names = [GENES[source] for source in SOURCES]
    block = scores[names].to_numpy(copy=True)
    np.fill_diagonal(block, 0.0)
    assert (block == block.T).all() == (not METHODS[method].directed), "to the last digit: else noise breaks ties"


def test_the_last_digit_of_a_symmetric_method_is_the_same_either_way(monkeypatch):
    """Products of matrices add in another order on another processor; what they differ by orders no pair."""
    exact, rough = METHODS["pearson"], 1e-15 * np.arange(len(GENES) - 1)

    def noisy(expression, sources, *, progress):
        return exact.function(expression, sources, progress=progress) + rough * (1 + np.arange(len(sources)))[:, None]

    monkeypatch.setitem(METHODS, "pearson", replace(exact, function=noisy, keeps=False, options=()))
    found = score_pairs(planted(n_cells=40), GENES, SOURCES, method="pearson")[:, list(SOURCES)]
    assert (found == found.T).all()
    assert len(np.unique(found)) == 7, "six pairs and nothing"


def test_sparse_and_single_precision_are_taken():
    values = np.where(planted(n_cells=30) > 2, planted(n_cells=30), 0).astype(np.float32)
    dense = score_pairs(values, GENES, SOURCES, method="spearman")
    np.testing.assert_array_equal(score_pairs(sparse.csr_matrix(values), GENES, SOURCES, method="spearman"), dense)


@every_method
def test_progress_closes_and_can_stop_the_work(method):
    steps = []
    run(planted(n_cells=40), GENES, SOURCES, method=method, progress=lambda *step: steps.append(step))
    assert steps[0] == ("co-expression", 0, 9)
    assert steps[-1] == ("co-expression", 9, 9)

    def stop(_, done, total):
        message = "the user has seen enough"
        raise Cancelled(message)

    with pytest.raises(Cancelled):
        run(planted(n_cells=40), GENES, SOURCES, method=method, progress=stop)


@pytest.mark.parametrize("method", ["mutual-information", "genie3", "genie3-extra-trees"])
def test_a_cancel_stops_between_two_targets(method):
    seen = []

    def stop_at_third(_, done, total):
        seen.append(done)
        if done == 2:
            message = "the user has seen enough"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        run(planted(n_cells=40), GENES, SOURCES, method=method, progress=stop_at_third)
    assert seen == [0, 1, 2]


GOOD = {"expression": np.eye(10)[:, :3], "genes": ("A", "B", "C"), "sources": (0, 1), "method": "pearson"}


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"method": "magic"}, RequestError, "no co-expression method 'magic'.*pearson, spearman.*grnboost2"),
        ({"expression": np.eye(9)[:, :3]}, DataError, "9 cells.*at least 10"),
        ({"expression": np.full((10, 3), np.nan)}, DataError, "30 expression values are missing"),
        ({"expression": np.eye(10)}, RequestError, r"shape \(10, 10\) does not fit 3 gene names"),
        ({"genes": ("A", "B", "A")}, RequestError, "1 gene names occur more than once"),
        ({"expression": np.ones((10, 1)), "genes": ("A",), "sources": (0,)}, GeneError, "no pair in 1 gene"),
        ({"sources": ()}, GeneError, "no source.*at least one TF"),
        ({"sources": (0, 0)}, RequestError, "not positions of genes, each once"),
        ({"sources": (3,)}, RequestError, "from 0 to 2"),
        ({"sources": (-1,)}, RequestError, "from 0 to 2"),
        ({"sources": ("A",)}, RequestError, "not positions of genes"),
    ],
)
def test_what_is_refused(change, error, words):
    request = GOOD | change
    with pytest.raises(error, match=words):
        run_in_full(request["expression"], request["genes"], request["sources"], method=request["method"])


@pytest.mark.parametrize(
    ("method", "options", "words"),
    [
        ("partial", {"trees": 8}, "partial has no option 'trees'.*none"),
        ("pearson", {"trees": 8}, "pearson has no option 'trees'.*pooled"),
        ("genie3", {"branches": 8}, "genie3 has no option 'branches'.*trees"),
        ("genie3", {"trees": 0}, "trees is 0.*from 1 up"),
        ("magic", {}, "no co-expression method 'magic'"),
    ],
)
def test_options_that_are_refused(method, options, words):
    with pytest.raises(RequestError, match=words):
        resolved(method, options)


def test_options_reach_the_method():
    assert resolved("genie3") == {"trees": 100}
    few, more = (
        score_pairs(planted(n_cells=60), GENES, SOURCES, method="genie3", options={"trees": n}) for n in (3, 12)
    )
    assert not np.array_equal(few, more)


OTHER_PROCESS = """
import json, sys
import grn_core.coexpression as coexpression
heavy = [name for name in ("torch", "scanpy", "sklearn", "numba", "rustscenic") if name in sys.modules]
from tests.coexpression.toy import GENES, SOURCES, few_trees, planted
scores = {
    name: coexpression.score_pairs(planted(n_cells=60), GENES, SOURCES, method=name, options=few_trees(name)).tolist()
    for name in coexpression.METHODS
}
print(json.dumps([heavy, scores]))
"""


def test_threads_change_nothing_and_the_registry_loads_nothing_heavy():
    threads = {f"{library}_NUM_THREADS": "3" for library in ("OMP", "OPENBLAS", "MKL", "RAYON")}
    done = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS], env=os.environ | threads, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    heavy, scores = json.loads(done.stdout)
    assert heavy == []
    for method in METHODS:
        np.testing.assert_array_equal(scores[method], small(method).to_numpy(), err_msg=method)


@pytest.mark.parametrize("method", ["pearson", "spearman", "partial"])
def test_what_does_not_vary_or_is_not_related_has_no_sign(method):
    """A gene that is constant but for float32, and two genes that are exactly unrelated."""
    cells = planted(n_cells=64)
    cells[:, GENES.index("FLAT")] = 0.1 * (1 + 1e-8 * np.arange(64))
    edges = run(cells, GENES, SOURCES, method=method)
    flat = edges[edges["target"] == "FLAT"]
    assert len(flat) == len(SOURCES)
    assert (flat["sign"] == 0).all()
    assert (flat["score"] == 0).all()
    square = np.array([[x, y] for x in (0.1, 0.7) for y in (0.2, 0.3)] * 16)
    (pair,) = run(square, ("A", "B"), [0], method=method).itertuples()
    assert (pair.sign, pair.score < 1e-9) == (0, True)
