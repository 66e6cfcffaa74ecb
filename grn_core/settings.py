"""Settings of an installation, from the environment (``GRN_...``); every limit of the product stands here."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from grn_core.errors import RequestError

FOLDERS = ("home", "models", "data")
DEVICES = ("auto", "cpu", "cuda", "mps")
HOME = Path.home() / ".cache" / "grn-studio"


@dataclass(frozen=True)
class Settings:
    """One installation's settings.

    Each is set by the environment variable ``GRN_`` and its name in capitals; what it means stands in `MEANINGS`.
    """

    home: Path = HOME
    models: Path = HOME / "models"
    data: Path | None = None
    mirror: str = ""
    device: str = "auto"
    threads: int = 0
    max_upload_mb: int = 1024
    max_unpacked_gb: int = 8
    max_cells: int = 2_000_000
    max_genes: int = 5000
    max_sources: int = 2500
    max_graph_edges: int = 1500
    max_cache_gb: int = 20

    @property
    def uploads(self) -> Path:
        """Folder of uploaded datasets, one file per content hash."""
        return self.home / "uploads"

    @property
    def runs(self) -> Path:
        """Folder of runs, one subfolder per run id."""
        return self.home / "runs"

    @property
    def cpus(self) -> int:
        """Threads that a worker may use: `threads`, or one for every core that this process may run on."""
        return self.threads or cores()

    @property
    def downloads(self) -> Path:
        """Folder of what was downloaded from the public archives, one subfolder per archive."""
        return self.home / "data"


def cores() -> int:
    """Count the cores that this process may run on."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return mine or 1


@lru_cache(maxsize=8)
def _from_environment(values: tuple[tuple[str, str], ...]) -> Settings:
    given: dict[str, Any] = {}
    for name, text in values:
        kind = type(getattr(Settings, name)) if name not in FOLDERS else Path
        try:
            given[name] = Path(text).expanduser() if name in FOLDERS else kind(text)
        except ValueError:
            _refuse(name, text, "a whole number")
    if given.get("device", "auto") not in DEVICES:
        _refuse("device", str(given["device"]), f"one of {', '.join(DEVICES)}")
    for name, value in given.items():
        if isinstance(value, int) and value < 0:
            _refuse(name, str(value), "a whole number, 0 or more")
    given.setdefault("models", given.get("home", HOME) / "models")
    return Settings(**given)


MEANINGS = {
    "home": "folder of uploads, runs and caches",
    "models": "folder of downloaded models and of the list of named ones",
    "data": "folder in which the public archives lie unpacked: used instead of downloads, never written to",
    "mirror": "address that the files of the public archives are downloaded from, instead of their own",
    "device": "what computes: auto (a graphics processor where there is one), cpu, cuda or mps",
    "threads": "CPU threads of a worker; 0 is every core",
    "max_upload_mb": "size of an upload in the app, in MB",
    "max_unpacked_gb": "what a file may unpack to, uploaded or not, in GB; large HDF5 files eight times their size",
    "max_cells": "cells of a dataset; their tables are held, their matrix is not",
    "max_genes": "genes that a network is asked about",
    "max_sources": "TFs that a network is asked about",
    "max_graph_edges": "edges drawn at once; tables always hold all",
    "max_cache_gb": "size of all caches together, in GB; the longest unused goes first, 0 is no limit",
}
"""Setting -> what it is, for the documentation and the page *About this installation*."""
DEFAULTS = {"models": "models, in GRN_HOME", "data": "not set", "mirror": "not set"}
"""Setting whose default follows from others, or is none -> its default in words."""


def variable(name: str) -> str:
    """Return the environment variable that sets `name`."""
    return f"GRN_{name.upper()}"


def _refuse(name: str, text: str, needed: str) -> NoReturn:
    message = f"{variable(name)} is {text!r}"
    raise RequestError(message, needed=needed, todo="correct or unset the variable")


def settings() -> Settings:
    """Return the settings in force: the defaults, overridden by ``GRN_<NAME>`` variables that are not empty."""
    found = ((one.name, os.environ.get(variable(one.name))) for one in fields(Settings))
    return _from_environment(tuple((name, text) for name, text in found if text))


def check_home() -> None:
    """Make sure that something can be written to the home folder, before anything is computed for it.

    Raises
    ------
    RequestError
        If nothing can: it is a file, lies below one, or is not ours to write to.
    """
    check_writable(settings().home, todo="name another data folder with --home or GRN_HOME")


def check_writable(folder: Path, *, todo: str) -> None:
    """Make sure that something can be written to a folder, which need not exist; `RequestError` if not."""
    whole = folder.absolute()
    try:
        existing = next(one for one in (whole, *whole.parents) if one.exists())
        with TemporaryDirectory(dir=existing, prefix=".grn-"):  # what the rights of a folder promise is not always so
            return
    except OSError as error:
        message = f"nothing can be written to the folder {folder} ({error.strerror})"
        raise RequestError(message, needed="a folder of your own, which need not exist", todo=todo) from error
