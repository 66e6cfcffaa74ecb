"""The table of scored edges: how it is made, written and read; its columns are in `grn_core.networks.edge_columns`.

One row per (source TF, target gene), best first. Three columns are there only where the method gives them:
``probability``, ``sign_agreement`` and ``uncertainty``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from grn_core.errors import DataError
from grn_core.files import write_atomic
from grn_core.in_words import counted
from grn_core.networks.edge_columns import (
    COLUMNS,
    NAMES,
    NUMBERS,
    best_first,
    check_finite,
    check_named,
    check_told_apart,
    is_typed,
    numbers_of,
    percentile,
    typed,
)
from grn_core.networks.gene_names import GeneNames
from grn_core.networks.row_groups import write_parquet
from grn_core.spreadsheets import text_of, unguarded

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

EARLIER = {"spread": "uncertainty"}
"""Names of columns in the tables that earlier versions wrote, and today's."""
DIGITS = "%.6g"
DIRECTED = "directed"


def edge_table(
    source: ArrayLike,
    target: ArrayLike,
    score: ArrayLike,
    *,
    genes: GeneNames,
    probability: ArrayLike | None = None,
    sign: ArrayLike | None = None,
    sign_agreement: ArrayLike | None = None,
    uncertainty: ArrayLike | None = None,
    directed: bool = True,
) -> pd.DataFrame:
    """Rank scored pairs and name their genes.

    Parameters
    ----------
    source, target
        Positions of the ends in `genes`, shape (edges,).
    score
        The higher, the better, shape (edges,); finite.
    genes
        Names of the genes.
    probability, sign, sign_agreement, uncertainty
        See `COLUMNS`, shape (edges,); `sign` is 0 throughout if None, the others have no column.
    directed
        Whether the method tells source -> target from target -> source; see `is_directed`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, best first; equal scores stand in the order of the canonical symbols of source, then target, so that
        neither the order of the rows nor that of the genes changes the table.

    Raises
    ------
    DataError
        The columns differ in length, a score is not finite, or a gene is paired with itself.
    """
    rows, columns = (
        one if one.dtype.kind in "iu" else one.astype(np.int64) for one in (np.asarray(source), np.asarray(target))
    )
    given = {
        "score": score,
        "probability": probability,
        "sign": np.zeros(len(rows), dtype=np.int8) if sign is None else sign,
        "sign_agreement": sign_agreement,
        "uncertainty": uncertainty,
    }
    values = {name: np.asarray(value) for name, value in given.items() if value is not None}
    if any(value.shape != rows.shape for value in (columns, *values.values())):
        shapes = ", ".join(f"{name} {value.shape}" for name, value in values.items())
        message = f"the columns of the edges differ in length: {rows.shape} sources, {columns.shape} targets, {shapes}"
        raise DataError(message, needed="one value per edge")
    check_finite(values["score"])
    if (rows == columns).any():
        own = counted(int((rows == columns).sum()), "edge starts and ends", "edges start and end")
        message = f"{own} at the same gene"
        raise DataError(message, needed="pairs of two genes", todo="leave the others out")
    order = best_first(values["score"], rows, columns, symbols=genes.symbols)
    ends = {"source": rows[order], "target": columns[order]}
    names = {"": genes.labels, "_id": genes.ids, "_symbol": genes.symbols}
    table: dict[str, Any] = {name: value[order] for name, value in values.items()}
    for suffix, known in names.items():
        named = np.array(known, dtype=object)
        table |= {f"{end}{suffix}": named[positions] for end, positions in ends.items()}
    found = typed(table)
    found.attrs[DIRECTED] = directed
    return found


def is_directed(table: pd.DataFrame) -> bool:
    """Whether the edges of a table have a direction; those of a symmetric method, e.g. a correlation, have none.

    It is written in ``attrs``, which pandas keeps through selections, and in the last column of a text file.
    """
    return bool(table.attrs.get(DIRECTED, True))


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Bring any table of edges into today's columns and rank it anew: best first, ties by canonical symbols.

    Parameters
    ----------
    table
        At least ``source``, ``target`` and ``score``; what is missing of the rest is filled in: symbols are the labels,
        ids ``""`` and signs 0.

    Raises
    ------
    DataError
        One of the three columns is missing, an edge has no name at an end, or a column of numbers holds something else.
    """
    whole = _complete(table, names=None)
    keys = ["score", "source_symbol", "target_symbol"]
    return _in_order(whole.sort_values(keys, ascending=[False, True, True], ignore_index=True))


def in_todays_columns(table: pd.DataFrame, *, names: GeneNames | None = None) -> pd.DataFrame:
    """Bring a table that any version wrote into today's columns, with the ranks that it has.

    Parameters
    ----------
    table
        Edges with ``source``, ``target`` and ``score``. A part of a run's edges keeps their ranks and percentiles
        among all edges of the run.
    names
        Names of the genes by their labels, where the table holds labels only.

    Raises
    ------
    DataError
        As of `ranked`.
    """
    if is_typed(table):
        return table.copy(deep=False)
    whole = _complete(table, names=names)
    if "rank" not in table:
        return ranked(whole)
    whole = whole.sort_values("rank", kind="stable", ignore_index=True)
    found, rank = _in_order(whole), whole["rank"].to_numpy()
    if np.array_equal(rank, found["rank"]) or not np.isfinite(rank).all():
        return found
    n = max(len(whole), int(rank.max()))
    among_all = whole["percentile"] if "percentile" in whole else percentile(rank, n=n)
    types = found[["rank", "percentile"]].dtypes.to_dict()
    return found.assign(rank=rank, percentile=np.asarray(among_all)).astype(types)


def without_probability(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without its probability and the uncertainty of it; one that has none as it is."""
    return table.drop(columns=["probability", "uncertainty"], errors="ignore") if "probability" in table else table


