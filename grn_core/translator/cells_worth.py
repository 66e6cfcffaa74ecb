"""What it is worth to ask the model in the user's own cells, as measured on data sets whose cells are at hand.

The figures are measured by ``scripts/measure_own_cells.py``; docs/trust.md shows them all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from grn_core.assets import asset
from grn_core.errors import GrnError
from grn_core.translator.registry import DEFAULT, FOR_CELLS

GENERIC = "generic"
WAYS = {"virtual": GENERIC, "context": "context", "both": "generic and co-expression, half"}
"""Where a network is asked (`grn_core.planning.ASKED_IN`) -> what the measurement calls it; the generic cell first."""
MEASURED_WITH = {"virtual": DEFAULT, "context": FOR_CELLS, "both": DEFAULT}
"""Way to ask -> the translator that it was measured with."""
MEASURED_METHOD = "pearson"
COEXPRESSION, METACELLS = "co-expression", "co-expression of metacells"


@lru_cache(maxsize=1)
def _measured() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asset("own_cells.json").read_text(encoding="utf-8"))
    return found


def in_words(model: str, way: str, *, translator: str) -> str:
    """Say how a way to ask ranked on data sets with cells beside the generic cell; nothing where it was not measured.

    Parameters
    ----------
    model
        Name or folder, as in `grn_core.models.load.load_model`.
    way
        Where it is asked, out of `grn_core.planning.ASKED_IN`.
    translator
        Name of the translator that would score it, by all that it asks together.
    """
    from grn_core.models.registry import weights_sha

    if MEASURED_WITH.get(way) != translator:
        return ""
    try:
        known = _measured()["model_sha"] == weights_sha(model)
    except GrnError:  # the model of a link may be gone
        return ""
    return _of(way) if known else ""


def of_run(hashes: Mapping[str, str], way: str) -> str:
    """Say it of a run, by what its record holds of the contents that decided it; nothing where others were measured."""
    of = {"model": _measured()["model_sha"], "translator": _measured()["translator_sha"]}
    if way not in WAYS or any(hashes.get(what) != sha for what, sha in of.items()):
        return ""
    reached = f"AUPRC {_mean(WAYS[way]):.2f}; the same model in a generic cell {_mean(GENERIC):.2f}"
    return f"Tested on {_cells()}: {reached}; chance 0.50."


def _of(way: str) -> str:
    means = {one: _mean(called) for one, called in WAYS.items()}
    if way == next(iter(WAYS)):
        best = max(means, key=means.__getitem__) == way
        return f"AUPRC {means[way]:.2f} on {_cells()}{', the best of these' if best else ''}."
    return f"AUPRC {means[way]:.2f} on {_cells()}, where a generic cell has {_mean(GENERIC):.2f}."


def of_coexpression(method: str) -> str:
    """Say how a method of co-expression ranked beside a generic cell; nothing of those that were not measured.

    Parameters
    ----------
    method
        Out of `grn_core.coexpression.METHODS`.
    """
    if method != MEASURED_METHOD:
        return ""
    own, pooled, generic = map(_mean, (COEXPRESSION, METACELLS, GENERIC))
    return (
        f"AUPRC {own:.2f} on {_cells()}, {pooled:.2f} over averages of ten cells; a generic cell of the bundled "
        f"model has {generic:.2f}, and a guess 0.50."
    )


def _cells() -> str:
    """What was measured on, in words: each data set has several reference networks."""
    return f"{len({row['dataset'] for row in _measured()['auprc']})} data sets with cells"


def _mean(way: str) -> float:
    """Mean of a way over all that was measured."""
    scores = [row["auprc"][way] for row in _measured()["auprc"]]
    return float(sum(scores) / len(scores))
