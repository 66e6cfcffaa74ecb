"""The Dataset page offers what the public archives hold."""

from __future__ import annotations

import time

import pytest

from grn_core import downloads
from grn_core.downloads import background
from tests.downloads.conftest import ALL_CELLS, zipped
from tests.pages.app import open_page, text_of
from tests.pages.conftest import paper_models  # noqa: F401

PAGE = "pages/prepare/dataset.py"
pytestmark = pytest.mark.usefixtures("paper_models")


def buttons(app) -> set[str]:
    return {button.label for button in app.button}


def press(app, label: str):
    return next(button for button in app.button if button.label == label).click().run()


def shown(status: background.Status):
    background._write("beeline-data", status)
    return open_page(PAGE)


def test_the_offer_names_datasets_size_licence_and_source(archives):
    app = open_page(PAGE)
    text = text_of(app)
    for words in ("hESC", "758 cells", "262 MB", "zenodo.org/records/3701939", "Licence", "10.5281/zenodo.3701939"):
        assert words in text
    assert "Download" in buttons(app)
    assert archives.asked == []  # nothing is loaded before somebody asks


def test_what_is_here_is_in_the_list_and_not_offered(archives):
    downloads.pull("beeline-data")
    app = open_page(PAGE, dataset="beeline-hHEP")
    assert "Download" not in buttons(app)
    assert app.selectbox(key="picked_dataset").value == "beeline-hHEP"
    assert app.table[0].value.loc["Cells"].item() == "20"


def test_progress_is_shown_and_can_be_cancelled(monkeypatch):
    monkeypatch.setattr(background, "_is_working", lambda name: True)
    stage = "download BEELINE-data.zip, bytes"
    app = shown(background.Status("running", stage, 65_500_000, 262_000_000, time.time()))
    assert app.get("progress")[0].proto.value == 25
    text = app.get("progress")[0].proto.text.replace("\\", "")
    assert text == "Download BEELINE-data.zip · 66 MB of 262 MB"
    press(app, "Cancel")
    assert background._file("beeline-data", "cancel").exists()


def test_a_stopped_download_can_go_on():
    app = shown(background.Status("cancelled", updated=time.time()))
    assert "cancelled" in text_of(app)
    assert "Go on with it" in buttons(app)
    app = shown(background.Status("running", "download", 1, 2, time.time()))  # no process holds its lock
    assert "broken off" in text_of(app)


def test_a_failure_is_told_with_what_to_do():
    error = {"found": "the archive cannot be reached", "needed": "a connection", "todo": "put it there by hand"}
    app = shown(background.Status("failed", updated=time.time(), error=error))
    assert "The archive cannot be reached" in app.error[0].value
    assert "put it there by hand" in app.error[0].value
    assert "Try again" in buttons(app)
    assert "Use it all the same" not in buttons(app)


def test_from_the_button_to_the_dataset(site):
    """The archive differs from the published one: the page shows both hashes, and accepts it on a click."""
    site.files["BEELINE-data.zip"] = zipped(ALL_CELLS)
    app = press(open_page(PAGE), "Download")
    end = time.monotonic() + 60
    while background.status("beeline-data").state == "running" and time.monotonic() < end:
        time.sleep(0.1)
    app = open_page(PAGE)
    found = app.error[0].value
    assert downloads.find_archive("beeline-data").checksums["sha256"].value in found
    assert background.status("beeline-data").error["sha256"] in found
    press(app, "Use it all the same")
    while background.status("beeline-data").state == "running" and time.monotonic() < end:
        time.sleep(0.1)
    app = open_page(PAGE, dataset="beeline-mESC")
    assert app.table[0].value.loc["Species"].item() == "mouse"
    assert not app.error
    assert len(site.asked) == 1
