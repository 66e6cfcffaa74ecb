"""Data folders that earlier versions wrote open in this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from grn_core import datasets
from grn_core.benchmark.references.uploads import uploaded
from grn_core.cli.command import shown
from grn_core.files import read_json, write_json
from grn_core.models.folders import forget, registered
from grn_core.runs import RunStore
from grn_core.runs.jobs import request_from_json
from grn_core.runs.versions import differences
from grn_core.translator.registry import records
from tests.old_home import unpack

STATES = {
    "316ed5b6ca442d0c": ("infer", "done"),
    "5faf4d2c7c511010": ("infer", "done"),
    "e61caad0c1981df7": ("infer", "done"),
    "c499902e8156668e": ("ranks", "done"),
    "4d262c670470683a": ("coexpression", "done"),
    "ae20385dda4b436c": ("coexpression", "done"),
    "4a664c0e134dddaa": ("umap", "done"),
    "5c34420668898a70": ("consensus", "done"),
    "86c5b74994f67856": ("benchmark", "done"),
    "dd28aafe718b1d58": ("benchmark", "cancelled"),
    "a28061de528b3542": ("pull", "done"),
    "ac25b98aaaee0e1f": ("add", "done"),
}
NETWORKS = [run_id for run_id, (kind, _) in STATES.items() if kind in ("infer", "ranks", "coexpression", "consensus")]


@pytest.fixture
def old_home(grn_home) -> Path:
    """A copy of the folder that version 0.1.0 wrote, in another place than there."""
    return unpack(grn_home)


def test_every_run_is_listed_in_its_state(old_home):
    found = {info.run_id: (info.request.kind, info.status.state) for info in RunStore().list_runs()}
    assert found == STATES


@pytest.mark.parametrize("run_id", NETWORKS)
def test_networks_can_be_read(old_home, run_id):
    edges = RunStore().edges(run_id)
    assert {"source", "target", "score", "sign", "rank", "percentile"} <= set(edges.columns)
    assert edges["rank"].tolist() == list(range(1, len(edges) + 1))
    assert not (edges["source"] == edges["target"]).any()


def test_features_cells_and_maps_can_be_read(old_home):
    store = RunStore()
    assert {name: array.shape for name, array in store.features("5faf4d2c7c511010").items()} == {
        "gdt": (3, 9, 8),
        "vvp": (3, 9, 8),
    }
    assert store.expression("4d262c670470683a").shape == (9, 80)
    assert store.embedding("4a664c0e134dddaa").shape == (80, 2)


def test_upload_reference_translator_and_models_are_known(old_home):
    (upload,) = datasets.list_uploads()
    assert (upload.ref, upload.species, upload.n_cells) == ("upload-c87f2e941b26", "mouse", 80)
    assert datasets.load(upload.ref).n_cells == 80
    assert list(uploaded().values()) == ["blood.tsv"]
    assert "mine" in {record.name for record in records()}
    assert [record.name for record in registered()] == ["scgpt-human", "tiny-scgpt"]
    assert registered()[0].folder == old_home / "models" / "scgpt-human"  # its record holds the place of then


def test_what_an_old_run_has_registered_can_be_taken_off(old_home):
    forget("scgpt-human")
    assert RunStore().status("a28061de528b3542").state == "interrupted"
    assert RunStore().status("ac25b98aaaee0e1f").state == "done"


@pytest.mark.parametrize("run_id", STATES)
def test_every_record_is_in_todays_format_and_says_what_computed_it(old_home, run_id):
    record, request = RunStore().record(run_id), RunStore().request(run_id)
    assert (record["format"], record["owner"], record["executor"]) == (2, "", "local")
    assert request_from_json(request.to_json()) == request
    if request.packages() is not None:
        assert "results version 1 (here" in differences(record, request.packages())
    assert shown(request).startswith("python -m grn_core ")


INFERRED = [run_id for run_id, (kind, _) in STATES.items() if kind == "infer"]


@pytest.mark.parametrize("run_id", INFERRED)
def test_an_old_inference_has_the_signs_that_it_was_made_with(old_home, run_id):
    store = RunStore()
    request, score = store.request(run_id), store.record(run_id)["result"]["score"]
    assert (request.signs, score["signed"]) == ("slope", True)
    assert "--signs=slope" in shown(request)
    assert store.edges(run_id)["sign"].isin([-1, 1]).any()
    assert ("probability" in store.edges(run_id)) == (request.background == "virtual" and not request.adapt)


@pytest.mark.parametrize(
    ("field", "value", "said"), [("background", "context", "as background"), ("adapt", 9, "adapted")]
)
def test_an_old_inference_shows_no_probability_where_none_was_calibrated(old_home, field, value, said):
    store = RunStore()
    run_id = next(one for one in INFERRED if "probability" in store.edges(one))
    path = store.path(run_id) / "run.json"
    record = read_json(path)
    record["request"][field] = value
    write_json(path, record)
    edges, score = store.edges(run_id), store.record(run_id)["result"]["score"]
    assert not {"probability", "uncertainty"} & set(edges)
    assert edges["percentile"].iloc[[0, -1]].tolist() == [100.0, 0.0]
    assert not score["probability"]
    assert said in score["why"]


def test_an_old_run_that_goes_on_keeps_its_record(old_home):
    store, run_id = RunStore(), "dd28aafe718b1d58"
    before = store.record(run_id)
    store.write_result(run_id, {"rows": 1})
    assert store.record(run_id) == {**before, "result": {"rows": 1}}
    assert store.path(run_id).name == run_id
