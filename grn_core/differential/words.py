"""What a comparison of two groups has found, in words that pages and the command line say alike."""

from __future__ import annotations

from typing import Any

from grn_core.datasets.replicates import CELLS
from grn_core.differential.comparing import SURE


def sure_in_words(facts: dict[str, Any]) -> str:
    """Say in which group the edges that differ are stronger, and of how many the sign turns."""
    told = f"{facts['stronger_a']:,} stronger in A, {facts['stronger_b']:,} in B"
    turned = facts["turned"] if facts["signed"] else 0
    return told + (f"; of {turned:,} the sign turns" if turned else "")


def never_sure_in_words(facts: dict[str, Any]) -> str:
    """Say what keeps every q above `SURE`, too few labellings that there are or too few that were asked for.

    Parameters
    ----------
    facts
        Of `Differential`: ``smallest_p``, ``exhaustive``, ``unit`` and ``labellings`` are read.

    Returns
    -------
    str
        The end of a sentence; nothing where an edge can be sure to differ.
    """
    if facts["smallest_p"] <= SURE:
        return ""
    least = f"allow no q below {facts['smallest_p']:z.2g}"
    if facts["exhaustive"]:
        return f"so few {'cells' if facts['unit'] == CELLS else 'donors'} {least}"
    return f"so few permutations ({facts['labellings']:,}) {least}; ask for more of them"


def tested_in_words(facts: dict[str, Any]) -> str:
    """Say of how many pairs so many were tested; nothing of all, or of a run of before that was counted."""
    pairs, tested = int(facts.get("pairs", 0)), int(facts["tested"])
    if pairs <= tested:
        return ""
    return f"Tested were {tested:,} of {pairs:,} pairs: the strongest whose genes enough cells of both groups show."
