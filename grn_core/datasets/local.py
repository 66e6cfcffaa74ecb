"""Files that are read where they lie: the command line names them, and from then on the app opens their runs.

A file that was never named on this machine's command line is not opened: an address in a browser must not make the
server read whatever path it holds.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core.datasets.formats.folders import changed, size_of
from grn_core.datasets.questions import TRUST
from grn_core.datasets.read_as import FROM_THE_FILE, ReadAs
from grn_core.datasets.readers import describe_file, read_file
from grn_core.errors import DataError, GrnError
from grn_core.files import sha256_of
from grn_core.settings import settings
from grn_core.sums import read_summed, write_summed

if TYPE_CHECKING:
    from grn_core.datasets.apart import DatasetApart
    from grn_core.datasets.dataset import Dataset

REF = re.compile(r"file((?:\+[^:/]*)?):(/.+)", flags=re.DOTALL)


def located_file(ref: str) -> tuple[Path, ReadAs] | None:
    """Return the path of a local file's ref, and the user's word on it; None for another ref."""
    found = REF.fullmatch(ref)
    if found is None:
        return None
    try:
        return Path(found[2]), ReadAs.from_text(found[1])
    except GrnError:  # an address may say anything
        return None


def file_ref(path: Path, *, read_as: ReadAs = FROM_THE_FILE) -> str:
    """Check that a file can be read, and return the ref by which it is known from then on; the file stays where it is.

    Parameters
    ----------
    path
        The file.
    read_as
        The user's word on it; another word is another ref.

    Raises
    ------
    DataError, GeneError
        It cannot be read.
    """
    whole = path.expanduser().resolve()
    ref = f"file{read_as.to_text()}:{whole}"
    now, known = _state(ref, whole), _noted(ref)
    if {name: known.get(name) for name in now} != now:
        _keep(ref, whole, describe_file(whole, read_as=read_as))
    return ref


def asks_of(ref: str) -> str:
    """Return what of the reading of a local file is not confirmed, as `Upload.asks` has it; ``""`` for another ref."""
    if local_file(ref) is None:
        return ""
    if not _noted(ref):
        with suppress(GrnError):  # the note is damaged: what is in the file says it again
            describe_local(ref)
    return str(_noted(ref).get("asks", ""))


def stamp_of(ref: str) -> str:
    """Return size and time of a local file as one text, which changes with the file; `DataError` if it is gone."""
    path = _named_before(ref)
    return f"{size_of(path)} {changed(path)}"


def load_file(ref: str) -> Dataset:
    """Read the file of a ref.

    Raises
    ------
    DataError, GeneError
        It is gone, was never named on the command line, or cannot be read.
    """
    path = _named_before(ref)
    dataset = read_file(path, read_as=_said(ref), retry=False)
    _keep(ref, path, dataset)
    return dataset


def describe_local(ref: str) -> DatasetApart:
    """Read the file of a ref, and leave its matrix unopened; errors as of `load_file`."""
    path = _named_before(ref)
    dataset = describe_file(path, read_as=_said(ref), retry=False)
    _keep(ref, path, dataset)
    return dataset


def _said(ref: str) -> ReadAs:
    found = located_file(ref)
    return FROM_THE_FILE if found is None else found[1]


def local_file(ref: str) -> Path | None:
    """Return the path of a file that was named on the command line here, be it there or not; None for another ref."""
    found = located_file(ref)
    return found[0] if found is not None and _note(ref).is_file() else None


def named_file(text: str) -> tuple[Path, ReadAs]:
    """Return the path of a file that is named by its path or its ref, and the user's word on it."""
    return located_file(text) or (Path(text), FROM_THE_FILE)


def read_named(text: str) -> Dataset:
    """Read a file that is named by its path or its ref, as the user says; errors as of `load_file`."""
    path, read_as = named_file(text)
    return read_file(path, read_as=read_as)


def hash_of_named(text: str) -> str:
    """Return the hash of such a file's content, with what was said of it; `DataError` if it is gone."""
    path, read_as = named_file(text)
    if not path.is_file():
        message = f"there is no file {path}"
        raise DataError(message, needed="the file of cells that was named", todo="put it back, or name it anew")
    return sha256_of(path) + read_as.to_text()


def options_of_named(text: str) -> list[str]:
    """Return the options of a command that read such a file in the same way, without asking again."""
    path, read_as = named_file(text)
    asks = asks_of(f"file{read_as.to_text()}:{path.expanduser().resolve()}")
    return [*read_as.options, *([TRUST] if asks else [])]


def _named_before(ref: str) -> Path:
    path = local_file(ref)
    if path is None:
        message = f"there is no dataset {ref!r}"
        raise DataError(message, needed="a dataset that is listed", todo="choose another, or upload it")
    if not path.exists():
        message = f"the file {path} is gone, from which these cells were read"
        raise DataError(message, needed="the file where it was", todo="put it back, or name it where it is now")
    return path


def _keep(ref: str, path: Path, dataset: Dataset) -> None:
    asks = " ".join(one.about for one in dataset.reading.questions)
    write_summed(_note(ref), _state(ref, path) | {"asks": asks})


def _noted(ref: str) -> dict[str, Any]:
    """Return what was noted of a local file; nothing where there is no note, or it is damaged."""
    return read_summed(_note(ref), unsummed=True) or {}


def _state(ref: str, path: Path) -> dict[str, str | int]:
    return {"ref": ref, "size": size_of(path), "time": changed(path)}


def _note(ref: str) -> Path:
    return settings().home / "files" / f"{hashlib.sha256(ref.encode()).hexdigest()[:16]}.json"
