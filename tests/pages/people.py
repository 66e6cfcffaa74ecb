"""An installation with login, and its visitors, for the pages' tests."""

from __future__ import annotations

import hashlib
import io
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path

import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from grn_core.benchmark.options import BenchmarkOptions
from grn_core.files import write_json
from grn_core.homes import home_of
from grn_core.runs import RunStatus, RunStore, manager
from grn_core.runs.jobs import job_kinds
from grn_core.runs.request import FORMAT
from grn_core.runs.versions import package_versions
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
ANSWERS = {
    "all-groups": {"by": "type"},
    "benchmark": {"options": BenchmarkOptions()},
    "groups": {"a": ("type", ("A",)), "b": ("type", ("B",))},
    "what-if": {"changed": ("SPI1",)},
    "against": {"runs": ("a" * 16, "b" * 16)},
    "consensus": {"runs": ("a" * 16, "b" * 16)},
}
"""What a request of some kind needs that is no mere name."""


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


def a_run_of_every_kind(word: str) -> dict[str, str]:
    """Put one finished run of every kind of work into the present home, each named after `word`; return kind -> id.

    They are records without results: whoever may not see a run is told nothing of it, whatever it holds.
    """
    store, found = RunStore(), {}
    for kind in (one for one in job_kinds() if one.request.__module__.startswith("grn_core.")):
        needed = [one for one in fields(kind.request) if MISSING is one.default and MISSING is one.default_factory]
        given = {one.name: word for one in needed} | ANSWERS.get(kind.name, {})
        run_id = hashlib.blake2b(f"{kind.name} {word}".encode(), digest_size=8).hexdigest()
        record = {
            "run_id": run_id,
            "format": FORMAT,
            "created": "2026-01-01T12:00:00.000+00:00",
            "title": word,
            "request": kind.request(**given).to_json(),
            "hashes": {},
            "versions": package_versions(),
            "result": {},
        }
        write_json(store.path(run_id) / "run.json", record)
        store.write_status(run_id, RunStatus("done", fraction=1.0))
        manager.mark(run_id, name=f"{word} {kind.name}")
        found[kind.name] = run_id
    return found


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
