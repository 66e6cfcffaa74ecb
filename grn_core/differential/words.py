"""What a comparison of two groups has found, in words that pages and the command line say alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grn_core import in_words
from grn_core.datasets.replicates import CELLS, PAIRS, labellings, who_takes_part
from grn_core.differential.comparing import SURE
from grn_core.in_words import counted

A_FEW = 0.1
"""Share of the tested edges: a comparison that finds none unless more than so many differ is said to be limited."""


def sure_in_words(facts: dict[str, Any]) -> str:
    """Say in which group the edges that differ are stronger, and of how many the sign turns."""
    told = f"{facts['stronger_a']:,} stronger in A, {facts['stronger_b']:,} in B"
    turned = facts["turned"] if facts["signed"] else 0
    return told + (f"; of {turned:,} the sign turns" if turned else "")


@dataclass(frozen=True)
class Limit:
    """What so few donors or permutations allow, before there is a run and after it.

    Attributes
    ----------
    said
        What cannot be found.
    why
        How few labellings there are, and the p that they allow.
    helps
        What to do about it.
    """

    said: str
    why: str
    helps: str

    @property
    def words(self) -> str:
        """All of it, in sentences."""
        return f"{self.said}: {self.why}. {self.helps}"


def limit_of(facts: Mapping[str, Any]) -> Limit | None:
    """Say what no comparison with so few labellings can find; None where one edge in ten that differs is found.

    Where each edge has a null of its own, q is p times the tested edges over those with a p as small: none is below
    `SURE` unless a share of ``smallest_p`` / `SURE` of all edges have the smallest p that there is.

    Parameters
    ----------
    facts
        Of `Differential`, or of `Labellings.facts` before there is one: ``unit``, ``samples``, ``smallest_p``,
        ``exhaustive`` and ``labellings`` are read.
    """
    least, unit = float(facts["smallest_p"]), facts["unit"]
    share = least / SURE
    if share <= (1.0 if unit == CELLS else A_FEW):
        return None
    said = f"No edge can be sure to differ (q below {SURE})"
    if share <= 1:
        said = f"Edges can be sure to differ (q below {SURE}) only where {in_words.share(share)} of all tested ones do"
    if not facts["exhaustive"]:
        why = f"{counted(facts['labellings'], 'permutation allows', 'permutations allow')} no p below {least:z.2g}"
        return Limit(said, why, "More permutations help.")
    of_a, of_b = facts["samples"]
    who = f"{of_a:,} {unit} of A and {of_b:,} of B" if unit != PAIRS else f"{of_a:,} donors, each in both groups,"
    ways = counted(facts["labellings"], "other way")
    why = f"{who} can be labelled in only {ways}, so no p is below {least:z.2g}"
    if unit == CELLS:
        return Limit(said, why, "More cells help.")
    n = next(n for n in range(3, 99) if 1 / labellings(n, n, paired=unit == PAIRS) <= A_FEW * SURE)
    many = f"{n} in both groups" if unit == PAIRS else f"{n} in each group"
    enough = 1 / labellings(n, n, paired=unit == PAIRS)
    helps = f"More donors help: {many} allow a p of {enough:z.2g}. Or name no donors: then cells are compared, "
    return Limit(said, why, helps + "which says nothing of other donors.")


def null_in_words(facts: dict[str, Any]) -> str:
    """Say what was permuted, how often, and what the p-values say and do not say; `limit_of` says what they cannot."""
    n, unit = facts["labellings"], facts["unit"]
    if unit == "cells":
        why = f"no two donors of {facts['donor']} have enough cells in each group" if facts["donor"] else ""
        why = why or "no column was named that tells two donors or more of each group apart"
        often = "once" if n == 1 else f"{n:,} times"
        return (
            f"Labels of single cells were permuted {often}, as {why}. Cells of one donor are no replicates: these "
            "cells differ, which is not yet that donors do."
        )
    ways = f"in {counted(n, 'random way')}"
    if facts["exhaustive"]:
        ways = "in the only other way that there is" if n == 1 else f"in all {n:,} other ways that there are"
    of_a, of_b = facts["samples"]
    who = f"{of_a:,} donors, each in both groups," if unit == "pairs" else f"{of_a:,} donors of A and {of_b:,} of B"
    least = "" if limit_of(facts) else f": no p below {facts['smallest_p']:z.2g} can be reached"
    return f"Labels of {who} were permuted {ways}{least}.{who_takes_part(facts)}"


def found_in_words(facts: dict[str, Any]) -> list[str]:
    """Say what a comparison has found, in sentences: first what so few labellings cannot find, where they limit it."""
    limit = limit_of(facts)
    told = f"{facts['sure']:,} of {facts['tested']:,} tested edges differ (q below {SURE}): {sure_in_words(facts)}."
    found = [] if limit is None else [limit.words]
    found += [told] if limit is None or facts["sure"] else []
    return [*found, *filter(None, [tested_in_words(facts)])]


def tested_in_words(facts: dict[str, Any]) -> str:
    """Say of how many pairs so many were tested; nothing of all, or of a run of before that was counted."""
    pairs, tested = int(facts.get("pairs", 0)), int(facts["tested"])
    if pairs <= tested:
        return ""
    return f"Tested were {tested:,} of {pairs:,} pairs: the strongest whose genes enough cells of both groups show."
