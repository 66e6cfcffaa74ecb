"""Checksums of a checkpoint's files against the stated ones; a difference is reported and can be accepted knowingly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grn_core.errors import ModelError
from grn_core.files import sha256_of
from grn_core.homes import is_users
from grn_core.hub.manifest import Checkpoint, by_hand
from grn_core.progress import Progress, further, silent
from grn_core.settings import settings
from grn_core.sums import read_summed, write_summed


@dataclass(frozen=True)
class Mismatch:
    """A file whose checksum is another than the stated one, and was not accepted."""

    file: str
    stated: str
    found: str


def verify(known: Checkpoint, folder: Path, progress: Progress = silent) -> dict[str, str]:
    """Compare the files of a checkpoint with the checksums that are stated for them.

    Parameters
    ----------
    known
        The published checkpoint.
    folder
        Holds its files.
    progress
        Told of the stage ``verify``, in bytes.

    Returns
    -------
    dict
        File -> SHA-256 as found.

    Raises
    ------
    ModelError
        If a file is missing, or its checksum is neither the stated one nor one that was accepted; both are named.
    """
    if absent := known.missing(folder):
        message = f"{folder} lacks {', '.join(file.name for file in absent)}"
        raise ModelError(message, needed=f"the files of {known.title}", todo=by_hand(known))
    total = sum((folder / file.name).stat().st_size for file in known.files)
    found, done = {}, 0
    for file in known.files:
        path = folder / file.name
        found[file.name] = sha256_of(path, told=further(progress, "verify", done, total=total))
        done += path.stat().st_size
    write_summed(_file(known), _notes(known) | {"found": found})
    if wrong := mismatches(known):
        message = "; ".join(f"the checksum of {folder / one.file} is {one.found}" for one in wrong)
        todo = f"delete {', '.join(one.file for one in wrong)} and pull again"
        if not known.confirmed:
            accepting = " ".join(f"--accept {one.found}" for one in wrong)
            todo += (
                "; or, as we have not confirmed the stated values ourselves and if you trust the source: "
                f"`python -m grn_core models pull {known.name} {accepting}`"
            )
        raise ModelError(message, needed="; ".join(f"{one.file}: {one.stated}" for one in wrong), todo=todo)
    return found


def mismatches(known: Checkpoint) -> list[Mismatch]:
    """Files that the last `verify` found to differ and that nobody has accepted since."""
    notes = _notes(known)
    found, accepted = notes.get("found", {}), notes.get("accepted", [])
    return [
        Mismatch(file.name, file.sha256, found[file.name])
        for file in known.files
        if file.sha256 and found.get(file.name, file.sha256) != file.sha256 and found[file.name] not in accepted
    ]


def accept(known: Checkpoint, checksums: Sequence[str]) -> None:
    """Accept files that differ from the stated checksums, by the checksums that they have.

    Raises
    ------
    ModelError
        If the stated ones are confirmed, or no differing file has such a checksum.
    """
    if is_users():
        message = f"the files of {known.title} are there for all who use this installation"
        raise ModelError(message, needed="the word of who runs it", todo="ask them to pull it on the command line")
    if known.confirmed:
        message = f"the checksums of {known.title} are confirmed: files that differ are other files"
        raise ModelError(message, needed="the published files", todo="delete the file and get it again")
    wrong = {mismatch.found for mismatch in mismatches(known)}
    if surplus := [checksum for checksum in checksums if checksum not in wrong]:
        message = f"no file of {known.name} was found to have the checksum {surplus[0]}"
        raise ModelError(message, needed=" or ".join(sorted(wrong)) or "a reported difference", todo="pull it first")
    notes = _notes(known)
    write_summed(_file(known), notes | {"accepted": sorted({*notes.get("accepted", []), *checksums})})


def _file(known: Checkpoint) -> Path:
    return settings().models / "pulled" / f"{known.name}.json"


def _notes(known: Checkpoint) -> dict[str, Any]:
    return read_summed(_file(known), unsummed=True) or {}
