"""Download into a file that is whole and checked, or not there: resumed, cancelled, and safe for two at once."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.downloads.archive import check_room
from grn_core.errors import DataError
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import Response

CHUNK = 32 * 1024
"""Bytes written at a time, and at most lost when a connection is cut."""
ATTEMPTS = 3
"""Connections in a row that bring nothing, after which the download is given up."""
PAUSE_S = 1.0
TIMEOUT_S = (10.0, 60.0)
RETRIED = (429, 500, 502, 503, 504)
POLL_S = 0.1


@dataclass(frozen=True)
class Source:
    """Where a file comes from and what it must be.

    Attributes
    ----------
    url, page
        Its address, and the page that a person would download it from.
    n_bytes, checksums
        Exact size, or None; algorithm of `hashlib` -> hexadecimal digest. What is not known is not checked.
    about_bytes
        Roughly its size, for the room on disk.
    retry
        What the user does after having put a file in place by hand.
    """

    url: str
    page: str = ""
    n_bytes: int | None = None
    checksums: Mapping[str, str] | None = None
    about_bytes: int = 0
    retry: str = "try again"


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
            _download(source, target, progress)
    wanted = dict(source.checksums or {})
    found = digests(target, {"sha256", *wanted}, progress=progress)
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


def digests(path: Path, names: set[str], *, progress: Progress = silent) -> dict[str, str]:
    """Hash a file by several algorithms in one reading."""
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in sorted(names)}
    total, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while chunk := file.read(32 * CHUNK):
            for one in hashes.values():
                one.update(chunk)
            done += len(chunk)
            progress(f"check {path.name}, bytes", done, total)
    return {name: one.hexdigest() for name, one in hashes.items()}


def _download(source: Source, target: Path, progress: Progress) -> None:
    """Fill the part file, over as many connections as it takes, and put it in the place of `target`."""
    import requests

    part = target.with_name(f"{target.name}.part")
    in_vain = 0
    while True:
        before = _size(part)
        try:
            if _connection(source, part, target.name, progress):
                break
            reason = "the connection was cut"
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            reason = _reason(error)
        in_vain = 0 if _size(part) > before else in_vain + 1
        if in_vain == ATTEMPTS:
            raise _unreachable(source, target, reason)
        progress(f"wait for the server of {target.name}", 0, 1)
        time.sleep(PAUSE_S)
    part.replace(target)
    _note(part).unlink(missing_ok=True)


def _connection(source: Source, part: Path, name: str, progress: Progress) -> bool:
    """Add what one connection brings to the part file; return whether it is complete."""
    import requests

    start = _size(part)
    headers = {"Accept-Encoding": "identity", "User-Agent": "grn-studio"}
    known = _read_note(part)
    if start and known.get("url") == source.url:
        headers["Range"] = f"bytes={start}-"
        if known.get("tag"):
            headers["If-Range"] = known["tag"]
    else:
        start = 0
    with requests.get(source.url, headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
        if answer.status_code == 416 and answer.headers.get("Content-Range") == f"bytes */{start}":
            return True  # the last connection broke after the last byte
        if answer.status_code == 416 or (answer.status_code == 206 and _first_byte(answer) != start):
            part.unlink()  # it does not fit what the server has now: begin anew
            return False
        if answer.status_code in RETRIED:
            message = f"the server answered {answer.status_code} {answer.reason}"
            raise requests.ConnectionError(message)
        if answer.status_code not in (200, 206):
            message = f"{source.url} answered {answer.status_code} {answer.reason}"
            raise DataError(message, needed="the file", todo=f"see {source.page or source.url} for where it is now")
        start = start if answer.status_code == 206 else 0
        tag = answer.headers.get("ETag", "") or answer.headers.get("Last-Modified", "")
        tag = "" if tag.startswith("W/") else tag
        _note(part).write_text(json.dumps({"url": source.url, "tag": tag}), encoding="utf-8")
        length = answer.headers.get("Content-Length")
        total = start + int(length) if length is not None else None
        check_room(part.parent, (total or source.about_bytes) - start, what=name)
        done = start
        with part.open("ab" if start else "wb") as out:
            for chunk in answer.iter_content(CHUNK):
                out.write(chunk)
                done += len(chunk)
                progress(f"download {name}, bytes", done, max(done, total or source.about_bytes))
    return total is None or done == total


def _unreachable(source: Source, target: Path, reason: str) -> DataError:
    have = _size(target.with_name(f"{target.name}.part"))
    message = f"{source.url} cannot be downloaded ({reason})"
    if have:
        message = f"{message}; {have / 1e6:,.1f} MB of it are here and will be used"
    by_hand = f"download it on another machine from {source.page or source.url} and put it here as {target}"
    todo = f"check the network or proxy, or {by_hand}; then {source.retry}"
    return DataError(message, needed="a connection to the server", todo=todo)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _first_byte(answer: Response) -> int | None:
    text = answer.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
    return int(text) if text.isdigit() else None


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _read_note(part: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        known = json.loads(_note(part).read_text(encoding="utf-8"))
        return known if isinstance(known, dict) else {}
    return {}


def _reason(error: Exception) -> str:
    """Return the innermost cause in one short line."""
    while (cause := getattr(error, "reason", None) or error.__cause__ or error.__context__) is not None:
        if not isinstance(cause, Exception):
            break
        error = cause
    return (str(error).strip() or type(error).__name__).splitlines()[0][:160]
