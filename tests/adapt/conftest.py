"""Adaptations of toys."""

from __future__ import annotations

import pytest

from grn_core.adapt import core


@pytest.fixture(autouse=True)
def few_checks(monkeypatch):
    """Measure the held-out error on two batches, not on eight: no law is about how many, and it is half of the work."""
    monkeypatch.setattr(core, "CHECK_BATCHES", 2)
