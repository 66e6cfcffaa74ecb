"""Runs that compare groups: what is refused, that a stop loses a part at most, and the command."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from grn_core import differential
from grn_core.cli import groups as command
from grn_core.cli import main
from grn_core.datasets import load
from grn_core.differential import all_groups, limit_of, networks_of_groups
from grn_core.differential.all_groups import matrix_of, written
from grn_core.differential.pairs import Pairs
from grn_core.errors import Cancelled, DataError, RequestError
from grn_core.models.registry import folder_of
from grn_core.progress import silent
from grn_core.runs import AllGroupsRequest, GroupsRequest, RunStatus
from grn_core.runs.foretold_cells import foretell_groups
from grn_core.runs.jobs import job_kind
from grn_core.runs.kinds import groups as kinds
from grn_core.runs.kinds.groups import STANDING

COLUMN = "bulk_labels"
A, B = (COLUMN, ("CD14+ Monocyte",)), (COLUMN, ("Dendritic",))
SMALL = {"tfs": ("IRF8", "HES4", "HMGA1"), "n_variable": 40}


@pytest.fixture
def cells():
    return load("pbmc68k")


def asked(data, **options) -> GroupsRequest:
    given = {"a": A, "b": B, "permutations": 45, **SMALL, **options}
    return GroupsRequest(title="Cells", dataset_ref=data.ref, dataset_sha=data.sha256, **given)


def computed(store, request, progress=silent):
    run_id = store.write_request(request)
    summary = job_kind(request.kind).run(request, store.path(run_id), progress)
    store.write_result(run_id, summary)
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    return run_id, summary


def test_a_run_that_was_stopped_goes_on_to_the_same_result(store, cells):
    request = asked(cells)

    def stop(stage, done, _total):
        if (stage, done) == ("permutations", 30):
            message = "stopped"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        computed(store, request, stop)
    parts = store.path(request.run_id()) / "parts"
    assert len(list(parts.glob("labellings-*.npy"))) == 3
    seen = []
    run_id, summary = computed(store, request, lambda stage, done, _total: seen.append((stage, done)))
    assert not parts.exists()
    found = store.differential(run_id)
    assert found.facts == summary["facts"]
    assert found.facts["cells"] == [129, 240]
    assert len(found.a) == len(found.b) == found.facts["pairs"] > found.facts["tested"] == len(found.table)
    assert not found.a.attrs["directed"]
    again, _ = computed(store, asked(cells, permutations=44))
    assert again != run_id
    np.testing.assert_allclose(store.differential(again).table["difference"], found.table["difference"], atol=1)
    foretold = foretell_groups(request, cells)
    cost = foretold.cost
    assert 0 < cost.seconds < 3600
    assert foretold.in_a_minute >= 1
    twice = foretell_groups(asked(cells, permutations=90), cells).cost
    assert twice.disk - cost.disk == 45 * found.facts["pairs"] * 4


def test_what_no_worker_could_compute_is_refused(store, cells):
    with pytest.raises(RequestError, match="group B has no value"):
        asked(cells, b=(COLUMN, ()))
    with pytest.raises(RequestError, match="permutations were asked"):
        asked(cells, permutations=0)
    with pytest.raises(RequestError, match="no method"):
        asked(cells, method="magic")
    bins = asked(cells, method="mutual-information")
    for ask in (bins.check, lambda: foretell_groups(bins, cells), lambda: computed(store, bins)):
        with pytest.raises(RequestError, match="Mutual information of groups whose cells are permuted"):
            ask()
    asked(cells, method="mutual-information", donor="louvain").check()
    with pytest.raises(RequestError, match="no column"):
        AllGroupsRequest(dataset_ref=cells.ref, dataset_sha=cells.sha256)
    with pytest.raises(DataError, match="0 cells among the chosen"):
        computed(store, asked(cells, cells=B))
    assert asked(cells, method="context").hashes().keys() > asked(cells).hashes().keys()


def test_the_networks_of_all_groups_stand_in_a_matrix(store, cells):
    request = AllGroupsRequest(
        title="Cells", dataset_ref=cells.ref, dataset_sha=cells.sha256, by=COLUMN, best=20, **SMALL
    )
    run_id, summary = computed(store, request)
    table = store.part(run_id, STANDING, pd.read_parquet)
    assert summary["facts"]["left_out"] == ["CD4+/CD45RA+/CD25- Naive T"]
    assert table.groupby("group")["stands"].sum().max() == 20
    wide = matrix_of(table)
    assert wide.shape == (table.groupby(["source", "target"]).ngroups, 9)
    assert wide.notna().sum(axis=1).tolist() == sorted(wide.notna().sum(axis=1), reverse=True)
    assert (wide.max(axis=None), wide.min(axis=None)) == (20, 1)
    turned = written(wide.set_axis(["target", "source", *wide.columns[2:]], axis=1))  # any name is a group's
    assert turned.columns[:4].tolist() == ["source", "target", "rank in target", "rank in source"]
    first = table[table["group"] == wide.columns[0]]
    np.testing.assert_array_equal(wide.iloc[:, 0], first["rank"].where(first["stands"]))
    assert wide.index.tolist() == list(zip(first["source"], first["target"], strict=True))
    monocytes = cells.cells_where(*A)
    alone = asked(cells).panel(cells)
    own = networks_of_groups(cells, COLUMN, alone, among=monocytes | cells.cells_where(*B), best=5)
    assert set(own["group"]) == {"CD14+ Monocyte", "Dendritic"}
    with pytest.raises(DataError, match="1 group of"):
        networks_of_groups(cells, COLUMN, alone, among=monocytes)


@pytest.mark.parametrize("method", ["pearson", "mutual-information"])
def test_two_tfs_are_one_edge_of_all_groups_where_edges_have_no_direction(cells, method):
    panel = asked(cells).panel(cells)
    table = networks_of_groups(cells, COLUMN, panel, method=method, best=10**9)
    ends = [set(pair) for pair in matrix_of(table).index]
    tfs = {panel.labels[source] for source in panel.sources}
    assert sum(pair <= tfs for pair in ends) > 0
    assert not table.attrs["directed"]
    assert len(ends) == len(set(map(frozenset, ends)))
    assert table["rank"].max() == table.attrs["pairs"]


def test_cells_without_a_value_are_told(store, cells, monkeypatch):
    labels = cells.obs[COLUMN].astype(object).where(np.arange(cells.n_cells) >= 7)
    own = replace(cells, obs=cells.obs.assign(kind=labels))
    monkeypatch.setattr(AllGroupsRequest, "dataset", lambda _request: own)
    request = AllGroupsRequest(
        title="Cells", dataset_ref=cells.ref, dataset_sha=cells.sha256, by="kind", best=20, **SMALL
    )
    _, summary = computed(store, request)
    assert summary["facts"]["unnamed"] == 7
    assert "7 cells have no value in the column 'kind' and are in no group." in summary["notes"]
    request = replace(request, cells=("kind", ("CD14+ Monocyte", "Dendritic")))
    _, summary = computed(store, request)
    assert summary["facts"]["unnamed"] == 0
    assert not any("no value" in text for text in summary["notes"])


def test_the_command_says_before_a_run_what_it_cannot_find_and_how_many_permutations_there_are(cells, capsys):
    tell = command._tell_before
    tell(asked(cells))
    told = capsys.readouterr().err
    assert "45 permutations: about" in told
    assert "in a minute about" in told
    tell(asked(cells, donor="louvain", permutations=1000))
    first, second = capsys.readouterr().err.splitlines()
    n = int(re.search(r"can be labelled in only (\d+) other ways?, so no p is below", first)[1])
    assert n < 1000
    every = "the only permutation that there is" if n == 1 else f"all {n} permutations that there are"
    assert second.startswith(f"{every}: about")
    assert "in a minute" not in second, "there are no more, whatever the time"


def test_the_command_names_groups_by_a_column_or_each_by_its_own(store, cells, capsys, tmp_path):
    small = ["--tf-list=IRF8,HES4,HMGA1", "--n-variable=40", "--permutations=45"]
    run_id, summary = computed(store, asked(cells))
    assert main(["groups", "pbmc68k", f"--by={COLUMN}", "--a=CD14+ Monocyte", "--b=Dendritic", *small]) == 0
    out, told = capsys.readouterr()
    assert out.startswith("source\ttarget\tscore_a\tscore_b\tdifference\tstronger\tp\tq\trank_a\trank_b\t")
    assert run_id in told
    few = ["--donors=bulk_labels", "-o", str(tmp_path / "few.tsv")]  # each group is one donor
    assert main(["groups", "pbmc68k", f"--by={COLUMN}", "--a=CD14+ Monocyte", "--b=Dendritic", *small, *few]) == 0
    said = capsys.readouterr().err
    assert run_id in said, "donors that cannot be compared make no other run"
    assert "bulk_labels has too few donors (two in each group with 10 cells are needed), so cells are compared" in said
    assert "in a minute about" not in told, "what is computed takes no time"
    assert f"{summary['facts']['sure']} of " in told
    words = ["groups", "pbmc68k", f"--a={COLUMN}=CD14+ Monocyte", f"--b={COLUMN}=Dendritic", *small]
    assert main([*words, "--json", "-o", str(tmp_path / "d.tsv")]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["facts"] == summary["facts"]
    assert (tmp_path / "d.tsv").read_text().count("\n") == 1 + summary["facts"]["tested"]
    assert main(["groups", "pbmc68k", "--a=x=y"]) == 2
    assert main(["groups", "pbmc68k", "--all"]) == 2
    assert "--by COLUMN --all" in capsys.readouterr().err


@pytest.mark.parametrize("sure", [0, 7])
def test_what_so_few_donors_cannot_find_is_said_first_of_the_answer_and_of_the_run(store, cells, capsys, sure):
    request = asked(cells, donor="louvain", permutations=1000)
    run_id, summary = computed(store, request)
    store.write_result(run_id, {**summary, "facts": {**summary["facts"], "sure": sure}})
    limit = limit_of(summary["facts"]).words
    assert main([*command.words_of(request), "--json"]) == 0
    told = capsys.readouterr().err.splitlines()
    assert told[1] == limit, "before any note"
    assert any(line.startswith("note: ") for line in told[2:])
    assert any("tested edges differ" in line for line in told) == bool(sure)
    assert main(["runs", "show", run_id]) == 0
    (found,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("found ")]
    assert found.split(maxsplit=1)[1].startswith(limit)
    assert main(["runs", "show", run_id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["found"][0] == limit


def test_a_model_in_a_folder_is_named_where_a_worker_finds_it(monkeypatch):
    folder = folder_of("compact")
    monkeypatch.chdir(folder.parent)
    every = argparse.ArgumentParser()
    command.add_arguments(every)
    shared = ["pbmc68k", f"--model=./{folder.name}", f"--by={COLUMN}"]
    for own in (["--all"], ["--a=CD14+ Monocyte", "--b=Dendritic"]):
        (request,) = command.requests(every.parse_args([*shared, *own]))
        assert request.model == str(folder)


def test_what_is_known_before_pandas_is_loaded_is_what_the_engine_says():
    assert (kinds.N_PERMUTATIONS, kinds.BEST) == (differential.N_PERMUTATIONS, all_groups.BEST)


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_runs_of_before_are_read_with_two_tfs_once(store, cells, monkeypatch, method):
    tfs = ("IRF8", "HES4", "HMGA1", "NFKB1", "STAT1", "MAFB", "CEBPB")
    options = {"by": COLUMN, "method": method, **SMALL, "tfs": tfs}
    data = {"title": "Cells", "dataset_ref": cells.ref, "dataset_sha": cells.sha256}
    request = AllGroupsRequest(**data, **options, best=40)
    with monkeypatch.context() as before:
        before.setattr(Pairs, "once", property(lambda pairs: np.ones(len(pairs.ends[0]), dtype=bool)))
        run_id, _ = computed(store, request)
    stored = store.table(run_id, STANDING)
    ends = list(map(frozenset, zip(stored["source"], stored["target"], strict=True)))
    assert len(set(ends)) < stored.groupby(["source", "target"]).ngroups, "the run is one of before"
    table = store.standing(run_id)
    pd.testing.assert_frame_equal(store.table(run_id, STANDING), stored)
    assert not store.damaged(run_id)
    assert len(set(map(frozenset, zip(table["source"], table["target"], strict=True)))) == len(table) // 9
    today, _ = computed(store, AllGroupsRequest(**data, **options, best=39))
    now = store.standing(today)
    assert now is not None
    ranks = {
        (frozenset(row[:2]), row[2]): row[3]
        for row in now[["source", "target", "group", "rank"]].itertuples(index=False)
    }
    shown = table[table["stands"]]
    for row in shown.itertuples():
        key = (frozenset((row.source, row.target)), row.group)
        assert ranks[key] == row.rank, "where an edge stands it has the rank that it has today"
    wide = matrix_of(table)
    assert wide.notna().sum(axis=1).tolist() == table["groups"].iloc[::9].tolist()
    assert wide.notna().sum(axis=1).is_monotonic_decreasing
