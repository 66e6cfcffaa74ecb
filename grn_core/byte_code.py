"""Compiled modules that are whole or absent, on a full disk and under a quota too.

Python puts a compiled module in its place although the disk took a part of it alone (issue 126606 of python/cpython,
mended in later versions only): from then on no process could load that module, however much room there is again.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any


def keep_whole() -> None:
    """Let this process leave no compiled module that is cut off, and pass over one that another has left."""
    loader: Any = SourceFileLoader
    write, read = loader._cache_bytecode, loader.get_code
    if getattr(write, "whole", False):
        return

    def written(self: Any, source: str, place: str, data: bytes) -> None:
        write(self, source, place, data)
        with suppress(OSError):
            if Path(place).stat().st_size != len(data):
                Path(place).unlink()

    def code(self: Any, name: str) -> Any:
        try:
            return read(self, name)
        except EOFError:  # it is cut off
            with suppress(OSError):
                Path(cache_from_source(self.get_filename(name))).unlink()
            return self.source_to_code(self.get_data(self.get_filename(name)), self.get_filename(name))

    written.whole = True  # type: ignore[attr-defined]
    loader._cache_bytecode, loader.get_code = written, code
