"""From the columns of a table to edges: which name the ends, which says the score, which the sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.errors import DataError
from grn_core.networks.imports.records import EdgeList
from grn_core.networks.imports.score_columns import Columns, as_asked, offers_of
from grn_core.networks.imports.words import (
    MISSING,
    NO_SCORE,
    RANKS,
    SCORES,
    SIGN,
    SIGNED,
    SOURCE,
    TARGET,
    says_signs,
    sign_of,
)
from grn_core.spreadsheets import unguarded

if TYPE_CHECKING:
    from grn_core.networks.imports.tables import Table

MOST_EDGES = 5_000_000
LIGANDS = ({"ligand", "receptor"}, {"ligandcomplex", "receptorcomplex"}, {"interactingpair"})
"""Columns of CellPhoneDB, LIANA and CellChat."""
NEEDED = "a column source (or tf, regulator, Gene1, from) and a column target (or gene, Gene2, to)"
TO_DO = "name the columns so in the first line"


def columns_of(table: Table) -> Columns | None:
    """Find the columns of any table of edges; None where no two columns name genes.

    Only a column that is called a score, or the only one of numbers that can be one, is taken for scores.
    """
    _refuse_others(table)
    ends = _ends(table)
    if ends is None:
        return None
    source, target = ends
    others = [place for place in range(len(table.header)) if place not in ends]
    numbers = [place for place in others if table.is_numeric(place) or _is_called_score(table, place)]
    sign = next((place for place in others if _says_signs(table, place)), None)
    numbers = [place for place in numbers if place != sign]
    score = next((place for word in SCORES for place in numbers if table.words[place] == word), None)
    signed = next((place for word in SIGNED for place in numbers if table.words[place] == word), None)
    notes: list[str] = []
    if score is None and signed is not None:
        unit = f"size of {table.header[signed]}"
        if sign is None:
            notes.append(f"Signs are those of the column {table.header[signed]!r}.")
        return Columns(source, target, signed, sign, signed=True, unit=unit, notes=tuple(notes))
    if score is None:
        rank = next((place for word in RANKS for place in numbers if table.words[place] == word), None)
        if rank is not None:
            notes.append(f"Edges are ordered by the column {table.header[rank]!r}: 1 is the best.")
            return Columns(source, target, rank, sign, falling=True, unit="minus the rank", notes=tuple(notes))
        possible = [place for place in numbers if not NO_SCORE.fullmatch(table.words[place]) or not table.named]
        possible = possible[:1] if not table.named else possible
        if len(possible) == 1:
            score = possible[0]
        elif numbers and table.named:
            names = ", ".join(table.header[place] for place in numbers[:5])
            notes.append(f"No column is called a score; none of these was taken for one: {names}.")
    if score is None:
        return Columns(source, target, None, sign, notes=tuple(notes))
    unit = table.header[score] if table.named else f"column {score + 1}"
    return Columns(source, target, score, sign, unit=unit, notes=tuple(notes))


def edges_of(table: Table, columns: Columns, *, more: Sequence[str] = ()) -> EdgeList:
    """Read the edges of a table.

    Parameters
    ----------
    table
        The table.
    columns
        What to read.
    more
        Notes to say first.
    """
    if (asked := table.place_asked()) is not None:
        columns = as_asked(columns, asked, table.header[asked])
    wanted = [columns.source, columns.target]
    wanted += [place for place in (columns.score, columns.sign) if place is not None]
    frame = table.load(list(dict.fromkeys(wanted)))
    if len(frame) > MOST_EDGES:
        message = f"the network has {len(frame):,} edges"
        raise DataError(message, needed=f"at most {MOST_EDGES:,}", todo="keep the best of them")
    score = None if columns.score is None else numbers_of(frame[columns.score], table.header[columns.score])
    sign = None if columns.sign is None else signs_of(frame[columns.sign])
    if columns.signed and score is not None:
        own = np.sign(np.nan_to_num(score)).astype(np.int8)
        score, sign = np.abs(score), own if sign is None else sign
    if columns.falling and score is not None:
        score = -score
    notes = (*more, *columns.notes)
    edges = edge_list(
        frame[columns.source],
        frame[columns.target],
        score=score,
        sign=sign,
        unit=columns.unit,
        notes=notes,
        guarded=table.guarded,
    )
    return replace(edges, asked=asked is not None, offers=offers_of(table, columns))


def edge_list(
    source: pd.Series,
    target: pd.Series,
    *,
    score: np.ndarray | None = None,
    sign: np.ndarray | None = None,
    unit: str = "",
    notes: Sequence[str] = (),
    guarded: bool = False,
) -> EdgeList:
    """Make edges of the names of their ends; see `EdgeList`, and `Table.guarded`."""
    names, codes = coded(source, target, guarded=guarded)
    return EdgeList(
        names=names,
        source=codes[0],
        target=codes[1],
        score=score,
        sign=sign,
        unit=unit if score is not None else "",
        notes=tuple(notes),
    )


def coded(source: pd.Series, target: pd.Series, *, guarded: bool) -> tuple[tuple[str, ...], np.ndarray]:
    """Return every name once, without white space around it, and the positions of both ends, shape (2, edges)."""
    codes, found = pd.factorize(np.concatenate([_texts(source), _texts(target)]))
    plain = [unguarded(str(name).strip()) if guarded else str(name).strip() for name in found]
    names = dict.fromkeys(plain)
    place = {name: number for number, name in enumerate(names)}
    moved = np.array([place[name] for name in plain], dtype=np.int64)
    return tuple(names), moved[codes].reshape(2, -1) if len(codes) else np.empty((2, 0), dtype=np.int64)


def numbers_of(values: pd.Series, name: str) -> np.ndarray:
    """Return numbers, NaN where one is missing; `DataError` for what is no number."""
    found = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    lost = np.flatnonzero(np.isnan(found))
    if not len(lost):
        return found
    text = values.iloc[lost].astype(str).str.strip()
    again = pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce").to_numpy(dtype=np.float64)
    found[lost] = again
    wrong = np.isnan(again) & ~text.str.lower().isin(MISSING).to_numpy()
    if wrong.any():
        bad = text[wrong].iloc[0]
        message = f"column {name!r} holds {bad[:40]!r} in row {int(lost[wrong][0]) + 1}, which is no number"
        raise DataError(message, needed="numbers", todo="correct it, or take the column out")
    return found


def signs_of(values: pd.Series) -> np.ndarray:
    """Return the signs that words or numbers say, int8."""
    codes, words = pd.factorize(_texts(values))
    known = np.array([_sign(str(word)) for word in words] or [0], dtype=np.int8)
    return known[codes]


def _sign(word: str) -> int:
    if word.strip().lower() in ("+", "-"):
        return sign_of(word)
    try:
        return int(np.sign(np.nan_to_num(float(word))))
    except ValueError:
        return sign_of(word)


def _texts(values: pd.Series) -> np.ndarray:
    texts = values.astype(object)
    return texts.where(texts.notna(), "").astype(str).to_numpy(dtype=object)


def _refuse_others(table: Table) -> None:
    """Name tables of pairs of genes that are no TFs and targets, or that have several targets in a line."""
    if any(words <= set(table.words) for words in LIGANDS):
        message = f"the table names ligands and receptors between cells ({', '.join(table.header[:6])})"
        raise DataError(message, needed=NEEDED, todo="supply a network of TFs and targets")
    genes = [place for place in range(len(table.header)) if not table.named and table.are_genes(place)]
    if len(genes) > 2:
        message = f"each line names {len(genes):,} genes, as ARACNE's .adj does: a TF, and each target with its number"
        raise DataError(message, needed="a TF and a target in each line", todo="write one line for each edge")


def _ends(table: Table) -> tuple[int, int] | None:
    """Places of the ends: the columns that are called so, else the first two of genes."""
    source, target = table.place(*SOURCE), table.place(*TARGET)
    if source is not None and target is not None:
        return source, target
    genes = [place for place in range(len(table.header)) if table.are_genes(place)]
    if source is None and target is None:
        return (genes[0], genes[1]) if len(genes) > 1 else None
    known = source if source is not None else target
    other = next((place for place in genes if place != known), None)
    if known is None or other is None:
        return None
    return (known, other) if source is not None else (other, known)


def _is_called_score(table: Table, place: int) -> bool:
    """Whether a column is called a score and holds some number: what else it holds is an error then."""
    return table.words[place] in SCORES and bool(table.numbers(place))


def _says_signs(table: Table, place: int) -> bool:
    """Whether a column says the signs: by its words, or as numbers of a column that is called so, or only +1 and -1."""
    if not table.is_numeric(place):
        fields = frozenset(table.column(place))
        called = table.words[place] in SIGN and any(sign_of(word) for word in fields)
        return called or says_signs(fields)
    told = set(table.numbers(place))
    if table.words[place] in SIGN:
        return bool(told)
    return told <= {-1.0, 0.0, 1.0} and -1.0 in told
