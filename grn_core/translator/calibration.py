"""Where the score of a translator gives a probability, and where it does not; reading it needs no torch.

A translator is calibrated on pairs that were held back from its training, on the features of one model as it is and on
one background. On other features the same sum has no meaning as a probability, and none is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core.translator.card import combined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BACKGROUND = "virtual"
"""The background of a translator whose card names none."""
LIKELY = {"title": "Probability of an edge", "unit": "0 to 1", "probability": True}
"""What the run of a calibrated translator says of its scores."""
SCORED = {"title": "Score of the translator", "unit": "log-odds, not calibrated", "probability": False}
"""What the run of a translator that is not calibrated for what it read says of them."""
NO_TRANSLATOR = "There is no probability: this model is read without a translator."
NO_CONTEXT = "There is no probability: the translator was not calibrated on your cells as background."
NO_ADAPTED = "There is no probability: the translator was calibrated on the model before it was adapted."
NO_TEMPERATURE = "There is no probability: the translator was not calibrated for these extractors."


def temperature(card: Mapping[str, Any], extractors: Sequence[str]) -> float | None:
    """Return that by which logits of these extractors are divided before the sigmoid; None if they have none."""
    found = card.get("temperature", {}).get(combined(extractors))
    return None if found is None else float(found)


def uncalibrated(
    card: Mapping[str, Any],
    *,
    extractors: Sequence[str] | None = None,
    background: str,
    adapted: bool,
) -> str:
    """Say why a translator gives no probability; empty where it gives a calibrated one.

    Parameters
    ----------
    card
        The card of the translator.
    extractors
        What is read; None does not ask whether they were calibrated.
    background
        As in `grn_core.inference.infer`.
    adapted
        Whether the model was adapted to cells first.
    """
    if background != card.get("background", BACKGROUND):
        return NO_CONTEXT
    if adapted:
        return NO_ADAPTED
    if extractors is not None and temperature(card, extractors) is None:
        return NO_TEMPERATURE
    return ""
