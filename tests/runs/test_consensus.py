from __future__ import annotations

import shutil

import pandas as pd
import pytest

from grn_core.benchmark.references.seen import not_known_in_words
from grn_core.errors import DataError, RequestError, RunError
from grn_core.files import read_json, write_json
from grn_core.networks import is_directed, read_edges, write_edges
from grn_core.networks.borda import borda
from grn_core.networks.matched import match_networks
from grn_core.progress import silent
from grn_core.runs import ConsensusRequest, ImportRequest
from grn_core.runs.jobs import job_kind
from grn_core.runs.matched import match_runs
from grn_core.runs.scored_by import of_unknown_origin, translators_of
from tests.pages.coexpression_run import coexpression_run
from tests.pages.fabricated_run import fabricate_run


def test_the_order_of_the_runs_makes_no_other_run():
    one, other = ConsensusRequest(runs=["b" * 16, "a" * 16]), ConsensusRequest(runs=["a" * 16, "b" * 16, "a" * 16])
    assert one.run_id() == other.run_id()
    assert one.runs == ("a" * 16, "b" * 16)
    assert ConsensusRequest(runs=["a" * 16, "c" * 16]).run_id() != one.run_id()


@pytest.mark.parametrize("ids", [[], ["a" * 16], ["a" * 16, "a" * 16]])
def test_one_run_is_no_consensus(ids):
    with pytest.raises(RequestError, match="two or more different runs"):
        ConsensusRequest(runs=ids)


def test_the_consensus_is_bordas_and_keeps_the_names_of_the_user(store):
    runs = [fabricate_run(seed=1), fabricate_run(seed=2)]
    for run in runs:
        panel = read_json(store.path(run) / "panel.json")
        write_json(store.path(run) / "panel.json", {**panel, "genes": [f"SYMBOL{g}" for g in panel["labels"]]})
    folder = store.path("f" * 16)
    folder.mkdir(parents=True)
    summary = job_kind("consensus").run(ConsensusRequest(runs=runs), folder, silent)
    edges = pd.read_parquet(folder / "edges.parquet")
    pd.testing.assert_frame_equal(edges, borda(match_networks({run: store.edges(run) for run in runs})))
    panel = read_json(folder / "panel.json")
    assert panel["genes"][0] == f"SYMBOL{panel['labels'][0]}"
    assert {panel["labels"][i] for i in panel["sources"]} == set(edges["source"])
    assert (summary["edges"], summary["sources"]) == (174, 6)
    assert summary["score"]["signed"]


def test_runs_without_a_sign_give_a_consensus_without_sign_and_probability(store):
    runs = [fabricate_run(seed=1), fabricate_run(seed=2)]
    for run in runs:
        edges = store.edges(run).drop(columns=["sign", "sign_agreement", "probability"])
        edges.to_parquet(store.path(run) / "edges.parquet")
    folder = store.path("f" * 16)
    folder.mkdir(parents=True)
    summary = job_kind("consensus").run(ConsensusRequest(runs=runs), folder, silent)
    edges = pd.read_parquet(folder / "edges.parquet")
    assert (edges["sign"] == 0).all()
    assert "probability" not in edges
    assert not summary["score"]["signed"]
    assert summary["score"]["unit"] == "mean share of the points, 0 to 1"


def test_runs_that_are_not_there_or_share_nothing(store):
    run = fabricate_run(seed=1)
    with pytest.raises(RunError, match="no readable run"):
        match_runs([run, "e" * 16])
    other = fabricate_run(seed=2)
    edges = store.edges(other).assign(source_symbol=lambda table: "X" + table["source"])
    edges.to_parquet(store.path(other) / "edges.parquet")
    with pytest.raises(DataError, match="no pair"):
        match_runs([run, other])


@pytest.mark.parametrize("other", ["pearson", "genie3-extra-trees"])
def test_a_consensus_of_symmetric_runs_alone_is_symmetric(store, other):
    runs = [coexpression_run("mutual-information"), coexpression_run(other)]
    folder = store.path("f" * 16)
    folder.mkdir(parents=True)
    summary = job_kind("consensus").run(ConsensusRequest(runs=runs), folder, silent)
    assert summary["score"]["directed"] == (other != "pearson")
    assert is_directed(read_edges(folder / "edges.parquet")) == (other != "pearson")
    assert [store.is_directed(run) for run in runs] == [False, other != "pearson"]
    assert not is_directed(store.edges(runs[0]))


def test_runs_on_differently_named_data_are_matched_and_named_alike(store):
    """The old and the new name of one gene, and a mouse file beside a human one."""
    runs = [fabricate_run(seed=seed) for seed in (1, 2, 3)]
    for run, name in zip(runs, ("H2AFY", "H2AFY", "Macroh2a1"), strict=True):
        panel = read_json(store.path(run) / "panel.json")
        symbols = ["MACROH2A1", *panel["labels"][1:]]
        labels = [name, *panel["labels"][1:]]
        write_json(store.path(run) / "panel.json", {**panel, "labels": labels, "genes": symbols})
        edges = pd.read_parquet(store.path(run) / "edges.parquet").replace({"G00": name})
        edges.to_parquet(store.path(run) / "edges.parquet")
    matched = match_runs(runs)
    assert len(matched) == 174
    assert "H2AFY" in set(matched.source)
    assert not {"MACROH2A1", "Macroh2a1", "G00"} & {*matched.source, *matched.target}
    assert store.edges(runs[2])["source_symbol"].isin(["MACROH2A1", *panel["labels"]]).all()


