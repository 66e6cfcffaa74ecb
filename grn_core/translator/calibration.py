"""Where the score of a translator gives a probability, and where it does not; reading it needs no torch.

A translator is calibrated on pairs that were held back from its training, on the features of one model as it is and on
one background. On other features the same sum has no meaning as a probability, and none is given.

As many of those pairs are edges as are not; in a network edges are rare. So the odds are corrected for the share of
edges among all pairs of the TFs and genes of the training reference, the prior: ``logit p = score / T + logit(prior) -
logit(calibrated_to)``, with the temperature T and the share of edges among the pairs of the calibration. It shifts all
log-odds alike and leaves the order as it is.

A translator may have been calibrated on data sets that it was not trained on as well (`grn_core.translator.curves`):
then they say what the scores of the extractors that it asks together are worth, and nothing is corrected.
"""

from __future__ import annotations

import hashlib
import json
import math
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
WITH_COEXPRESSION = {**SCORED, "title": "Score of the translator, with co-expression in these cells added"}
"""What is said of them where co-expression in measured cells is added."""
NO_TRANSLATOR = "There is no probability: this model is read without a translator."
NO_CONTEXT = "There is no probability: the translator was not calibrated on your cells as background."
NO_ADAPTED = "There is no probability: the translator was calibrated on the model before it was adapted."
NO_COEXPRESSION = "There is no probability: the translator was not calibrated with co-expression added to its score."
NO_TEMPERATURE = "There is no probability: the translator was not calibrated for these extractors."

NO_PRIOR = "There is no probability: the card of the translator does not say how rare edges are in its reference."
BALANCED = 0.5
"""The share of edges among the pairs of a calibration whose card does not say it."""


def temperature(card: Mapping[str, Any], extractors: Sequence[str]) -> float | None:
    """Return that by which logits of these extractors are divided before the sigmoid; None if they have none."""
    found = card.get("temperature", {}).get(combined(extractors))
    return None if found is None else float(found)


def prior(card: Mapping[str, Any]) -> float | None:
    """Return the share of edges among all pairs of the TFs and genes of the training reference; None if not known.

    A card of before it was written down says how many edges, TFs and genes the training pairs had.
    """
    if card.get("prior"):
        return float(card["prior"])
    parts = card.get("training", ())
    pairs = sum(one["n_sources"] * one["n_targets"] for one in parts)
    return sum(one["n_positives"] for one in parts) / pairs if pairs else None


def held_out(
    card: Mapping[str, Any], extractors: Sequence[str], seeds: Sequence[int] | None = None
) -> Mapping[str, Any]:
    """Return what held-out data sets say of the scores of these extractors; empty where they were not asked.

    Parameters
    ----------
    card
        The card of a translator.
    extractors, seeds
        What is read, and by which seeds, all if None: the mean of all of them was measured, and the mean of fewer
        spreads more widely. A temperature was fitted to the scores of single seeds, and holds for them.
    """
    told: Mapping[str, Any] = card.get("held_out", {})
    whole = seeds is None or set(card.get("seeds", ())) <= set(seeds)
    return told if whole and told.get("extractors") == combined(extractors) else {}


def mark(told: Mapping[str, Any]) -> str:
    """Return by what one calibration on held-out data sets is told from another; empty where there is none."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12] if told else ""


def share_of_edges(
    card: Mapping[str, Any], extractors: Sequence[str], seeds: Sequence[int] | None = None
) -> float | None:
    """Return the share of edges among all pairs that probabilities go by, see `held_out`; None if not known."""
    told = held_out(card, extractors, seeds)
    return float(told["prior"]) if told else prior(card)


def shift(card: Mapping[str, Any]) -> float:
    """Return what is added to the log-odds of the calibration so that they are those of the prior; 0 without one."""
    rare, balanced = prior(card), float(card.get("calibrated_to", BALANCED))
    return 0.0 if rare is None else math.log(rare / (1 - rare)) - math.log(balanced / (1 - balanced))


def uncalibrated(
    card: Mapping[str, Any],
    *,
    extractors: Sequence[str] | None = None,
    background: str,
    adapted: bool,
    with_coexpression: bool = False,
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
    with_coexpression
        Whether co-expression in measured cells is added to the scores.
    """
    if background != card.get("background", BACKGROUND):
        return NO_CONTEXT
    if adapted:
        return NO_ADAPTED
    if with_coexpression:
        return NO_COEXPRESSION
    if extractors is not None and temperature(card, extractors) is None:
        return NO_TEMPERATURE
    if extractors is not None and prior(card) is None:
        return NO_PRIOR
    return ""
