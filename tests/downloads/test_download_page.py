"""The Dataset page offers what the public archives hold."""

from __future__ import annotations

import hashlib

import pytest

from grn_core import downloads
from grn_core.runs import DownloadRequest, RunStatus, RunStore, manager
from tests.downloads.conftest import ALL_CELLS, zipped
from tests.pages.app import facts_of_cells, open_page, text_of
from tests.pages.conftest import paper_models  # noqa: F401

PAGE = "pages/prepare/dataset.py"
ARCHIVE = "beeline-data"
pytestmark = pytest.mark.usefixtures("paper_models")


def buttons(app) -> set[str]:
    return {button.label for button in app.button}


def press(app, label: str):
    return next(button for button in app.button if button.label == label).click().run()


def shown(state: str, **status):
    """The page while the run that downloads the archive is in a state."""
    run_id = RunStore().write_request(DownloadRequest(archive=ARCHIVE))
    RunStore().write_status(run_id, RunStatus(state, **status))
    return open_page(PAGE)


def test_the_offer_names_datasets_size_licence_and_source(archives):
    app = open_page(PAGE)
    text = text_of(app)
    for words in ("hESC", "758 cells", "262 MB", "zenodo.org/records/3701939", "Licence", "10.5281/zenodo.3701939"):
        assert words in text
    assert "Download" in buttons(app)
    assert archives.asked == []  # nothing is loaded before somebody asks


def test_what_is_here_is_in_the_list_and_not_offered(archives):
    downloads.pull(ARCHIVE)
    app = open_page(PAGE, dataset="beeline-hHEP")
    assert "Download" not in buttons(app)
    assert app.selectbox(key="picked_dataset").value == "beeline-hHEP"
    assert facts_of_cells(app).loc["Cells"].item() == "20"


def test_progress_is_shown_and_can_be_cancelled(monkeypatch):
    monkeypatch.setattr("grn_core.runs.records.is_held", lambda path: True)  # as if a worker held the run
    app = shown("running", stage="download", done=65_500_000, total=262_000_000, fraction=0.25)
    assert app.get("progress")[0].proto.value == 25
    assert app.get("progress")[0].proto.text == "Downloading · 66 MB of 262 MB"
    press(app, "Cancel")
    (info,) = RunStore().list_runs()
    assert RunStore().cancel_asked(info.run_id)


def test_a_stopped_download_can_go_on():
    app = shown("cancelled")
    assert "cancelled" in text_of(app)
    assert "Go on with it" in buttons(app)


def test_a_failure_is_told_with_what_to_do():
    error = {"found": "the archive cannot be reached", "needed": "a connection", "todo": "put it there by hand"}
    app = shown("failed", error=error)
    assert "The archive cannot be reached" in app.error[0].value
    assert "put it there by hand" in app.error[0].value
    assert "Try again" in buttons(app)
    assert "Use it all the same" not in buttons(app)


def test_from_the_button_to_the_dataset_and_back(site):
    """The archive differs from the published one: the page shows both hashes, and accepts it on a click."""
    site.files["BEELINE-data.zip"] = content = zipped(ALL_CELLS)
    press(open_page(PAGE), "Download")
    (refused,) = RunStore().list_runs()
    assert manager.wait(refused.run_id, timeout_s=60).state == "failed"
    app = open_page(PAGE)
    found = app.error[0].value
    assert downloads.find_archive(ARCHIVE).checksums["sha256"].value in found
    assert hashlib.sha256(content).hexdigest() in found
    press(app, "Use it all the same")
    accepted = next(info for info in RunStore().list_runs() if info.run_id != refused.run_id)
    assert manager.wait(accepted.run_id, timeout_s=60).state == "done"
    app = open_page(PAGE, dataset="beeline-mESC")
    assert facts_of_cells(app).loc["Species"].item() == "mouse"
    assert not app.error
    assert len(site.asked) == 1
    for path in downloads.held(downloads.find_archive(ARCHIVE)).files.values():
        path.unlink()  # what was taken away is offered again
    assert RunStore().status(accepted.run_id).state == "interrupted"
    assert {"Download", "Try again"} & buttons(open_page(PAGE))
