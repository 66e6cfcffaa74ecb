"""What every test gets: a home folder of its own, calm threads, and the shared data where it is at hand."""

from __future__ import annotations

import fcntl
import gc
import importlib.util
import itertools
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from _pytest.assertion import rewrite
from hypothesis import Phase
from hypothesis import settings as law

from tests.app_server import CHROMIUM

# Before any test imports a numerical library: tests work on small arrays, where a second thread only costs time.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# With pandas 3 text is of a type that anndata 0.12 writes only when it is told to; our own export writes plain objects.
os.environ.setdefault("ANNDATA_ALLOW_WRITE_NULLABLE_STRINGS", "1")

ROOT = Path(__file__).resolve().parents[1]
HAVE_READ = (
    "adapt",
    "benchmark",
    "coexpression",
    "differential",
    "executors",
    "experiments",
    "extractors",
    "pages",
    "runs",
    "test_cells_command.py",
    "test_cli.py",
    "test_commands.py",
    "test_inference.py",
)
"""Rooms and files of tests that work on bundled cells and do not ask how they were read."""
HOMES = itertools.count()
CALM = "--disable-features=" + ",".join(
    (
        *(
            "WebUIOmniboxPopup",
            "WebUIOmniboxAimPopup",
        ),  # pages of the browser's own, loaded with each window, never seen
        # What Playwright switches off, whose list this one replaces.
        *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
        *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
        *("OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
    )
)
"""What the browser need not do here."""

# No deadline: on a busy machine it fails tests that are right. Always the same examples: a suite that passed passes
# again. New ones are drawn by `pytest --hypothesis-profile=new`.
law.register_profile("usual", deadline=None, derandomize=True, max_examples=12)
law.register_profile("thorough", deadline=None, derandomize=True, max_examples=100)
law.register_profile("new", deadline=None)
law.load_profile("usual")
# For `make mutation`, which runs the same laws hundreds of times and asks no more than whether they fail.
law.register_profile("mutation", max_examples=15, deadline=None, database=None, phases=(Phase.explicit, Phase.generate))


def _shared_folder() -> Path:
    return Path(os.environ.get("GRN_SHARED_DATA", ROOT.parent / "shared"))


def _rewrite_a_share(config: pytest.Config) -> None:
    """Rewrite the assertions of every n-th file of tests ahead, where n processes are about to do so with all of them.

    What is rewritten is kept, so that each file of a fresh checkout is rewritten about once, not once a process.
    """
    process = getattr(config, "workerinput", None)
    if process is None or sys.dont_write_bytecode:
        return
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    for path in files[int(process["workerid"].removeprefix("gw")) :: process["workercount"]]:
        kept = rewrite.get_cache_dir(path) / f"{path.stem}{rewrite.PYC_TAIL}"
        if rewrite._read_pyc(path, kept) is None and rewrite.try_makedirs(kept.parent):
            digest, code = rewrite._rewrite_test(path, config)
            rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, digest, kept)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """Collect tests without looking for garbage, and never look at the two million objects again that then live."""
    _rewrite_a_share(session.config)
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items):
    """Skip, and say so, the tests whose data or optional packages are not on this machine."""
    absent = {}
    if not _shared_folder().is_dir():
        absent["shared_data"] = f"no folder {_shared_folder()}: put the shared data there or set GRN_SHARED_DATA"
    if importlib.util.find_spec("transformers") is None:
        absent["geneformer"] = "no package transformers: pip install -r requirements-geneformer.txt"
    if importlib.util.find_spec("distributed") is None:
        absent["dask"] = "no package distributed: pip install -r requirements-dask.txt"
    for item in items:
        for marker, reason in absent.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter, config):
    """Say what was left out on purpose; processes side by side do not count it."""
    if "not thorough" in config.getoption("markexpr"):
        terminalreporter.write_line("Left out: the tests marked thorough, which `make thorough` runs.")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a parameter of bytes by its place: what is packed holds the second at which it was made.

    Processes that run tests side by side must find the same names.
    """
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the shared data; mark the test `shared_data` too."""
    folder = _shared_folder()
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}: put the shared data there or set GRN_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def bundled_cells(tmp_path_factory) -> Path:
    """Folder ``cells`` of a home in which the demo's cells and those of a simulated model were read once.

    Processes that run tests side by side share it.
    """
    from grn_core.datasets import describe
    from tests.pages.conftest import vocabulary

    root = tmp_path_factory.getbasetemp()
    home = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "read-before"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w") as lock, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        patch.setenv("GRN_HOME", str(home))
        for ref in ("pbmc68k", "GSD"):
            describe(ref)
        describe("pbmc68k").panel(vocabulary=vocabulary("compact"), model="Compact")  # as most tests of pages ask
    return home / "cells"


def _state(folder: Path) -> list[tuple[int, int]]:
    """Size and time of every file of a folder."""
    return [(found.st_size, found.st_mtime_ns) for found in (path.stat() for path in sorted(folder.rglob("*.*")))]


@pytest.fixture(autouse=True)
def grn_home(tmp_path_factory, monkeypatch, request) -> Iterator[Path]:
    """Give the test a GRN_HOME of its own, so that it never touches the user's.

    It is empty, but where bundled cells are no more than what is worked on: there they were read before.
    """
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(HOMES))  # `mktemp` would look at all of them
    home.mkdir(parents=True)
    for name in [name for name in os.environ if name.startswith("GRN_") and name != "GRN_SHARED_DATA"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GRN_HOME", str(home))
    if request.path.relative_to(ROOT / "tests").parts[0] in HAVE_READ:
        shared = request.getfixturevalue("bundled_cells")
        shutil.copytree(shared, home / "cells", copy_function=os.link)  # to copy them takes longer than most tests
        before = _state(shared)
        yield home
        assert _state(shared) == before, "what all tests share was written to: replace the file, or copy it first"
    else:
        yield home


@pytest.fixture
def runs_here(monkeypatch):
    """Let runs be computed in a thread of this process, so that what a test has put in the place of things counts."""
    from grn_core.runs import RunStatus, manager, worker

    threads = []

    def start(store, run_id, *, attempts):
        store.ask_cancel(run_id, cancel=False)
        status = store.write_status(run_id, RunStatus("queued", queued=time.time(), attempts=attempts, pid=os.getpid()))
        given = [run_id, "--home", str(store.root.parent)]
        threads.append(threading.Thread(target=worker.main, args=(given,)))
        threads[-1].start()
        return status

    monkeypatch.setattr(manager, "_start", start)
    yield
    for thread in threads:
        thread.join(timeout=60)


@pytest.fixture(autouse=True)
def own_main():
    """Put back the main module, which Streamlit's test client replaces: processes that are spawned later run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def calm_threads():
    """Give torch, where a test has loaded it, the same number of threads before each test."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


@contextmanager
def real_chromium():
    """Start a real, headless Chromium, and end it."""
    sync_playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", CALM])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium():
    """A Chromium for the tests of one file; mark those that use it `needs_chromium`.

    The event loop that Playwright keeps running must be gone when other tests run theirs.
    """
    with real_chromium() as browser:
        yield browser


@pytest.fixture
def chromium_tab(chromium):
    """Open a tab as in a browser that was never used before."""
    yield chromium.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    for context in chromium.contexts:
        context.close()
