"""Files that are either whole or absent, whatever kills the writer."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np
    import pandas as pd

PIECE = 4 * 2**20
PART = ".part-"
OLD_S = 24 * 3600.0
DIGITS = 12
KEPT = re.compile(rf"\.([0-9a-f]{{{DIGITS}}})(?=\.|$)(?!.*\.[0-9a-f]{{{DIGITS}}}(?:\.|$))")
"""What is put into the name of a file that is kept by its content: the beginning of its SHA-256.

It is the last of that form: a name may hold a date and time, which is of 12 digits too.
"""
JUST_NS = 2 * 10**9
"""Nanoseconds within which a file may be written to again without another time: disks count in steps."""
LEFT = re.compile(r"\.(?:part-(\d*)|(\d+)-\d+-.)")
"""Name of what is not whole yet: a folder of `part_folder`, or a draft; the process that makes it is in it."""


def draft_of(path: Path) -> Path:
    """Name what is not whole yet, or no longer, beside its place: hidden, of the same ending, with who makes it."""
    return path.with_name(f".{os.getpid()}-{threading.get_ident()}-{path.name}")


def write_atomic(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a hidden file beside `path`, of the same ending, then put it in its place in one step.

    A device or a pipe, such as ``/dev/null``, is written into and stays what it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not (path.is_file() or path.is_dir()):
        with tempfile.TemporaryDirectory() as folder:
            write(whole := Path(folder) / f"draft{path.suffix}")
            with whole.open("rb") as content, path.open("wb") as taker:
                shutil.copyfileobj(content, taker)
        return
    draft = draft_of(path)
    try:
        write(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def make_private(folder: Path) -> None:
    """Make a folder, with what it lies in, that its owner alone can enter; what is there stays as it is."""
    for one in reversed([one for one in (folder, *folder.parents) if not one.is_dir()]):
        with suppress(FileExistsError):  # by another, in the meantime
            one.mkdir(mode=0o700)


def write_json(path: Path, content: Any) -> None:
    """Write JSON types atomically."""
    make_private(path.parent)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    write_atomic(path, lambda draft: draft.write_text(text + "\n", encoding="utf-8"))


def note_use(path: Path) -> None:
    """Let the time of access of a file say that it is used now; what it holds stays as old as it is."""
    with suppress(OSError):
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def write_array(path: Path, array: np.ndarray) -> None:
    """Write an array as ``.npy``, atomically."""
    import numpy as np

    make_private(path.parent)

    def save(draft: Path) -> None:
        with draft.open("wb") as handle:  # np.save would add a suffix to a bare path
            np.save(handle, array, allow_pickle=False)

    write_atomic(path, save)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet, whole or not at all; without ``attrs``, which the record of a run holds."""
    plain = table.copy(deep=False)
    plain.attrs = {}
    write_atomic(path, lambda draft: plain.to_parquet(draft, index=False))


def reserve(path: Path) -> None:
    """Take the room on the disk that a file promises by its length: written later, a full disk would end the process.

    Raises
    ------
    OSError
        There is not so much.
    """
    if hasattr(os, "posix_fallocate") and (size := path.stat().st_size):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def digests(path: Path, names: Iterable[str], *, told: Callable[[int], object] | None = None) -> dict[str, str]:
    """Hash a file by several algorithms of `hashlib` in one reading, in pieces, whatever its size.

    Parameters
    ----------
    path
        The file.
    names
        Algorithms.
    told
        Hears the bytes read so far; may raise to stop.

    Returns
    -------
    dict
        Algorithm -> hexadecimal digest.
    """
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in sorted(names)}
    done = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            for one in hashes.values():
                one.update(piece)
            done += len(piece)
            if told is not None:
                told(done)
    return {name: one.hexdigest() for name, one in hashes.items()}


def sha256_of(path: Path, *, told: Callable[[int], object] | None = None) -> str:
    """SHA-256 of a file; `told` as in `digests`."""
    return digests(path, {"sha256"}, told=told)["sha256"]


def sha256_below(folder: Path, pattern: str) -> str:
    """SHA-256 of the names and contents of the files of a folder that match a pattern; wherever the folder lies.

    Files are read again only where their `state_of` has changed. A folder that is not there is one without files.
    """
    files = sorted((path.relative_to(folder).as_posix(), path) for path in folder.glob(pattern) if path.is_file())
    content = [[name, _sha256_as_of(path, state_of(path))] for name, path in files]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def sha256_known(path: Path) -> str:
    """SHA-256 of a file, which this process reads again where its `state_of` has changed, or has just now been made."""
    state = state_of(path)
    return _sha256_as_of(path, state) if time.time_ns() - max(state[2:]) > JUST_NS else sha256_of(path)


def state_of(path: Path) -> tuple[int, int, int, int]:
    """Return size, number and both times of a file: whoever writes to it changes one of them."""
    state = path.stat()
    return state.st_size, state.st_ino, state.st_mtime_ns, state.st_ctime_ns


@lru_cache(maxsize=4096)
def _sha256_as_of(path: Path, _state: tuple[int, ...]) -> str:
    return sha256_of(path)


def copy_whole(source: Path, target: Path, *, last: str) -> None:
    """Copy the files of a folder into another, over those of the same name.

    The file `last`, which says that the others are there, is taken away before they change and put back at the end:
    whenever this is stopped, the old files are there, none that counts, or the new ones, and never a mixture.
    """
    target.mkdir(parents=True, exist_ok=True)
    remove_left(target)
    names = sorted((path.name for path in source.iterdir()), key=lambda name: (name == last, name))
    drafts = {name: draft_of(target / name) for name in names}
    try:
        for name, draft in drafts.items():
            shutil.copyfile(source / name, draft)
        (target / last).unlink(missing_ok=True)
        for name, draft in drafts.items():
            draft.replace(target / name)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def read_json(path: Path) -> Any:
    """Read a JSON file; None when it is absent, damaged, or no regular file (a pipe would never end)."""
    try:
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None


def read_object(path: Path) -> dict[str, Any]:
    """Read the object of a JSON file, its members by name; none where `read_json` finds none."""
    found = read_json(path)
    return found if isinstance(found, dict) else {}


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    return path.stat().st_size if path.is_file() else 0


@contextmanager
def part_folder(place: Path) -> Iterator[Path]:
    """Make a hidden folder in `place` for what is not whole yet; it is gone afterwards, unless it was given a name.

    What processes that were killed have left there goes as well. Where nothing can be written to `place`, the folder
    lies among the system's temporary files.
    """
    try:
        make_private(place)
        remove_left(place)
        folder = Path(tempfile.mkdtemp(prefix=f"{PART}{os.getpid()}-", dir=place))
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix=f"{PART}{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_left(place: Path, *, below: bool = False) -> None:
    """Remove the drafts and part folders whose process is no more, and any that is a day old.

    Parameters
    ----------
    place
        A folder, which need not be there.
    below
        Whether the folders in it are gone through as well.
    """
    for folder, folders, files in os.walk(place):
        for name in (*folders, *files):
            left = LEFT.match(name)
            if left and _is_left(Path(folder, name), pid=left[1] or left[2]):
                with suppress(OSError):
                    take_away(Path(folder, name))
        folders[:] = [name for name in folders if below and not LEFT.match(name)]


def _is_left(path: Path, *, pid: str) -> bool:
    import psutil

    if pid and not psutil.pid_exists(int(pid)):
        return True
    with suppress(OSError):
        return time.time() - path.lstat().st_mtime > OLD_S  # the number may be another process's by now
    return False


def take_away(path: Path) -> None:
    """Remove what stands at a path, if anything does: a link itself, a folder with all that lies in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
