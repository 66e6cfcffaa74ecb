"""The collector of garbage goes through all objects now and then, and spares those of modules."""

from __future__ import annotations

import gc
import sys
import tomllib
import types
import weakref

import pytest

from pages.components.shared import collector
from tests.conftest import ROOT
from tests.pages.app import open_page


@pytest.fixture
def calls(monkeypatch) -> list[str]:
    """What was asked of the collector, by an app whose modules are all known and that collected just now."""
    made: list[str] = []
    monkeypatch.setattr(collector.gc, "collect", lambda: made.append("collect"))
    monkeypatch.setattr(collector.gc, "freeze", lambda: made.append("freeze"))
    monkeypatch.setattr(collector, "_known", len(sys.modules))
    monkeypatch.setattr(collector, "_last", collector.time.monotonic())
    return made


def test_after_a_page_the_collector_has_little_to_go_through():
    gc.unfreeze()
    collector._known = 0
    open_page()
    spared = gc.get_freeze_count()
    assert spared > 10 * len(gc.get_objects())


def test_objects_are_spared_anew_only_when_modules_came(monkeypatch, calls):
    collector.collect()
    assert not calls
    monkeypatch.setitem(sys.modules, "a_module_that_was_not_there", types.ModuleType("a_module_that_was_not_there"))
    collector.collect()
    collector.collect()
    assert calls == ["collect", "freeze"]


def test_garbage_is_collected_now_and_then(monkeypatch, calls):
    monkeypatch.setattr(collector, "_last", collector.time.monotonic() - collector.EVERY_S)
    collector.collect()
    collector.collect()
    assert calls == ["collect"]


def test_nobody_else_collects_after_every_run():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["runner"]["postScriptGC"] is False


def test_what_is_no_longer_referred_to_is_freed_though_it_was_spared():
    class Held:
        pass

    held = Held()
    watched = weakref.ref(held)
    collector._known = 0
    collector.collect()
    del held
    assert watched() is None
