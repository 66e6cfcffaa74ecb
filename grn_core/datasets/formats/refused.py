"""Files that are no cells that can be read here, and are known: what each is, and what to do with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grn_core.errors import DataError, HoldsNetworkError
from grn_core.genes import match_genes

LFS = b"version https://git-lfs"
RDS = (b"X\n\0\0", b"A\n2\n", b"A\n3\n", b"RDX2", b"RDX3", b"RDA")
MTX = b"%%MatrixMarket"
MOST_COLUMNS = 14
HIDDEN = re.compile(r"(^|/)(__MACOSX/|\.[^/]*$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
"""Members of archives that a system puts there by itself, such as ``._counts.csv``."""
PACKED = {b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"7z\xbc\xaf\x27\x1c": "7-Zip", b"Rar!": "RAR"}
OTHERS = {
    b"\xd0\xcf\x11\xe0": ("an Office file of before 2007 (.xls)", "save it as .xlsx or .csv"),
    b"%PDF": ("a PDF", "take the table out of it, as .csv"),
    b"{\\rtf": ("a text document (.rtf)", "save it as plain text"),
    b"\x93NUMPY": ("an array of numpy without names", "write cells, genes and values together, e.g. by write_h5ad"),
    b"ARROW1\0\0": ("a Feather file (Arrow)", "in Python: pandas.read_feather(FILE).to_parquet('cells.parquet')"),
    b"FEA1": ("a Feather file of the first version", "in R: write.csv(arrow::read_feather(FILE), 'cells.csv')"),
    b"SQLite format 3": ("a database", "export its table as .csv"),
}
PICKLE = re.compile(rb"\x80[\x02-\x05][\x95cq}\]\(]")
JSON = re.compile(rb'\s*(\{\s*"|\[\s*\{)')
NO_NAME = frozenset(("", "na", "n/a", "nan", "none", "null"))
PAGE = re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE)
GRAPHS = (".sif", ".gmt", ".graphml", ".cyjs")
TABLES = (
    {"peak_id", "gene_short_name"},
    {"tf", "gene", "region"},
    {"tf", "target", "importance"},
    {"source", "target", "score", "sign"},
    {"regulatorygene", "targetgene"},
)
"""Columns by which a table is one of edges, however wide it is."""
OPEN = "drop it on the page Dataset or `python -m grn_core import FILE`: Network, Compare and Benchmark open it then"


def refuse_known(path: Path, start: bytes) -> None:
    """Raise a `DataError` that names a file which is known by its first bytes to hold no cells that can be read."""
    if start.startswith(LFS):
        message = f"{path.name} is a pointer of Git LFS, not the file itself"
        raise DataError(message, needed="the file", todo="in the clone: git lfs pull")
    if start.startswith(RDS):
        message = f"{path.name} is a file of R (.rds), e.g. of Seurat"
        todo = (
            "convert it in R: library(SeuratDisk); SaveH5Seurat(readRDS("
            f"{path.name!r}), 'cells.h5Seurat'); Convert('cells.h5Seurat', dest = 'h5ad')"
        )
        raise DataError(message, needed="an .h5ad file", todo=todo)
    refuse_foreign(path, start)
    name = path.name.lower().removesuffix(".gz").removesuffix(".bz2")
    if JSON.match(start):
        message = f"{path.name} is JSON, as networks are kept in, not cells"
        raise HoldsNetworkError(message, needed="measured cells", todo=OPEN)
    if name.endswith(GRAPHS) or b"<graphml" in start or (start.lstrip().startswith(b"{") and b'"elements"' in start):
        message = f"{path.name} holds a network, not cells"
        raise HoldsNetworkError(message, needed="measured cells", todo=OPEN)
    if start.startswith(MTX):
        message = f"{path.name} is a Matrix Market file: its barcodes and features (genes) are needed too"
        todo = "name the folder with matrix.mtx, barcodes.tsv and features.tsv (or genes.tsv), or pack it as .zip"
        raise DataError(message, needed="the three files of 10x Genomics in one folder or archive", todo=todo)


def refuse_foreign(path: Path, start: bytes) -> None:
    """Raise a `DataError` that names a file of a kind that holds nothing that is read here, neither cells nor edges."""
    for mark, program in PACKED.items():
        if start.startswith(mark):
            message = f"{path.name} is packed by {program}"
            raise DataError(message, needed="a plain file, .gz, .bz2, .zip or .tar.gz", todo="unpack it")
    if start.startswith((b"\x1f\x8b", b"BZh")):  # what was unpacked already
        message = f"{path.name} is packed twice, or damaged"
        raise DataError(message, needed="a file that is packed once", todo="unpack it once, or copy it again")
    for mark, (what, todo) in OTHERS.items():
        if start.startswith(mark):
            message = f"{path.name} is {what}"
            raise DataError(message, needed="a table, or a file of a format that is listed", todo=todo)
    if PICKLE.match(start):
        message = f"{path.name} is a pickle of Python, which can run code and is never opened"
        raise DataError(message, needed="a file of cells", todo="load it where it was made, and save it by write_h5ad")
    if PAGE.match(start):
        message = f"{path.name} is a page of the web, not the file that was to be downloaded"
        raise DataError(message, needed="the file itself", todo="download it again by its own link")


def refuse_edges(path: Path, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Raise a `DataError` for a narrow table of which two columns name genes in every row: a list of edges.

    Parameters
    ----------
    path
        The file.
    names
        Of its columns.
    rows
        The fields of its first rows, as text; none of a table that is too wide for a list of edges.
    """
    refuse_network(path, names)
    if len(rows) < 2 or len(names) > MOST_COLUMNS:
        return
    if sum(_are_genes(fields) for fields in zip(*rows, strict=True)) >= 2:
        raise _edges(path, names)


def refuse_network(path: Path, columns: Sequence[str]) -> None:
    """Raise a `HoldsNetworkError` for a table whose columns are those of a table of edges."""
    names = {name.strip().lower() for name in columns}
    if any(wanted <= names for wanted in TABLES):
        raise _edges(path, columns)


def _edges(path: Path, columns: Sequence[str]) -> HoldsNetworkError:
    shown = ", ".join(name for name in columns if name)
    message = f"{path.name} is a list of edges, as another tool or this one writes a network ({shown[:80]})"
    return HoldsNetworkError(message, needed="measured cells", todo=OPEN)


def is_gene_list(lines: Sequence[str]) -> bool:
    """Whether lines are names of genes alone."""
    return _are_genes([line.strip() for line in lines if line.strip()])


def _are_genes(names: Sequence[str]) -> bool:
    """Whether names are of genes; fields without any, as below a name that stands for several lines, do not count."""
    told = [name for name in names if name.strip().lower() not in NO_NAME]
    if not told or 2 * len(told) < len(names):
        return False
    names = told
    if any(name.replace(".", "").isdigit() for name in names):
        return False
    match = match_genes(names)
    return match.n_unknown <= 0.4 * len(names)
