"""The published checkpoints: where each one is, its files, sizes and checksums as stated, its licence. Torch-free."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from grn_core.assets import asset
from grn_core.errors import ModelError
from grn_core.settings import settings


@dataclass(frozen=True)
class PublishedFile:
    """One file of a checkpoint.

    Attributes
    ----------
    name
        Path within the repository and within the folder here.
    size, sha256
        Bytes and checksum as stated; None where nobody states them.
    """

    name: str
    size: int | None
    sha256: str | None


@dataclass(frozen=True)
class Checkpoint:
    """A published checkpoint.

    Attributes
    ----------
    name, title, description, licence
        For menus.
    format
        Name of the family that reads it (`grn_core.models.families`).
    notice
        What the user must know first; empty for most.
    repo, revision
        Model repository of the Hugging Face hub and the commit to take; empty when it is not downloaded from there.
    page
        Where a person finds the files.
    loads
        Subfolder that is loaded; empty for the folder itself.
    files
        What must be there.
    confirmed
        Whether the stated checksums were confirmed by a download; if not, the user may accept others knowingly.
    """

    name: str
    title: str
    format: str
    description: str
    licence: str
    notice: str
    repo: str
    revision: str
    page: str
    loads: str
    files: tuple[PublishedFile, ...]
    confirmed: bool

    @property
    def size(self) -> int | None:
        """Bytes of all files whose size is stated; None when that leaves the weights out."""
        known = [file.size or 0 for file in self.files]
        weights = [file.size for file in self.files if file.name.endswith((".pt", ".safetensors", ".ckpt"))]
        return None if None in weights else sum(known)

    @property
    def folder(self) -> Path:
        """Folder here that the files belong in, whether they are there or not."""
        return settings().models / self.name

    def missing(self, folder: Path | None = None) -> list[PublishedFile]:
        """Files that are not in `folder` (by default the one above)."""
        return [file for file in self.files if not ((folder or self.folder) / file.name).is_file()]


@lru_cache(maxsize=4)
def _read(path: Path) -> tuple[Checkpoint, ...]:
    content = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Checkpoint(
            **entry | {"files": tuple(PublishedFile(**file) for file in entry["files"])},
            confirmed=content["confirmed"],
        )
        for entry in content["checkpoints"]
    )


def checkpoints() -> tuple[Checkpoint, ...]:
    """All published checkpoints that we know of."""
    return _read(asset("hub", "manifest.json"))


def checkpoint(name: str) -> Checkpoint:
    """The published checkpoint of that name.

    Raises
    ------
    ModelError
        If there is none.
    """
    found = {known.name: known for known in checkpoints()}
    if name not in found:
        message = f"there is no published checkpoint {name!r}"
        raise ModelError(message, needed=f"one of {', '.join(found)}", todo="see `python -m grn_core models list`")
    return found[name]


def fingerprint(name: str) -> str:
    """SHA-256 of what the manifest says of a checkpoint."""
    return hashlib.sha256(json.dumps(asdict(checkpoint(name)), sort_keys=True).encode()).hexdigest()


def by_hand(known: Checkpoint) -> str:
    """How to place the files of a checkpoint by hand, in words."""
    files = ", ".join(file.name for file in known.files)
    where = f" from {known.page}" if known.page else ""
    steps = f"get {files}{where}, put them under {known.folder} with these names"
    then = "which downloads only what is missing" if known.repo else "which checks and registers them"
    return f"{steps}, and run `python -m grn_core models pull {known.name}`, {then}"
