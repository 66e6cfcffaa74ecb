"""A table of measured changes, as tools of differential expression write it: parsed in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.benchmark.perturbed.columns import NEEDED, columns_of, shown
from grn_core.benchmark.perturbed.numbers import chances_of, logarithms_of, numbers_of
from grn_core.benchmark.perturbed.text import text_table
from grn_core.datasets.isolation import read_apart
from grn_core.errors import DataError

READER = "grn_core.experiments.tables"
NAMES, ROWS = "names.json", "rows.npy"
FEWEST_TOLD = 20
"""Changes of which all are above 0, from which on they look like no logarithms."""


def read_measured(path: Path) -> pd.DataFrame:
    """Read a table of measured changes.

    Parameters
    ----------
    path
        Text of any form that `text_table` reads: a column of genes, one of log fold changes, and if known one of
        p-values (adjusted before raw) and one of the TF that was changed; called as DESeq2, edgeR, limma, scanpy and
        Seurat call them, whatever stands before (``koATF3_logFC``). Of fold changes the logarithm is taken.

    Returns
    -------
    DataFrame
        ``gene``, ``tf`` (empty where none is named), ``change`` and ``p`` (NaN where none is given), a row a number.
        ``attrs``: ``columns``, sentences that say what was read from where, and ``p``, what the p-values are called.

    Raises
    ------
    DataError
        The file is not here, is damaged, lacks a column, has several for one thing, or holds text for a number.
    """
    if not path.is_file():
        message = f"there is no file {path}"
        raise DataError(message, needed=NEEDED, todo="check the path")
    return read_apart(path, reader=READER, options={}, load=_load, keep=True)


def read_into(path: Path, folder: Path, options: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Read a table in the reader's process, and write names and numbers."""
    table = text_table(path)
    if not isinstance(table.index, pd.RangeIndex):  # R writes no name above the names of rows
        table = table.rename_axis("gene" if "gene" not in table else "id").reset_index()
    titles = [str(name) for name in table.columns]
    columns = columns_of(titles, file=path.name)
    said, values = [columns.said(titles)], numbers_of(table, columns.change, file=path.name)
    if columns.ratio:
        values = logarithms_of(values, titles[columns.change], file=path.name)
    chances = np.full(len(table), np.nan)
    if columns.p is not None:
        chances = chances_of(table, columns.p, file=path.name)
    if not np.isfinite(values).any():
        message = f"no value of the column {shown(titles[columns.change])} of {path.name} is a number"
        raise DataError(message, needed=NEEDED, todo="write numbers")
    if endless := int(np.isinf(values).sum()):
        said.append(f"{endless:,} rows with an infinite change are left out.")
    if empty := int(np.isnan(values).sum()):
        rows_are = "row without a change is" if empty == 1 else "rows without a change are"
        said.append(f"{empty:,} {rows_are} left out.")
    if not columns.ratio and len(own := values[np.isfinite(values)]) >= FEWEST_TOLD and own.min() > 0:
        said.append(
            f"Every change in the column {shown(titles[columns.change])} is above 0: if it holds fold changes and not "
            "their logarithms, call it foldchange."
        )
    genes = table.iloc[:, columns.gene].str.strip().to_numpy(dtype=str)
    tfs = np.full(len(table), "") if columns.tf is None else table.iloc[:, columns.tf].str.strip().to_numpy(dtype=str)
    names, place = np.unique(np.concatenate([genes, tfs]), return_inverse=True)
    used = np.isfinite(values) & (genes != "")
    rows = np.column_stack([place[: len(genes)], place[len(genes) :], values, chances])[used]
    told = {"names": names.tolist(), "columns": said, "p": columns.p_called}
    (folder / NAMES).write_text(json.dumps(told), encoding="ascii")
    np.save(folder / ROWS, rows.astype(np.float64), allow_pickle=False)


def _load(folder: Path) -> pd.DataFrame:
    told = json.loads((folder / NAMES).read_text(encoding="ascii"))
    names = np.array(list(map(str, told["names"])), dtype=object)
    rows: np.ndarray = np.load(folder / ROWS, allow_pickle=False)
    if rows.ndim != 2 or rows.shape[1] != 4 or rows.dtype != np.float64:
        message = f"rows of {rows.dtype}, {rows.shape}"
        raise ValueError(message)
    at = rows[:, :2].astype(np.int64)
    if at.size and not 0 <= at.min() <= at.max() < len(names):
        message = "names and rows do not fit"
        raise ValueError(message)
    found = pd.DataFrame({"gene": names[at[:, 0]], "tf": names[at[:, 1]], "change": rows[:, 2], "p": rows[:, 3]})
    found.attrs = {"columns": list(map(str, told["columns"])), "p": str(told["p"])}
    return found
