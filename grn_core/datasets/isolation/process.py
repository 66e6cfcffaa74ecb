"""The reader's process, seen from the one that asks it: started when first needed, kept for the next file."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
MODULE = "grn_core.datasets.isolation.warm"
ANSWER = "answer.json"
"""Name of the file in which a reader says why it could not read."""
NO_ROOM = 28
"""Exit code of a reader that had no room to say why it could not read."""
START_S, GRACE_S = 120.0, 5.0
PASSED_ON = ("PATH", "PYTHONHOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")
"""Variables that the reader gets; no password or token is among them."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class NoAnswer(Exception):
    """The reader ended before it answered (then with words), or took too long (then without)."""


class _Reader:
    def __init__(self) -> None:
        search = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        given = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.owner = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-m", MODULE],
            env={**given, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.answer(START_S)

    def alive(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None

    def answer(self, wait_s: float) -> dict[str, Any]:
        """Wait for the next line; end the reader if it does not come."""
        late = threading.Event()

        def end() -> None:
            late.set()
            self.end()

        timer = threading.Timer(wait_s, end)
        timer.daemon = True
        timer.start()
        try:
            line = self.process.stdout.readline(4096) if self.process.stdout else b""
            answer = json.loads(line)
        except ValueError as error:
            self.end()
            if late.is_set():
                raise NoAnswer from error
            message = f"stopped with exit code {self.process.wait()}"
            raise NoAnswer(message) from error
        except BaseException:
            self.end()  # whoever waited was told to stop
            raise
        finally:
            timer.cancel()
        return dict(answer)

    def ask(self, request: dict[str, Any], wait_s: float) -> int:
        """Have a file read; return how that ended."""
        if self.process.stdin is None:
            return 1
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            self.end()
            message = "stopped before it was asked"
            raise NoAnswer(message) from error
        return int(self.answer(wait_s)["status"])

    def end(self) -> None:
        """End the reader, with what it has started."""
        if self.owner != os.getpid():
            return
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what could not be written any more
                    pipe.close()


_idle: list[_Reader] = []
_GUARD = threading.Lock()


def ask(request: dict[str, Any], *, wait_s: float) -> int:
    """Have a file read by a reader that is free; return its exit code, or minus the number of the signal that ended it.

    Raises
    ------
    NoAnswer
        It took longer than `wait_s` and a little more, or its process is gone.
    """
    with _GUARD:
        free = [_idle.pop() for _ in range(len(_idle))]
        reader = next((one for one in free if one.alive()), None)
        _idle.extend(one for one in free if one is not reader and one.alive())
    reader = reader or _Reader()
    status = reader.ask(request, wait_s + GRACE_S)
    with _GUARD:
        if not _idle and reader.alive():
            _idle.append(reader)
            return status
    reader.end()
    return status


@atexit.register
def _end_all() -> None:
    with _GUARD:
        for reader in _idle:
            reader.end()
        _idle.clear()
