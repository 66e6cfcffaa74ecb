"""Read a user's file without parsing it here: a process of its own does, and hands over plain arrays.

What was read of a file of ours, an upload or a download, is kept by the hash of the file, so that it is parsed once, in
whatever process asks for it. A file that lies elsewhere leaves no copy here: every process that reads it parses it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from grn_core import caches, errors
from grn_core.assets import asset
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.formats.folders import content_sha, size_of
from grn_core.datasets.isolation import stored
from grn_core.datasets.isolation.limits import Limits, limits_for, no_room, too_long
from grn_core.datasets.isolation.process import ANSWER, NO_ROOM, NoAnswer, ask
from grn_core.datasets.isolation.whole import CONTENT, check_named, check_whole, write_sums
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError, GrnError
from grn_core.files import part_folder, read_json
from grn_core.settings import passed_on, settings
from grn_core.sums import read_summed, write_summed

T = TypeVar("T")
NOT_USABLE = (OSError, ValueError, KeyError, TypeError, RecursionError)
"""Errors of loading what a reader did not leave as it should."""
ROOMS = Path(__file__).resolve().parents[2]
AT_ONCE = 2
"""Files that one process has read at a time, and as many works on what was read; who comes later waits."""
_TURN, _OWN_TURN = threading.BoundedSemaphore(AT_ONCE), threading.BoundedSemaphore(AT_ONCE)
_same: weakref.WeakValueDictionary[Path, threading.Lock] = weakref.WeakValueDictionary()
_GUARD = threading.Lock()


def dataset_of(
    path: Path,
    *,
    form: str,
    title: str,
    read_as: ReadAs,
    retry: bool = True,
    opened: bool = True,
    keep: bool = False,
) -> Dataset:
    """Have a file read in a process of its own, or take what was read of it before.

    Parameters
    ----------
    path
        The file.
    form
        Name of its format, see `grn_core.datasets.formats`.
    title
        Title of the dataset.
    read_as
        The user's word on the file.
    retry
        Whether a file is read again that has crashed a reader, or held it for too long, before.
    opened
        Whether this process gets the matrix. Without, it stays where it lies (`Unopened`): with what was kept of a file
        of ours; of another, in a folder that goes when the dataset does.
    keep
        Whether what was read is kept though the file does not lie in the data folder: of what comes with the program.

    Raises
    ------
    DataError, GeneError
        As the format's reader; also a `DataError` if the reader crashed, or took more memory or time than the size of
        the file allows.
    """
    content = content_sha(path)
    key = _key(content, form, asdict(read_as))
    keep = keep or path.resolve().is_relative_to(settings().home.resolve())
    work = {"format": form, "title": title, "read_as": read_as.to_text(), CONTENT: content if keep else ""}
    return _dataset(path, work, key, retry=retry, opened=opened, keep=keep)


def dataset_made(path: Path, *, reader: str, options: Mapping[str, Any], opened: bool = True) -> Dataset:
    """Have a dataset made of a file or folder by a reader of its own, as `read_apart` says; it is kept."""
    key = _key(content_sha(path), reader, dict(options))
    work = {"reader": reader, "options": dict(options)}
    return _dataset(path, work, key, retry=True, opened=opened, keep=True)


def _dataset(path: Path, work: Mapping[str, Any], key: str, *, retry: bool, opened: bool, keep: bool) -> Dataset:
    place = settings().home / "cells" / key
    if not keep:
        return _read(path, work, place, retry=retry, opened=opened, keep=keep)
    with _GUARD:
        one_at_a_time = _same.setdefault(place, threading.Lock())
    with one_at_a_time:  # who asks for the same in the meantime finds it read
        return _read(path, work, place, retry=retry, opened=opened, keep=keep)


def _read(path: Path, work: Mapping[str, Any], place: Path, *, retry: bool, opened: bool, keep: bool) -> Dataset:
    noted = settings().home / "refused" / f"{place.name}.json"
    with suppress(*NOT_USABLE, DataError):
        check_whole(place, matrix=opened)
        dataset = stored.load(place, opened=opened)
        caches.used(place)
        return dataset
    if not retry and (known := read_summed(noted, unsummed=True)):
        raise _error(known)
    with ExitStack() as held:
        folder = held.enter_context(part_folder(place.parent))
        answer = _ask(folder, path, work, turn=_TURN)
        if answer:
            if answer.pop("killed", False):
                with suppress(OSError):
                    write_summed(noted, answer)
            raise _error(answer)
        with suppress(OSError):
            noted.unlink(missing_ok=True)
        if not opened:
            write_sums(folder)
        if keep and not opened and _keep(folder, place):
            folder = place
        dataset = _loaded(path, lambda: stored.load(folder, opened=opened))
        if keep and opened:
            _keep(folder, place)
        elif not opened and folder != place:
            weakref.finalize(dataset.matrix, held.pop_all().close)
    return dataset


def read_apart(
    path: Path,
    *,
    reader: str,
    options: Mapping[str, Any],
    load: Callable[[Path], T],
    keep: bool = False,
    of: str = "",
    arrays: Mapping[str, np.ndarray] | None = None,
) -> T:
    """Have a file that holds no cells read in a process of its own, as `dataset_of` has cells read.

    Parameters
    ----------
    path
        The file, or a folder of our own.
    reader
        Module whose ``read_into(path, folder, options)`` reads it there, and writes plain arrays and JSON.
    options
        JSON types.
    load
        Makes the result of what was written; an error of it means that the reader wrote nothing that can be used.
    keep
        Whether what was read is kept, so that whoever asks next for the same file need not have it read again.
    of
        Of a folder of our own: the hash of what lies there. Work on it does not wait for the files of users.
    arrays
        What the reader finds as ``NAME.npy`` in the folder that it writes to.

    Raises
    ------
    GrnError
        As `dataset_of`.
    """
    given = {name: hashlib.sha256(values.tobytes()).hexdigest() for name, values in (arrays or {}).items()}
    content = content_sha(path) if keep and not of else ""
    if content:
        check_named(path, content)
    key = _key(of or content, reader, {**options, **given}) if keep else ""
    place = settings().home / "cells" / key
    if keep:
        with suppress(*NOT_USABLE):
            check_whole(place)
            found = load(place)
            caches.used(place)
            return found
    with part_folder(settings().home / "cells") as folder:
        for name, values in (arrays or {}).items():
            np.save(folder / f"{name}.npy", values, allow_pickle=False)
        work = {"reader": reader, "options": dict(options), CONTENT: content}
        if answer := _ask(folder, path, work, turn=_OWN_TURN if of else _TURN):
            raise _error(answer)
        found = _loaded(path, lambda: load(folder))
        if keep:
            _keep(folder, place)
    return found


def _loaded(path: Path, load: Callable[[], T]) -> T:
    try:
        return load()
    except NOT_USABLE as error:
        raise _stopped(path, f"left nothing that can be used ({type(error).__name__})") from error


def _keep(folder: Path, place: Path) -> bool:
    """Keep what was read, and say whether it is: another process may have been quicker, or nothing can be kept here."""
    with suppress(OSError):
        write_sums(folder)
        shutil.rmtree(place, ignore_errors=True)  # what is there could not be used
        folder.rename(place)
        caches.made(place)
        return True
    return False


def _ask(folder: Path, path: Path, work: Mapping[str, Any], *, turn: threading.BoundedSemaphore) -> dict[str, Any]:
    """Let a reader fill a folder; return why it could not, nothing if it could; `DataError` where there is no room."""
    limits = limits_for(size_of(path))
    request = {
        **work,
        "path": str(path.resolve()),
        "folder": str(folder.resolve()),
        "limits": asdict(limits),
        "settings": dict(passed_on()),
    }
    with turn:
        try:
            status = ask(request, wait_s=limits.last_s)
        except NoAnswer as error:
            return _as_answer(_stopped(path, str(error)) if error.args else too_long(path.name, limits.wall_s))
    if status == NO_ROOM:
        raise no_room(path.name)
    if status:
        return _as_answer(_ended(path, status, limits))
    answer = read_json(folder / ANSWER)
    if not isinstance(answer, dict):
        return _as_answer(_stopped(path, "gave no answer"))
    (folder / ANSWER).unlink()
    return answer


def _ended(path: Path, status: int, limits: Limits) -> DataError:
    """Return the error of a reader that ended with an exit code, or with the negative number of a signal."""
    if -status == getattr(signal, "SIGALRM", 0):
        return too_long(path.name, limits.wall_s)
    if -status in (getattr(signal, "SIGXCPU", 0), signal.SIGKILL if os.name == "posix" else 0):
        return too_long(path.name, limits.cpu_s)
    return _stopped(
        path, f"stopped with exit code {status}" if status > 0 else f"crashed ({signal.Signals(-status).name})"
    )


def _stopped(path: Path, what: str) -> DataError:
    todo = "export or copy the file again; it may be damaged"
    return DataError(f"the reader of {path.name} {what}", needed="a complete file", todo=todo)


def _as_answer(error: DataError) -> dict[str, Any]:
    return {"kind": "DataError", "found": error.found, "needed": error.needed, "todo": error.todo, "killed": True}


def _error(answer: dict[str, Any]) -> GrnError:
    kind = getattr(errors, str(answer.get("kind")), None)
    made = kind if isinstance(kind, type) and issubclass(kind, GrnError) else DataError
    found, needed, todo = (str(answer.get(part, ""))[:2000] for part in ("found", "needed", "todo"))
    return made(found, needed=needed, todo=todo)


def _key(content: str, work: str, said: Mapping[str, Any]) -> str:
    told = [content, work, said, _code("/".join(work.split(".")[1:-1]))]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@lru_cache(maxsize=16)
def _code(own: str) -> str:
    """Hash of the code and the tables that decide what becomes of a file; `own` is the room of its reader, if any."""
    digest = hashlib.sha256()
    rooms = dict.fromkeys(("datasets", "genes", "networks/imports", *([own] if own else [])))
    files = [path for room in rooms for path in sorted((ROOMS / room).rglob("*.py"))]
    for path in [*files, *sorted(path for path in asset("genes").rglob("*") if path.is_file())]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
