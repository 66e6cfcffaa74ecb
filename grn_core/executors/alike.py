"""Whether two machines would compute the same: the versions that decide results, compared in words."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from grn_core.version import VERSION

OWN = "GRN Studio"
BESIDE = ("_app", "_assets")
"""Folders of the package that a wheel alone has: what lies beside the package in a checkout."""
PACKAGES = ("torch", "numpy", "scipy", "scikit-learn", "rustscenic", "dask", "distributed")


@lru_cache(maxsize=1)
def versions_here() -> dict[str, str]:
    """Return the versions of our own code, of Python and of the packages that compute or send; imports none of them.

    Our own is the release and a hash of the source that computes. What follows a ``+`` says how a package was built,
    for which graphics processor, say, and is left out.
    """
    found = {
        OWN: f"{VERSION} ({code(Path(__file__).parents[1])[:12]})",
        "python": ".".join(map(str, sys.version_info[:2])),
    }
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            found[name] = "none"
    return found


def versions_or_why() -> dict[str, str] | str:
    """Return `versions_here`, or why they cannot be told: an error that is raised would be taken for Dask's own."""
    try:
        return versions_here()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is for who asks
        return f"{type(error).__name__}: {error}"


def unlike(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """Say which versions are others there; empty where all are the same."""
    names = [*here, *(name for name in there if name not in here)]
    pairs = [(name, there.get(name, "none"), here.get(name, "none")) for name in names]
    return ", ".join(f"{name} {other} (here {own})" for name, other, own in pairs if other != own)


def code(package: Path) -> str:
    """Return a hash of the source below a package's folder that computes: the same in a checkout and of its wheel.

    A wheel holds the dashboard and the assets too, below names that begin with an underscore.
    """
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py"), key=lambda path: path.relative_to(package).as_posix()):
        name = path.relative_to(package)
        if name.parts[0] not in BESIDE:
            digest.update(name.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
