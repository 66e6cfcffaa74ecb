"""Measured perturbations that come with the software: of which TF, in which cells, from where, by which licence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from grn_core.assets import asset
from grn_core.experiments.change import CHANGES, OVER_EXPRESSION
from grn_core.files import read_json

FOLDER = "measured"


@dataclass(frozen=True)
class Bundled:
    """One table of measured changes.

    Attributes
    ----------
    name
        By which it is asked for.
    tf
        Canonical symbol of the TF that was changed.
    change
        What was done to it, as of `grn_core.experiments.change.CHANGES`.
    cells, values
        In which cells, and what was compared how.
    study, origin, licence
        Where it is from, and what it may be used for.
    """

    name: str
    tf: str
    change: str
    cells: str
    values: str
    study: str
    origin: str
    licence: str

    @property
    def title(self) -> str:
        """What a menu says."""
        return f"{CHANGES[self.change].title} of {self.tf}: {self.cells}"

    @property
    def called(self) -> str:
        """What it is called in the name of a run."""
        return f"the measured {self.change} of {self.tf}"

    @property
    def source(self) -> str:
        """Where it is from, in a sentence."""
        where = f"Source: {self.study}, {self.origin}; licence {self.licence}."
        return f"Measurement: {self.title} ({self.values}). {where}"

    @property
    def path(self) -> Path:
        """The file."""
        return asset(FOLDER, f"{self.name}.tsv.gz")


def bundled() -> dict[str, Bundled]:
    """Return every table that comes with the software, by its name."""
    rows = read_json(asset(FOLDER, "tables.json")) or []
    found = (Bundled(**{"origin" if name == "from" else name: text for name, text in row.items()}) for row in rows)
    return {one.name: one for one in found}


def bundled_of(tfs: Collection[str]) -> dict[str, str]:
    """Return the tables of any of some TFs, by their canonical symbols: name -> title."""
    return {name: one.title for name, one in bundled().items() if one.tf in tfs}


def told_of(name: str, *, tfs: Collection[str], change: str) -> list[str]:
    """Say where a bundled table is from, and where it is of another TF or change than was asked; nothing of others."""
    one = bundled().get(name)
    if one is None:
        return []
    said = [one.source]
    if others := sorted(set(tfs) - {one.tf}):
        were = "was" if len(others) == 1 else "were"
        said.append(f"It is of {one.tf} alone: {', '.join(others)} {were} not changed in it.")
    if (change == OVER_EXPRESSION) != (one.change == OVER_EXPRESSION):
        asked, was = CHANGES[change].title.lower(), CHANGES[one.change].title.lower()
        said.append(f"Asked was {asked}, measured {was}: a good prediction has the opposite signs.")
    return said
