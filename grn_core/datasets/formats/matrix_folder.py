"""Three files of one matrix, as 10x Genomics, STARsolo, kallisto | bustools, alevin-fry and Parse write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from scipy import io as scipy_io
from scipy import sparse

from grn_core.datasets.checks import check_size
from grn_core.datasets.formats.tenx_h5 import annotated
from grn_core.errors import DataError

if TYPE_CHECKING:
    import anndata

ROLES = {
    "matrix": ("cells_x_genes.mtx", "quants_mat.mtx", "count_matrix.mtx", "dge.mtx", "matrix.mtx"),
    "barcodes": ("cells_x_genes.barcodes.txt", "quants_mat_rows.txt", "cell_metadata.csv", "barcodes.tsv"),
    "features": ("cells_x_genes.genes.txt", "quants_mat_cols.txt", "all_genes.csv", "features.tsv", "genes.tsv"),
}
"""What the names of the three files end in: those of kallisto | bustools, alevin-fry, Parse, and 10x and STARsolo."""
NEEDED = "matrix.mtx, barcodes.tsv and features.tsv (or genes.tsv) of one folder"
MATRIX_ENDINGS = tuple(f"{name}{packed}" for name in ROLES["matrix"] for packed in ("", ".gz"))
MOST_LOOKED_AT, DEEPEST = 2000, 5
"""Entries of a folder that are looked at, and how far down, for a folder of cells within it."""


def role_of(name: str) -> tuple[str, str] | None:
    """Return what a member of a folder is of the three, and the sample that it is of; None for none of them."""
    place = PurePosixPath(name)
    plain = _plain(place.name)
    for role, endings in ROLES.items():
        if ending := next((one for one in endings if plain.endswith(one)), ""):
            return role, str(place.parent / place.name[: len(plain) - len(ending)].strip("_.-"))
    return None


def is_matrix(name: str) -> bool:
    """Whether a file's name is that of a matrix of such a folder."""
    return name.lower().endswith(MATRIX_ENDINGS)


def within(folder: Path) -> list[str]:
    """Return the folders below a folder that hold a matrix, by their names from it, of a bounded number of entries."""
    found: list[str] = []
    waiting, looked_at = [(folder, 0)], 0
    while waiting and looked_at < MOST_LOOKED_AT:
        place, depth = waiting.pop()
        for entry in sorted(place.iterdir()):
            looked_at += 1
            if entry.is_symlink():
                continue
            if entry.is_dir() and depth < DEEPEST:
                waiting.append((entry, depth + 1))
            elif is_matrix(entry.name) and place != folder:
                found.append(place.relative_to(folder).as_posix())
    return sorted(set(found), key=lambda one: ("filtered" not in one, one))


def cells_of(parts: dict[str, str], contents: dict[str, bytes]) -> anndata.AnnData:
    """Make cells of the three files.

    Parameters
    ----------
    parts, contents
        By role: the name of the file, and its content, unpacked.

    Raises
    ------
    DataError
        They are not of one run.

    Notes
    -----
    10x Genomics and STARsolo write genes in rows; the others cells.
    """
    matrix = contents["matrix"]
    head = next((line for line in matrix[:100_000].splitlines() if not line.startswith(b"%")), b"")
    sizes = [int(part) for part in head.split()]
    rows = _rows(parts["features"], contents["features"])
    cells = [row[0] for row in _rows(parts["barcodes"], contents["barcodes"])]
    across = sizes[:2] == [len(cells), len(rows)] and not _plain(parts["features"]).endswith(".tsv")
    if not across and sizes[:2] != [len(rows), len(cells)]:
        size = " x ".join(map(str, sizes[:2]))
        name = PurePosixPath(parts["matrix"]).name
        message = f"{name} is {size}, beside {len(rows):,} features and {len(cells):,} barcodes"
        raise DataError(message, needed=NEEDED, todo="pack the three files of one and the same run")
    check_size(len(cells), sizes[2] * 12)
    read = scipy_io.mmread(io.BytesIO(matrix))
    counts = sparse.csr_matrix(read if across else read.T)
    columns = {"gene_ids": [row[0] for row in rows]}
    if all(len(row) > 2 for row in rows) and _plain(parts["features"]).endswith(".tsv"):
        columns["feature_types"] = [row[2] for row in rows]
    names = [row[1] if len(row) > 1 else row[0] for row in rows]
    return annotated(counts, genes=names, barcodes=cells, columns=columns)


def _plain(name: str) -> str:
    return name.lower().removesuffix(".gz")


def _rows(name: str, content: bytes) -> list[list[str]]:
    """Fields of each line; a table of commas has a header."""
    lines: Iterable[str] = (line for line in content.decode("utf-8-sig").splitlines() if line.strip())
    if _plain(name).endswith(".csv"):
        return list(csv.reader(lines))[1:]
    return [line.split("\t") for line in lines]
