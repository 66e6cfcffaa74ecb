"""Download into a file that is whole and checked, or not there; safe for two at once."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.downloads.transfer import Source, download
from grn_core.errors import DataError
from grn_core.files import digests
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

POLL_S = 0.1


class DifferentFileError(DataError):
    """A file is not the one that was expected; it can be accepted by its `sha256`."""

    sha256 = ""


@dataclass(frozen=True)
class Checked:
    """What a file turned out to be: its SHA-256, which of the known facts it has, and what differs (as found)."""

    sha256: str
    agreed: tuple[str, ...]
    differed: dict[str, str]


@contextmanager
def alone(target: Path, progress: Progress = silent) -> Iterator[None]:
    """Hold the lock of a file for the length of a ``with`` block; waits while another process has it."""
    from filelock import FileLock, Timeout

    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(target.with_name(f".{target.name}.lock"), timeout=0)
    while True:
        try:
            lock.acquire()
            break
        except Timeout:
            progress("wait for another download of the same file", 0, 1)
            time.sleep(POLL_S)
    try:
        yield
    finally:
        lock.release()


def fetch(source: Source, target: Path, *, accept: str | None = None, progress: Progress = silent) -> Checked:
    """Get a file, unless it is there, and check it; the caller holds its lock (`alone`).

    A cut connection is taken up again where it broke, in this call and in later ones. A file that is there, because
    it was downloaded before or was put there by hand, is only checked. A file that is not what `source` says is kept
    beside `target` as ``.unverified``, is never used, and can be accepted by its hash.

    Parameters
    ----------
    source
        Where from, and what it must be.
    target
        Where to.
    accept
        SHA-256 of the file that the user accepts, whatever `source` says.
    progress
        Told of bytes; what it raises stops the download, which later goes on from there.

    Raises
    ------
    DifferentFileError
        If it is not what it should be; both values are in the message.
    DataError
        If it cannot be reached, is not there, or does not fit on the disk.
    """
    aside = target.with_name(f"{target.name}.unverified")
    if not target.is_file():
        if accept and aside.is_file():
            aside.replace(target)
        else:
            download(source, target, progress)
    wanted = dict(source.checksums or {})
    found = hashed(target, {"sha256", *wanted}, progress=progress)
    if source.n_bytes is not None:
        wanted["size"], found["size"] = f"{source.n_bytes} bytes", f"{target.stat().st_size} bytes"
    differed = {name: found[name] for name, value in wanted.items() if found[name] != value}
    if accept and accept != found["sha256"]:
        wanted["sha256"], differed["sha256"] = accept, found["sha256"]
    elif accept:
        return Checked(found["sha256"], tuple(name for name in wanted if name not in differed), differed)
    if differed:
        target.replace(aside)
        pairs = "; ".join(f"{name} {value} instead of {wanted[name]}" for name, value in differed.items())
        message = f"{target.name} is not the file that was expected: {pairs}. It is kept, unused, as {aside}"
        todo = f"{source.retry} to download it anew, or, if you trust it, with `--accept {found['sha256']}`"
        error = DifferentFileError(message, needed="the published file", todo=todo)
        error.sha256 = found["sha256"]
        raise error
    aside.unlink(missing_ok=True)
    return Checked(found["sha256"], tuple(wanted), {})


def hashed(path: Path, names: set[str], *, progress: Progress = silent) -> dict[str, str]:
    """Hash a file as `grn_core.files.digests`, telling the bytes."""
    total = path.stat().st_size
    return digests(path, names, told=lambda done: progress(f"check {path.name}, bytes", done, total))
