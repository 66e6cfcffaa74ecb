"""What the commands write: tables and JSON on stdout, progress on stderr."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from grn_core import in_words
from grn_core.errors import visible
from grn_core.files import write_atomic
from grn_core.homes import as_usual
from grn_core.progress import BYTES
from grn_core.shell import here

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from grn_core.runs import RunStatus

BAR_WIDTH = 24


def say(text: str) -> None:
    """Write a line to stdout; nothing in it is a command to the terminal, and commands of ours run as they stand."""
    sys.stdout.write(visible(here(text)) + "\n")


def say_json(content: Any) -> None:
    """Write JSON to stdout; a number that JSON lacks (NaN, infinity) is null."""
    told = json.dumps(_in_json(content), indent=2, ensure_ascii=False, default=str, allow_nan=False)
    sys.stdout.write(visible(told) + "\n")


def _in_json(content: Any) -> Any:
    """Return content with null for numbers that JSON lacks, and numbers of arrays as numbers."""
    if isinstance(content, Mapping):
        return {name: _in_json(part) for name, part in content.items()}
    if isinstance(content, (list, tuple)):
        return [_in_json(part) for part in content]
    value = content.item() if isinstance(content, np.generic) else content
    return None if isinstance(value, float) and not math.isfinite(value) else value


def put(content: bytes, output: Path) -> None:
    """Write a file that the user asked for, whole or not at all."""
    with as_usual():
        write_atomic(output, lambda draft: draft.write_bytes(content))


def put_out(content: bytes) -> None:
    """Write a table to stdout: as it is into a file or a pipe; on a terminal nothing in it is a command to that."""
    text = content.decode("utf-8")
    sys.stdout.write(visible(text) if sys.stdout.isatty() else text)


def note(text: str) -> None:
    """Write a line to stderr, as `say` does."""
    sys.stderr.write(visible(here(text)) + "\n")


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as columns of equal width."""
    cells = [[str(value) for value in row] for row in (heading, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heading))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)


class ProgressLine:
    """Shows a run's status: one line that is written over on a terminal, else a line per stage and tenth."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._last: object = None

    def __call__(self, status: RunStatus) -> None:
        """Show `status`, if it says something new."""
        if not status.active:
            return
        tenth = int(10 * status.done / status.total) if status.total else 0
        text = self._describe(status)
        told = text if status.state == "queued" else (status.state, status.stage, tenth)
        key = status.updated if self._terminal else told
        if key == self._last:
            return
        self._last = key
        self._stream.write(f"\r\x1b[K{text}" if self._terminal else f"{text}\n")
        self._stream.flush()

    def close(self) -> None:
        """Clear the line."""
        if self._terminal and self._last is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _describe(self, status: RunStatus) -> str:
        if status.state == "queued":
            return status.message or "queued"
        filled = round(status.fraction * BAR_WIDTH)
        bar = f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {status.fraction:z4.0%}"
        steps = f" {status.done}/{status.total}" if status.total else ""
        if status.stage in BYTES:
            steps = f" {in_words.size(status.done)} of {in_words.size(status.total)}"
        spent = time.time() - status.started if status.started else status.elapsed_s
        left = "" if not status.eta_s else f", about {in_words.duration(status.eta_s)} left"
        return f"{bar} {status.stage or 'begin'}{steps}, {in_words.duration(spent)}{left}"


class StageLine:
    """Shows the progress of work in this process: a context manager that is called with stage, done, total."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._last: tuple[str, int] | None = None
        self._started = (time.monotonic(), "")

    def __enter__(self) -> StageLine:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._terminal and self._last is not None:
            self._stream.write("\n")

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Write a line per stage and twentieth; on a terminal one line that is written over."""
        key = (stage, 20 * done // max(1, total))
        if key == self._last:
            return
        if self._started[1] != stage:
            self._started = (time.monotonic(), stage)
        self._last = key
        passed = in_words.duration(time.monotonic() - self._started[0])
        steps = f"{in_words.size(done)} of {in_words.size(total)}" if stage in BYTES else f"{done:,} of {total:,}"
        text = f"{stage}: {steps} ({passed})"
        self._stream.write(f"\r\x1b[K{text}" if self._terminal else f"{text}\n")
        self._stream.flush()
