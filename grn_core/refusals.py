"""What the machine itself refuses, in the user's words: a full disk, a quota, a folder that may not be written, memory.

Whoever shows errors asks here first: no path of the server and no traceback is shown for what is no fault of ours.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.errors import GrnError
from grn_core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

FREE = "free some (About this installation, or `python -m grn_core cache list`, shows what takes it), then go on"
KEPT = "finished parts are kept"
DISK = {
    errno.ENOSPC: ("the disk is full", "free space where the data folder is", f"{FREE}: {KEPT}"),
    errno.EDQUOT: ("the quota of this user on the disk is used up", "free space", f"{FREE}: {KEPT}"),
    errno.EROFS: (
        "the disk of the data folder is read-only",
        "a data folder that can be written",
        "set GRN_HOME to one, or let its disk be written again",
    ),
    errno.EACCES: (
        "a file may not be opened by the user that this runs as",
        "a file and a data folder that this user may read and write",
        "correct the permissions, or set GRN_HOME to a folder of one's own",
    ),
    errno.EFBIG: (
        "a file would become larger than this user may write",
        "",
        "raise `ulimit -f`, or choose fewer genes",
    ),
    errno.ENAMETOOLONG: ("a name is longer than the disk allows", "", "use a shorter name, or a data folder less deep"),
    errno.ELOOP: ("a link leads back to itself", "a file or folder", "correct the link"),
    errno.EBUSY: ("a file is in use elsewhere", "", "end what uses it, then go on"),
    errno.ENOLCK: (
        "the disk of the data folder keeps no locks",
        "a disk that does",
        "set GRN_HOME to a folder elsewhere",
    ),
    errno.EAGAIN: ("no further process can be started", "", "close other work on this machine, or raise `ulimit -u`"),
    errno.EMFILE: ("too many files are open", "", "close other work on this machine, or raise `ulimit -n`"),
    errno.EIO: ("the disk reports an error", "a sound disk", "look after it, and set GRN_HOME to a folder elsewhere"),
}
SAME = {
    errno.EPERM: errno.EACCES,
    errno.EDEADLK: errno.EBUSY,
    errno.ENFILE: errno.EMFILE,
    errno.ENXIO: errno.EIO,
    errno.ENODEV: errno.EIO,
} | {getattr(errno, name): errno.EIO for name in ("EUCLEAN", "EBADMSG", "EREMOTEIO") if hasattr(errno, name)}
"""Number of a refusal -> that of the one that is told in its place."""
AWAY = (ConnectionError, TimeoutError)
"""Errors of connections, where they name no file."""
MEMORY = ("the memory of this machine ran out", "", "choose fewer variable genes or TFs, or close other work")
SAYS_FULL = re.compile(
    r"no space left on device|\(os error 28\)|errno = 28|\d+ requested and \d+ written", re.IGNORECASE
)
"""As safetensors, HDF5 and numpy say it, whose errors have no number."""
SAYS_MEMORY = re.compile(
    r"cannot allocate memory|can't allocate memory|failed to map segment|not enough memory", re.IGNORECASE
)

SAYS_LOCKED = re.compile(r"unable to lock file, errno = (?:11|35)\b")
"""As HDF5 says, on Linux and macOS, that another program has a file open; 11 alone may be a lack of processes."""

NO_HOME = "Could not determine home directory"
"""As pathlib says it of ``~name``."""

PLACE = re.compile(r"(?<![\w/:.])/(?:[^/\s'\"<>]+/)+")
"""The folders of a path, without the name at its end; no address, and no fraction."""
NUMBER = re.compile(r"\[Errno (\d+)\]")


def refusal(error: BaseException) -> GrnError | None:
    """Return what the machine refused, in words without a path; None where an error is none of its refusals."""
    for one in _chain(error):
        if isinstance(one, GrnError):
            return None
        if isinstance(one, MemoryError) or SAYS_MEMORY.search(str(one)):
            return _of(MEMORY)
        number = _number(one)
        number = errno.EBUSY if is_locked(one) else SAME.get(number, number)
        if number == errno.ENOMEM:
            return _of(MEMORY)
        if number in DISK:
            return _of(DISK[number])
        if is_full(one):
            return _of(DISK[errno.ENOSPC])
    return None


def words_of(error: BaseException) -> GrnError | None:
    """Return any error of files in words without a place on this machine; None where an error is none of files.

    For where errors are shown: what the machine refuses is told as by `refusal`, of others what the system says.
    """
    told = refusal(error)
    if isinstance(error, RuntimeError) and NO_HOME in str(error):
        message = "a path begins with the name of a user who has no home on this machine"
        return GrnError(message, needed="~ alone, or a whole path", todo="correct the path")
    if told is not None or not isinstance(error, OSError) or isinstance(error, GrnError):
        return told
    if error.filename is None and isinstance(error, AWAY):
        todo = "look whether it is up and can be reached from here, then try again"
        return GrnError(f"another process or machine does not answer: {plain(error)}", todo=todo)
    todo = "if the file is yours, look whether it is there; else report it with what the log says"
    return GrnError(f"a file cannot be used: {plain(error)}", todo=todo)


def plain(error: BaseException) -> str:
    """Return what an error says without the folders of this machine: a name of a file stays."""
    if isinstance(error, OSError) and error.strerror:
        name = Path(os.fsdecode(error.filename)).name if isinstance(error.filename, str | bytes | os.PathLike) else ""
        return f"{error.strerror} ({name})" if name else error.strerror
    text = str(error)
    for place in _places():
        text = text.replace(f"{place}/", "").replace(place, "")
    return PLACE.sub("", text)


def _places() -> list[str]:
    """Return folders whose names may hold blanks, the longest first: by a pattern their ends would not be known."""
    found = {Path.home(), Path(sys.prefix), Path(tempfile.gettempdir())}
    with suppress(GrnError):  # a setting that cannot be is told elsewhere
        now = settings()
        found |= {now.home, now.installation, now.models}
    return sorted({str(one) for one in found if len(one.parts) > 1}, key=len, reverse=True)


def is_full(error: BaseException) -> bool:
    """Whether an error says that there is no room on a disk, by its number or as libraries say it without one."""
    return _number(error) in (errno.ENOSPC, errno.EDQUOT) or SAYS_FULL.search(str(error)) is not None


def is_locked(error: BaseException) -> bool:
    """Whether an error says that another program has a file open to write to it."""
    return SAYS_LOCKED.search(str(error)) is not None


def _number(error: BaseException) -> int | None:
    """Return the number of an error of the machine; that of a copied folder tells those of its files in a text."""
    if isinstance(error, shutil.Error):
        told = NUMBER.search(str(error))
        return int(told[1]) if told is not None else None
    return error.errno if isinstance(error, OSError) else None


def _of(words: tuple[str, str, str]) -> GrnError:
    found, needed, todo = words
    return GrnError(found, needed=needed, todo=todo)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it came of."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
