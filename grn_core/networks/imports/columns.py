"""From the columns of a table to edges: which name the ends, which says the score, which the sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.datasets.formats.written_numbers import is_number
from grn_core.errors import DataError
from grn_core.in_words import counted
from grn_core.networks.imports.effects import effects_of, signs_of
from grn_core.networks.imports.fields import numbers_of
from grn_core.networks.imports.p_values import of_p_values, p_column
from grn_core.networks.imports.records import EdgeList
from grn_core.networks.imports.score_columns import Columns, as_asked, offers_of
from grn_core.networks.imports.words import NO_SCORE, RANKS, SCORES, SIGN, SIGNED, SOURCE, TARGET, is_passive
from grn_core.networks.imports.yes_and_no import (
    about_labels,
    about_one,
    about_unread,
    labels_in,
    refuse_all_no,
    signs_of_yes_and_no,
    unread_label,
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
    table.refuse_repeated()
    ends = _ends(table)
    if ends is None:
        return None
    source, target = ends
    others = [place for place in range(len(table.header)) if place not in ends]
    effects = effects_of(table, others)
    numbers = [place for place in others if table.is_numeric(place) or _is_called_score(table, place)]
    numbers = [place for place in numbers if place not in (effects.sign, effects.up, effects.down, effects.label)]
    notes: list[str] = []
    score = next((place for word in SCORES for place in numbers if table.words[place] == word), None)
    signed = next((place for word in SIGNED for place in numbers if table.words[place] == word), effects.sized)
    says = any(place is not None for place in (effects.sign, effects.up, effects.down))
    if signed is not None and not says:
        notes.append(f"Signs are those of the column {table.header[signed]!r}.")
    found = Columns(
        source,
        target,
        by_genes=True,
        sign=effects.sign if says or score is None else signed,
        up=effects.up,
        down=effects.down,
        label=effects.label,
        relation=effects.relation,
        doubts=effects.doubts,
    )
    if score is None and signed is not None:
        unit = f"size of {table.header[signed]}"
        return replace(found, score=signed, signed=True, unit=unit, notes=tuple(notes))
    if score is None:
        rank = next((place for word in RANKS for place in numbers if table.words[place] == word), None)
        if rank is not None:
            notes.append(f"Edges are ordered by the column {table.header[rank]!r}: 1 is the best.")
            return replace(found, score=rank, falling=True, unit="minus the rank", notes=tuple(notes))
        numbers = [place for place in numbers if table.words[place] not in SIGN]
        possible = [place for place in numbers if not NO_SCORE.fullmatch(table.words[place]) or not table.named]
        possible = possible[:1] if not table.named else possible
        if len(possible) == 1:
            score = possible[0]
        elif not possible and effects.label is None and (p := p_column(table, others)) is not None:
            return replace(found, score=p, p=True, unit=f"minus log10 of {table.header[p]}", notes=tuple(notes))
        elif numbers and table.named:
            names = ", ".join(table.header[place] or f"column {place + 1}, without a name" for place in numbers[:5])
            notes.append(f"No column is called a score; none of these was taken for one: {names}.")
    if score is None:
        return replace(found, notes=tuple(notes))
    unit = table.header[score] if table.named else f"column {score + 1}"
    return replace(found, score=score, unit=unit, notes=tuple(notes))


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
    more_of = (columns.score, columns.sign, columns.up, columns.down, columns.label, columns.relation)
    read = (columns.score, columns.sign, columns.up, columns.down)
    unread = None if columns.score is None else unread_label(table, read)
    wanted += [place for place in (*more_of, unread) if place is not None]
    frame = table.load(list(dict.fromkeys(wanted)))
    if len(frame) > MOST_EDGES:
        message = f"the network has {len(frame):,} edges"
        raise DataError(message, needed=f"at most {MOST_EDGES:,}", todo="keep the best of them")
    score = sign = None
    doubts = [*columns.doubts]
    notes = [*more, *columns.notes]
    if columns.score is not None:
        score = numbers_of(frame[columns.score], table.header[columns.score], delimiter=table.delimiter)
    refuse_all_no(table, frame, (columns.score, columns.label))
    label = columns.sign if columns.label is None else columns.label
    labels = None if score is not None or label is None else labels_in(frame[label])
    if labels is not None and label is not None:
        score, columns = labels, replace(columns, unit=table.header[label])
        doubts.append(about_labels(table.header[label], is_sign=label == columns.sign))
    if unread is not None:
        doubts += about_unread(frame[unread], table.header[unread], scores=columns.unit)
    if columns.up is not None or columns.down is not None:
        up, down = (None if place is None else frame[place] for place in (columns.up, columns.down))
        sign = signs_of_yes_and_no(up, down)
        doubts += about_one(*(None if place is None else table.header[place] for place in (columns.up, columns.down)))
    elif columns.sign is not None and (labels is None or label != columns.sign):
        called, word = table.header[columns.sign], table.words[columns.sign]
        sign, told = signs_of(frame[columns.sign], called=called, word=word)
        doubts += told
    if columns.signed and score is not None:
        own = np.sign(np.nan_to_num(score)).astype(np.int8)
        score, sign = np.abs(score), own if sign is None else sign
    if columns.falling and score is not None:
        score = -score
    source, target = frame[columns.source], frame[columns.target]
    if columns.relation is not None:
        source, target, turned = active(source, target, frame[columns.relation])
        notes += turned
    edges = edge_list(source, target, score=score, sign=sign, unit=columns.unit, guarded=table.guarded)
    if columns.p and columns.score is not None:
        edges, said = of_p_values(edges, called=table.header[columns.score])
        doubts.append(said)
    named = table.place(*SOURCE) is not None or table.place(*TARGET) is not None or not columns.by_genes
    ends = () if named else (table.header[columns.source], table.header[columns.target])
    return replace(
        edges,
        ends=ends,
        asked=asked is not None,
        offers=offers_of(table, columns),
        notes=(*notes, *doubts),
        doubts=tuple(doubts),
    )


def active(source: pd.Series, target: pd.Series, relation: pd.Series) -> tuple[pd.Series, pd.Series, list[str]]:
    """Return the ends of edges, turned where their relation names the target first, and what to say of it."""
    passive = relation.map({word: is_passive(str(word)) for word in relation.unique()}).to_numpy(dtype=bool)
    if not passive.any():
        return source, target, []
    word = str(relation[passive].iloc[0])
    some = counted(int(passive.sum()), "line names", "lines name")
    note = f"{some} the target first ({word[:40]!r}): it is read as the target."
    return source.where(~passive, target), target.where(~passive, source), [note]


def edge_list(
    source: pd.Series,
    target: pd.Series,
    *,
    score: np.ndarray | None = None,
    sign: np.ndarray | None = None,
    unit: str = "",
    notes: Sequence[str] = (),
    doubts: Sequence[str] = (),
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
        doubts=tuple(doubts),
    )


def coded(source: pd.Series, target: pd.Series, *, guarded: bool) -> tuple[tuple[str, ...], np.ndarray]:
    """Return every name once, without white space around it, and the positions of both ends, shape (2, edges)."""
    codes, found = pd.factorize(np.concatenate([_texts(source), _texts(target)]))
    plain = [" ".join(str(name).split()) for name in found]
    plain = [unguarded(name) for name in plain] if guarded else plain
    names = dict.fromkeys(plain)
    place = {name: number for number, name in enumerate(names)}
    moved = np.array([place[name] for name in plain], dtype=np.int64)
    return tuple(names), moved[codes].reshape(2, -1) if len(codes) else np.empty((2, 0), dtype=np.int64)


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
    """Whether a column is called a score and holds some number, in percent too: what else it holds is an error then."""
    in_percent = (one.removesuffix("%").strip() for one in table.column(place) if one.endswith("%"))
    return table.words[place] in SCORES and (bool(table.numbers(place)) or any(map(is_number, in_percent)))
