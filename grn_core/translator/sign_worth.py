"""What the sign of a model's response is worth: how often it was right on edges whose sign is known.

The figures are measured by ``scripts/measure_signs.py``. No model was trained on them, so that whole TFs are new to it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from grn_core.assets import asset
from grn_core.errors import GrnError

NO_SIGN = (
    "Edges have no sign: measured on known edges, the model tells activation from repression hardly better than a coin."
)
"""Why there are no signs unless they are asked for."""
HARDLY = 0.55
"""Balanced accuracy up to which a sign is right hardly more often than a coin, which has 0.5."""
NOT_MEASURED = "How often the sign of its response is right was not measured for this model."


@dataclass(frozen=True)
class SignWorth:
    """How often the signs of a model were right on the signed edges of one reference.

    Attributes
    ----------
    reference
        Title of the reference.
    n_edges, n_sources
        Signed edges that were asked, and their TFs.
    accuracy
        Share of the edges whose sign was right; a response without a sign is wrong.
    balanced
        Mean of the shares of activations and of repressions that were right: 0.5 for a coin, and for one sign alone.
    commoner
        What always saying the commoner sign has as accuracy.
    """

    reference: str
    n_edges: int
    n_sources: int
    accuracy: float
    balanced: float
    commoner: float


@lru_cache(maxsize=1)
def _measured() -> dict[str, tuple[SignWorth, ...]]:
    """Return what was measured, by the SHA-256 of the weights."""
    found = json.loads(asset("signs.json").read_text(encoding="utf-8"))
    return {sha: tuple(SignWorth(**row) for row in entry["signs"]) for sha, entry in found.items()}


def worth_of(model: str) -> tuple[SignWorth, ...]:
    """Return what was measured of the signs of a model; nothing where it was not measured.

    Parameters
    ----------
    model
        Name or folder, as in `grn_core.models.load.load_model`.
    """
    from grn_core.models.registry import weights_sha

    try:
        return _measured().get(weights_sha(model), ())
    except GrnError:  # the model of an old run may be gone
        return ()


def in_words(model: str) -> str:
    """Say what the signs of a model are worth, in one sentence."""
    found = worth_of(model)
    if not found:
        return NOT_MEASURED
    parts = [
        f"of {one.n_edges:,} edges of {one.reference} {one.accuracy:.0%} have the right sign (the commoner sign alone: "
        f"{one.commoner:.0%}; balanced accuracy {one.balanced:.2f}, a coin has 0.50)"
        for one in found
    ]
    return f"Sign of the model's response, not learnt from known signs: {'; '.join(parts)}."


def of_curve(model: str) -> str:
    """Say how often it is right whether the response curves of a model rise or fall."""
    found = worth_of(model)
    if not found:
        return NOT_MEASURED
    if max(one.balanced for one in found) > HARDLY:
        return in_words(model)
    figures = ", ".join(f"{one.reference} {one.balanced:.2f}" for one in found)
    return (
        "Whether it rises or falls is right hardly more often than a coin (balanced accuracy on known edges: "
        f"{figures})."
    )
