"""An installation with login, and its visitors, for the pages' tests."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from grn_core.homes import home_of
from grn_core.settings import at_home, homes_from, settings
from pages.components.visitor import who
from tests.conftest import ROOT
from tests.pages.app import SECONDS

ISSUER = "https://login.example"
SECRETS = f"""
[auth]
redirect_uri = "http://127.0.0.1:8501/oauth2callback"
cookie_secret = "of-a-test-and-long-enough"
client_id = "grn"
client_secret = "said to nobody"
server_metadata_url = "{ISSUER}/.well-known/openid-configuration"
"""


@contextmanager
def login(folder: Path):
    """Configure login for the length of a ``with`` block."""
    file, before = folder / "secrets.toml", config.get_option("secrets.files")
    file.write_text(SECRETS, encoding="utf-8")
    config.set_option("secrets.files", [str(file)])
    st.secrets._reset()
    who.login_needed.cache_clear()
    try:
        yield
    finally:
        config.set_option("secrets.files", before)
        st.secrets._reset()
        who.login_needed.cache_clear()
        homes_from(None)


@dataclass(frozen=True)
class Person:
    """A visitor; `secret` is a word that stands in everything of theirs."""

    subject: str
    secret: str = ""
    claims: dict[str, object] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """Their home."""
        return home_of(settings().installation, ISSUER, self.subject)

    def at_home(self):
        """Work in their home."""
        return at_home(self.home)

    def open_page(self, path: str, /, **parameters: str) -> AppTest:
        """Open a page as this person."""
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
        app.user = {"is_logged_in": True, "iss": ISSUER, "sub": self.subject, "name": self.subject, **self.claims}
        app._page_hash = ""
        app.switch_page(path)
        for name, value in parameters.items():
            app.query_params[name] = value
        app.run()
        return app


def everything(app: AppTest) -> bytes:
    """Return all that the server has sent of a page, shown or not."""
    from streamlit.testing.v1.element_tree import Block

    def protos(block: Block):
        for child in block.children.values():
            if isinstance(child, Block):
                if child.proto is not None:
                    yield child.proto
                yield from protos(child)
            else:
                yield child.proto

    return b"\0".join(proto.SerializeToString() for proto in protos(app._tree))


def table_of_cells(name: str) -> io.BytesIO:
    """Return a small table of counts whose cells are called after `name`."""
    genes = ["SPI1", "GATA1", "CD19", "CEBPA", "TP53", "MYC", "JUN", "FOS", "RUNX1", "IRF8", "STAT1", "ACTB"]
    rows = [f"{name}{cell}\t" + "\t".join(str((cell * 7 + place * 3) % 5) for place in range(12)) for cell in range(30)]
    return io.BytesIO(("cell\t" + "\t".join(genes) + "\n" + "\n".join(rows) + "\n").encode())
