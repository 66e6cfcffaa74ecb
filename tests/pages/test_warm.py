"""What is done ahead of the first visitor."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from grn_core import datasets
from grn_core.datasets import catalog
from grn_core.datasets.isolation import reader
from grn_core.errors import DataError
from grn_core.homes import home_of
from grn_core.runs import RunStore
from grn_core.runs.trash import DAY_S, KEPT_DAYS
from grn_core.sums import write_summed
from pages.components.data.choices import DEMO
from pages.components.shared import warm
from tests.app_server import ROOT


@pytest.fixture
def asked(monkeypatch, grn_home):
    """How often a reader was asked; what was read before is not there."""
    calls = []
    real = reader._ask

    def ask(*arguments, **options):
        calls.append(threading.current_thread().name)
        return real(*arguments, **options)

    monkeypatch.setattr(reader, "_ask", ask)
    catalog.forget()
    return calls


def test_cells_that_were_read_before_start_no_reader(asked):
    warm.read_demo()
    assert asked == []


def test_a_click_in_between_waits_for_what_is_being_read(asked, grn_home, monkeypatch):
    (grn_home / "cells").rename(grn_home / "read-before")
    reading, go_on = threading.Event(), threading.Event()
    counted = reader._ask

    def slowly(*arguments, **options):
        reading.set()
        assert go_on.wait(60)
        return counted(*arguments, **options)

    monkeypatch.setattr(reader, "_ask", slowly)
    ahead = threading.Thread(target=warm.read_demo, name="ahead")
    ahead.start()
    assert reading.wait(60)
    found = []
    click = threading.Thread(target=lambda: found.append(datasets.describe(DEMO)), name="click")
    click.start()
    go_on.set()
    for thread in (ahead, click):
        thread.join(timeout=120)
    assert found[0].ref == DEMO
    assert asked == ["ahead"]


def test_what_fails_ahead_is_left_for_the_page_to_tell(asked, grn_home, monkeypatch):
    message = "no reader"

    def fails(*arguments, **options):
        raise DataError(message)

    (grn_home / "cells").rename(grn_home / "read-before")
    monkeypatch.setattr(reader, "_ask", fails)
    warm.read_demo()
    with pytest.raises(DataError, match=message):
        datasets.describe(DEMO)


def test_with_login_nothing_is_read_ahead(monkeypatch):
    begun = []
    monkeypatch.setattr(warm, "read_demo", lambda: begun.append(1))
    monkeypatch.setattr(warm, "REST", ())
    warm._load_rest(False)
    assert not [thread for thread in threading.enumerate() if thread.name == "read-ahead"]
    warm._load_rest(True)
    for thread in threading.enumerate():
        if thread.name == "read-ahead":
            thread.join()
    assert begun == [1]


def test_a_server_sweeps_up_after_killed_ones_when_it_starts(grn_home, monkeypatch):
    ended = subprocess.Popen(["true"])
    ended.wait()
    ada = home_of(grn_home, "https://login.example", "ada")
    old = RunStore(ada / "removed").path("0" * 16)
    draft, part = ada / "runs" / ("1" * 16) / f".{ended.pid}-1-status.json", ada / "uploads" / f".part-{ended.pid}-x"
    living = ada / "uploads" / f".part-{os.getpid()}-x"
    for folder in (old, draft, part, living):
        folder.mkdir(parents=True)
    write_summed(old / "removed.json", {"removed": time.time() - (KEPT_DAYS + 1) * DAY_S})
    monkeypatch.setattr(warm, "REST", ())
    warm._load_rest(False)
    for thread in threading.enumerate():
        if thread.name == "sweep":
            thread.join(60)
    assert [path.exists() for path in (old, draft, part, living)] == [False, False, False, True]


def test_what_home_shows_at_once_brings_no_tables():
    code = (
        "import sys\n"
        "import app\n"
        "from pages.components.shared.warm import FIRST\n"
        "assert FIRST\n"
        "for name in FIRST: __import__(name)\n"
        "print(*{'pandas', 'scipy', 'pyarrow', 'torch', 'anndata'} & set(sys.modules))\n"
    )
    quiet = {**os.environ, "STREAMLIT_LOGGER_LEVEL": "error"}
    script = f"import pages.components.shared.warm as warm\nwarm.warm_up = lambda **_: None\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=quiet, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("fails", [False, True])
def test_the_rest_is_loaded_after_the_first_and_waited_for(monkeypatch, fails):
    done, go_on = [], threading.Event()

    def load(module):
        if module == "rest":
            assert go_on.wait(60)
        done.append(module)
        if fails and module == "first":
            raise ImportError

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr(warm, "_threads", [])
    monkeypatch.setattr(warm, "FIRST", ("first",))
    monkeypatch.setattr(warm, "REST", ("rest",))
    monkeypatch.setattr(warm, "import_module", load)
    monkeypatch.setattr(warm, "_sweep", lambda: None)
    warm.warm_up(demo=False)
    warm.wait_for_first()
    assert done == ["first"]
    go_on.set()
    warm.wait_until_warm()
    assert done == ["first", "rest"]
