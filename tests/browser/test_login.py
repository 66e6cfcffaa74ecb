"""Two people at one installation, in a real browser: each logs in, sees what is theirs alone, and shares a run."""

from __future__ import annotations

import re
import socket

import pytest
import requests

from grn_core.homes import home_of
from grn_core.settings import at_home
from tests.app_server import needs_chromium, start_app
from tests.browser.conftest import NOTHING_MOVES
from tests.identity_provider import provider, secrets_of
from tests.pages.fabricated_run import fabricate_run
from tests.pages.people import table_of_cells

pytestmark = needs_chromium
HERS, CELLS = "Network of Ada", "of-ada"


@pytest.fixture(scope="module")
def app_with_login(tmp_path_factory):
    """The app with login at a provider on this machine, where Ada has a run."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("home-of-all")
    with provider() as issuer:
        file = tmp_path_factory.mktemp("secrets") / "secrets.toml"
        file.write_text(secrets_of(issuer, f"http://127.0.0.1:{port}"), encoding="utf-8")
        app = start_app(home, options=[f"--server.port={port}", f"--secrets.files={file}"], spare=False)
        with at_home(home_of(home, issuer, "ada-1")):
            fabricate_run(seed=4, title=HERS)
        app.wait_until_up()
        yield app
        app.stop()


def visitor(page, app, name: str, path: str = "/"):
    """Return a tab of a browser of its own in which a person has logged in, from a page of the app."""
    tab = page.context.browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    tab.add_init_script(NOTHING_MOVES)
    tab.set_default_timeout(60_000)
    tab.goto(app.url + path)
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_role("link", name=name).click()
    tab.get_by_text(f"Logged in as {name.title()}").wait_for()
    return tab


def test_everyone_sees_what_is_theirs_alone_and_shares_what_they_choose(app_with_login, page):
    ada = visitor(page, app_with_login, "ada", "/dataset?door=cells")
    assert re.search(r"/dataset\?door=cells", ada.url)  # back where she came from
    cells = {"name": f"{CELLS}.tsv", "mimeType": "text/plain", "buffer": table_of_cells("ada").read()}
    ada.locator("input[type=file]").first.set_input_files(cells)
    ada.wait_for_url(re.compile("dataset=upload-"))
    address = ada.url.removeprefix(app_with_login.url)
    assert len(list((app_with_login.home / "users").glob("*/uploads/upload-*.json"))) == 1

    grace = visitor(page, app_with_login, "grace", address)
    grace.get_by_text("This link names a dataset that is not on this machine").wait_for()
    assert grace.get_by_text(CELLS).count() == 0
    grace.goto(app_with_login.url)
    grace.get_by_text("No run yet").wait_for()

    ada.goto(app_with_login.url)
    ada.get_by_text(HERS).first.wait_for()
    ada.get_by_role("button", name="Edit").first.click()
    ada.get_by_role("button", name="Make a link").click()
    link = ada.get_by_test_id("stDialog").locator("code").inner_text()

    grace.goto(link)
    grace.get_by_text(HERS).first.wait_for()
    ada.get_by_role("button", name="Take it back").click()
    ada.get_by_role("button", name="Take it back").wait_for(state="detached")
    grace.goto(link)
    grace.get_by_text("This link leads to no run").wait_for()

    grace.get_by_role("button", name="Log out").click()
    grace.get_by_role("button", name="Log in").wait_for()


def test_files_of_a_session_are_listed_to_nobody_and_uploads_need_one(app_with_login):
    """What Streamlit hands out has a name that follows from its content; there is no list of names."""
    for path in ("/media/", "/media", "/_stcore/upload_file", "/users/", "/component/"):
        answer = requests.get(app_with_login.url + path, timeout=30)
        assert HERS not in answer.text
        assert answer.status_code >= 400 or '<div id="root">' in answer.text
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json"):
        assert requests.get(app_with_login.url + path, timeout=30).status_code == 404
    answer = requests.put(f"{app_with_login.url}/_stcore/upload_file/nobody/file", files={"f": b"x"}, timeout=30)
    assert answer.status_code >= 400
