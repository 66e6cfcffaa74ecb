"""A worker in waiting: it has loaded what an inference needs, and becomes the worker of the next run that is asked for.

Most of the seconds before a first result are those of loading libraries. A server may therefore start one worker ahead
(`keep`), give it a run in place of a fresh one (`take`), and does without where there is none, where it is gone, or
where anything differs that a fresh worker would be given: no process is forked that has loaded torch, and no spare one
serves another home than it was started for. It ends with whoever started it, and when nobody has asked it for long.
"""

from __future__ import annotations

import hashlib
import json
import os
import select
import subprocess
import sys
import sysconfig
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FLAG = "--spare"
WAIT_S, MARGIN_S = 600.0, 10.0
"""Seconds that a spare worker waits for a run, and by how much sooner it is no longer asked."""
LONGEST_LINE = 4096
"""Bytes that are written to a pipe as one."""
AHEAD = (
    "grn_core.inference",
    "grn_core.extractors.engine",
    "grn_core.translator.apply",
    "grn_core.extractors.ranks",
    "grn_core.models.compact.model",
    "pyarrow.parquet",
)
"""Modules that bring what an inference needs; none of them looks into a home when it is loaded."""
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class _Spare:
    process: subprocess.Popen[bytes]
    command: tuple[str, ...]
    home: Path
    environment: Mapping[str, str]
    born: float

    def serves(self, command: Sequence[str], home: Path, environment: Mapping[str, str]) -> bool:
        """Whether it lives, has not waited for too long, and is what a fresh worker would be."""
        young = time.monotonic() - self.born < WAIT_S - MARGIN_S
        same = (self.command, self.home, dict(self.environment)) == (tuple(command), home, dict(environment))
        return young and same and self.process.poll() is None

    def ask(self, line: bytes) -> bool:
        """Give it its run, and say whether it could be given."""
        pipe = self.process.stdin
        if pipe is None or len(line) > LONGEST_LINE:
            return False
        with suppress(OSError):
            return os.write(pipe.fileno(), line) == len(line)
        return False

    def let_go(self) -> None:
        """Tell it that nothing more will be asked: it ends, unless it was given a run."""
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()


_waiting: list[_Spare] = []
_at_work: list[subprocess.Popen[bytes]] = []
_GUARD = threading.Lock()


def keep(command: Sequence[str], *, home: Path, environment: Mapping[str, str]) -> None:
    """Have one spare worker wait, unless one does, or a worker that was started here is at work.

    Parameters
    ----------
    command
        That starts a worker, without the run.
    home
        The only home that it may serve.
    environment
        What a worker is given.
    """
    with _GUARD:
        _at_work[:] = [one for one in _at_work if one.poll() is None]
        for one in [one for one in _waiting if not one.serves(command, home, environment)]:
            one.let_go()
            _waiting.remove(one)
        if _waiting or _at_work:
            return
        process = subprocess.Popen(
            [*command, FLAG, code_stamp(), "--home", str(home)],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _waiting.append(_Spare(process, tuple(command), home, dict(environment), time.monotonic()))
    reap(process)


def take(
    command: Sequence[str], run_id: str, *, home: Path, environment: Mapping[str, str], folder: Path, log: Path
) -> subprocess.Popen[bytes] | None:
    """Let the spare worker be that of a run, and return its process; None where none can be.

    Parameters
    ----------
    command, home, environment
        As of `keep`; a spare worker that was started otherwise is let go.
    run_id
        The run.
    folder, log
        Where a worker works, and the file that what it writes goes to.
    """
    with _GUARD:
        one = _waiting.pop() if _waiting else None
    if one is None:
        return None
    line = json.dumps({"run": run_id, "folder": str(folder.resolve()), "log": str(log.resolve())}).encode() + b"\n"
    given = one.serves(command, home, environment) and one.ask(line)
    one.let_go()
    return one.process if given else None


def at_work(process: subprocess.Popen[bytes]) -> None:
    """Note a worker that was given a run: as long as it lives, no spare one is started beside it."""
    with _GUARD:
        _at_work.append(process)


def reap(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a process in a thread: it leaves no zombie, which would look alive."""
    threading.Thread(target=process.wait, daemon=True).start()


def code_stamp() -> str:
    """Return what changes when a file of our code does, or a package is installed or removed."""
    states = [(path, path.stat()) for path in sorted((ROOT / "grn_core").rglob("*.py"))]
    told = [f"{path} {state.st_mtime_ns} {state.st_size}" for path, state in states]
    told += [f"{folder} {Path(folder).stat().st_mtime_ns}" for folder in _packages()]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _packages() -> list[str]:
    return sorted({sysconfig.get_path(name) for name in ("purelib", "platlib")})


def wait_for_run(stamp: str) -> str | None:
    """Be the spare worker: load, wait, and return the run that it was given; None where it should end.

    Where our code has changed since `stamp`, a fresh worker takes the place of this process: what is loaded never
    computes under the name of what came after it.
    """
    for module in AHEAD:
        import_module(module)
    ready, _, _ = select.select([sys.stdin.fileno()], [], [], WAIT_S)
    line = os.read(sys.stdin.fileno(), LONGEST_LINE) if ready else b""
    if not line.endswith(b"\n"):
        return None
    asked = json.loads(line)
    os.chdir(asked["folder"])
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, standard in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, standard)
    for ours in (nothing, log):
        os.close(ours)
    if code_stamp() != stamp:
        place = sys.orig_argv.index(FLAG)
        os.execv(sys.executable, [*sys.orig_argv[:place], asked["run"], *sys.orig_argv[place + 2 :]])
    return str(asked["run"])
