"""All that lies in a home as one zip file, for its owner to take along."""

from __future__ import annotations

import tempfile
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, cast

from grn_core import in_words
from grn_core.caches import CACHES, entries
from grn_core.caches import USERS as CACHE_USERS
from grn_core.errors import RunError
from grn_core.runs.queue import FOLDER as QUEUE
from grn_core.runs.shares import FOLDER as SHARES
from grn_core.settings import USERS, settings

if TYPE_CHECKING:
    from pathlib import Path

MOST_IN_ZIP = 2 * 10**9
"""Bytes: the file is handed out by the server, which holds it in memory."""
LOCKS = ("lock", "gate", "cancel")
OF_ALL = (USERS, SHARES, QUEUE, CACHE_USERS)
"""Folders in the home of an installation that are no one person's: homes and their key, links, and who waits."""


def everything() -> BinaryIO:
    """Return a zip file of all that lies in the present home; who reads it closes it.

    Caches, downloads, and what is of others in the home of an installation are left out.

    Raises
    ------
    RunError
        It is too large to be handed out so.
    """
    home, files = settings().home, _files()
    if (total := _size(files)) > MOST_IN_ZIP:
        message = f"your data take {in_words.size(total)}"
        todo = "delete what you need no more, or ask who runs this installation for a copy of your folder"
        raise RunError(message, needed=f"at most {in_words.size(MOST_IN_ZIP)} in one file", todo=todo)
    # handed out open
    whole = cast("BinaryIO", tempfile.TemporaryFile(dir=home if home.is_dir() else None))  # noqa: SIM115
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            with suppress(FileNotFoundError):
                archive.write(path, path.relative_to(home))
    whole.seek(0)
    return whole


def n_bytes() -> int:
    """Return the size of all that `everything` packs."""
    return _size(_files())


def _size(files: list[Path]) -> int:
    total = 0
    for path in files:
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def _files() -> list[Path]:
    now = settings()
    left = {entry.path for cache in CACHES for entry in entries(cache, home=now.home)}
    left |= {now.home / name for name in OF_ALL} | {now.models, now.downloads}
    return [path for path in _below(now.home, left=left) if path.name not in LOCKS]


def _below(folder: Path, *, left: set[Path]) -> list[Path]:
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path in left or path.is_symlink():
            continue
        if path.is_dir():
            found += _below(path, left=left)
        elif path.is_file():
            found.append(path)
    return found
