"""Tables of what changed when TFs were perturbed: parsed in a process of their own, then in the model's symbols."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.benchmark.perturbed.columns import place_of
from grn_core.benchmark.perturbed.expressed import expressed, unread
from grn_core.benchmark.perturbed.text import text_table
from grn_core.datasets.isolation import read_apart
from grn_core.errors import DataError
from grn_core.genes import match_genes
from grn_core.in_words import short

READER = "grn_core.benchmark.perturbed.tables"
NAMES, ROWS = "names.json", "rows.npy"
ENDS = {"tf": ("tf", "regulator", "source"), "target": ("target", "gene")}
"""What a table must name, and what its columns may be called."""
CLASS, GAIN, LOSS = "perturbation_class", "GOF", "LOF"
UNKNOWN = ("", "NA", "NaN", "nan", "other", "unknown")
"""What says nothing of the class or the sign."""
SIGN = ("regulation", "sign")
CLEAN = {"measured": "measured", "own_tf": "as expected"}
"""Where a table has such a column, only rows with this value count: others were inferred, or the TF did not change."""
FEWEST = 10
"""A TF with fewer genes that changed is not asked."""


@dataclass(frozen=True)
class Changes:
    """What changed with which TF, in symbols that the model knows.

    Attributes
    ----------
    title
        What the table is called.
    genes
        Sorted: all that stand in the table, TFs and others.
    tfs
        (T,) positions of the TFs among the genes.
    label, sign
        (T, G): 1 where the gene changed with the TF; the sign of the regulation that it implies, 0 where there is none.
    gain
        (T,): whether the TF was over-expressed, rather than knocked down or out.
    asked
        (T, G): the genes that are ranked: those that changed with another TF, but the TF itself. A gene that changed
        with this TF alone would be known to be right by being in the table.
    notes
        What took no part.
    """

    title: str
    genes: tuple[str, ...]
    tfs: np.ndarray
    label: np.ndarray
    sign: np.ndarray
    gain: np.ndarray
    asked: np.ndarray
    notes: tuple[str, ...] = ()


def read_table(path: Path) -> pd.DataFrame:
    """Read a table as it stands, without rows that do not count.

    Parameters
    ----------
    path
        Text of any form that `text_table` reads: ``tf`` and ``target``, and if known ``perturbation_class`` (``LOF`` or
        ``GOF``; lost if it is not said) and ``regulation`` (the sign of the regulation that the change implies). A
        table without that column may be one of differential expression, as of
        `grn_core.experiments.tables.read_measured`: rows with a p of 0.05 or more are no changes then, and the sign
        is that of the change, turned where the TF was lost.

    Returns
    -------
    DataFrame
        ``tf``, ``target``, ``gain`` (1 of a gain of function) and ``sign`` (+1, -1, 0), a row a gene that changed.
        ``attrs["notes"]``: sentences that say what was read of a table of differential expression, and what was not.

    Raises
    ------
    DataError
        The file is not here, is damaged, lacks a column, or has two of one name.
    """
    if not path.is_file():
        message = f"there is no file {path}"
        raise DataError(message, needed="a table of what changed when TFs were perturbed", todo="check the path")
    return read_apart(path, reader=READER, options={}, load=_load, keep=True)


def read_into(path: Path, folder: Path, options: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Read a table in the reader's process, and write names and rows."""
    table = text_table(path)
    titles = [str(name) for name in table.columns]
    table.columns = [name.strip().lower() for name in titles]
    found = {end: next((name for name in names if name in table), None) for end, names in ENDS.items()}
    lacking = [end for end, name in found.items() if name is None]
    if lacking:
        message = f"{path.name} has no column {' and no column '.join(lacking)}"
        needed = "a table with tf and target, and if known perturbation_class (LOF, GOF) and regulation (1, -1)"
        raise DataError(message, needed=needed, todo="name the columns so")
    for name in (*found.values(), *CLEAN, CLASS, *SIGN):
        if name is not None and name in table:
            place_of(name, list(table.columns), titles, file=path.name)
    for column, value in CLEAN.items():
        if column in table and table[column].eq(value).any():
            table = table[table[column] == value]
    tf, target = (table[found[end]].str.strip().to_numpy(dtype=object) for end in ENDS)
    names, place = np.unique(np.concatenate([tf, target]).astype(str), return_inverse=True)
    gain = _gains(table, path.name)
    sign, changed, notes = _signs(table, path.name), np.ones(len(table), dtype=bool), list[str]()
    if any(name in table for name in SIGN):
        notes = unread(table, path.name)
    else:
        sign, changed, notes = expressed(table, gain, path.name)
    rows = np.column_stack([place[: len(tf)], place[len(tf) :], gain, sign]).astype(np.int32)[changed]
    (folder / NAMES).write_text(json.dumps({"names": names.tolist(), "notes": notes}), encoding="ascii")
    np.save(folder / ROWS, rows, allow_pickle=False)


def _gains(table: pd.DataFrame, where: str) -> np.ndarray:
    """Return 1 for a gain of function, 0 for a loss and for what is not said, (rows,)."""
    if CLASS not in table:
        return np.zeros(len(table))
    words = table[CLASS].str.strip()
    known = {word for word in words.unique() if word.upper() in {GAIN, LOSS, *map(str.upper, UNKNOWN)}}
    _refuse_other(words, known, column=CLASS, where=where, needed=f"{LOSS} or {GAIN}, or nothing")
    return words.str.upper().eq(GAIN).to_numpy()


