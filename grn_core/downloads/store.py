"""What of the archives is on this machine, and getting the rest."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grn_core import in_words
from grn_core.damaged_records import UPDATE, newer_words
from grn_core.downloads import archive as unpacking
from grn_core.downloads.fetch import Checked, alone, fetch, hashed
from grn_core.downloads.manifest import Archive, find_archive
from grn_core.downloads.transfer import Source
from grn_core.errors import DataError
from grn_core.progress import Progress, silent
from grn_core.settings import settings
from grn_core.sums import read_summed, write_summed


@dataclass(frozen=True)
class Held:
    """What is here of one archive.

    Attributes
    ----------
    archive
        The archive.
    files
        Its files that are here: name as in `Archive.files` -> path.
    is_own
        Whether they lie in the folder that the settings name, not among the downloads.
    receipt
        Record of the download: ``sha256``, ``agreed`` and ``differed`` as in `grn_core.downloads.fetch.Checked`,
        ``url``, ``when``, ``files`` (name -> SHA-256); empty without one.
    """

    archive: Archive
    files: dict[str, Path]
    is_own: bool
    receipt: dict[str, Any]

    @property
    def is_here(self) -> bool:
        """Whether every file is here."""
        return len(self.files) == len(self.archive.files)

    @property
    def state(self) -> str:
        """The state in words."""
        if not self.files:
            return "not here"
        share = "" if self.is_here else f"{len(self.files)} of {len(self.archive.files)} files "
        if self.is_own:
            return f"{share}in {settings().data}"
        return f"{share}here, accepted though it differed" if self.receipt["differed"] else f"{share}here"


def held(one: Archive) -> Held:
    """Return what is here of an archive: in the folder that the settings name, or among the downloads."""
    own, receipt = settings().data, _read_receipt(one)
    named = Held(one, _files(one, own) if own else {}, is_own=True, receipt={})
    loaded = Held(one, _files(one, settings().downloads) if receipt else {}, is_own=False, receipt=receipt)
    return max(named, loaded, key=lambda found: len(found.files))  # the first of equals


def _files(one: Archive, base: Path) -> dict[str, Path]:
    """Files of an archive below the first of its roots that has any."""
    for root in one.roots:
        found = {name: base / root / name for name in one.files if (base / root / name).is_file()}
        if found:
            return found
    return {}


def pull(name: str, *, accept: str | None = None, progress: Progress = silent) -> Held:
    """Download, check and unpack an archive, as far as that is not done yet.

    Parameters
    ----------
    name
        Short name of the archive.
    accept
        SHA-256 of a file that the user accepts although it is not what the manifest says.
    progress
        Told of bytes; what it raises stops the work, which later goes on from there.

    Raises
    ------
    RequestError
        If there is no archive of that name.
    DataError
        If it cannot be had, is not what it should be, or lacks a member; or a newer version has recorded it.
    """
    one = find_archive(name)
    if (now := held(one)).is_here:
        return now
    if newer := newer_words(read_summed(_receipt(one), unsummed=True)):
        message = f"the record of the download of {one.title} {newer}"
        raise DataError(message, needed="one of this version or an earlier one", todo=UPDATE)
    with alone(one.path, progress):
        if (now := held(one)).is_here:
            return now  # another process was faster
        trusted = _read_receipt(one).get("sha256") if one.path.is_file() else None
        checked = fetch(_source(one), one.path, accept=trusted or accept, progress=progress)
        if one.members:
            unpacking.extract(one.path, one.members, one.path.parent, progress=progress)
        _write_receipt(one, checked, progress)
    return held(one)


def check(name: str, *, progress: Progress = silent) -> list[str]:
    """Compare what is here with what it was when it was downloaded; return what is wrong, one sentence each."""
    now = held(find_archive(name))
    if not now.files:
        return [f"{name} is not here"]
    wrong = [f"{file} is missing" for file in now.archive.files if file not in now.files]
    for file, path in now.files.items():
        noted = now.receipt.get("files", {}).get(file)
        if noted and (found := hashed(path, {"sha256"}, progress=progress)["sha256"]) != noted:
            changed = f"{path} has changed since it was downloaded: sha256 {found} instead of {noted}"
            wrong.append(f"{changed}; delete it and run `{command(now.archive)}`")
    return wrong


def need(file: str, of: str) -> Path:
    """Return where a file of the archive called `of` lies.

    Raises
    ------
    DataError
        If it is not here, with how to get it.
    """
    one = find_archive(of)
    found = held(one).files.get(file)
    if found is None:
        message = f"{one.title}: {file} is not on this machine"
        todo = f"run `{command(one)}`, or download it on the Dataset page"
        raise DataError(message, needed=f"{one.file} ({in_words.size(one.about_bytes)})", todo=todo)
    return found


def command(one: Archive) -> str:
    """Return the command that downloads an archive."""
    return f"python -m grn_core data pull {one.name}"


def _source(one: Archive) -> Source:
    return Source(
        url=one.address,
        page=one.page,
        n_bytes=int(one.n_bytes.value) if one.n_bytes else None,
        checksums={name: str(fact.value) for name, fact in one.checksums.items()},
        about_bytes=one.about_bytes,
        retry=f"run `{command(one)}` again",
    )


def _receipt(one: Archive) -> Path:
    return one.path.with_name(f".{one.file}.json")


def _read_receipt(one: Archive) -> dict[str, Any]:
    receipt = read_summed(_receipt(one), unsummed=True) or {}
    is_ours = {"sha256", "differed", "files"} <= receipt.keys() and not newer_words(receipt)
    return receipt if is_ours else {}


def _write_receipt(one: Archive, checked: Checked, progress: Progress) -> None:
    files = _files(one, settings().downloads)
    hashes = {name: hashed(path, {"sha256"}, progress=progress)["sha256"] for name, path in files.items()}
    receipt = {**asdict(checked), "url": one.address, "when": datetime.now(UTC).isoformat(timespec="seconds")}
    write_summed(_receipt(one), {**receipt, "files": hashes})
