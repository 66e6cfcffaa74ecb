"""The archives that users may download from: where each is, how large, under which terms, and what it must hash to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from grn_core.assets import asset
from grn_core.errors import RequestError
from grn_core.settings import settings

CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Fact:
    """A size or checksum, whether it is `CONFIRMED`, and who states it."""

    value: str | int
    status: str
    source: str


@dataclass(frozen=True)
class ArchiveDataset:
    """Cells in an archive: `file` is the member with the table of genes x cells, `values` their kind if it is known."""

    ref: str
    title: str
    species: str
    n_cells: int
    file: str
    description: str
    values: str | None = None


@dataclass(frozen=True)
class Archive:
    """One downloadable file.

    Attributes
    ----------
    name, title, holds
        Short name, title, and ``datasets`` or ``networks``.
    folder, file
        Where it lies below the folder of downloads, and its file name.
    url, page, doi, cite
        The file, the page about it, its DOI and the paper to cite.
    licence
        As the archive states it; None where that could not be read: see `page`.
    n_bytes, about_bytes
        Exact size, if one is known, and the size to show.
    checksums
        Algorithm -> what it must give.
    roots
        Folders, below one with public data, in which its unpacked files may lie.
    members
        Files that are unpacked; none for a plain file.
    datasets
        Cells that it holds.
    """

    name: str
    title: str
    holds: str
    folder: str
    file: str
    url: str
    page: str
    doi: str
    cite: str
    licence: str | None
    n_bytes: Fact | None
    about_bytes: int
    checksums: dict[str, Fact]
    roots: tuple[str, ...]
    members: tuple[str, ...]
    datasets: tuple[ArchiveDataset, ...]

    @property
    def address(self) -> str:
        """The address to download from: the archive's own, or the mirror of the settings."""
        mirror = settings().mirror.rstrip("/")
        return f"{mirror}/{self.file}" if mirror else self.url

    @property
    def path(self) -> Path:
        """Where the file lies once downloaded, or is to be put by hand."""
        return settings().downloads / self.folder / self.file

    @property
    def terms(self) -> str:
        """The licence in words."""
        return self.licence or f"see {self.page}"

    @property
    def files(self) -> tuple[str, ...]:
        """What is used of it, as paths below a root: its members, or itself."""
        return self.members or (self.file,)


def published_file() -> Path:
    """Return the manifest that comes with the software."""
    return asset("downloads", "manifest.json")


def archives() -> tuple[Archive, ...]:
    """Return the archives of the manifest."""
    return _read(published_file())


def find_archive(name: str) -> Archive:
    """Return an archive by its name.

    Raises
    ------
    RequestError
        If there is none of that name.
    """
    found = {one.name: one for one in archives()}
    if name not in found:
        message = f"there is no archive {name!r}"
        raise RequestError(message, needed=f"one of {', '.join(found)}", todo="see `data list`")
    return found[name]


@lru_cache(maxsize=4)
def _read(path: Path) -> tuple[Archive, ...]:
    return tuple(_archive(one) for one in json.loads(path.read_text(encoding="utf-8"))["archives"])


def _archive(given: dict[str, Any]) -> Archive:
    return Archive(
        **{
            **given,
            "n_bytes": _fact(given["n_bytes"]),
            "checksums": {name: fact for name, value in given["checksums"].items() if (fact := _fact(value))},
            "roots": tuple(given["roots"]),
            "members": tuple(given["members"]),
            "datasets": tuple(ArchiveDataset(**one) for one in given["datasets"]),
        }
    )


def _fact(given: dict[str, Any] | None) -> Fact | None:
    return None if given is None else Fact(given["value"], given["status"], given["from"])
