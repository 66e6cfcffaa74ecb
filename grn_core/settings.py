"""Settings of an installation, from the environment (``GRN_...``); every limit of the product stands here.

Where several people use one installation, each has a home of their own below that of the installation, and whoever
asks for a folder gets it in theirs: see `homes_from`, `at_home` and `grn_core.homes`.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn

from grn_core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FOLDERS = ("home", "models", "data")
DEVICES = ("auto", "cpu", "cuda", "mps")
HOME = Path.home() / ".cache" / "grn-studio"
USERS = "users"
"""Folder in the home of an installation with the homes of its users."""
LOCAL_CLUSTER = re.compile(r"local(:[1-9]\d{0,2})?")
"""What stands in the place of a scheduler's address where workers of this machine are wanted, and how many."""
SCHEDULER = re.compile(r"(tcp|tls)://[^\s/]+:(?P<port>\d{1,5})")
LAST_PORT = 65_535
STORE = re.compile(r"(file:///|(?!file:)[a-z][a-z0-9]*://)[^\s@?#:]+")
"""Address of a store, without a password in it: what is no file is asked with the credentials of the machine."""
KEY = re.compile(r"[0-9a-f]{32}")
"""Name of a user's home."""


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
    spare_worker: int = 1
    look_ms: int = 700
    dask_scheduler: str = ""
    dask_store: str = ""
    max_upload_mb: int = 1024
    max_unpacked_gb: int = 8
    max_cells: int = 2_000_000
    max_genes: int = 5000
    max_sources: int = 2500
    max_graph_edges: int = 1500
    max_cache_gb: int = 20
    max_user_gb: int = 0
    max_user_runs: int = 0
    max_user_sessions: int = 0
    max_sessions: int = 0
    keep_days: int = 0

    @property
    def installation(self) -> Path:
        """Home of the installation: `home` itself, or what the home of a user lies in."""
        return installation_of(self.home)

    @property
    def own_models(self) -> Path:
        """Folder of the list of models that were named here: a user's own, beside that of the installation."""
        return self.models if self.home == self.installation else self.home / "models"

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
        """Folder of what was downloaded from the public archives, one subfolder per archive; all users have it."""
        return self.installation / "data"


def installation_of(home: Path) -> Path:
    """Return the home of the installation that a home belongs to: itself, or what the home of a user lies in."""
    is_users = home.parent.name == USERS and KEY.fullmatch(home.name)
    return home.parent.parent if is_users else home


