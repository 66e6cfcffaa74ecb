"""With login and without: who is asked who they are, and what is said to those who are not."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import streamlit as st
from streamlit import config

from grn_core.errors import RequestError
from grn_core.runs import RunStore
from pages.components.shared import links
from pages.components.visitor import seats, who
from pages.components.visitor.login import address_of_the_login
from tests.pages.app import open_page, text_of
from tests.pages.fabricated_run import fabricate_run
from tests.pages.people import SECRETS, Person, login


@pytest.fixture
def address(request):
    """Let the app listen on an address."""
    before = config.get_option("server.address")
    config.set_option("server.address", request.param)
    yield request.param
    config.set_option("server.address", before)


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"], indirect=True)
def test_on_this_machine_without_login_nothing_is_asked_or_said(address, grn_home):
    fabricate_run(seed=3)
    assert RunStore().root == grn_home / "runs"
    assert who.open_to_others() == ""


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.0.7", "grn.lab", None], indirect=True)
def test_an_app_that_others_reach_says_so(address, grn_home, tmp_path):
    assert who.open_to_others() == (address or "0.0.0.0")
    app = open_page(links.HOME)
    assert "This app has no login" in text_of(app)
    assert "for all who can open it, and no cell" in text_of(app)
    assert "Log in" not in {button.label for button in app.button}
    with login(tmp_path):
        assert who.open_to_others() == ""


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"], indirect=True)
@pytest.mark.parametrize("names", [["localhost", "127.0.0.1", "::1"], ["localhost", "grn.lab"], []])
def test_whether_others_can_open_it_under_any_name(address, names):
    before = config.get_option("server.allowedHosts")
    config.set_option("server.allowedHosts", names)
    try:
        assert who.lacks_names() == (address == "0.0.0.0" and len(names) == 3)
    finally:
        config.set_option("server.allowedHosts", before)


@pytest.mark.parametrize("page", [links.HOME, links.NETWORK])
def test_nobody_gets_past_the_login_and_the_address_stays(page, tmp_path):
    with login(tmp_path):
        app = open_page(page, run="0" * 16)
    assert [button.label for button in app.button] == ["Log in"]
    assert app.query_params["run"] == "0" * 16


@pytest.mark.parametrize(
    ("here", "leads"),
    [
        ("http://127.0.0.1:1/network?run=1", False),
        ("http://localhost:1/network", True),
        ("http://127.0.0.1:2/", True),
        ("", False),
    ],
)
def test_another_spelling_of_the_address_leads_to_that_of_the_login(here, leads, tmp_path):
    with login(tmp_path):
        redirect = st.secrets["auth"]["redirect_uri"]
        found = address_of_the_login(here.replace("127.0.0.1:1", urlsplit(redirect).netloc))
    assert found == (redirect.removesuffix("/oauth2callback") if leads else None)


@pytest.mark.parametrize(
    ("named", "here", "same"),
    [
        ("https://grn.lab:443", "https://grn.lab/network", True),
        ("http://grn.lab:80", "http://GRN.lab/", True),
        ("https://grn.lab", "https://grn.lab:443/", True),
        ("https://grn.lab", "http://grn.lab/", False),
        ("https://grn.lab:8443", "https://grn.lab/", False),
        ("https://grn.lab:none", "https://grn.lab/", True),
    ],
)
def test_what_a_browser_leaves_out_of_an_address_makes_no_other(named, here, same, tmp_path):
    with login(tmp_path):
        file = tmp_path / "secrets.toml"
        file.write_text(SECRETS.replace("http://127.0.0.1:8501", named), encoding="utf-8")
        st.secrets._reset()
        assert address_of_the_login(here) == (None if same else named)


def test_beside_another_spelling_one_can_still_log_in(tmp_path, monkeypatch):
    """What is taken for another address may be the same one, told otherwise by who stands between."""
    monkeypatch.setattr("pages.components.visitor.login.address_of_the_login", lambda _: "https://grn.lab")
    with login(tmp_path):
        app = open_page(links.HOME)
    assert "another spelling of this address" in app.info[0].value
    assert [button.label for button in app.button] == ["Log in"]


@pytest.mark.parametrize(
    "claims", [{}, {"is_logged_in": False, "iss": "a", "sub": "b"}, {"is_logged_in": True, "email": "a@example.org"}]
)
def test_who_is_not_named_has_no_home(claims, tmp_path, monkeypatch, grn_home):
    monkeypatch.setattr(who, "_claims", lambda: claims)
    monkeypatch.setattr(who, "get_script_run_ctx", lambda **_: object())
    with login(tmp_path), pytest.raises(RequestError, match="nobody is logged in"):
        who.home(grn_home)


def test_secrets_that_cannot_be_read_open_no_door(tmp_path):
    """A slip in the file is not taken for an app without login."""
    with login(tmp_path):
        (tmp_path / "secrets.toml").write_text("[auth\nclient_id = ", encoding="utf-8")
        st.secrets._reset()
        who.login_needed.cache_clear()
        with pytest.raises(RequestError, match="secrets"):
            who.login_needed()
        app = open_page(links.HOME)
        assert "secrets of this installation cannot be read" in app.error[0].value
        assert not app.file_uploader
        assert [button.label for button in app.button] == ["Log in"]


def test_no_more_tabs_are_open_than_may_be(monkeypatch):
    monkeypatch.setenv("GRN_MAX_SESSIONS", "1")
    monkeypatch.setattr(seats, "_taken", {"another": "home"})
    assert "1 tabs of this app are open here together" in open_page(links.HOME).error[0].value
    monkeypatch.setattr(seats, "_taken", {})
    assert not open_page(links.HOME).error


def test_each_visitor_has_so_many_tabs(tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_MAX_USER_SESSIONS", "1")
    with login(tmp_path):
        ada, grace = Person("ada"), Person("grace")
        monkeypatch.setattr(seats, "_taken", {"another": str(ada.home)})
        assert "open in your name" in ada.open_page(links.HOME).error[0].value
        assert not grace.open_page(links.HOME).error


def test_who_logs_in_is_shown_no_traceback(tmp_path):
    name, before = "client.showErrorDetails", config.get_option("client.showErrorDetails")
    try:
        who.say_no_more_than_needed()
        assert config.get_option(name) == before
        with login(tmp_path):
            who.say_no_more_than_needed()
        assert config.get_option(name) == "type"
    finally:
        config.set_option(name, before)
