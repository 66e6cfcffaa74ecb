"""Reading where a law of what is read is tried on many tables."""

from __future__ import annotations

import pytest

from tests.datasets.helpers import read_here


@pytest.fixture
def in_this_process(monkeypatch):
    """Read files in this process: one of its own for each takes longer than the reading."""
    monkeypatch.setattr("grn_core.datasets.readers.dataset_of", read_here)
