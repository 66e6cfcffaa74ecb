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
PACKAGES = ("torch", "numpy", "scipy", "scikit-learn", "rustscenic", "dask", "distributed")


@lru_cache(maxsize=1)
def versions_here() -> dict[str, str]:
    """Return the versions of our own code, of Python and of the packages that compute or send; imports none of them.

    Our own is the release and a hash of the source. What follows a ``+`` says how a package was built, for which
    graphics processor, say, and is left out.
    """
    found = {OWN: f"{VERSION} ({_code()[:12]})", "python": ".".join(map(str, sys.version_info[:2]))}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            found[name] = "none"
    return found


def unlike(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """Say which versions are others there; empty where all are the same."""
    names = [*here, *(name for name in there if name not in here)]
    pairs = [(name, there.get(name, "none"), here.get(name, "none")) for name in names]
    return ", ".join(f"{name} {other} (here {own})" for name, other, own in pairs if other != own)


def _code() -> str:
    home, digest = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted(home.rglob("*.py")):
        digest.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
