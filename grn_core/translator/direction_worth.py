"""What the direction of an edge between two TFs is worth: how often it was as seen when TFs were perturbed.

The figures are measured by ``scripts/measure_direction.py``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from grn_core.assets import asset

NOT_MEASURED = (
    "Both genes are TFs: how well this network tells which of the two regulates the other was not measured. What was "
    "measured tells it no better than a coin."
)

COIN = 0.5
SURE = 2.0
"""Standard errors by which a share must be above that of a coin."""


@dataclass(frozen=True)
class DirectionWorth:
    """How often the edge of two TFs had the higher score in the direction that was seen.

    Attributes
    ----------
    table
        What the table of perturbed TFs is called.
    extractors
        What was asked of the translator, sorted.
    pairs, tfs
        Pairs of which one TF changed with the other and not the other way round, and the TFs among them.
    right, error
        Share of the pairs, mean over seeds, and its standard error over TFs drawn anew; a coin has one half.
    """

    table: str
    extractors: tuple[str, ...]
    pairs: int
    tfs: int
    right: float
    error: float


@lru_cache(maxsize=1)
def _measured() -> dict[str, tuple[DirectionWorth, ...]]:
    """Return what was measured, by the SHA-256 of the translator's weights."""
    found = json.loads(asset("direction.json").read_text(encoding="utf-8"))
    return {
        own["sha"]: tuple(
            DirectionWorth(
                table=row["table"],
                extractors=tuple(row["extractors"]),
                pairs=row["pairs"],
                tfs=row["tfs"],
                right=row["right"],
                error=row["error"],
            )
            for row in own["rows"]
        )
        for own in found.values()
    }


def worth_of(sha: str, extractors: Sequence[str]) -> tuple[DirectionWorth, ...]:
    """Return what was measured of a translator; nothing where it was not measured.

    Parameters
    ----------
    sha
        As of `grn_core.translator.registry.translator_sha`.
    extractors
        What is asked of it.
    """
    asked = tuple(sorted(extractors))
    return tuple(row for row in _measured().get(sha, ()) if row.extractors == asked)


def in_words(sha: str, extractors: Sequence[str]) -> str:
    """Say in a sentence or two what the direction between two TFs is worth, as of `worth_of`."""
    found = worth_of(sha, extractors)
    if not found:
        return NOT_MEASURED
    better = [one for one in found if one.right - SURE * one.error > COIN]
    how = f"better than by a coin on {len(better)} of {len(found)} tables" if better else "no better than by a coin"
    return f"Both genes are TFs: which of the two regulates the other is told {how}."


def figures(sha: str, extractors: Sequence[str]) -> str:
    """Return the figures behind `in_words`, a sentence; empty where nothing was measured."""
    told = "; ".join(
        f"{one.right:.2f} ± {one.error:.2f} of {one.pairs} pairs ({one.table})" for one in worth_of(sha, extractors)
    )
    return told and (
        "Of two TFs of which one was seen to change with the other, the edge has the higher score in that direction in "
        f"{told}. A coin has {COIN:.2f}."
    )
