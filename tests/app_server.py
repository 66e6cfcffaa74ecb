"""The real app on a free port with a home folder of its own, for tests that look at it from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = Path("/usr/bin/chromium")
needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"no {CHROMIUM}; to run this test: apt-get install chromium chromium-driver"
)


def wait_for_network(tab, *, timeout_ms: int) -> None:
    """Wait on the Infer page until its run has ended, and fail with the page's words if not with a network."""
    finished = tab.get_by_text("Finished. The network is ready.")
    failed = tab.get_by_role("button", name="Try again").or_(tab.get_by_role("button", name="Go on with it"))
    finished.or_(failed).first.wait_for(timeout=timeout_ms)
    assert not failed.first.is_visible(), tab.get_by_test_id("stMain").inner_text()


@dataclass(frozen=True)
class AppServer:
    """A running app.

    Attributes
    ----------
    home
        Its GRN_HOME.
    process
        The Streamlit process.
    started
        `time.perf_counter()` when it was started.
    """

    home: Path
    process: subprocess.Popen
    started: float

    @property
    def url(self) -> str:
        """Address of its first page, without a slash at the end; the port is the one that the server was given."""
        with suppress(psutil.Error):
            for one in psutil.Process(self.process.pid).net_connections(kind="tcp"):
                if one.status == psutil.CONN_LISTEN:
                    return f"http://127.0.0.1:{one.laddr.port}"
        message = "the server does not listen yet, or no more"
        raise ConnectionError(message)

    def log(self) -> str:
        """What the server wrote so far."""
        return (self.home / "server.log").read_text(encoding="utf-8", errors="replace")

    def wait_until_up(self, *, timeout: float = 90, path: str = "") -> None:
        """Wait until the server answers its health check; `path` is the part of its address behind the name."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}{path}/_stcore/health", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert self.process.poll() is None, f"the server ended:\n{self.log()}"
                time.sleep(0.05)
        pytest.fail(f"the server did not come up in {timeout:.0f} s:\n{self.log()}")

    def stop(self) -> None:
        """End the server, and the workers that it left at work on purpose."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # it waits for the tab to say goodbye
            self.process.kill()
            self.process.wait()
        for worker in psutil.process_iter(["cmdline"]):
            command = worker.info["cmdline"] or []
            if "grn_core.runs.worker" in command and any(str(self.home) in word for word in command):
                worker.send_signal(signal.SIGKILL)


def start_app(home: Path, *, options: Sequence[str] = (), spare: bool = True, look_ms: int = 700) -> AppServer:
    """Start the app as `make app` does, with further options, and return at once; the caller stops it.

    Without `spare`, no worker is loaded ahead of the runs: most tests ask for none. Whoever only waits for the end of a
    run lets pages look at it seldom.
    """
    home.mkdir(parents=True, exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GRN_", "OMP_"))}
    command = [sys.executable, "-m", "grn_core", "app", "--headless"]
    command += ["--port=0", "--", *options]  # the system gives a port that no other process has
    given = {"GRN_HOME": str(home), "GRN_SPARE_WORKER": str(int(spare)), "GRN_LOOK_MS": str(look_ms)}
    started = time.perf_counter()
    with (home / "server.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment | given, stdout=log, stderr=subprocess.STDOUT)
    return AppServer(home, process, started)
