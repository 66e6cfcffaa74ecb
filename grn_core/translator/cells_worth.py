"""What it is worth to ask the model in the user's own cells, as measured on data sets whose cells are at hand.

The figures are measured by ``scripts/measure_own_cells.py``; docs/trust.md shows them all.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from grn_core.assets import asset
from grn_core.errors import GrnError

WAYS = {"virtual": "generic", "context": "context"}
"""Background of a run -> what the measurement calls it."""


@lru_cache(maxsize=1)
def _measured() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asset("own_cells.json").read_text(encoding="utf-8"))
    return found


def in_words(model: str, background: str) -> str:
    """Say how a background ranked on data sets with cells, in one sentence; nothing where it was not measured.

    Parameters
    ----------
    model
        Name or folder, as in `grn_core.models.load.load_model`.
    background
        As in `grn_core.extractors.backgrounds`.
    """
    from grn_core.models.registry import weights_sha

    try:
        known = _measured()["model_sha"] == weights_sha(model)
    except GrnError:  # the model of a link may be gone
        return ""
    scores = [row["auprc"][WAYS[background]] for row in _measured()["auprc"]] if known and background in WAYS else []
    if not scores:
        return ""
    return f"AUPRC {sum(scores) / len(scores):.3f} on {len(scores)} test sets with measured cells (chance 0.500)."