def without_certainty(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without an uncertainty of 0 throughout, as earlier versions wrote it where one seed had scored."""
    if "uncertainty" not in table or table["uncertainty"].any():
        return table
    return table.drop(columns="uncertainty")


def expected_precision(table: pd.DataFrame) -> np.ndarray:
    """Return, for each edge, the expected share of true edges among it and all that rank before it.

    Parameters
    ----------
    table
        Ranked edges with ``probability``, the best first, of a whole run.

    Returns
    -------
    numpy.ndarray
        float64 (edges,): the mean of the probabilities down to each rank. It never rises.
    """
    likely = table["probability"].to_numpy(dtype=np.float64)
    return np.asarray(np.cumsum(likely) / np.arange(1, len(likely) + 1))


def write_edges(table: pd.DataFrame, path: Path) -> None:
    """Write a table of edges, whole or not at all: Parquet for ``.parquet``, else the text of `edges_tsv`."""
    if path.suffix == ".parquet":
        write_atomic(path, lambda draft: write_parquet(table, draft))
    else:
        write_atomic(path, lambda draft: draft.write_bytes(edges_tsv(table)))


def read_edges(path: Path, *, names: GeneNames | None = None) -> pd.DataFrame:
    """Read a table of edges that `write_edges` of this or an earlier version wrote, in today's columns.

    Parameters
    ----------
    path
        ``.parquet``, or tab-separated text.
    names
        See `in_todays_columns`.
    """
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
        if is_typed(table):
            return table
    else:
        text: Any = dict.fromkeys(NAMES, str)
        blank: Any = {name: [""] for name in (*NUMBERS, *EARLIER)}  # a gene may be called NA
        table = pd.read_csv(path, sep="\t", dtype=text, keep_default_na=False, na_values=blank)
        for name in set(NAMES).intersection(table):
            table[name] = table[name].map(unguarded)
        if DIRECTED in table:
            table.attrs[DIRECTED] = bool(table[DIRECTED].all())
    return in_todays_columns(table, names=names)


def edges_tsv(table: pd.DataFrame) -> bytes:
    """Write edges as tab-separated text with every column, and ``directed`` as the last."""
    return table_tsv(table.assign(**{DIRECTED: is_directed(table)}))


def table_tsv(table: pd.DataFrame) -> bytes:
    """Write a table as tab-separated UTF-8 text with a header line; numbers keep six significant digits.

    Names that a spreadsheet would take for a formula stand behind an apostrophe, see `grn_core.spreadsheets`.
    """
    return text_of(table, delimiter="\t", digits=DIGITS)


def _complete(table: pd.DataFrame, *, names: GeneNames | None) -> pd.DataFrame:
    """Return a table with every column that is not optional but rank and percentile, under today's names."""
    whole = table.rename(columns=EARLIER)
    missing = [name for name in ("source", "target", "score") if name not in whole]
    if missing:
        message = f"the table of edges has no column {', '.join(missing)}"
        raise DataError(message, needed="the columns source, target and score", todo="run the inference again")
    check_told_apart(whole)
    check_named(whole)
    for name in NUMBERS.keys() & set(whole):
        whole[name] = numbers_of(whole[name])
    symbols = {} if names is None else dict(zip(names.labels, names.symbols, strict=True))
    ids = {} if names is None else dict(zip(names.labels, names.ids, strict=True))
    for end in ("source", "target"):  # `whole` is ours: `rename` has copied it
        if f"{end}_symbol" not in whole:
            whole[f"{end}_symbol"] = whole[end].map(symbols).fillna(whole[end]) if symbols else whole[end]
        if f"{end}_id" not in whole:
            whole[f"{end}_id"] = whole[end].map(ids).fillna("") if ids else ""
        whole[f"{end}_symbol"] = whole[f"{end}_symbol"].fillna(whole[end])
        whole[f"{end}_id"] = whole[f"{end}_id"].fillna("")
    if "sign" not in whole:
        whole["sign"] = 0
    return whole


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows that stand best first with ranks, percentiles, and columns in their order and of their types."""
    own = [name for name in table if name in COLUMNS and name not in ("rank", "percentile")]
    kinds: Any = NUMBERS
    columns = {name: table[name].astype(kinds[name]) if name in kinds else table[name] for name in own}
    found = typed({str(name): column.to_numpy() for name, column in columns.items()})
    found.attrs = dict(table.attrs)
    return found
