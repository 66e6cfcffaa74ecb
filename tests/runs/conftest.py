from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from grn_core.errors import RunError
from grn_core.runs import RunStatus, RunStore, manager

HERE = Path(__file__).parent


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


fake_jobs = _load("fake_jobs")


@pytest.fixture
def fake(monkeypatch, grn_home):
    """The fake kind of work; workers that the test leaves behind are ended."""
    monkeypatch.setattr(manager, "WORKER", (sys.executable, fake_jobs.__file__))
    yield fake_jobs
    store = RunStore()
    for info in store.list_runs():
        if info.status.active and info.status.pid:
            os.kill(info.status.pid, signal.SIGKILL)


@pytest.fixture
def stays(grn_home):
    """Let the fake work stay after so many chunks, until what is returned is called."""

    def after(chunks: int):
        path = grn_home / fake_jobs.STAY
        path.write_text(str(chunks), encoding="utf-8")
        return path.unlink

    return after


@pytest.fixture
def dead_pid() -> int:
    """Number of a process that has ended."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


@pytest.fixture
def store(grn_home) -> RunStore:
    return RunStore()


@pytest.fixture
def diary(grn_home):
    """What the workers wrote down, line by line."""

    def read() -> list[str]:
        path = grn_home / "diary.txt"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    return read


@pytest.fixture
def until():
    """Wait until the status of a run satisfies a condition."""

    def wait(run_id: str, condition, *, timeout_s: float = 60.0) -> RunStatus:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            try:
                status = manager.status(run_id)
            except RunError:
                status = None
            if status is not None and condition(status):
                return status
            time.sleep(0.01)
        pytest.fail(f"after {timeout_s} s the run is {status}")

    return wait


@pytest.fixture
def stand_ins(monkeypatch):
    """Stand-ins for model, translator and inference, whatever is bundled."""
    module = _load("stand_ins")
    for name, stand_in in module.modules().items():
        monkeypatch.setitem(sys.modules, name, stand_in)
    return module
