"""Download a published checkpoint: resumed where it was cut, compared with what is stated, checked, then registered.

The files come from the Hugging Face hub through its own client. That client forgets a download that a process did not
finish; so the part that is there is kept under the name of its content, and the client is asked for the rest.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from grn_core import in_words
from grn_core.downloads.fetch import alone
from grn_core.errors import ModelError
from grn_core.files import sha256_of, size_of
from grn_core.hub.check import add
from grn_core.hub.manifest import Checkpoint, PublishedFile, by_hand, checkpoint
from grn_core.models.folders import FolderRecord
from grn_core.progress import Progress, silent
from grn_core.refusals import plain

CHUNK = 1 << 20
"""Bytes between two reports of progress, and so between two chances to cancel."""
PARTS = ".parts"


@dataclass(frozen=True)
class Remote:
    """A file as the server has it: address, checksum (sha256, or git's own for small files), size, commit."""

    file: PublishedFile
    url: str
    etag: str
    size: int
    commit: str

    @property
    def part(self) -> str:
        """Name of the unfinished file; an answer of a server is no file name."""
        return hashlib.sha256(self.etag.encode()).hexdigest()


def pull(name: str, *, endpoint: str | None = None, progress: Progress = silent) -> FolderRecord:
    """Bring a published checkpoint here; files that are in their place are not downloaded.

    Parameters
    ----------
    name
        Name in the manifest.
    endpoint
        Address of the hub; ``HF_ENDPOINT`` or the public one if None.
    progress
        Told of the stages ``download`` and ``verify`` (in bytes) and ``check``. If it raises `Cancelled`, what was
        downloaded is kept for the next time.

    Returns
    -------
    FolderRecord
        The entry in the list of registered folders.

    Raises
    ------
    ModelError
        If the files cannot be had (the error says how to place them by hand), a checksum differs from the stated one
        (it names both, see `grn_core.hub.verify.accept`), or the files are no checkpoint that can be loaded.
    """
    known = checkpoint(name)
    if wanted := known.missing():
        if not known.repo:
            files = ", ".join(file.name for file in wanted)
            message = f"GRN Studio does not download {known.title}, and {known.folder} lacks {files}"
            raise ModelError(message, needed=known.notice, todo=by_hand(known))
        with alone(known.folder, progress):
            if wanted := known.missing():  # another process, maybe of another user, may have brought them meanwhile
                _download(known, wanted, endpoint=endpoint, progress=progress)
    return add(known.folder, name=name, source=name if known.repo else "", progress=progress)


def _download(known: Checkpoint, wanted: list[PublishedFile], *, endpoint: str | None, progress: Progress) -> None:
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    parts = known.folder / PARTS
    parts.mkdir(parents=True, exist_ok=True)
    try:
        remotes = _look_up(known, wanted, endpoint=endpoint, progress=progress)
        total = sum(remote.size for remote in remotes)
        here = sum(size_of(parts / remote.part) for remote in remotes)
        if (free := shutil.disk_usage(parts).free) < total - here:
            missing, left = in_words.size(total - here), in_words.size(free)
            message = f"{known.title} needs {missing} more, and {known.folder} has {left} left"
            raise ModelError(message, needed="room on the disk", todo="make room, or set GRN_MODELS to a larger disk")
        done = 0
        for remote in remotes:
            _fetch(remote, parts, known.folder, progress=_shifted(progress, done, total))
            done += remote.size
    except HfHubHTTPError as error:
        _refused(known, error)
    except (httpx2.TransportError, OfflineModeIsEnabled) as error:
        _unreachable(known, endpoint, error)
    except OSError as error:
        message = f"the download of {known.title} broke off ({plain(error)})"
        raise ModelError(message, todo="try again: what is there is kept") from error
    shutil.rmtree(parts)


def _look_up(
    known: Checkpoint, wanted: list[PublishedFile], *, endpoint: str | None, progress: Progress
) -> list[Remote]:
    """Ask the server for every file, all at one commit."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    remotes, revision = [], known.revision
    for file in wanted:
        progress("download", 0, 1)
        url = hf_hub_url(known.repo, file.name, revision=revision, endpoint=endpoint)
        found = get_hf_file_metadata(url, endpoint=endpoint)
        if not (found.etag and found.commit_hash and found.size is not None):
            message = f"the server at {url} states no size, checksum or commit"
            raise ModelError(message, needed="a Hugging Face hub or a mirror of it", todo=by_hand(known))
        revision = found.commit_hash
        remotes.append(Remote(file, url, found.etag, found.size, found.commit_hash))
    return remotes


def _fetch(remote: Remote, parts: Path, folder: Path, *, progress: Progress) -> None:
    """Download the rest of one file, compare it with the server's own checksum, and put it in its place."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    part = parts / remote.part
    have = size_of(part)
    if have > remote.size:
        part.unlink()
        have = 0
    progress("download", have, remote.size)
    constants.DOWNLOAD_CHUNK_SIZE = CHUNK
    with part.open("ab") as stream:
        http_get(
            remote.url,
            stream,
            resume_size=have,
            headers=build_hf_headers() | {"Accept-Encoding": "identity"},
            expected_size=remote.size,
            tqdm_class=_meter(progress, have, remote.size),
        )
    if _server_checksum(part, remote.etag) not in (remote.etag, None):
        part.unlink()
        message = f"{remote.file.name} was damaged on its way: its checksum is not the one that the server states"
        raise ModelError(message, needed=remote.etag, todo="try again")
    target = folder / remote.file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)


def _server_checksum(path: Path, etag: str) -> str | None:
    """Checksum of a file in the server's way: sha256 of large files, git's of small ones; None for any other."""
    if len(etag) == 64:
        return sha256_of(path)
    if len(etag) == 40:
        return hashlib.sha1(b"blob %d\0" % size_of(path) + path.read_bytes(), usedforsecurity=False).hexdigest()
    return None


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    return lambda stage, done, _total: progress(stage, before + done, total)


def _meter(progress: Progress, done: int, total: int) -> type:
    """What the client takes for a progress bar: counts bytes and passes them on."""

    class Meter:
        def __init__(self, **_options: Any) -> None:
            self.done = done

        def __enter__(self) -> Meter:
            return self

        def __exit__(self, *_error: object) -> None:
            return

        def update(self, n_bytes: int) -> None:
            self.done += n_bytes
            progress("download", self.done, total)

    return Meter


def _refused(known: Checkpoint, error: Any) -> NoReturn:
    """Say what the server answered."""
    code = error.response.headers.get("X-Error-Code") or error.response.status_code
    message = f"the hub does not give out {known.repo} at {known.revision[:12]}: {code}, {error.response.url}"
    raise ModelError(message, needed="the published files", todo=by_hand(known)) from error


def _unreachable(known: Checkpoint, endpoint: str | None, error: Exception) -> NoReturn:
    from huggingface_hub import constants

    reason = (str(error).splitlines() or [type(error).__name__])[0]
    hub = endpoint or constants.ENDPOINT
    message = f"the hub at {hub} cannot be reached ({reason}), from which {known.title} is downloaded ({known.repo})"
    first = f"first way: connect, and run `python -m grn_core models pull {known.name}` again"
    todo = f"{first}; second way, without the hub: {by_hand(known)}"
    raise ModelError(message, needed="a connection to it, or the files placed by hand", todo=todo) from error
