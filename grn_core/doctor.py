"""What there is to know of this installation: versions, device, settings in force, disk use, and what is wrong with it.

``python -m grn_core doctor`` prints it and the page *About this installation* shows it. Nothing here loads torch or
writes a file that stays.
"""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass, fields
from importlib.util import find_spec
from typing import Any, Literal

import psutil

from grn_core import in_words
from grn_core.assets import asset, damaged, damaged_error
from grn_core.datasets.isolation import landlock
from grn_core.disk import cache_bytes, disk_use, free_disk
from grn_core.errors import GrnError, ModelError, RequestError
from grn_core.executors.chosen import check_installed
from grn_core.files import size_of
from grn_core.login import login_here
from grn_core.models.device import device_name
from grn_core.runs.versions import package_versions
from grn_core.settings import DEFAULTS, FOLDERS, MEANINGS, Settings, check_home, cores, settings, variable
from grn_core.version import VERSION

PYTHONS = ((3, 11), (3, 13))
"""First and last version of Python that is accepted (the same as in ``pyproject.toml``)."""
LOW = 2 * 10**9
"""Bytes of free disk or memory below which large data may not fit."""
SMALLEST_WEIGHTS = 10**6
"""Bytes; a file of weights that is smaller is a pointer that Git LFS left, or was cut off."""
DEMO_SIZE = (32, 507, 700, 174_000)
"""TFs, genes, cells and values above zero of the demo."""

PRIVATE = {variable(name) for name in (*FOLDERS, "mirror", "dask_scheduler", "dask_store")}
"""Settings that are paths, or addresses: of a mirror, which may hold a password, and of machines within."""

State = Literal["ok", "note", "fault"]


@dataclass(frozen=True)
class SettingInForce:
    """One setting as it is now.

    Attributes
    ----------
    variable
        Environment variable that sets it.
    value, default
        What is in force, and what would be without the variable.
    origin
        The variable's name where it is set, else ``"default"``.
    meaning
        One line.
    """

    variable: str
    value: str
    default: str
    origin: str
    meaning: str

    @property
    def told(self) -> str:
        """The value for those who do not run the installation: of a path or an address only whether it is set."""
        return self.value if self.variable not in PRIVATE else "set" if self.origin == self.variable else "default"


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


@dataclass(frozen=True)
class SpeedHere:
    """How fast this machine is with a model.

    Attributes
    ----------
    name, title
        Of the model.
    measured
        Whether that was measured here, with the present device, threads and versions.
    device
        On which it was, or where else it was measured.
    example
        What the demo's network costs, in words: in a virtual cell, and with the cells as background.
    """

    name: str
    title: str
    measured: bool
    device: str
    example: str

    @property
    def where(self) -> str:
        """Where it was measured, in words."""
        return "here" if self.measured else f"on another machine: {self.device}"


def speeds() -> list[SpeedHere]:
    """Return how fast this machine is with each model that takes values, measured or as far as that can be told."""
    from grn_core.costs import reference_speed
    from grn_core.costs.foretell import Size
    from grn_core.models import registry as models
    from grn_core.planning import BACKGROUNDS
    from grn_core.runs.foretold import foretell_usual, measured_speed

    rows, size = [], Size(*DEMO_SIZE)
    for record in models.records():
        if not record.takes_values:
            continue
        own = measured_speed(record.name)
        costs = dict.fromkeys(foretell_usual(size, record, background=one).words for one in BACKGROUNDS)
        device = (own or reference_speed()).device
        rows.append(SpeedHere(record.name, record.title, own is not None, device, "; ".join(costs)))
    return rows


def facts(now: Settings) -> dict[str, Any]:
    """Return versions, cores, device and data folder, by short names."""
    checked = writable()
    return {
        "grn_core": VERSION,
        "python": platform.python_version(),
        "system": platform.platform(),
        **{name: version for name, version in package_versions().items() if name != "python"},
        "cores": cores(),
        "threads": now.threads or "every core",
        "device": device().found,
        "home": str(now.home),
        "home_writable": checked.state == "ok",
        "free_disk_gb": round(free_disk() / 1e9, 1),
    }


def settings_in_force() -> list[SettingInForce]:
    """Return every setting with its value and where the value comes from, in the order of `Settings`."""
    now = settings()
    rows = []
    for one in fields(Settings):
        name, value, default = variable(one.name), getattr(now, one.name), one.default
        shown = DEFAULTS.get(one.name, str(default))
        rows.append(
            SettingInForce(
                variable=name,
                value=shown if value in (None, "") else str(value),
                default=shown,
                origin=name if os.environ.get(name) else "default",
                meaning=MEANINGS[one.name],
            )
        )
    return rows


def without_places(words: str) -> str:
    """Return words with the folders of this machine called by what they are, for those who do not run it."""
    now = settings()
    places = {now.home: "your folder", now.models: "the folder of models", now.installation: "the data folder"}
    for place, called in {**places, asset(): "the installation"}.items():
        words = words.replace(str(place), called)
    return words


def checks() -> list[Check]:
    """Look at everything that must be in order for the software to work."""
    here = [_python(), _own_files(), writable(), _disk(), _memory(), device(), _fence(), _login()]
    return [*here, _geneformer(), _cluster()]


def to_json() -> dict[str, Any]:
    """Return all of it in JSON types: the facts by name, and ``settings``, ``disk`` and ``checks`` as lists."""
    return {
        **facts(settings()),
        "cache_bytes": cache_bytes(settings()),
        "settings": [vars(one) for one in settings_in_force()],
        "disk": [{**vars(one), "folder": str(one.folder)} for one in disk_use(settings())],
        "speed": [vars(one) for one in speeds()],
        "checks": [
            {"title": one.title, "state": one.state, "found": one.found}
            | ({} if one.error is None else {"needed": one.error.needed, "todo": one.error.todo})
            for one in checks()
        ],
    }


def writable() -> Check:
    """Whether something can be written to the data folder."""
    try:
        check_home()
    except RequestError as error:
        return Check("Data folder", "fault", error.found, error)
    return Check("Data folder", "ok", f"{settings().home} can be written to")


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
