"""Bytes from a server into a file, over as many connections as it takes: each goes on where the last one broke."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core import in_words
from grn_core.downloads.archive import check_room
from grn_core.errors import DataError
from grn_core.files import read_object, size_of
from grn_core.progress import Progress

if TYPE_CHECKING:
    from requests import Response

CHUNK = 32 * 1024
"""Bytes written at a time, and at most lost when a connection is cut."""
ATTEMPTS = 3
"""Connections in a row that bring nothing, after which the download is given up."""
PAUSE_S = 1.0
TIMEOUT_S = (10.0, 60.0)
RETRIED = (429, 500, 502, 503, 504)


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


def download(source: Source, target: Path, progress: Progress) -> None:
    """Fill the part file, over as many connections as it takes, and put it in the place of `target`.

    What `progress` raises stops it; a later call goes on from there.

    Raises
    ------
    DataError
        If the file cannot be reached, is not there, or does not fit on the disk.
    """
    import requests

    part = target.with_name(f"{target.name}.part")
    in_vain = 0
    while True:
        before = size_of(part)
        try:
            if _connection(source, part, target.name, progress):
                break
            reason = "the connection was cut"
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            reason = _reason(error)
        in_vain = 0 if size_of(part) > before else in_vain + 1
        if in_vain == ATTEMPTS:
            raise _unreachable(source, target, reason)
        progress(f"wait for the server of {target.name}", 0, 1)
        time.sleep(PAUSE_S)
    part.replace(target)
    _note(part).unlink(missing_ok=True)


def _connection(source: Source, part: Path, name: str, progress: Progress) -> bool:
    """Add what one connection brings to the part file; return whether it is complete."""
    import requests

    start = size_of(part)
    headers = {"Accept-Encoding": "identity", "User-Agent": "grn-studio"}
    known = read_object(_note(part))
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
        length = answer.headers.get("Content-Length")
        total = start + int(length) if length is not None else None
        check_room(part.parent, (total or source.about_bytes) - start, what=name)
        _note(part).write_text(json.dumps({"url": source.url, "tag": tag}), encoding="utf-8")
        done = start
        with part.open("ab" if start else "wb") as out:
            for chunk in answer.iter_content(CHUNK):
                out.write(chunk)
                done += len(chunk)
                progress(f"download {name}, bytes", done, max(done, total or source.about_bytes))
    return total is None or done == total


def _unreachable(source: Source, target: Path, reason: str) -> DataError:
    have = size_of(target.with_name(f"{target.name}.part"))
    message = f"{source.url} cannot be downloaded ({reason})"
    if have:
        message = f"{message}; {in_words.size(have)} of it are here and will be used"
    by_hand = f"download it on another machine from {source.page or source.url} and put it here as {target}"
    todo = f"check the network or proxy, or {by_hand}; then {source.retry}"
    return DataError(message, needed="a connection to the server", todo=todo)


def _first_byte(answer: Response) -> int | None:
    text = answer.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
    return int(text) if text.isdigit() else None


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _reason(error: Exception) -> str:
    """Return the innermost cause in one short line."""
    while (cause := getattr(error, "reason", None) or error.__cause__ or error.__context__) is not None:
        if not isinstance(cause, Exception):
            break
        error = cause
    return (str(error).strip() or type(error).__name__).splitlines()[0][:160]
