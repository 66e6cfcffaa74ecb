"""The kind of work "coexpression": what decides its id, what it writes, and how it goes on after a cancel."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from grn_core import datasets, runs
from grn_core.cli import main
from grn_core.coexpression import METHODS
from grn_core.coexpression import run as score
from grn_core.datasets import expression
from grn_core.errors import RequestError
from grn_core.models.registry import vocabulary
from grn_core.networks.edge_columns import COLUMNS, OPTIONAL
from grn_core.runs import CoexpressionRequest, RunStatus, worker
from grn_core.runs.kinds.panel import GENES_ONLY
from grn_core.runs.tracker import Tracker

PBMC, GSD = "pbmc68k", "GSD"


def request(ref: str = GSD, *, method: str = "pearson", **options) -> CoexpressionRequest:
    dataset = datasets.load(ref)
    content = {"dataset_ref": ref, "dataset_sha": dataset.sha256, "title": dataset.title}
    return CoexpressionRequest(**{"method": method, **content, **options})


def compute(store, asked) -> tuple[str, RunStatus]:
    """Run the worker in this process."""
    run_id = store.write_request(asked)
    store.ask_cancel(run_id, cancel=False)
    store.write_status(run_id, RunStatus("queued"))
    worker.main([run_id, "--home", str(store.root.parent)])
    return run_id, store.status(run_id)


def named(panel, values, **options):
    """Edges of the methods themselves, which take genes in the order of their symbols, by the names of the data."""
    label = dict(zip(panel.genes, panel.labels, strict=True))
    edges = score(values, panel.genes, panel.sources, **options)
    return edges.assign(source=edges["source"].map(label), target=edges["target"].map(label))


def test_a_run_writes_edges_panel_and_cells(store):
    chosen = ("bulk_labels", ("CD19+ B", "Dendritic"))
    run_id, status = compute(store, request(PBMC, method="spearman", n_variable=20, cells=chosen))
    assert (status.state, status.fraction) == ("done", 1)
    dataset = datasets.load(PBMC)
    cells = dataset.cells_where(*chosen)
    panel = dataset.panel(n_variable=20, cells=cells, vocabulary=vocabulary("compact"))
    values = expression(dataset, panel, cells)
    np.testing.assert_array_equal(store.expression(run_id), values.toarray().T)
    wanted = named(panel, values, method="spearman")
    pd.testing.assert_frame_equal(store.edges(run_id), wanted)
    result = store.record(run_id)["result"]
    assert result["cells"] == cells.sum()
    assert result["edges"] == len(wanted) == len(panel.sources) * (len(panel.genes) - 1)
    assert result["score"]["signed"]
    assert result["score"]["title"] == "Spearman correlation"


def test_the_id_follows_what_decides_the_edges_and_nothing_else():
    base = request(method="genie3").run_id()
    assert request(method="genie3", title="other").run_id() == base
    assert request(method="genie3", options={"trees": 100}).run_id() == base  # the default, written out
    for other in ({"options": {"trees": 200}}, {"seed": 1}, {"n_variable": 10}, {"tfs": "human"}):
        assert request(method="genie3", **other).run_id() != base
    assert request(method="genie3-extra-trees").run_id() != base
    assert request(seed=1).run_id() == request(seed=0).run_id()  # Pearson draws nothing


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_an_option_that_came_later_changes_no_id_of_earlier_runs_and_its_package_is_recorded(method):
    usual, pooled = request(method=method), request(method=method, options={"pooled": 10})
    assert usual.hashes()["options"] == "{}"  # as before there was the option
    assert request(method=method, options={"pooled": 1}).run_id() == usual.run_id() != pooled.run_id()
    assert usual.packages() == ("numpy", "scipy")
    assert pooled.packages() == ("numpy", "scipy", "scikit-learn")


@pytest.mark.parametrize("name", METHODS)
def test_other_options_decide_the_id_at_their_default_too(name):
    said = json.loads(request(method=name).hashes()["options"])
    assert said == {one.name: one.default for one in METHODS[name].options if not one.later}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "vvp"}, "no co-expression method 'vvp'"),
        ({"method": "genie3", "seed": -1}, "the seed is -1"),
        ({"options": {"trees": 5}}, "has no option 'trees'"),
        ({"method": "genie3", "options": {"trees": "many"}}, "trees is 'many'.*whole number"),
        ({"dataset_ref": GENES_ONLY, "dataset_sha": "", "genes": ("SPI1", "GATA1")}, "a gene list without cells"),
    ],
)
def test_what_is_refused(options, words):
    with pytest.raises(RequestError, match=words):
        request(**options).run_id()


def test_a_cancelled_run_goes_on_from_its_finished_targets(store, monkeypatch):
    asked = request(PBMC, method="genie3-extra-trees", n_variable=40, tfs=("SPI1", "IRF8"), options={"trees": 5})
    run_id = asked.run_id()
    calls, once = [], Tracker.__call__

    def watch(self, stage, done, total):
        calls.append((stage, done))
        if stage == "co-expression" and done == 25:
            store.ask_cancel(run_id, cancel=True)
        once(self, stage, done, total)

    monkeypatch.setattr(Tracker, "__call__", watch)
    assert compute(store, asked)[1].state == "cancelled"
    assert len(list((store.path(run_id) / "parts").glob("*.npy"))) == 1
    calls.clear()
    monkeypatch.setattr(Tracker, "__call__", lambda self, *step: (calls.append(step[:2]), once(self, *step))[1])
    assert compute(store, asked)[1].state == "done"
    targets = [done for stage, done in calls if stage == "co-expression"]
    assert targets[0] == 20
    assert not (store.path(run_id) / "parts").exists()
    dataset = datasets.load(PBMC)
    panel = dataset.panel(n_variable=40, tfs=("SPI1", "IRF8"), vocabulary=vocabulary("compact"))
    whole = named(panel, expression(dataset, panel), method="genie3-extra-trees", options={"trees": 5})
    pd.testing.assert_frame_equal(store.edges(run_id), whole)


@pytest.fixture
def written(tmp_path):
    return tmp_path / "edges.tsv"


def test_the_command_computes_once_with_the_id_of_the_app(store, written, capsys, runs_here):
    command = ["infer", GSD, "--method", "mutual-information", "-o", str(written)]
    assert main(command) == 0
    run_id = request(method="mutual-information").run_id()
    assert store.status(run_id).state == "done"
    assert f"run {run_id}: done" in capsys.readouterr().err
    table = pd.read_csv(written, sep="\t")
    assert list(table) == [*(name for name in COLUMNS if name not in OPTIONAL), "directed"]
    assert not table["directed"].any()
    assert main(command) == 0
    assert "computed before, nothing to compute" in capsys.readouterr().err
    assert runs.submit(request(method="mutual-information")) == run_id
    assert main(["runs", "list"]) == 0
    assert "Mutual information" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--trees", "5"], "--trees was given without a co-expression method"),
        (["--method", "pearson", "--background", "context"], "--background, which belongs to foundation models"),
        (["--method", "pearson", "--methods", "vvp"], "--extractors, which belongs to foundation models"),
        (["--method", "pearson", "--seeds", "1,2"], "2 seeds were given"),
        (["--method", "magic"], "invalid choice: 'magic'"),
    ],
)
def test_commands_that_are_refused(options, words, capsys):
    try:
        code = main(["infer", GSD, *options])
    except SystemExit as error:
        code = error.code
    assert code == 2
    assert words in capsys.readouterr().err