def test_a_mean_of_probabilities_is_a_run_of_its_own_with_probabilities(store):
    runs = [fabricate_run(seed=1, rare=True), fabricate_run(seed=2, rare=True)]
    request = ConsensusRequest(runs=runs, method="calibrated-mean")
    assert request.run_id() != ConsensusRequest(runs=runs).run_id()
    folder = store.path("f" * 16)
    folder.mkdir(parents=True)
    score = job_kind("consensus").run(request, folder, silent)["score"]
    edges = read_edges(folder / "edges.parquet")
    shares = [store.record(run)["result"]["score"]["prior"] for run in runs]
    assert score["probability"]
    assert score["prior"] == pytest.approx(sum(shares) / 2)
    expected = sum(store.edges(run)["probability"].sum() for run in runs) / 2
    assert edges["probability"].sum() == pytest.approx(expected, rel=1e-5)


def test_probabilities_of_edges_of_two_references_have_no_mean(store):
    """One is how likely an edge of STRING is, the other one of OmniPath: their mean is the chance of neither."""
    runs = [fabricate_run(seed=1, rare=True), fabricate_run(seed=2, rare=True, translator="omnipath")]
    folder = store.path("f" * 16)
    folder.mkdir(parents=True)
    with pytest.raises(RequestError, match=r"of edges of (STRING.*OmniPath|OmniPath.*STRING)"):
        job_kind("consensus").run(ConsensusRequest(runs=runs, method="calibrated-mean"), folder, silent)
    job_kind("consensus").run(ConsensusRequest(runs=runs), folder, silent)


def test_probabilities_of_two_kinds_and_scores_that_are_none_have_no_mean(store):
    rare, balanced = fabricate_run(seed=1, rare=True), fabricate_run(seed=2)
    folder = store.path("f" * 16)
    folder.mkdir(parents=True)
    for other, said in (
        (balanced, "do not go by how rare"),
        (fabricate_run(seed=3, background="context"), "no calibrated probability"),
    ):
        with pytest.raises((RequestError, DataError), match=said):
            job_kind("consensus").run(ConsensusRequest(runs=[rare, other], method="calibrated-mean"), folder, silent)
    with pytest.raises(RequestError, match="no consensus 'vote'"):
        ConsensusRequest(runs=[rare, balanced], method="vote")


def test_a_consensus_is_scored_by_the_translators_of_its_networks(store):
    """Also one of another consensus; what is gone or took no translator is not known to have seen anything."""
    of_string, of_both = "beeline-hesc-string", "beeline-hesc-string-omnipath"
    one, other = fabricate_run(seed=1, translator=of_string), fabricate_run(seed=2, translator=of_both)
    measured, inner, outer = coexpression_run("pearson"), "c" * 16, "d" * 16
    for run_id, runs in ((inner, (one, other)), (outer, (inner, measured))):
        record = read_json(store.path(one) / "run.json") | {"run_id": run_id}
        write_json(store.path(run_id) / "run.json", record | {"request": ConsensusRequest(runs=runs).to_json()})
    found = translators_of([one, measured, inner, outer])
    assert found == {one: {of_string}, measured: set(), inner: {of_string, of_both}, outer: {of_string, of_both}}
    shutil.rmtree(store.path(other))
    assert translators_of([inner]) == {inner: {of_string}}


@pytest.mark.parametrize("changed", ["exported", "edited", "other scores"])
def test_an_imported_network_is_known_by_its_scores_or_not_at_all(store, changed):
    of_string = "beeline-hesc-string"
    one, read, joined = fabricate_run(seed=1, translator=of_string), "e" * 16, "f" * 16
    edges = read_edges_again(store.edges(one), store.path(one))
    if changed == "edited":
        edges = edges.iloc[::2]
    if changed == "other scores":
        edges = edges.assign(score=edges["score"].to_numpy()[::-1]).sort_values("score", ascending=False)
    record = read_json(store.path(one) / "run.json")
    for run_id, request in ((read, ImportRequest(file="edges.tsv")), (joined, ConsensusRequest(runs=(one, read)))):
        shutil.copytree(store.path(one), store.path(run_id))
        write_json(store.path(run_id) / "run.json", record | {"run_id": run_id, "request": request.to_json()})
        write_edges(edges, store.path(run_id) / "edges.parquet")
    ids = (one, read)
    matched, known = match_runs(ids), changed != "other scores"
    assert translators_of(ids, matched) == {one: {of_string}, read: {of_string} if known else set()}
    assert of_unknown_origin(ids, matched) == (set() if known else {read})
    assert of_unknown_origin([read, joined]) == {read, joined}, "nothing beside it tells"
    assert of_unknown_origin([one]) == set()
    said = not_known_in_words([read])
    assert read in said
    assert not_known_in_words([]) == ""


def read_edges_again(edges: pd.DataFrame, folder) -> pd.DataFrame:
    """Edges as they come back from the file of an export, with its digits."""
    write_edges(edges, folder / "again.tsv")
    return read_edges(folder / "again.tsv")