def _signs(table: pd.DataFrame, where: str) -> np.ndarray:
    """Return the sign of the regulation, 0 where it is not said, (rows,)."""
    column = next((name for name in SIGN if name in table), None)
    if column is None:
        return np.zeros(len(table))
    words = table[column].str.strip()
    numbers = pd.to_numeric(words, errors="coerce")
    known = {*words[numbers.notna()], *UNKNOWN}
    _refuse_other(words, known, column=column, where=where, needed="1 or -1, or nothing")
    return np.asarray(np.sign(numbers.fillna(0)))


def _refuse_other(words: pd.Series, known: Collection[str], *, column: str, where: str, needed: str) -> None:
    other = words[~words.isin(list(known))]
    if len(other):
        message = f"the column {column} of {where} says {short(other.iloc[0])!r}"
        raise DataError(message, needed=needed, todo="write the column so, or leave it out")


def _load(folder: Path) -> pd.DataFrame:
    told = json.loads((folder / NAMES).read_text(encoding="ascii"))
    names = np.array(list(map(str, told["names"])), dtype=object)
    rows: np.ndarray = np.load(folder / ROWS, allow_pickle=False)
    if rows.ndim != 2 or rows.shape[1] != 4 or rows.dtype.kind != "i":
        message = f"rows of {rows.dtype}, {rows.shape}"
        raise ValueError(message)
    ends = rows[:, :2]
    if ends.size and not 0 <= ends.min() <= ends.max() < len(names):
        message = "names and rows do not fit"
        raise ValueError(message)
    found = pd.DataFrame({"tf": names[ends[:, 0]], "target": names[ends[:, 1]], "gain": rows[:, 2], "sign": rows[:, 3]})
    found.attrs["notes"] = list(map(str, told["notes"]))
    return found


def known_changes(table: pd.DataFrame, known: Collection[str]) -> pd.DataFrame:
    """Return ``tf``, ``target``, ``gain`` and ``sign`` of every gene that changed, in symbols that a model knows.

    A gene that changed several times with a TF is there once: `gain` is the mean, and it has a sign where all agree.
    Mouse genes go by their 1:1 orthologs; ``attrs["names"]`` says in a sentence what was matched and lost.
    """
    names = sorted({*table["tf"], *table["target"]})
    match = match_genes(names)
    symbol = dict(zip(names, match.symbols, strict=True))
    table = table.assign(tf=table["tf"].map(symbol), target=table["target"].map(symbol))
    table = table[table["tf"].isin(known) & table["target"].isin(known) & (table["tf"] != table["target"])]
    found = table.groupby(["tf", "target"]).agg(gain=("gain", "mean"), sign=("sign", "mean")).reset_index()
    found["sign"] = np.where(found["sign"].abs() == 1, found["sign"], 0).astype(int)
    found.attrs["names"] = match.converted
    return found


def changes_of(table: pd.DataFrame, known: Collection[str], *, title: str) -> Changes:
    """Make a table canonical.

    Parameters
    ----------
    table
        From `read_table`.
    known
        Genes of the model.
    title
        What the table is called.

    Raises
    ------
    DataError
        No TF that the model knows has `FEWEST` genes that changed, or with none did some of the genes change that
        changed with others, and some not.
    """
    found = known_changes(table, known)
    names_said = f"{title}: {found.attrs['names']}"
    every = found["tf"].nunique()
    found = found[found.groupby("tf")["target"].transform("size") >= FEWEST]
    if found.empty:
        message = f"no TF of {title} has {FEWEST} genes that changed and that the model knows"
        raise DataError(message, needed="human or mouse symbols, and more genes", todo="check names and columns")
    genes = sorted({*found["tf"], *found["target"]})
    place = {gene: position for position, gene in enumerate(genes)}
    names = sorted(set(found["tf"]))
    row = {name: number for number, name in enumerate(names)}
    at = (found["tf"].map(row).to_numpy(), found["target"].map(place).to_numpy())
    label, sign = (np.zeros((len(names), len(genes)), dtype=np.int8) for _ in range(2))
    label[at], sign[at] = 1, found["sign"]
    gain = found.groupby("tf")["gain"].mean().loc[names].to_numpy() >= 0.5
    tfs = np.array([place[name] for name in names])
    asked = label.sum(axis=0, dtype=np.int64) > label
    asked[np.arange(len(tfs)), tfs] = False
    kept = (asked & (label == 1)).any(axis=1) & (asked & (label == 0)).any(axis=1)
    if not kept.any():
        message = f"of {title} no TF has genes that changed with it and genes that did not, among those of other TFs"
        raise DataError(message, needed="two TFs or more, with genes in common", todo="put more TFs into the table")
    note = (
        f"{title}: {kept.sum()} of {every} TFs are asked: {FEWEST} genes or more changed, some of them with others too."
    )
    notes = (note, names_said, *table.attrs.get("notes", ()))
    tfs, label, sign, gain, asked = (one[kept] for one in (tfs, label, sign, gain, asked))
    return Changes(title, tuple(genes), tfs, label, sign, gain, asked, notes)
