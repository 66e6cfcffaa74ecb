"""What it is worth to ask the model in the user's own cells, as measured on data sets whose cells are at hand.

The figures are measured by ``scripts/measure_own_cells.py``; docs/trust.md shows them all.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from grn_core.assets import asset
from grn_core.errors import GrnError

WAYS = {"context": "context"}
"""Background of a run -> what the measurement calls it."""
GENERIC = "generic"


@lru_cache(maxsize=1)
def _measured() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asset("own_cells.json").read_text(encoding="utf-8"))
    return found


def in_words(model: str, background: str) -> str:
    """Say how a background ranked on data sets with cells beside the generic cell; nothing where it was not measured.

    Parameters
    ----------
    model
        Name or folder, as in `grn_core.models.load.load_model`.
    background
        As in `grn_core.extractors.backgrounds`; of the generic cell itself nothing is said here, see
        `grn_core.benchmark.results.tested`.
    """
    from grn_core.models.registry import weights_sha

    try:
        known = _measured()["model_sha"] == weights_sha(model)
    except GrnError:  # the model of a link may be gone
        return ""
    if not known or background not in WAYS:
        return ""
    scores = [(row["auprc"][WAYS[background]], row["auprc"][GENERIC]) for row in _measured()["auprc"]]
    own, generic = (sum(part) / len(scores) for part in zip(*scores, strict=True))
    return f"AUPRC {own:.2f} on {len(scores)} test sets with cells, where a generic cell has {generic:.2f}."
