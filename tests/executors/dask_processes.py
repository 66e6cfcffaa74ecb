"""A Dask scheduler and workers as processes of their own, on the loopback address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from grn_core.runs.manager import MALLOC

ROOT = Path(__file__).resolve().parents[2]
THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", **MALLOC}


class DaskProcesses:
    """A scheduler and its workers, as processes."""

    def __init__(self, home: Path, *, n_workers: int = 2):
        self.home, self.n_workers = home, n_workers
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler, self.workers = None, []

    def start(self):
        given = ("--host", "127.0.0.1", "--port", str(self.port), "--idle-timeout", "600s")  # so that none outlives us
        self.scheduler = self._process("scheduler", *given)
        self.workers = [self.worker() for _ in range(self.n_workers)]
        return self

    def worker(self):
        given = ("--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", "--death-timeout", "60")
        return self._process("worker", self.address, *given)

    def end(self):
        for one in (*self.workers, self.scheduler):
            one.kill()
            one.wait()

    def _process(self, what, *arguments):
        with (self.home / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments, "--no-dashboard"],
                cwd=self.home,
                env={**os.environ, "PYTHONPATH": str(ROOT), "GRN_HOME": str(self.home), "GRN_THREADS": "1", **THREADS},
                stdout=log,
                stderr=log,
            )
