"""A server, one for all journeys or a fresh one for a newcomer's, and a watched browser tab for each."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from tests.app_server import start_app
from tests.conftest import real_chromium

SELDOM_MS = 2500
"""Milliseconds between two looks at a run: most journeys only wait for its end."""
NOTHING_MOVES = """addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style");
    style.textContent = "*, *::before, *::after { animation: none !important; transition: none !important }";
    document.head.append(style);
})"""
"""What turns and pulses while a run is waited for took 8 of the 75 seconds of processor of the journeys of groups."""
with_and_without_spare_worker = pytest.mark.parametrize(
    "fresh_server",
    [
        pytest.param(False, id="cells read before"),
        pytest.param(True, id="spare worker", marks=pytest.mark.thorough),
    ],
    indirect=True,
)


@dataclass
class Watch:
    """What a tab asked for and complained about."""

    origin: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def external(self) -> list[str]:
        """Requests that left the app's own server."""
        here = urlsplit(self.origin).netloc
        addresses = (url for url in self.requests if urlsplit(url).scheme not in {"data", "blob"})
        return [url for url in addresses if urlsplit(url).netloc != here]

    def hear(self, message) -> None:
        """Note a console message if it is an error of ours."""
        # On a deep link Streamlit's page looks for its server below the link first, then at the root.
        probing = message.location["url"].endswith(("/_stcore/health", "/_stcore/host-config"))
        if message.type == "error" and not probing:
            self.errors.append(message.text)

    def check(self) -> None:
        """Fail when the tab reached outside or reported an error."""
        assert self.requests
        assert self.external() == []
        assert self.errors == []


@pytest.fixture(scope="package")
def chromium():
    """One Chromium for all journeys of this process: no test between them runs an event loop of its own."""
    with real_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def running_app(tmp_path_factory, bundled_cells):
    """One server for all journeys of this process: most do not mind what others left in its home folder.

    The demo's cells were read before: a newcomer's server reads them anew.
    """
    home = tmp_path_factory.mktemp("shared-home")
    shutil.copytree(bundled_cells, home / "cells")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRN_HOME", raising=False)
        app = start_app(home, spare=False, look_ms=SELDOM_MS)
    app.wait_until_up()
    yield app
    app.stop()


@pytest.fixture
def server(running_app, monkeypatch):
    """The running server; what the test does in its own process, it does in the server's home folder."""
    monkeypatch.setenv("GRN_HOME", str(running_app.home))
    return running_app


@pytest.fixture
def fresh_server(grn_home, request, bundled_cells):
    """A server of the test's own, with a home folder of its own and the test's environment.

    Where the test says so by `with_and_without_spare_worker`, all is once as a newcomer finds it: the home is empty,
    and a worker is loaded ahead of the first run. Else the demo's cells were read before.
    """
    as_usual = getattr(request, "param", False)
    if not as_usual:
        shutil.copytree(bundled_cells, grn_home / "cells")
    app = start_app(grn_home, spare=as_usual, look_ms=700 if as_usual else SELDOM_MS)
    app.wait_until_up()
    yield app
    app.stop()


@pytest.fixture
def page(chromium_tab):
    chromium_tab.add_init_script(NOTHING_MOVES)
    chromium_tab.set_default_timeout(90_000)  # generous: other work may share the cores
    return chromium_tab


@pytest.fixture
def watch(page, request) -> Watch:
    fresh = "fresh_server" in request.fixturenames
    seen = Watch(request.getfixturevalue("fresh_server" if fresh else "server").url)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("websocket", lambda socket: seen.requests.append(socket.url))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", seen.hear)
    return seen
