"""The versions that compute: they are in the record of a run and in its id, and a run of other versions says so."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RESULTS = "5"
"""Version of our own results: raised whenever the same request on the same packages gives other numbers."""
PACKAGES = (
    *("torch", "numpy", "scipy", "pandas", "anndata", "scanpy", "safetensors", "scikit-learn", "rustscenic"),
    *("umap-learn", "transformers", "igraph", "decoupler"),
)


@lru_cache(maxsize=1)
def package_versions() -> dict[str, str]:
    """Return the versions of Python, of the packages that compute and of our results; imports none of them."""
    found = {"results": RESULTS, "python": ".".join(map(str, sys.version_info[:3]))}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """Return the version of our results and those of some packages; a package that is not installed is ``none``."""
    known = package_versions()
    return {"results": known["results"], **{name: known.get(name, "none") for name in packages}}


def differences(record: Mapping[str, Any], packages: Iterable[str]) -> str:
    """Say which versions computed a run where they are not those that are here; empty where they are the same.

    Parameters
    ----------
    record
        ``run.json`` of the run.
    packages
        Those that its kind of work counts.
    """
    here, there = versions_of(packages), record.get("versions", {})
    words = [
        f"{'results version' if name == 'results' else name} {there.get(name, 'not noted')} (here {version})"
        for name, version in here.items()
        if there.get(name, "none") != version
    ]
    if not words:
        return ""
    return f"Computed with {', '.join(words)}. Asked again here it is another run, and its numbers can differ."
