"""What there is to know of this installation: versions, device, settings in force, disk use, and what is wrong with it.

``python -m grn_core doctor`` prints it and the page *About this installation* shows it. Nothing here loads torch or
writes a file that stays.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, fields
from typing import Any

from grn_core.assets import asset
from grn_core.disk import cache_bytes, disk_use, free_disk
from grn_core.doctor.in_order import Check, checks, device, writable
from grn_core.runs.versions import package_versions
from grn_core.settings import DEFAULTS, FOLDERS, MEANINGS, Settings, cores, settings, variable
from grn_core.version import VERSION

__all__ = [
    "Check",
    "SettingInForce",
    "SpeedHere",
    "checks",
    "facts",
    "settings_in_force",
    "speeds",
    "to_json",
    "without_places",
]

DEMO_SIZE = (32, 507, 700, 174_000)
"""TFs, genes, cells and values above zero of the demo."""

PRIVATE = {variable(name) for name in (*FOLDERS, "mirror", "dask_scheduler", "dask_store")}
"""Settings that are paths, or addresses: of a mirror, which may hold a password, and of machines within."""


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
        "home_writable": checked.state != "fault",
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
