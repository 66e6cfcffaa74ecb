"""Activation and repression: which columns say it, and what they say. No sign is made of a code or of a blank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.datasets.formats.written_numbers import MISSING
from grn_core.in_words import counted, short
from grn_core.networks.imports.fields import numbers_in
from grn_core.networks.imports.words import CODED, SIGN, UNSIGNED, is_passive, says_signs, sign_of
from grn_core.networks.imports.yes_and_no import label_of, up_and_down

if TYPE_CHECKING:
    from grn_core.networks.imports.tables import Table

ONES = {-1.0, 0.0, 1.0}
SAYS_SIGN = frozenset(SIGN) - frozenset(CODED)
"""What a column is called that can say nothing else."""
SHOWN = 3
"""Words that a note names."""


@dataclass(frozen=True)
class Effects:
    """Places of the columns that say activation or repression.

    Attributes
    ----------
    sign
        Of words or numbers.
    sized
        Of numbers whose size says how strong an effect is.
    up, down
        Of yes and no; one of them may be alone.
    label
        Of yes and no, or 1 and 0, that may say which pairs are edges.
    relation
        Of words, some of which name the target first (``regulated by``).
    doubts
        What was not taken for signs, and why.
    """

    sign: int | None = None
    sized: int | None = None
    up: int | None = None
    down: int | None = None
    label: int | None = None
    relation: int | None = None
    doubts: tuple[str, ...] = ()


def effects_of(table: Table, others: Sequence[int]) -> Effects:
    """Find what says the signs of the edges among the columns that name no end."""
    words = table.words
    relation = next((at for at in others if not table.is_numeric(at) and any(map(is_passive, table.column(at)))), None)
    label = label_of(table, others)
    up, down = up_and_down(table, others)
    if up is not None or down is not None:
        return Effects(up=up, down=down, label=label, relation=relation)
    doubts: list[str] = []
    for place in sorted(others, key=lambda place: words[place] not in SIGN):
        called, name = words[place] in SIGN, table.header[place]
        fields = frozenset(table.column(place))
        if not table.is_numeric(place):
            empty = all(word.lower() in UNSIGNED or word == "-" for word in fields)
            if says_signs(fields) or (called and (empty or any(map(sign_of, fields)))):
                return Effects(sign=place, label=label, relation=relation)
            if words[place] in SAYS_SIGN and place != label:
                doubts.append(_not_known(name, sorted(field.strip() for field in fields - {""}), "no sign is read"))
            continue
        told = set(table.numbers(place))
        if told <= ONES and (-1.0 in told or (called and words[place] not in CODED)):
            return Effects(sign=place, label=label, relation=relation)
        if words[place] in SAYS_SIGN and _are_sizes(told):
            return Effects(sized=place, label=label, relation=relation)
        if called and place != label:
            doubts.append(f"The numbers of the column {name!r} are codes: no sign is read from them.")
    coded = label if label is not None and table.is_numeric(label) else None  # signs, should a -1 come later
    return Effects(sign=coded, label=label, relation=relation, doubts=tuple(doubts))


def _are_sizes(numbers: set[float]) -> bool:
    return any(number < 0 or not float(number).is_integer() for number in numbers)


def signs_of(values: pd.Series, *, called: str, word: str = "") -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Return the signs that a whole column says, (edges,) int8, and what is to be said of it.

    Parameters
    ----------
    values
        Words or numbers; ``-`` stands for repression only where ``+`` is there, too.
    called, word
        Name of the column as it stands, and as `grn_core.networks.imports.words.plain` has it.

    Returns
    -------
    array or None
        None where the numbers are codes of something else.
    tuple
        Sentences.
    """
    codes, unique = pd.factorize(values.astype(object).where(values.notna(), "").astype(str))
    texts = [str(text).strip() for text in unique]
    told = [text for text in texts if text.lower() not in MISSING]
    if told and len(numbers_in(told, "")) == len(told):
        known = {text: int(np.sign(numbers_in([text], "")[0])) for text in told}
        if word in CODED and not ({abs(one) for one in numbers_in(told, "")} <= {0.0, 1.0} and -1 in known.values()):
            return None, (f"The numbers of the column {called!r} are codes: no sign is read from them.",)
    else:
        known = {text: sign_of(text) for text in told}
    notes = []
    silent = [text for text in told if not known[text] and text != "-" and text.lower() not in UNSIGNED]
    if odd := [text for text in silent if not numbers_in([text], "")]:
        notes.append(_not_known(called, odd, "their edges have no sign"))
    if "-" in known and "+" not in known:
        known["-"] = 0
        notes.append(
            f"The column {called!r} holds - and no +: it may stand for nothing known, and is read as no sign. "
            "For repression write -1."
        )
    signs = np.array([known.get(text, 0) for text in texts] or [0], dtype=np.int8)
    return signs[codes], tuple(notes)


def _not_known(called: str, words: Sequence[str], then: str) -> str:
    """Say that words are not known to say activation or repression."""
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    shown = ", ".join(repr(short(word)) for word in words[:SHOWN]) + more
    which = counted(len(words), f"word of the column {called!r} is", f"words of the column {called!r} are")
    return f"{which} not known ({shown}): {then}. Write activation, repression or unknown."
