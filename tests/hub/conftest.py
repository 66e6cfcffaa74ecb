from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grn_core.hub import manifest
from tests.hub.loopback import Server

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
FILES = ("args.json", "vocab.json", "best_model.pt")


@pytest.fixture
def tiny() -> Path:
    """A tiny checkpoint in scGPT's published format."""
    return FIXTURES / "scgpt_inproj"


@pytest.fixture
def hub(monkeypatch):
    """A hub on the loopback address, and nothing else to reach."""
    server = Server()
    monkeypatch.setenv("HF_ENDPOINT", server.hub.url)
    monkeypatch.setattr("grn_core.hub.pull.CHUNK", 10_000)  # the files of the tests are small
    yield server.hub
    server.stop()


@pytest.fixture
def publish(monkeypatch, tiny, hub):
    """Put the tiny checkpoint on the hub and into the manifest; stated checksums and the rest can be changed."""

    def publish(**changes) -> manifest.Checkpoint:
        hub.hold("lab/tiny", tiny, *FILES)
        content = {name: (tiny / name).read_bytes() for name in FILES}
        stated = {name: hashlib.sha256(body).hexdigest() for name, body in content.items()} | changes.pop("sha256", {})
        files = tuple(manifest.PublishedFile(name, len(content[name]), stated[name]) for name in FILES)
        known = manifest.Checkpoint(
            **{
                "name": "tiny",
                "title": "Tiny scGPT",
                "format": "scgpt",
                "description": "Random weights.",
                "licence": "MIT",
                "notice": "",
                "repo": "lab/tiny",
                "revision": "main",
                "page": "https://example.org/tiny",
                "loads": "",
                "files": files,
                "confirmed": False,
            }
            | changes
        )
        monkeypatch.setattr(manifest, "_read", lambda path: (known,))
        return known

    return publish
