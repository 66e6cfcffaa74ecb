"""Streamlit goes through all objects after every run of a page: those of modules are spared."""

from __future__ import annotations

import gc
import sys
import types
import weakref

from pages.components.shared import collector
from tests.pages.app import open_page


def test_after_a_page_the_collector_has_little_to_go_through():
    gc.unfreeze()
    collector._known = 0
    open_page()
    spared = gc.get_freeze_count()
    assert spared > 10 * len(gc.get_objects())


def test_objects_are_spared_anew_only_when_modules_came(monkeypatch):
    calls = []
    monkeypatch.setattr(collector.gc, "freeze", lambda: calls.append(1))
    collector.spare_modules()
    calls.clear()
    collector.spare_modules()
    assert not calls
    monkeypatch.setitem(sys.modules, "a_module_that_was_not_there", types.ModuleType("a_module_that_was_not_there"))
    collector.spare_modules()
    assert len(calls) == 1


def test_what_is_no_longer_referred_to_is_freed_though_it_was_spared():
    class Held:
        pass

    held = Held()
    watched = weakref.ref(held)
    collector._known = 0
    collector.spare_modules()
    del held
    assert watched() is None
