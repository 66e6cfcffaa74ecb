"""What the machine itself refuses, in the user's words: a full disk, a quota, a folder that may not be written, memory.

Whoever shows errors asks here first: no path of the server and no traceback is shown for what is no fault of ours.
"""

from __future__ import annotations

import errno
import re
import shutil
from typing import TYPE_CHECKING

from grn_core.errors import GrnError

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
    errno.EMFILE: ("too many files are open", "", "close other work on this machine, or raise `ulimit -n`"),
    errno.EIO: ("the disk reports an error", "a sound disk", "look after it, and set GRN_HOME to a folder elsewhere"),
}
MEMORY = ("the memory of this machine ran out", "", "choose fewer variable genes or TFs, or close other work")
SAYS_FULL = re.compile(
    r"no space left on device|\(os error 28\)|errno = 28|\d+ requested and \d+ written", re.IGNORECASE
)
"""As safetensors, HDF5 and numpy say it, whose errors have no number."""
SAYS_MEMORY = re.compile(
    r"cannot allocate memory|can't allocate memory|failed to map segment|not enough memory", re.IGNORECASE
)

NUMBER = re.compile(r"\[Errno (\d+)\]")


def refusal(error: BaseException) -> GrnError | None:
    """Return what the machine refused, in words without a path; None where an error is none of its refusals."""
    for one in _chain(error):
        if isinstance(one, GrnError):
            return None
        if isinstance(one, MemoryError) or SAYS_MEMORY.search(str(one)):
            return _of(MEMORY)
        number = _number(one)
        number = errno.EACCES if number == errno.EPERM else number
        if number == errno.ENOMEM:
            return _of(MEMORY)
        if number in DISK:
            return _of(DISK[number])
        if is_full(one):
            return _of(DISK[errno.ENOSPC])
    return None


def is_full(error: BaseException) -> bool:
    """Whether an error says that there is no room on a disk, by its number or as libraries say it without one."""
    return _number(error) in (errno.ENOSPC, errno.EDQUOT) or SAYS_FULL.search(str(error)) is not None


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
