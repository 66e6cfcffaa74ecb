"""Opening a text: packed or not, in the encoding that its mark says."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

LONGEST_LINE = 64 * 1024**2
GZIP, BZIP = b"\x1f\x8b", b"BZh"
BOMS = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@contextmanager
def opened(path: Path, encoding: str = "utf-8-sig") -> Iterator[TextIO]:
    """Open a table, plain, gzip or bzip2."""
    with path.open("rb") as raw:
        start = raw.read(4)
    opener = gzip.open if start.startswith(GZIP) else bz2.open if start.startswith(BZIP) else open
    with opener(path, "rt", encoding=encoding, newline="") as lines:
        yield lines


def encoding_of(path: Path) -> str:
    """Return the encoding that a byte order mark says; UTF-8 without one."""
    with path.open("rb") as raw:
        start = raw.read(4)
    opener = gzip.open if start.startswith(GZIP) else bz2.open if start.startswith(BZIP) else open
    with opener(path, "rb") as content:
        start = content.read(4)
    return next((name for mark, name in BOMS.items() if start.startswith(mark)), "utf-8-sig")