def cores() -> int:
    """Count the cores that this process may run on."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return mine or 1


@lru_cache(maxsize=8)
def _from_environment(values: tuple[tuple[str, str], ...]) -> Settings:
    given: dict[str, Any] = {}
    for name, text in values:
        kind = type(getattr(Settings, name)) if name not in FOLDERS else Path
        if name in FOLDERS and not text.strip():
            _refuse(name, text, "the path of a folder")
        try:
            given[name] = Path(text).expanduser() if name in FOLDERS else kind(text)
        except ValueError:
            _refuse(name, text, "a whole number")
    if given.get("device", "auto") not in DEVICES:
        _refuse("device", str(given["device"]), f"one of {', '.join(DEVICES)}")
    address = given.get("dask_scheduler", "")
    there = SCHEDULER.fullmatch(address)
    if address and not (LOCAL_CLUSTER.fullmatch(address) or (there and 0 < int(there["port"]) <= LAST_PORT)):
        _refuse(
            "dask_scheduler", address, "tcp://host:port or tls://host:port, or local:2 for 2 workers of this machine"
        )
    store = given.get("dask_store", "")
    if store and not STORE.fullmatch(store):
        message = f"{variable('dask_store')} is no address of a store"  # which is not shown: it may hold a password
        needed = "file:///folder or s3://bucket/folder, without a password: a machine's own credentials are used"
        raise RequestError(message, needed=needed, todo="correct or unset the variable")
    for name, value in given.items():
        if isinstance(value, int) and value < 0:
            _refuse(name, str(value), "a whole number, 0 or more")
    now = Settings(**given)
    return now if "models" in given else replace(now, models=now.installation / "models")


@lru_cache(maxsize=256)
def _in_home(values: tuple[tuple[str, str], ...], home: Path) -> Settings:
    return replace(_from_environment(values), home=home)


MEANINGS = {
    "home": "folder of uploads, runs and caches",
    "models": "folder of downloaded models and of the list of named ones",
    "data": "folder in which the public archives lie unpacked: used instead of downloads, never written to",
    "mirror": "address that the files of the public archives are downloaded from, instead of their own",
    "device": "what computes: auto (a graphics processor where there is one), cpu, cuda or mps",
    "threads": "CPU threads of a worker; 0 is every core",
    "spare_worker": "1: the app has a worker ready for the next run, for ten minutes at most (200 MB); 0: it has none",
    "look_ms": "milliseconds between two looks of a page at a run at work; more spares a server that many watch",
    "dask_scheduler": "Dask cluster that computes the parts of runs: tcp://host:port, or local:2 for workers here",
    "dask_store": "folder or bucket by which app and workers hand over what is large: file:///folder, s3://bucket/folder",
    "max_upload_mb": "size of an upload in the app, in MB",
    "max_unpacked_gb": "what a file may unpack to, uploaded or not, in GB; large HDF5 files eight times their size",
    "max_cells": "cells of a dataset; their tables are held, their matrix is not",
    "max_genes": "genes that a network is asked about",
    "max_sources": "TFs that a network is asked about",
    "max_graph_edges": "edges drawn at once; tables always hold all",
    "max_cache_gb": "size of all caches together, in GB; the longest unused goes first, 0 is no limit",
    "max_user_gb": "what each user may keep, in GB, without caches and downloads; 0 is no limit",
    "max_user_runs": "runs of each user that wait or are at work; 0 is no limit",
    "max_user_sessions": "tabs that each user may have open; 0 is no limit",
    "max_sessions": "tabs that may be open together; 0 is no limit",
    "keep_days": "days after which an unused run or upload goes, unless it is pinned; 0 keeps all",
}
"""Setting -> what it is, for the documentation and the page *About this installation*."""
DEFAULTS = {"models": "models, in GRN_HOME"} | dict.fromkeys(
    ("data", "mirror", "dask_scheduler", "dask_store"), "not set"
)
"""Setting whose default follows from others, or is none -> its default in words."""


def variable(name: str) -> str:
    """Return the environment variable that sets `name`."""
    return f"GRN_{name.upper()}"


VARIABLES = tuple((one.name, variable(one.name)) for one in fields(Settings))
"""Each setting and the variable that sets it: they are looked at hundreds of times for a page."""


def _refuse(name: str, text: str, needed: str) -> NoReturn:
    message = f"{variable(name)} is {text!r}"
    raise RequestError(message, needed=needed, todo="correct or unset the variable")


def settings() -> Settings:
    """Return the settings in force: the defaults, overridden by ``GRN_<NAME>`` variables that are not empty.

    The home is that of whoever asks, see `homes_from`.
    """
    given = tuple((name, text) for name, one in VARIABLES if (text := os.environ.get(one)))
    now, whose = _from_environment(given), _CHOSEN.get()
    if whose is None and _whose is not None:
        whose = _whose(now.installation)
    return now if whose is None else _in_home(given, whose)


_CHOSEN: ContextVar[Path | None] = ContextVar("home", default=None)
_whose: Callable[[Path], Path | None] | None = None


def homes_from(whose: Callable[[Path], Path | None] | None) -> None:
    """Let `whose` say in whose home the present thread works; None for one home.

    Parameters
    ----------
    whose
        Given the home of the installation, returns the home of the user for whom the present thread works; None where
        it works for nobody in particular.
    """
    global _whose  # noqa: PLW0603 - one process is one app
    _whose = whose


@contextmanager
def at_home(home: Path) -> Iterator[None]:
    """Work in a home for the length of a ``with`` block, whoever asks."""
    before = _CHOSEN.set(home)
    try:
        yield
    finally:
        _CHOSEN.reset(before)


def passed_on() -> Mapping[str, str]:
    """Return the variables with which another process works with the present settings, in the present home."""
    now = settings()
    given = {name: text for name, text in os.environ.items() if name.startswith("GRN_")}
    return given | {variable("home"): str(now.home.absolute()), variable("models"): str(now.models.absolute())}


def check_home() -> None:
    """Make sure that something can be written to the home folder, before anything is computed for it.

    Raises
    ------
    RequestError
        If nothing can: it is a file, lies below one, or is not ours to write to.
    """
    todo = "name another data folder with --home or GRN_HOME"
    check_writable(settings().home, told="data folder", todo=todo)  # visitors see this: where it lies is not said


def check_writable(folder: Path, *, told: str = "", todo: str) -> None:
    """Make sure that something can be written to a folder, which need not exist; `RequestError` if not.

    Parameters
    ----------
    folder
        The folder.
    told
        What it is called in the error; as it was given, if nothing is said.
    todo
        What to do where nothing can.
    """
    whole = folder.absolute()
    try:
        existing = next(one for one in (whole, *whole.parents) if one.exists())
        # Tried, since what the rights of a folder promise is not always so; named so that it is swept (files.LEFT).
        with TemporaryDirectory(dir=existing, prefix=f".part-{os.getpid()}-"):
            return
    except OSError as error:
        message = f"nothing can be written to the {told or f'folder {folder}'} ({error.strerror})"
        raise RequestError(message, needed="a folder of your own, which need not exist", todo=todo) from error
