"""Activation and repression: which columns say it, and what they say. No sign is made of a code or of a blank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.datasets.formats.written_numbers import MISSING
from grn_core.networks.imports.fields import numbers_in
from grn_core.networks.imports.words import CODED, SIGN, UNSIGNED, is_passive, says_signs, sign_of

if TYPE_CHECKING:
    from grn_core.networks.imports.tables import Table

UP_DOWN = (("consensusstimulation", "consensusinhibition"), ("isstimulation", "isinhibition"))
"""Two columns of yes and no, as OmniPath has them."""
YES = frozenset(("1", "1.0", "true", "t", "yes"))
ONES = {-1.0, 0.0, 1.0}


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
        Of yes and no.
    relation
        Of words, some of which name the target first (``regulated by``).
    doubts
        What was not taken for signs, and why.
    """

    sign: int | None = None
    sized: int | None = None
    up: int | None = None
    down: int | None = None
    relation: int | None = None
    doubts: tuple[str, ...] = ()


def effects_of(table: Table, others: Sequence[int]) -> Effects:
    """Find what says the signs of the edges among the columns that name no end."""
    words = table.words
    relation = next((at for at in others if not table.is_numeric(at) and any(map(is_passive, table.column(at)))), None)
    for up, down in UP_DOWN:
        if table.has(up, down):
            return Effects(up=words.index(up), down=words.index(down), relation=relation)
    doubts: list[str] = []
    for place in sorted(others, key=lambda place: words[place] not in SIGN):
        called, name = words[place] in SIGN, table.header[place]
        fields = frozenset(table.column(place))
        if not table.is_numeric(place):
            empty = all(word.lower() in UNSIGNED or word == "-" for word in fields)
            if says_signs(fields) or (called and (empty or any(map(sign_of, fields)))):
                return Effects(sign=place, relation=relation)
            continue
        told = set(table.numbers(place))
        if told <= ONES and (-1.0 in told or (called and words[place] not in CODED)):
            return Effects(sign=place, relation=relation)
        if called and words[place] in ("effect", "mor", "sign", "regulation") and _are_sizes(told):
            return Effects(sized=place, relation=relation)
        if called:
            doubts.append(f"The numbers of the column {name!r} are codes: no sign is read from them.")
    return Effects(relation=relation, doubts=tuple(doubts))


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
    if "-" in known and "+" not in known:
        known["-"] = 0
        notes.append(
            f"The column {called!r} holds - and no +: it may stand for nothing known, and is read as no sign. "
            "For repression write -1."
        )
    signs = np.array([known.get(text, 0) for text in texts] or [0], dtype=np.int8)
    return signs[codes], tuple(notes)


def of_yes_and_no(up: pd.Series, down: pd.Series) -> np.ndarray:
    """Return +1, -1, or 0 where both or neither is said, (edges,) int8."""
    found = [np.isin(one.astype(str).str.strip().str.lower().to_numpy(dtype=object), list(YES)) for one in (up, down)]
    return found[0].astype(np.int8) - found[1].astype(np.int8)
