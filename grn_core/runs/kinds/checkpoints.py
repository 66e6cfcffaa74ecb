"""Checkpoints of foundation models: downloading a published one, entering a folder in the list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.files import read_json, write_json
from grn_core.runs.jobs import JobKind
from grn_core.runs.request import Request

if TYPE_CHECKING:
    from grn_core.models.folders import FolderRecord
    from grn_core.progress import Progress

RECORD = "record.json"
"""File of a run that names the entry in the list of folders which it has made."""


@dataclass(frozen=True, kw_only=True)
class PullRequest(Request):
    """Which published checkpoint is downloaded.

    Attributes
    ----------
    checkpoint
        Name in the hub's manifest.
    """

    kind: ClassVar[str] = "pull"

    checkpoint: str

    @property
    def subject(self) -> str:
        """Title, or the name."""
        return self.title or self.checkpoint

    def hashes(self) -> dict[str, str]:
        """Return the hash of what the manifest says of it."""
        from grn_core.hub.manifest import fingerprint

        return {"checkpoint": fingerprint(self.checkpoint)}


@dataclass(frozen=True, kw_only=True)
class AddRequest(Request):
    """Which checkpoint folder is entered in the list of models; the stamp of its files takes part in the id.

    Attributes
    ----------
    folder
        Where the files are.
    name
        What the model is called from then on.
    heading
        Its title in menus; made from the folder's name if empty.
    """

    kind: ClassVar[str] = "add"

    folder: str
    name: str
    heading: str = ""

    @property
    def subject(self) -> str:
        """Title, or the folder."""
        return self.title or f"the folder {self.folder}"

    def hashes(self) -> dict[str, str]:
        """Return the stamp of the folder's files."""
        from grn_core.hub.check import stamp

        return {"files": stamp(self.folder)}


def _pull(request: PullRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.hub.pull import pull

    return _registered(pull(request.checkpoint, progress=progress), folder)


def _add(request: AddRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.hub.check import add

    record = add(request.folder, name=request.name, title=request.heading, progress=progress)
    return _registered(record, folder)


def _registered(record: FolderRecord, folder: Path) -> dict[str, Any]:
    """Name the entry in the list of folders: when the user takes it off, the work counts as not done."""
    file = folder / RECORD
    file.unlink(missing_ok=True)  # earlier versions left a link
    write_json(file, {"registered": record.name})
    return {"name": record.name, "folder": str(record.folder), "format": record.format}


def _is_registered(folder: Path) -> bool:
    """Whether the entry that a run has made is still in the list."""
    from grn_core.models.folders import is_listed

    file = folder / RECORD
    if file.is_symlink():  # of format 1: it names the entry, though the home may have moved since
        return is_listed(file.readlink().stem)
    name = (read_json(file) or {}).get("registered", "")
    return bool(name) and is_listed(name)


PULL = JobKind(
    request=PullRequest,
    run=_pull,
    result=RECORD,
    stages={"download": 0.9, "verify": 0.05, "check": 0.05},
    is_there=_is_registered,
    uses_device=False,
)
ADD = JobKind(
    request=AddRequest,
    run=_add,
    result=RECORD,
    stages={"verify": 0.3, "check": 0.7},
    is_there=_is_registered,
    uses_device=False,
)
