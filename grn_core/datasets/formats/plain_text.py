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
SHORTEST = 8
BOMS = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}

LOOKED_AT = 4096
"""Bytes by which the encoding is told."""


@contextmanager
def opened(path: Path, encoding: str = "utf-8-sig") -> Iterator[TextIO]:
    """Open a table, plain, gzip or bzip2."""
    with path.open("rb") as raw:
        start = raw.read(4)
    opener = gzip.open if start.startswith(GZIP) else bz2.open if start.startswith(BZIP) else open
    with opener(path, "rt", encoding=encoding, newline="") as lines:
        yield lines


def encoding_of(path: Path) -> str:
    """Return the encoding of a table, as `encoding_of_start` tells it."""
    with path.open("rb") as raw:
        start = raw.read(4)
    opener = gzip.open if start.startswith(GZIP) else bz2.open if start.startswith(BZIP) else open
    with opener(path, "rb") as content:
        return encoding_of_start(content.read(LOOKED_AT))


def encoding_of_start(start: bytes) -> str:
    """Return the encoding that the first bytes of a text say: by a byte order mark, or as UTF-16 without one.

    Of UTF-16 every other byte is zero where letters are Latin, and the others never are. Everything else is UTF-8.
    """
    marked = next((name for mark, name in BOMS.items() if start.startswith(mark)), None)
    if marked is not None:
        return marked
    for name, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        upper, lower = start[high::2], start[1 - high :: 2]
        if len(start) >= SHORTEST and 2 * upper.count(0) > len(upper) and 0 not in lower:
            return name
    return "utf-8-sig"


def decoded(raw: bytes) -> str:
    """Return the text of a whole file that is not packed; what is neither UTF-8 nor marked as another is Latin-1.

    Raises
    ------
    ValueError
        It is no text: it holds zeros.
    """
    encoding = encoding_of_start(raw[:LOOKED_AT])
    if encoding == "utf-8-sig" and b"\0" in raw:
        message = "no text"
        raise ValueError(message)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def is_wide(start: bytes) -> bool:
    """Whether the first bytes are of a text in UTF-16 or UTF-32, in which zeros are no sign of anything else."""
    return encoding_of_start(start) != "utf-8-sig"
