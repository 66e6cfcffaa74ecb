"""Two people at one installation, in a real browser: each logs in, and sees what is theirs alone."""

from __future__ import annotations

import re
import socket

import pytest

from tests.app_server import needs_chromium, start_app
from tests.identity_provider import provider, secrets_of
from tests.pages.people import table_of_cells

pytestmark = needs_chromium


@pytest.fixture
def app_with_login(grn_home, tmp_path):
    """The app with login at a provider on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with provider() as issuer:
        file = tmp_path / "secrets.toml"
        file.write_text(secrets_of(issuer, f"http://127.0.0.1:{port}"), encoding="utf-8")
        app = start_app(grn_home, options=[f"--server.port={port}", f"--secrets.files={file}"])
        app.wait_until_up()
        yield app
        app.stop()


def visitor(page, app, name: str, path: str = "/"):
    """Return a tab of a browser of its own in which a person has logged in, from a page of the app."""
    tab = page.context.browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    tab.set_default_timeout(60_000)
    tab.goto(app.url + path)
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_role("link", name=name).click()
    tab.get_by_text(f"Logged in as {name.title()}").wait_for()
    return tab


def test_everyone_sees_what_is_theirs_alone(app_with_login, page):
    ada = visitor(page, app_with_login, "ada", "/dataset?door=cells")
    assert re.search(r"/dataset\?door=cells", ada.url)  # back where she came from
    cells = {"name": "of-ada.tsv", "mimeType": "text/plain", "buffer": table_of_cells("ada").read()}
    ada.locator("input[type=file]").first.set_input_files(cells)
    ada.wait_for_url(re.compile("dataset=upload-"))
    address = ada.url.removeprefix(app_with_login.url)

    grace = visitor(page, app_with_login, "grace", address)
    grace.get_by_role("heading", name="Dataset").first.wait_for()
    assert grace.get_by_text("of-ada").count() == 0

    assert len(list((app_with_login.home / "users").glob("*/uploads/upload-*.json"))) == 1
