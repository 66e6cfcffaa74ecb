"""A fresh server and a watched browser tab for each journey."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from tests.app_server import start_app


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


@pytest.fixture
def server(grn_home):
    app = start_app(grn_home)
    app.wait_until_up()
    yield app
    app.stop()


@pytest.fixture
def page(chromium_tab, server):
    chromium_tab.set_default_timeout(90_000)  # generous: other work may share the cores
    return chromium_tab


@pytest.fixture
def watch(page, server) -> Watch:
    seen = Watch(server.url)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("websocket", lambda socket: seen.requests.append(socket.url))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", seen.hear)
    return seen
