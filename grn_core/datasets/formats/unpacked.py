"""The content of a file that is packed by gzip or bzip2: its first bytes, and the whole of it within limits."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from pathlib import Path

from grn_core.datasets.checks import check_size
from grn_core.datasets.formats.record import START

GZIP, BZIP = b"\x1f\x8b", b"BZh"
BLOCK = 1 << 20


def start_of(path: Path) -> bytes:
    """Return the first `START` bytes of a file, unpacked where they are packed and can be unpacked."""
    with path.open("rb") as file:
        start = file.read(START)
    try:
        if start.startswith(GZIP):
            return zlib.decompressobj(31).decompress(start, START)
        if start.startswith(BZIP):
            with bz2.open(path) as content:
                return content.read(START)
    except (OSError, EOFError, zlib.error):
        return start
    return start


def is_packed(path: Path) -> bool:
    """Whether a file is packed by gzip or bzip2."""
    with path.open("rb") as file:
        return file.read(3).startswith((GZIP, BZIP))


def content_of(path: Path) -> Path | io.BytesIO:
    """Return the path of a file, or its content in memory where it is packed; `DataError` where that is too much."""
    if not is_packed(path):
        return path
    with path.open("rb") as file:
        opener = gzip.open if file.read(2) == GZIP else bz2.open
    whole = io.BytesIO()
    with opener(path, "rb") as content:
        while block := content.read(BLOCK):
            whole.write(block)
            check_size(0, whole.tell())
    whole.seek(0)
    return whole
