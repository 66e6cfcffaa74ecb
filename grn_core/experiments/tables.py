"""A table of measured changes, as tools of differential expression write it: parsed in a process of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.datasets.checks import damaged_as_data_error
from grn_core.datasets.isolation import read_apart
from grn_core.errors import DataError

READER = "grn_core.experiments.tables"
NAMES, ROWS = "names.json", "rows.npy"
GENE = ("gene", "symbol", "genesymbol", "genename", "geneid", "target", "name", "names", "id", "ensg", "ensembl")
CHANGE = ("log2foldchange", "logfoldchange", "log2fc", "logfc", "lfc", "avglog2fc", "logfoldchanges", "foldchange")
ADJUSTED = ("padj", "adjpval", "pvalsadj", "pvaladj", "adjustedp", "padjusted", "adjp", "fdr", "qvalue", "qval", "p")
RAW = ("pvalue", "pval", "pvals")
TF = ("tf", "regulator", "perturbedgene")
NEEDED = "a table with a gene and its log fold change a row, and if known the adjusted p"


def read_measured(path: Path) -> pd.DataFrame:
    """Read a table of measured changes.

    Parameters
    ----------
    path
        Text, plain or gzip; tabs, commas or semicolons: a column of genes, one of log fold changes, and if known one of
        p-values (adjusted before raw) and one of the TF that was changed; called as DESeq2, edgeR, limma, scanpy and
        Seurat call them, whatever stands before (``koATF3_logFC``).

    Returns
    -------
    DataFrame
        ``gene``, ``tf`` (empty where none is named), ``change`` and ``p`` (NaN where none is given), a row a number.

    Raises
    ------
    DataError
        The file is not here, is damaged, or lacks a column.
    """
    if not path.is_file():
        message = f"there is no file {path}"
        raise DataError(message, needed=NEEDED, todo="check the path")
    return read_apart(path, reader=READER, options={}, load=_load, keep=True)


def read_into(path: Path, folder: Path, options: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Read a table in the reader's process, and write names and numbers."""
    packed: Any = "gzip" if path.name.lower().endswith(".gz") else None
    with damaged_as_data_error(path, "table"):
        table = pd.read_csv(path, sep=None, engine="python", dtype=str, keep_default_na=False, compression=packed)
    if not isinstance(table.index, pd.RangeIndex):  # R writes no name above the names of rows
        table = table.rename_axis("gene" if "gene" not in table else "id").reset_index()
    plain = [re.sub(r"[^a-z0-9]+", "", str(name).lower()) for name in table.columns]
    gene, change = _place(plain, GENE), _place(plain, CHANGE, ending=True)
    if gene is None and plain and (plain[0] == "" or plain[0].startswith("unnamed")):
        gene = 0
    lacking = [what for what, found in (("genes", gene), ("log fold changes", change)) if found is None]
    if gene is None or change is None:
        message = f"{path.name} has no column of {' and none of '.join(lacking)}"
        raise DataError(message, needed=NEEDED, todo="name the columns gene and log2FoldChange")
    p = _place(plain, ADJUSTED)
    p = _place(plain, RAW, ending=True) if p is None else p
    tf = _place(plain, TF)
    values = _numbers(table.iloc[:, change])
    if not np.isfinite(values).any():
        message = f"no value of the column {str(table.columns[change])[:40]!r} of {path.name} is a number"
        raise DataError(message, needed=NEEDED, todo="write numbers with a decimal point")
    chances = np.full(len(table), np.nan) if p is None else _numbers(table.iloc[:, p])
    genes = table.iloc[:, gene].str.strip().to_numpy(dtype=str)
    tfs = np.full(len(table), "") if tf is None else table.iloc[:, tf].str.strip().to_numpy(dtype=str)
    names, place = np.unique(np.concatenate([genes, tfs]), return_inverse=True)
    used = np.isfinite(values) & (genes != "")
    rows = np.column_stack([place[: len(genes)], place[len(genes) :], values, chances])[used]
    (folder / NAMES).write_text(json.dumps(names.tolist()), encoding="ascii")
    np.save(folder / ROWS, rows.astype(np.float64), allow_pickle=False)


def _place(columns: Sequence[str], names: Sequence[str], *, ending: bool = False) -> int | None:
    """Return the first column called by one of the names, the first name first; else, if asked, one that ends so."""
    for name in names:
        if name in columns:
            return columns.index(name)
    for name in names if ending else ():
        found = [number for number, column in enumerate(columns) if column.endswith(name)]
        if found:
            return found[0]
    return None


def _numbers(column: pd.Series) -> np.ndarray:
    found: np.ndarray = pd.to_numeric(column.str.strip(), errors="coerce").to_numpy(dtype=np.float64)
    return found


def _load(folder: Path) -> pd.DataFrame:
    names = np.array(list(map(str, json.loads((folder / NAMES).read_text(encoding="ascii")))), dtype=object)
    rows: np.ndarray = np.load(folder / ROWS, allow_pickle=False)
    if rows.ndim != 2 or rows.shape[1] != 4 or rows.dtype != np.float64:
        message = f"rows of {rows.dtype}, {rows.shape}"
        raise ValueError(message)
    at = rows[:, :2].astype(np.int64)
    if at.size and not 0 <= at.min() <= at.max() < len(names):
        message = "names and rows do not fit"
        raise ValueError(message)
    return pd.DataFrame({"gene": names[at[:, 0]], "tf": names[at[:, 1]], "change": rows[:, 2], "p": rows[:, 3]})
