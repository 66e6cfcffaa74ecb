from __future__ import annotations

import shutil

import pytest

from grn_core.hub.check import add
from grn_core.hub.manifest import checkpoint
from grn_core.hub.verify import mismatches
from grn_core.models.folders import FolderRecord, registered, write_record
from grn_core.runs import RunStatus, RunStore
from grn_core.runs.jobs import job_kind
from grn_core.translator import registry as translators
from pages.components.models.published import request_of
from tests.conftest import ROOT
from tests.pages.app import open_page, text_of

PAGE = "pages/prepare/models.py"
TINY = ROOT / "tests" / "fixtures" / "scgpt_flash_pad"


def keys(app) -> list[str]:
    return [button.key for button in app.button if button.key]


def test_says_what_is_here_and_what_can_be_had():
    app = open_page(PAGE)
    shown = text_of(app)
    assert app.title[0].value == "Models"
    assert "**Compact (bundled)** :green-badge[bundled]" in shown
    assert "response curve (VVP), gradient trajectory (GDT), perturbation of the mean cell, attention" in shown
    assert "**scGPT whole-human** :gray-badge[not here]" in shown
    assert "207 MB · licence: MIT" in shown
    assert app.button(key="pull_scgpt-human").label == "Download"
    assert app.button(key="pull_scgpt-blood").label == "Check the files"
    assert str(checkpoint("scgpt-human").folder / "best_model.pt") in "\n".join(code.value for code in app.code)


def test_a_family_is_chosen_by_the_address():
    app = open_page(PAGE, family="scfoundation")
    shown = text_of(app)
    assert "non-commercial research only" in shown
    assert "GRN Studio never downloads them" in shown
    assert keys(app).count("pull_scfoundation") == 1
    assert "pull_scgpt-human" not in keys(app)
    assert "VVP and GDT do not exist for it" in text_of(open_page(PAGE, family="geneformer"))
    assert "No published weights were found" in text_of(open_page(PAGE, family="scbenchmark"))


def test_a_download_is_asked_for_once_and_watched(no_worker):
    app = open_page(PAGE)
    app.button(key="pull_scgpt-human").click().run()
    run_id = request_of(checkpoint("scgpt-human")).run_id()
    assert no_worker == [run_id]
    assert "**scGPT whole-human** :blue-badge[downloading]" in text_of(app)
    assert "pull_scgpt-human" not in keys(app)
    assert f"cancel_{run_id}" in keys(app)

    half = RunStatus("running", stage="download", done=103_000_000, total=206_700_000, fraction=0.45)
    RunStore().write_status(run_id, half)
    with (RunStore().path(run_id) / "lock").open("a") as lock:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX)
        app = open_page(PAGE)
    assert "Downloading · 103 MB of 207 MB" in [bar.proto.text for bar in app.get("progress")]


def test_a_failed_download_says_why_and_can_be_tried_again(no_worker):
    app = open_page(PAGE)
    app.button(key="pull_scgpt-human").click().run()
    run_id = no_worker[0]
    error = {"found": "the hub cannot be reached", "needed": "a connection", "todo": "place the files by hand"}
    RunStore().write_status(run_id, RunStatus("failed", error=error))
    app = open_page(PAGE)
    assert "The hub cannot be reached" in app.error[0].value
    assert "Place the files by hand" in app.error[0].value or "place the files by hand" in app.error[0].value
    app.button(key=f"resume_{run_id}").click().run()
    assert no_worker == [run_id, run_id]


def test_another_checksum_is_shown_with_both_values_and_accepted_knowingly(no_worker):
    known = checkpoint("scgpt-human")
    shutil.copytree(TINY, known.folder)
    app = open_page(PAGE)
    app.button(key="pull_scgpt-human").click().run()
    (run_id,) = no_worker
    request = RunStore().request(run_id)
    with pytest.raises(Exception, match="the checksum of"):
        job_kind("pull").run(request, RunStore().path(run_id), lambda *_: None)
    RunStore().write_status(run_id, RunStatus("failed", error={"found": "the checksum of best_model.pt is another"}))

    app = open_page(PAGE)
    shown = text_of(app)
    stated = {file.name: file.sha256 for file in known.files}
    (vocabulary, weights) = mismatches(known)
    assert (vocabulary.file, weights.file) == ("vocab.json", "best_model.pt")
    for value in (weights.found, stated["best_model.pt"], vocabulary.found, stated["vocab.json"]):
        assert value in shown
    assert app.button(key="accept_scgpt-human").disabled
    app.checkbox(key="trust_scgpt-human").check().run()
    app.button(key="accept_scgpt-human").click().run()
    assert mismatches(known) == []
    assert no_worker == [run_id, run_id]

    summary = job_kind("pull").run(request, RunStore().path(run_id), lambda *_: None)
    assert summary["name"] == "scgpt-human"
    RunStore().write_status(run_id, RunStatus("done"))
    assert "**scGPT whole-human** :green-badge[here]" in text_of(open_page(PAGE))


