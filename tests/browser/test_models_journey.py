"""Getting a model in a real Chromium: a folder on the machine, and a download from a hub on the loopback address."""

from __future__ import annotations

import pytest

from grn_core.hub.manifest import checkpoint
from grn_core.models.folders import registered
from tests.app_server import ROOT, needs_chromium
from tests.browser.eventually import eventually
from tests.hub.loopback import Server

pytestmark = [pytest.mark.browser, needs_chromium]
TINY = ROOT / "tests" / "fixtures" / "scgpt_flash_pad"


@pytest.fixture
def hub(monkeypatch):
    """A hub that has the tiny checkpoint under the address of a published one; asked for before the app is started."""
    server = Server()
    server.hub.hold(checkpoint("scgpt-human").repo, TINY, "args.json", "vocab.json", "best_model.pt")
    monkeypatch.setenv("HF_ENDPOINT", server.hub.url)
    yield server.hub
    server.stop()


def await_registered(*names: str) -> None:
    """Wait until the list of added models has these names and no other."""

    def listed() -> None:
        assert [record.name for record in registered()] == list(names)

    eventually(listed)


def test_a_folder_on_the_machine_becomes_a_model(server, page, watch):
    page.goto(f"{server.url}/models")
    page.get_by_label("Folder", exact=True).fill(str(TINY))
    page.get_by_label("Name", exact=True).fill("tiny")
    page.get_by_role("button", name="Check and add").click()
    page.get_by_text("was recognised as a checkpoint of scGPT").wait_for()
    page.get_by_text("69,313 parameters · 197 genes").wait_for()
    await_registered("tiny")

    page.reload()
    page.get_by_text("was recognised as a checkpoint of scGPT").wait_for()
    page.get_by_role("button", name="Details").last.click()
    page.get_by_text("197 of 40,874 human genes").wait_for()
    page.get_by_role("button", name="Take off the list").click()
    page.get_by_text("69,313 parameters").wait_for(state="detached")
    await_registered()
    watch.check()


@pytest.mark.thorough
def test_a_published_checkpoint_is_downloaded_and_its_checksums_accepted(hub, fresh_server, page, watch):
    page.goto(f"{fresh_server.url}/models")
    page.get_by_role("button", name="Download").first.click()  # of scGPT whole-human
    page.get_by_text("The checksum of").wait_for()
    page.reload()
    page.get_by_text("stated: 6cb5d451ab5c4b33eb673adbe4fddc61d2389df1b89b7651a9fe2e557572b922").wait_for()
    page.get_by_role("button", name="Use them all the same", disabled=True).wait_for()
    page.get_by_text("I trust the source of these files").click()
    page.get_by_role("button", name="Use them all the same", disabled=False).click()
    page.get_by_text("69,313 parameters · 197 genes").wait_for()
    await_registered("scgpt-human")
    watch.check()
