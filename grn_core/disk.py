"""What the data folder takes on disk, and what is free there."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grn_core import in_words
from grn_core.caches import CACHES, entries
from grn_core.errors import RequestError
from grn_core.homes import is_users
from grn_core.settings import USERS, Settings, settings

ROOMS = {
    "runs": "Runs",
    "removed": "Removed runs, kept for a while",
    "uploads": "Uploaded datasets",
    "references": "Uploaded reference networks",
    "changes": "Uploaded tables of perturbed TFs",
    "models": "Downloaded models, and weights converted from them",
    "translators": "Translators trained here",
    "adapted": "Models adapted to cells",
    "benchmark": "Measured features and scores",
    "described": "What is known of model folders",
    "data": "Public archives",
    "annotations": "Labels and choices of cells",
    "groups": "Groups of cells to compare",
    "users": "Homes of users",
    "shared": "Links to shared runs",
    "queue": "Who waits for the device",
}
"""Folder in the data folder -> what lies in it."""


@dataclass(frozen=True)
class DiskUse:
    """What one folder takes: its title, place, bytes and number of files."""

    title: str
    folder: Path
    bytes: int
    files: int


def disk_use(now: Settings) -> list[DiskUse]:
    """Return what every folder of the data folder takes, largest first; what is not there is left out."""
    home, models = now.home, now.models
    places = {folder.name: folder for folder in _folders(home)}
    found = [_measured(ROOMS.get(name, f"Folder {name}"), folder) for name, folder in places.items()]
    if models is not None and models.parent != home and models.is_dir():
        found.append(_measured("Downloaded models", models))
    return sorted(found, key=lambda one: (-one.bytes, one.title))


def cache_bytes(now: Settings) -> int:
    """Return how many bytes of the data folder are kept only to save time; see `grn_core.caches`."""
    return sum(entry.n_bytes for cache in CACHES for entry in entries(cache, home=now.home))


def kept_bytes(home: Path) -> int:
    """Return how many bytes lie in a home, without caches, and without the homes of users in it."""
    return sum(size_of(folder) for folder in _folders(home) if folder.name != USERS) - sum(
        entry.n_bytes for cache in CACHES for entry in entries(cache, home=home)
    )


def check_room(n_bytes: int = 0, *, written: bool = False) -> None:
    """Make sure that a user may keep so many bytes more.

    Parameters
    ----------
    n_bytes
        Size of what is to be kept.
    written
        Whether it lies in their home already, as an upload that is looked at before it is kept.

    Raises
    ------
    RequestError
        Their data would take more than each user may keep.
    """
    most = settings().max_user_gb * 10**9
    if not most or not is_users():
        return
    here = kept_bytes(settings().home) - (n_bytes if written else 0)
    if here + n_bytes > most:
        more = f", and this would take {in_words.size(n_bytes)} more" if n_bytes else ""
        message = f"what you keep here takes {in_words.size(here)}{more}"
        todo = "delete what you need no more, under About this installation"
        raise RequestError(message, needed=f"at most {in_words.size(most)} for each user", todo=todo)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder; 0 where there is none."""
    if path.is_dir():
        return _measured("", path).bytes
    with suppress(OSError):
        return path.lstat().st_size
    return 0


def free_disk() -> int:
    """Return the free bytes on the disk that holds the data folder, or will."""
    home = settings().home
    return shutil.disk_usage(next(folder for folder in (home, *home.parents) if folder.is_dir())).free


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return []


def _measured(title: str, folder: Path) -> DiskUse:
    """Add up a folder's files; links are not followed, and what vanishes meanwhile is left out."""
    sizes = []
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                sizes.append((Path(place) / name).lstat().st_size)
    return DiskUse(title, folder, sum(sizes), len(sizes))
