"""Which columns of a table of edges make edges, and which of its numbers may be their scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grn_core.networks.imports.records import ScoreOffer
from grn_core.networks.imports.words import NO_SCORE

if TYPE_CHECKING:
    from grn_core.networks.imports.tables import Table

MOST_OFFERED = 20


@dataclass(frozen=True)
class Columns:
    """Places of the columns that make edges, and what the scores are.

    Attributes
    ----------
    source, target
        Of the ends.
    score
        Of the scores; None without.
    by_genes
        Whether the ends may have been told by the genes in their columns.
    sign
        Of the signs, words or numbers; None without.
    up, down
        Of columns of yes and no that say activation and repression, or one of them; None without.
    label
        Of yes and no, or 1 and 0, that may say which pairs are edges; None without.
    relation
        Of words, some of which name the target first; None without.
    signed
        Whether the sign of a score is that of the edge, and its size the score.
    falling
        Whether small numbers are best: a rank.
    p
        Whether the scores are p-values, which are all that there is.
    unit
        What the scores are, in words.
    notes
        What was read how.
    doubts
        What was not read because it can mean several things.
    """

    source: int
    target: int
    score: int | None = None
    sign: int | None = None
    up: int | None = None
    down: int | None = None
    label: int | None = None
    relation: int | None = None
    by_genes: bool = False
    signed: bool = False
    falling: bool = False
    p: bool = False
    unit: str = ""
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def as_asked(columns: Columns, score: int, name: str) -> Columns:
    """Return columns with the scores of the one that the user names; its numbers count as they are."""
    sign = None if columns.sign == score else columns.sign
    unit = f"column {name}" if name.isdigit() else name
    notes = (f"Scores are those of the column {name!r}, as asked: the higher, the better.",)
    return replace(columns, score=score, sign=sign, signed=False, falling=False, p=False, unit=unit, notes=notes)


def offers_of(table: Table, columns: Columns) -> tuple[ScoreOffer, ...]:
    """Return the columns of numbers that may be scores, with what the first rows of each give.

    Parameters
    ----------
    table
        The table.
    columns
        Those that were taken; neither the ends nor the sign of an edge is offered, unless its numbers are the scores.
    """
    found = []
    for place, name in enumerate(table.header):
        if place in (columns.source, columns.target) or table.header.count(name) > 1 or not table.is_numeric(place):
            continue
        is_taken = place == columns.score
        if not is_taken and (place == columns.sign or (table.named and NO_SCORE.fullmatch(table.words[place]))):
            continue
        numbers = table.numbers(place)
        highest = max(range(len(numbers)), key=lambda row: numbers[row])
        rows = [row for row in table.seen if place < len(row) and row[place].strip()]
        best = rows[highest] if len(rows) == len(numbers) else ()
        ends = " to ".join(best[end].strip() for end in (columns.source, columns.target)) if best else ""
        found.append(ScoreOffer(name, min(numbers), max(numbers), len(set(numbers)), best=ends, is_taken=is_taken))
    return tuple(found[:MOST_OFFERED])
