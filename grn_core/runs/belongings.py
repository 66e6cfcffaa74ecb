"""What lies in a home: uploads, lists and runs with their sizes; what hangs on what; and to delete it."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.damaged_records import LISTS, UPLOADS, Room, damaged, is_newer, why_unread
from grn_core.datasets import describe, list_genes, list_uploads
from grn_core.datasets.catalog import forget
from grn_core.datasets.store import REF, find_upload
from grn_core.disk import size_of
from grn_core.errors import DataError, GrnError, RunError
from grn_core.files import draft_of, read_json, take_away
from grn_core.homes import is_users
from grn_core.runs.locks import is_held
from grn_core.runs.names import title_of
from grn_core.runs.queue import FOLDER as QUEUE
from grn_core.runs.queue import SERVED
from grn_core.runs.records import RunRecords
from grn_core.runs.shares import shares, withdraw
from grn_core.runs.store import RunStore
from grn_core.runs.trash import FOLDER, remove
from grn_core.runs.unread import RECORD, copies_of_runs, unread_records, unread_runs, what_belongs
from grn_core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grn_core.runs.state import RunInfo

UPLOAD, LIST, RUN, REMOVED = "Upload", "Gene list", "Run", "Removed run"
MADE = {"translators": "Translator", "adapted": "Model adapted to cells", FOLDER: REMOVED}
"""Folder of folders that were made here and that nothing else hangs on -> what each is."""
GIVEN = {
    "references": "Reference network",
    "changes": "Table of perturbed TFs",
    "measured": "Measured changes",
    "gene-sets": "Gene sets",
    "networks": "File of a network",
}
"""Folder of other files that were uploaded -> what each is."""
READ = ("cells", "refused", "adapted")
"""Folders of what was made of uploads, kept only to save time."""


@dataclass(frozen=True)
class Belonging:
    """One thing in a home.

    Attributes
    ----------
    kind
        `UPLOAD`, `LIST`, `RUN`, `RECORD`, or one of `GIVEN` or `MADE`.
    name
        Ref, run id, or place in the home.
    title, n_bytes, created
        What it is called, its size, and when it came to be (ISO).
    pinned
        Whether its owner has pinned it, or a newer version has written it: it is not let go by itself.
    """

    kind: str
    name: str
    title: str
    n_bytes: int
    created: str
    pinned: bool = False


def uploads() -> list[Belonging]:
    """Return what was uploaded into the present home: cells, lists of genes, and files of every other kind."""
    folder = settings().uploads
    found = [Belonging(UPLOAD, one.ref, one.title, one.n_bytes, one.created) for one in list_uploads()]
    found += [
        Belonging(LIST, one.ref, one.title, size_of(folder / f"{one.ref}.json"), one.created) for one in list_genes()
    ]
    for room, path in damaged(UPLOADS, LISTS):
        if path.stem not in {one.name for one in found}:
            kind = UPLOAD if room is UPLOADS else LIST
            with suppress(FileNotFoundError):
                found.append(_unread(room, path, kind=kind, name=path.stem, files=_files_of(path.stem)))
    for name, path in _given().items():
        with suppress(FileNotFoundError):  # deleted since it was listed
            kind, state = GIVEN[name.partition("/")[0]], path.stat()
            found.append(Belonging(kind, name, path.name, state.st_size, _iso(state.st_mtime)))
    return found


def unused() -> list[Belonging]:
    """Return the `uploads` that no run was asked of, nor a removed one, which may be brought back."""
    runs = [*RunStore().list_runs(), *_trash().list_runs()]
    asked = "\n".join(json.dumps(info.request.to_json(), ensure_ascii=False) for info in runs)
    return [one for one in uploads() if _as_named(one.name) not in asked]


def belongings() -> list[Belonging]:
    """Return the uploads, runs and what else was made in the present home, the largest first."""
    store, found = RunStore(), uploads()
    titles = {info.run_id: title_of(info) for info in _trash().list_runs()}
    for path in _made():
        kind, title = MADE[path.parent.name], titles.get(path.name, path.name)
        with suppress(FileNotFoundError):
            created = _iso(path.stat().st_mtime)
            found.append(Belonging(kind, f"{path.parent.name}/{path.name}", title, size_of(path), created))
    for name, (room, path) in unread_records().items():
        with suppress(FileNotFoundError):
            found.append(_unread(room, path, kind=RECORD, name=name, files=what_belongs(room, path)))
    infos = store.list_runs()
    not_runs = {name: error.found for name, error in unread_runs(infos).items()}
    for name, path in copies_of_runs().items():
        not_runs[name] = f"{path.name}, which has no name of a run, as a copy has none"
    for name, title in not_runs.items():
        path = settings().home / name
        with suppress(FileNotFoundError):
            found.append(Belonging(RECORD, name, title, size_of(path), _iso(path.lstat().st_mtime)))
    for info in infos:
        n_bytes = size_of(store.path(info.run_id))
        found.append(Belonging(RUN, info.run_id, title_of(info), n_bytes, info.created, info.marks.pinned))
    return sorted(found, key=lambda one: (-one.n_bytes, one.name))


def _unread(room: Room, path: Path, *, kind: str, name: str, files: Iterable[Path]) -> Belonging:
    """Return what stands in the place of a record as a belonging, whose title says why it is not read."""
    why = why_unread(room, path) or ("is gone", "")
    n_bytes = sum(size_of(one) for one in files if not one.is_symlink())
    title, when = f"{room.what} ({path.stem}): its record {why[0]}", _iso(path.lstat().st_mtime)
    return Belonging(kind, name, title, n_bytes, when, pinned=is_newer(room, path))


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def _as_named(ref: str) -> str:
    """Return how the requests of runs name an upload."""
    return ref.partition("/")[2] or ref


def hanging_on(ref: str) -> list[RunInfo]:
    """Return the runs that were asked of an upload, and those that were asked of such runs, the newest first."""
    runs = RunStore().list_runs()
    found = _naming(ref, runs)
    return [info for info in runs if info.run_id in found]


def _naming(ref: str, runs: Iterable[RunInfo]) -> set[str]:
    """Return the ids of those runs that were asked of an upload, or of such a run."""
    words = {info.run_id: json.dumps(info.request.to_json(), ensure_ascii=False) for info in runs}
    found: set[str] = set()
    named = {_as_named(ref)}
    while named:
        named = {run_id for run_id, text in words.items() if run_id not in found and any(one in text for one in named)}
        found |= named
    return found


def remove_upload(ref: str) -> None:
    """Delete an upload of any kind, and every run that hangs on it, removed ones too.

    Nothing of it is kept but what benchmarks have measured with it, which `grn_core.caches` clears.

    Raises
    ------
    DataError
        There is no such upload.
    RunError
        A run that hangs on it waits or is at work.
    """
    folder, given = settings().uploads, _given().get(ref)
    if given is None and find_upload(ref, folder) is None and ref not in {one.name for one in uploads()}:
        message = f"there is no upload {ref!r} here"
        raise DataError(message, needed="an upload or a gene list that is listed", todo="choose one of the list")
    runs = hanging_on(ref)
    _refuse_active(runs)
    sha = ""
    with suppress(GrnError):
        sha = describe(ref).sha256
    trash = _trash()
    gone = _naming(ref, [*RunStore().list_runs(), *trash.list_runs()])
    for info in runs:
        remove(info.run_id, keep=False)
    for info in trash.list_runs():
        if info.run_id in gone:
            shutil.rmtree(trash.path(info.run_id), ignore_errors=True)
    if given is not None:
        given.unlink(missing_ok=True)
        return
    for path in _files_of(ref):
        take_away(path)
    if sha:
        _remove_words_on(sha)
    for name in READ:
        shutil.rmtree(settings().home / name, ignore_errors=True)
    forget()


def remove_made(name: str) -> None:
    """Delete a translator, an adapted model or a removed run for good; runs that have used it stay.

    Raises
    ------
    DataError
        There is none of that place in the home.
    """
    found = {f"{path.parent.name}/{path.name}": path for path in _made()}
    if name not in found:
        message = f"there is no {name!r} here"
        raise DataError(message, needed="a translator or a removed run that is listed", todo="choose one of the list")
    take_away(found[name])


def remove_everything() -> None:
    """Delete all that lies in the present home, which must be that of one user among others, and its links.

    Raises
    ------
    RunError
        A run waits or is at work, or the home is the one of the installation.
    """
    if not is_users():
        message = "this installation has one home for all"
        raise RunError(message, needed="a home of your own", todo="delete its folder on the machine itself")
    now, store = settings(), RunStore()
    _refuse_active(store.list_runs())
    if any(is_held(path / "lock") for path in store.root.glob("[!.]*")):
        message = "a run whose record cannot be read is still at work"
        raise RunError(message, needed="runs that have ended", todo="wait for it")
    for one in shares():
        withdraw(one.number)
    gone = draft_of(now.home)
    try:
        now.home.rename(gone)  # in one step: what is asked from here on is of a new home
    except OSError:  # it is a disk of its own
        gone = now.home
    shutil.rmtree(gone, ignore_errors=True)
    (now.installation / QUEUE / f"{SERVED}{now.home.name}").unlink(missing_ok=True)
    forget()


def _files_of(ref: str) -> list[Path]:
    """Return the record of an upload or a list, and the file of an upload, which the record may not name any more."""
    folder = settings().uploads
    files = folder.glob(f"{ref.partition('-')[2]}*") if REF.fullmatch(ref) else ()
    return [path for path in (folder / f"{ref}.json", *files) if os.path.lexists(path)]


def _trash() -> RunRecords:
    return RunRecords(settings().home / FOLDER)


def _made() -> list[Path]:
    """Return the folders that were made here, those of `MADE`."""
    return [path for room in MADE for path in sorted((settings().home / room).glob("[!.]*")) if path.is_dir()]


def _given() -> dict[str, Path]:
    """Return the other files that were uploaded, by their place in the home."""
    home = settings().home
    files = (path for room in GIVEN for path in sorted((home / room).rglob("[!.]*")) if path.is_file())
    return {path.relative_to(home).as_posix(): path for path in files}


def _refuse_active(runs: Iterable[RunInfo]) -> None:
    for info in runs:
        if info.status.active:
            message = f"the run {title_of(info)} is still at work"
            raise RunError(message, needed="runs that have ended", todo="wait for it, or cancel it")


def _remove_words_on(sha: str) -> None:
    """Delete the columns and groups of cells that were made for a dataset."""
    home = settings().home
    (home / "groups" / f"{sha[:32]}.json").unlink(missing_ok=True)
    for record in (home / "annotations").glob("*.json"):
        kept = read_json(record)
        if isinstance(kept, dict) and kept.get("dataset_sha") == sha:
            for path in record.parent.glob(f"{record.stem}.*"):
                path.unlink(missing_ok=True)
