"""Checkpoint folders that the user has named: one small JSON file each, so that two writers never meet.

Reading the list needs no torch. A name stands for its folder everywhere a model is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from grn_core.damaged_records import MODELS, keep_record, read_record
from grn_core.errors import ModelError
from grn_core.settings import settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LIST = "registered"


@dataclass(frozen=True)
class FolderRecord:
    """A checkpoint folder under a name of the user's.

    Attributes
    ----------
    name, title
        For menus.
    folder
        Where the files are.
    format
        Name of the family that reads it (`grn_core.models.families`).
    licence
        In words.
    source
        Name in the hub's manifest when it was downloaded from there; empty for a folder of the user's own.
    card
        Fields of a `grn_core.models.record.ModelRecord`, found by loading the checkpoint strictly once.
    """

    name: str
    title: str
    folder: Path
    format: str
    licence: str = ""
    source: str = ""
    card: Mapping[str, Any] = field(default_factory=dict, hash=False)


def record_file(name: str) -> Path:
    """File that holds the record of `name`, whether it is there or not.

    Raises
    ------
    ModelError
        If that is no name.
    """
    if not NAME.fullmatch(name):
        message = f"{name!r} cannot be the name of a model"
        raise ModelError(message, needed="letters, digits, dots, dashes and underscores, at most 64, a letter first")
    return settings().own_models / LIST / f"{name}.json"


def registered() -> list[FolderRecord]:
    """Records of all registered folders, by name; damaged ones are passed over.

    A user among others has those of the installation and their own, which go before those of the same name.
    """
    now = settings()
    places = {path.name: path for folder in (now.models, now.own_models) for path in (folder / LIST).glob("[!.]*.json")}
    found = [_read(path) for _, path in sorted(places.items())]
    return [record for record in found if record is not None]


def is_listed(name: str) -> bool:
    """Whether there is a record of that name that can be read: what has written a damaged one is asked for again."""
    return any(record.name == name for record in registered())


def is_own(name: str) -> bool:
    """Whether a name is on the list of the present home, so that it can be taken off."""
    return record_file(name).is_file()


def write_record(record: FolderRecord) -> Path:
    """Enter a folder in the list, in the place of what stood under its name; return the file written.

    What was downloaded is on the list of the installation: the same files for all.
    """
    models = settings().models.resolve()
    path = settings().models / LIST / f"{record.name}.json" if record.source else record_file(record.name)
    folder = record.folder.relative_to(models) if record.folder.is_relative_to(models) else record.folder
    keep_record(MODELS, path, asdict(record) | {"folder": str(folder), "card": dict(record.card)})
    return path


def forget(name: str) -> None:
    """Take a name off the list; the folder and its files stay as they are."""
    record_file(name).unlink(missing_ok=True)


def _read(path: Path) -> FolderRecord | None:
    try:
        content = read_record(MODELS, path) or {}
        given = {item.name: content[item.name] for item in fields(FolderRecord)}
        return FolderRecord(**given | {"folder": _present(Path(given["folder"]), downloaded=bool(given["source"]))})
    except (KeyError, TypeError):
        return None


def _present(folder: Path, *, downloaded: bool) -> Path:
    """Return where a folder is: one among the downloads is found there, also when the home has moved since."""
    models = settings().models.resolve()
    if not folder.is_absolute():
        return models / folder
    tails = (Path(*folder.parts[start:]) for start in range(1, len(folder.parts)))
    moved = (models / tail for tail in tails) if downloaded or not folder.is_dir() else ()
    return next((one for one in moved if one.is_dir()), folder)
