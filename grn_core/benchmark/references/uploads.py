"""Reference networks of the user's own, kept by content, for comparisons and the suite ``own``."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

from grn_core.benchmark.references.reference import Reference, read_reference
from grn_core.disk import check_room
from grn_core.errors import DataError
from grn_core.files import DIGITS, KEPT, note_use, sha256_of, write_atomic
from grn_core.settings import settings
from grn_core.sums import read_summed

RUN = re.compile(r"run:([0-9a-f]{16})")
"""Name of a network that was imported as a run."""
SHOWN = 6
EDGES = "edges.parquet"
BLOCK = 1 << 20  # bytes that are hashed at once


def _root() -> Path:
    return settings().home / "references"


def store_reference(name: str, content: BinaryIO) -> str:
    """Keep an edge list and return its name here; the same content is kept once.

    Parameters
    ----------
    name
        Name of the file.
    content
        The open file.

    Raises
    ------
    DataError
        It is no network, or no gene of it is known.
    """

    def check(path: Path) -> None:
        if not len(read_reference(str(path)).edges):
            message = f"no edge of {name} has two genes that are known"
            raise DataError(message, needed="human or mouse symbols, or Ensembl ids", todo="check the names")

    return kept(_root(), name, content, check=check).name


def kept(root: Path, name: str, content: BinaryIO, *, check: Callable[[Path], object]) -> Path:
    """Keep a file of the user by its content, and return its path; where `check` raises at all, the file goes again.

    Parameters
    ----------
    root
        Folder of such files.
    name
        Name of the file.
    content
        The open file.
    check
        Reads the file that was kept.
    """
    plain = Path(name).name
    packed = plain.lower().endswith((".gz", ".bz2"))
    ending = "".join(one for one in Path(plain).suffixes[-2 if packed else -1 :] if not KEPT.search(one))
    check_room(content.seek(0, 2))
    content.seek(0)
    whole = hashlib.sha256()
    for block in iter(partial(content.read, BLOCK), b""):
        whole.update(block)
    digest = whole.hexdigest()[:DIGITS]
    stem, ending = (re.sub(r"[^A-Za-z0-9_.+-]+", "-", one) for one in (plain.removesuffix(ending), ending))
    path = root / f"{stem[:60] or 'reference'}.{digest}{ending[-20:]}"

    def write(draft: Path) -> None:
        content.seek(0)
        with draft.open("wb") as file:
            shutil.copyfileobj(content, file)

    fresh = not (path.is_file() and sha256_of(path).startswith(digest))  # one that is damaged comes back
    if fresh:
        write_atomic(path, write)
    fits = not fresh
    try:
        check(path)
        fits = True
    except DataError as error:
        error.found = error.found.replace(str(path), name).replace(path.name, name)  # the name that the user knows
        raise
    finally:
        if not fits:
            path.unlink(missing_ok=True)
    note_use(path)
    return path


def plain_name(name: str) -> str:
    """Return what a file of `kept` was called."""
    return KEPT.sub("", name)


def called(name: str) -> str:
    """Return what a file of `kept` was called, and by what its content is told from that of namesakes."""
    digest = KEPT.search(name)
    return name if digest is None else f"{plain_name(name)} ({digest[0][1 : 1 + SHOWN]})"


def files_of(root: Path) -> dict[str, str]:
    """Return what `kept` holds in a folder: name here -> name of the file as it was uploaded, newest first."""

    def is_ours(path: Path) -> bool:
        return not path.name.startswith(".") and KEPT.search(path.name) is not None

    paths = sorted(filter(is_ours, root.glob("*")), key=lambda path: path.stat().st_mtime, reverse=True)
    return {path.name: plain_name(path.name) for path in paths}


def uploaded() -> dict[str, str]:
    """Return the user's references: name here -> name of the file as it was uploaded, newest first; then imports."""
    return files_of(_root()) | _imports()


def _imports() -> dict[str, str]:
    """Return the networks that were imported as runs: name here -> title."""
    found = {}
    for folder in sorted(settings().runs.glob("[0-9a-f]*")):
        record = read_summed(folder / "run.json", unsummed=True) or {}
        asked = record.get("request")
        if isinstance(asked, dict) and asked.get("kind") == "import" and (folder / EDGES).is_file():
            found[f"run:{folder.name}"] = f"{record.get('title')} (imported)"
    return found


def reference_path(name: str) -> Path:
    """Return the file of a user's reference.

    Raises
    ------
    DataError
        There is none of that name.
    """
    if name not in uploaded():
        message = f"there is no reference {name!r} here"
        raise DataError(message, needed="one that was uploaded", todo="upload it again")
    if run := RUN.fullmatch(name):
        return settings().runs / run[1] / EDGES
    note_use(_root() / name)
    return _root() / name


def read_upload(name: str) -> Reference:
    """Read a user's reference, in human symbols."""
    return read_reference(str(reference_path(name)))