def test_what_was_taken_away_can_be_downloaded_again(no_worker):
    record = FolderRecord("scgpt-human", "scGPT whole-human", TINY, "scgpt", source="scgpt-human")
    run_id = RunStore().write_request(request_of(checkpoint("scgpt-human")))
    (RunStore().path(run_id) / "record.json").symlink_to(write_record(record))
    RunStore().write_status(run_id, RunStatus("done"))
    app = open_page(PAGE)
    assert "**scGPT whole-human** :green-badge[here]" in text_of(app)
    app.button(key="remove_scgpt-human").click().run()
    assert "**scGPT whole-human** :gray-badge[not here]" in text_of(app)
    assert no_worker == []
    app.button(key="pull_scgpt-human").click().run()
    assert no_worker == [run_id]


def test_a_folder_is_asked_for_under_a_name(no_worker):
    app = open_page(PAGE)
    app.text_input(key="added_folder").input(str(TINY))
    app.button[-1].click().run()
    assert not app.exception
    (run_id,) = no_worker
    assert app.query_params["adding"] == run_id
    request = RunStore().request(run_id)
    assert (request.kind, request.name, request.folder) == ("add", "scgpt_flash_pad", str(TINY))

    job_kind("add").run(request, RunStore().path(run_id), lambda *_: None)
    RunStore().write_result(run_id, {"name": "scgpt_flash_pad"})
    RunStore().write_status(run_id, RunStatus("done"))
    app = open_page(PAGE, adding=run_id)
    assert "was recognised as a checkpoint of scGPT" in app.success[0].value
    shown = text_of(app)
    assert ":violet-badge[folder]" in shown
    assert "69,313 parameters · 197 genes" in shown


@pytest.mark.parametrize(
    ("folder", "name", "words"),
    [
        ("/no/such/folder", "", "There is no folder /no/such/folder"),
        (str(ROOT / "tests"), "", "holds no model of a known format"),
        (str(TINY), "compact", "The name 'compact' is taken"),
        (str(TINY), "a b", "cannot be the name of a model"),
    ],
)
def test_a_folder_that_cannot_be_taken_is_explained_at_once(no_worker, folder, name, words):
    app = open_page(PAGE)
    app.text_input(key="added_folder").input(folder)
    app.text_input(key="added_name").input(name)
    app.button[-1].click().run()
    assert words in app.error[0].value.replace("\\", "")
    assert no_worker == []
    assert app.text_input(key="added_folder").value == folder


def test_a_folder_that_has_gone_can_be_taken_off(tmp_path):
    folder = shutil.copytree(TINY, tmp_path / "mine")
    add(folder, name="mine")
    shutil.rmtree(folder)
    app = open_page(PAGE)
    assert ":orange-badge[folder is gone]" in text_of(app)
    app.button(key="remove_mine").click().run()
    assert registered() == []


@pytest.mark.usefixtures("paper_models")
def test_translators_stand_beside_their_controls():
    table = open_page(PAGE).dataframe[0].value.set_index("title")
    row = table.loc["Trained on omnipath"]
    assert (row["model"], row["reads"], row["tests"]) == ("Compact", "VVP, GDT (masked)", 2)
    assert (row["score"], row["control"], row["prevalence"]) == pytest.approx((0.64, 0.60, 0.5))


def test_real_translators_say_what_they_were_trained_on():
    table = open_page(PAGE).dataframe[0].value.set_index("title")
    assert len(table) == len(translators.records())
    assert table["trained"].str.contains(" edges of ").all()
    (usual,) = table.index[table["taken"] != ""]
    assert usual == next(one.title for one in translators.records() if one.name == translators.DEFAULT)
    assert table["score"].between(0.4, 1).all()
