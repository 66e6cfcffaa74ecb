"""What must be in order for the software to work: looked at one by one, each told in words.

Nothing here loads torch or writes a file that stays.
"""

from __future__ import annotations

import platform
import shlex
import stat
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

import psutil

from grn_core import in_words
from grn_core.assets import asset, damaged, damaged_error
from grn_core.datasets.isolation import landlock
from grn_core.disk import free_disk
from grn_core.errors import GrnError, ModelError, RequestError
from grn_core.executors.chosen import check_installed
from grn_core.files import size_of
from grn_core.homes import PRIVATE
from grn_core.login import login_here
from grn_core.models.device import device_name
from grn_core.settings import check_home, settings, variable

PYTHONS = ((3, 11), (3, 13))
"""First and last version of Python that is accepted (the same as in ``pyproject.toml``)."""
LOW = 2 * 10**9
"""Bytes of free disk or memory below which large data may not fit."""
SMALLEST_WEIGHTS = 10**6
"""Bytes; a file of weights that is smaller is a pointer that Git LFS left, or was cut off."""

State = Literal["ok", "note", "fault"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    title
        What.
    state
        ``ok``; ``note``, something to know that stops nothing; ``fault``, something does not work.
    found
        In words.
    error
        Of a fault: what was found, needed and to do.
    """

    title: str
    state: State
    found: str
    error: GrnError | None = None


def checks() -> list[Check]:
    """Look at everything that must be in order for the software to work."""
    here = [_python(), _own_files(), writable(), _disk(), _memory(), device(), _fence(), _login()]
    return [*here, _geneformer(), _cluster()]


def writable() -> Check:
    """Whether something can be written to the data folder."""
    try:
        check_home()
    except RequestError as error:
        return Check("Data folder", "fault", f"{settings().home}: {error.found}", error)
    home = settings().home
    if home.is_dir() and stat.S_IMODE(home.stat().st_mode) & PRIVATE:
        found = (
            f"{home} can be written to; others of this machine can enter it: `chmod -R go= {shlex.quote(str(home))}`"
        )
        return Check("Data folder", "note", found)
    return Check("Data folder", "ok", f"{home} can be written to")


def device() -> Check:
    """Which device computes, and whether the one that is asked for is here."""
    try:
        return Check("Device", "ok", device_name(settings().device))
    except ModelError as error:
        return Check("Device", "fault", error.found, error)


def _python() -> Check:
    here = platform.python_version()
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        return Check("Python", "ok", here)
    message = f"this is Python {here}"
    first, last = (".".join(map(str, version)) for version in PYTHONS)
    error = RequestError(message, needed=f"Python {first} to {last}", todo="make PYTHON=/path/to/another setup")
    return Check("Python", "fault", message, error)


def _own_files() -> Check:
    """Whether what decides results came with the software, as it was released."""
    try:
        weights = asset("models", "compact", "model.safetensors")
        size = size_of(weights)
        if size < SMALLEST_WEIGHTS:
            message = f"the bundled model's weights {'are cut short' if size else 'are not there'}: {weights}"
            raise RequestError(message, needed="the file of the repository", todo="clone or install again")
        if wrong := damaged():
            raise damaged_error(wrong)
    except RequestError as error:
        return Check("Bundled files", "fault", error.found, error)
    return Check("Bundled files", "ok", f"complete, in {asset()}")


def _disk() -> Check:
    free = free_disk()
    words = f"{in_words.size(free)} free"
    return Check("Disk", "ok", words) if free >= LOW else Check("Disk", "note", f"{words}: large data may not fit")


def _memory() -> Check:
    memory = psutil.virtual_memory()
    words = f"{in_words.size(memory.available)} of {in_words.size(memory.total)} free"
    if memory.available >= LOW:
        return Check("Memory", "ok", words)
    return Check("Memory", "note", f"{words}: large data may not fit")


def _fence() -> Check:
    """Whether the system keeps the reader of users' files away from all others."""
    if landlock.version() > 0:
        return Check("Reader of files", "ok", "kept away from all other files (Landlock)")
    words = "this system has no Landlock: files that point to others are refused, but the reader is not kept from them"
    return Check("Reader of files", "note", words)


def _login() -> Check:
    """Whether visitors must log in, and whether who else works on this machine can read what that stands on."""
    try:
        found = login_here()
    except RequestError as error:
        return Check("Login", "fault", error.found, error)
    return Check("Login", "note" if found.open_to else "ok", found.words)


def _geneformer() -> Check:
    if find_spec("transformers") is not None:
        return Check("Geneformer's packages", "ok", "installed")
    words = "not installed; only Geneformer needs them (pip install -r requirements-geneformer.txt, "
    words += "or of an installation: pip install 'grn-studio[geneformer]')"
    return Check("Geneformer's packages", "note", words)


def _cluster() -> Check:
    """Whether parts of runs are sent to a cluster, and what speaks to it is here; nobody is asked for that."""
    if not settings().dask_scheduler:
        return Check("Cluster", "ok", "none asked for: runs are computed on this machine")
    try:
        check_installed()
    except RequestError as error:
        return Check("Cluster", "fault", error.found, error)
    return Check("Cluster", "ok", f"{variable('dask_scheduler')} is set, and Dask is installed")
