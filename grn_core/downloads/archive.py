"""Members of .zip and .tar archives: chosen by name, written under names of ours, never beyond a stated size."""

from __future__ import annotations

import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import IO

from grn_core import in_words
from grn_core.errors import DataError
from grn_core.files import write_atomic
from grn_core.progress import Progress, further, silent

CHUNK = 1024**2
MOST_BYTES = 16 * 1024**3
"""What the wanted members of one archive may unpack to."""
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError, RuntimeError, zlib.error)
"""What the standard library raises on damaged archives; `NotImplementedError` is `zipfile`'s on an unknown packing."""
HOSTILE = re.compile(r"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:|[\x00-\x1f\\]")


@dataclass(frozen=True)
class Member:
    """One entry of an archive: its name, whether it is an ordinary file, its size once unpacked, and how to read it."""

    name: str
    is_file: bool
    n_bytes: int
    open: Callable[[], IO[bytes]]


@contextmanager
def opened(path: Path) -> Iterator[list[Member]]:
    """Open a .zip or .tar archive (told from its content) and give its members.

    Raises
    ------
    DataError
        If it is neither, or damaged.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as file:
                yield [_zipped(file, info) for info in file.infolist()]
        else:
            with tarfile.open(path) as tar:
                yield [Member(info.name, info.isreg(), info.size, partial(_untarred, tar, info)) for info in tar]
    except DAMAGE as error:
        message = f"{path.name} cannot be read as an archive ({error})"
        raise DataError(message, needed="a complete .zip or .tar archive", todo="download it again") from error


def _zipped(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    kind = stat.S_IFMT(info.external_attr >> 16)
    is_file = not info.is_dir() and kind in (0, stat.S_IFREG)
    return Member(info.filename, is_file, info.file_size, partial(file.open, info))


def _untarred(file: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    found = file.extractfile(info)
    if found is None:
        message = f"the member {printable(info.name)} is no ordinary file"
        raise tarfile.ExtractError(message)
    return found


def find(members: Sequence[Member], wanted: str, *, where: str) -> Member:
    """Return the one ordinary file that is called `wanted`, whatever folders it lies in.

    Parameters
    ----------
    members
        As `opened` gives them.
    wanted
        Path with slashes, e.g. ``Networks/human/STRING-network.csv``; the archive may have it in further folders.
    where
        The archive's name, for messages.

    Raises
    ------
    DataError
        If it is absent, there more than once, no ordinary file, or named so as to leave the folder.
    """
    found = [member for member in members if f"/{member.name}".endswith(f"/{wanted}")]
    found = [member for member in found if not member.name.startswith("__MACOSX/")]
    if not found:
        alike = get_close_matches(wanted, [member.name for member in members if member.is_file], n=1, cutoff=0.0)
        message = f"{where} has no member {wanted}"
        nearest = f" (the nearest is {printable(alike[0])})" if alike else ""
        raise DataError(message + nearest, needed=wanted, todo="check that it is the right archive and version")
    if len(found) > 1:
        message = f"{where} has {len(found)} members {wanted}"
        raise DataError(message, needed="one", todo="download the archive again from its own page")
    member = found[0]
    if HOSTILE.search(member.name) or not member.is_file:
        what = "leads out of the folder" if member.is_file else "is no ordinary file"
        message = f"the member {printable(member.name)} of {where} {what}"
        todo = "do not use this file; download the archive from its own page"
        raise DataError(message, needed="ordinary files in folders of the archive", todo=todo)
    return member


def extract(path: Path, wanted: Sequence[str], folder: Path, *, progress: Progress = silent) -> list[Path]:
    """Write the wanted members into `folder`, each whole or not at all.

    Parameters
    ----------
    path
        The archive.
    wanted
        Names as for `find`; each is also the path of the file below `folder`. No name of the archive's own is used.
    folder
        Where to write.
    progress
        Told of bytes; what it raises stops the work, and finished members stay.

    Raises
    ------
    DataError
        As `find`; or if the members unpack to more than `MOST_BYTES`, than they say, or than the disk holds.
    """
    with opened(path) as members:
        chosen = {name: find(members, name, where=path.name) for name in wanted}
        total = sum(member.n_bytes for member in chosen.values())
        folder.mkdir(parents=True, exist_ok=True)
        check_room(folder, total, what=f"the unpacked files of {path.name}")
        done = 0
        for name, member in chosen.items():
            told = further(progress, _unpack(path), done, total=total)
            _write(member, folder / name, where=path.name, told=told)
            done += member.n_bytes
        progress(_unpack(path), total, total)
    return [folder / name for name in wanted]


def check_room(folder: Path, n_bytes: int, *, what: str) -> None:
    """Refuse what `MOST_BYTES` or the disk does not allow."""
    free = shutil.disk_usage(folder).free
    if n_bytes > min(free, MOST_BYTES):
        message = f"{what} would take {in_words.size(n_bytes)}"
        most = f"{in_words.size(free)} are free" if free < MOST_BYTES else f"at most {in_words.size(MOST_BYTES)}"
        raise DataError(message, needed=most, todo="free some space, or set GRN_HOME to a larger disk")


def printable(name: str) -> str:
    """Return a name from an archive as it can be shown."""
    return ascii(name)[:120]


def _unpack(path: Path) -> str:
    return f"unpack {path.name}, bytes"


def _write(member: Member, target: Path, *, where: str, told: Callable[[int], None]) -> None:
    def fill(draft: Path) -> None:
        n_bytes = 0
        with member.open() as source, draft.open("wb") as out:
            while chunk := source.read(CHUNK):
                n_bytes += len(chunk)
                if n_bytes > member.n_bytes:
                    break
                out.write(chunk)
                told(n_bytes)
        if n_bytes != member.n_bytes:
            message = f"the member {printable(member.name)} of {where} unpacks to {n_bytes:,} bytes or more"
            raise DataError(message, needed=f"the {member.n_bytes:,} bytes that it states", todo="download it again")

    write_atomic(target, fill)
