"""How the precision that a translator expects compares with what was found on data sets that it was not trained on.

The figures are measured by ``scripts/measure_precision.py``: every pair of the TFs and genes of a data set is scored,
and the share of edges of the data set's reference down to each rank is set beside the mean probability down to it. Of a
translator that was calibrated on such data sets, ``scripts/calibrate_translator.py`` measures on each by the others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from grn_core.assets import asset
from grn_core.errors import GrnError
from grn_core.in_words import share

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVELS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
"""Expected precisions at which the found ones are kept."""
FEWEST = 20
"""With fewer edges down to a level, the share of true ones among them says nothing."""


@dataclass(frozen=True)
class Found:
    """What was found at one expected precision.

    Attributes
    ----------
    expected
        The expected precision, out of `LEVELS`.
    low, high
        The lowest and the highest share of edges that a data set had among its pairs down to there.
    n_sets
        Data sets that reach it with `FEWEST` pairs or more.
    network
        The kind of reference that says what an edge is.
    """

    expected: float
    low: float
    high: float
    n_sets: int
    network: str


@lru_cache(maxsize=1)
def _measured() -> dict[str, Any]:
    """Return what was measured, by the SHA-256 of a translator's weights."""
    content: dict[str, Any] = json.loads(asset("precision.json").read_text(encoding="utf-8"))
    return content


def entry_of(sha: str, mark: str) -> str:
    """Name the entry of a translator, by its weights and its calibration on held-out data sets, among the figures."""
    return f"{sha}:{mark}" if mark else sha


def found_at(
    translator: str, expected: float, *, extractors: Sequence[str], mark: str, seeds: Sequence[int] | None = None
) -> Found | None:
    """Return what was found at the level nearest below an expected precision; None where it was not measured.

    Parameters
    ----------
    translator
        Name or folder of a translator.
    expected
        The expected precision, 0 to 1.
    extractors
        What was read: only what the translator asks together was measured.
    mark
        Which calibration on held-out data sets gave the probabilities, see `grn_core.translator.calibration.mark`.
    seeds
        Of the translator, all if None: the mean over all of them was measured.
    """
    from grn_core.translator.registry import seeds_of, translator_sha

    try:
        if seeds is not None and not set(seeds_of(translator)) <= set(seeds):
            return None
        entry = _measured().get(entry_of(translator_sha(translator), mark), {})
    except GrnError:  # the translator of an old run may be gone
        return None
    for network, rows in entry.get("networks", {}).items() if entry.get("extractors") == sorted(extractors) else ():
        reached = [row for row in rows if row[0] <= expected + 1e-9 and len(row) > 2]
        if reached:
            level, *found = max(reached)
            return Found(level, min(found), max(found), len(found), network)
    return None


def in_words(
    translator: str, expected: float, *, extractors: Sequence[str], mark: str, seeds: Sequence[int] | None = None
) -> str:
    """Say what an expected precision is worth, in one sentence; as `found_at`."""
    found = found_at(translator, expected, extractors=extractors, mark=mark, seeds=seeds)
    if found is None:
        return "How far that holds on other data was not measured."
    worse = " It can claim far too much." if found.low < found.expected / 2 else ""
    return (
        f"On {found.n_sets} data sets held out, lists of {share(found.expected)} expected held {share(found.low)} to "
        f"{share(found.high)} edges of {found.network}.{worse}"
    )
