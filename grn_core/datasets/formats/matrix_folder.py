"""Three files of one matrix, as 10x Genomics, STARsolo, kallisto | bustools, alevin-fry and Parse write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from scipy import io as scipy_io
from scipy import sparse

from grn_core.datasets.checks import check_size
from grn_core.datasets.formats.genomes import GENOME
from grn_core.datasets.formats.tenx_h5 import annotated
from grn_core.errors import DataError

if TYPE_CHECKING:
    import anndata

ROLES = ("matrix", "barcodes", "features")


@dataclass(frozen=True, eq=False)
class Scheme:
    """How a tool calls the three files; its matrix has the cells in rows, or the genes.

    Attributes
    ----------
    tool
        The tool's name.
    endings
        What the names of the files end in, by role.
    cells_in_rows
        Whether its matrix has a row for each cell.
    """

    tool: str
    endings: dict[str, tuple[str, ...]]
    cells_in_rows: bool = True


def _scheme(tool: str, *endings: str, cells_in_rows: bool = True) -> Scheme:
    by_role = {role: tuple(some.split()) for role, some in zip(ROLES, endings, strict=True)}
    return Scheme(tool, by_role, cells_in_rows)


SCHEMES = (
    _scheme(
        "10x Genomics", "matrix.mtx count_matrix.mtx", "barcodes.tsv", "features.tsv genes.tsv", cells_in_rows=False
    ),
    _scheme("Parse", "count_matrix.mtx dge.mtx", "cell_metadata.csv", "all_genes.csv"),
    _scheme("kallisto | bustools", "cells_x_genes.mtx", "cells_x_genes.barcodes.txt", "cells_x_genes.genes.txt"),
    _scheme("alevin-fry", "quants_mat.mtx", "quants_mat_rows.txt", "quants_mat_cols.txt"),
)
"""STARsolo calls them as 10x Genomics does. The three are always of one scheme: a table of the cells beside the
barcodes of another tool is in an order of its own."""
NEEDED = "matrix.mtx, barcodes.tsv and features.tsv (or genes.tsv) of one folder"
MATRIX_ENDINGS = tuple(
    {f"{name}{packed}" for one in SCHEMES for name in one.endings["matrix"] for packed in ("", ".gz")}
)
MOST_LOOKED_AT, DEEPEST = 2000, 5
"""Entries of a folder that are looked at, and how far down, for a folder of cells within it."""


@dataclass(frozen=True)
class Sample:
    """A run's three files, as far as they are there.

    Attributes
    ----------
    scheme
        Which tool's names they have.
    name
        The folder, and what stands before those names.
    """

    scheme: Scheme
    name: str


def samples_of(names: Iterable[str]) -> dict[Sample, dict[str, list[str]]]:
    """Return every file that may be one of the three of a sample, by sample and role; no file replaces another."""
    found: dict[Sample, dict[str, list[str]]] = {}
    for name in names:
        place = PurePosixPath(name)
        plain = _plain(place.name)
        for scheme, role in product(SCHEMES, ROLES):
            for ending in scheme.endings[role]:
                if plain.endswith(ending):
                    sample = str(place.parent / place.name[: len(plain) - len(ending)].strip("_.-"))
                    found.setdefault(Sample(scheme, sample), {}).setdefault(role, []).append(name)
    return found


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


def cells_of(scheme: Scheme, parts: dict[str, str], contents: dict[str, bytes]) -> tuple[anndata.AnnData, list[str]]:
    """Make cells of the three files, and say how they were read.

    Parameters
    ----------
    scheme
        Which tool's they are.
    parts, contents
        By role: the name of the file, and its content, unpacked.

    Raises
    ------
    DataError
        They are not of one run.
    """
    matrix = contents["matrix"]
    head = next((line for line in matrix[:100_000].splitlines() if not line.startswith(b"%")), b"")
    sizes = [int(part) for part in head.split()]
    rows = _rows(parts["features"], contents["features"])
    cells = [row[0] for row in _rows(parts["barcodes"], contents["barcodes"])]
    across = sizes[:2] == [len(cells), len(rows)] and scheme.cells_in_rows
    if not across and sizes[:2] != [len(rows), len(cells)]:
        size = " x ".join(map(str, sizes[:2]))
        name = PurePosixPath(parts["matrix"]).name
        message = f"{name} is {size}, beside {len(rows):,} features and {len(cells):,} barcodes"
        raise DataError(message, needed=NEEDED, todo="pack the three files of one and the same run")
    check_size(len(cells), sizes[2] * 12)
    read = scipy_io.mmread(io.BytesIO(matrix))
    counts = sparse.csr_matrix(read if across else read.T)
    notes = [f"The file was read as a folder of {scheme.tool}."]
    if (usa := _spliced_and_ambiguous([row[0] for row in rows])) is not None:
        spliced, ambiguous = usa
        counts = counts[:, spliced] + counts[:, ambiguous]
        rows = [rows[place] for place in spliced]
        notes.append(
            "Each gene has its spliced, unspliced (-U) and ambiguous (-A) molecules: the spliced and the ambiguous are "
            "added up, the unspliced left out."
        )
    columns = {"gene_ids": [row[0] for row in rows]}
    if all(len(row) > 2 for row in rows) and _plain(parts["features"]).endswith(".tsv"):
        columns["feature_types"] = [row[2] for row in rows]
    elif all(len(row) > 2 for row in rows):
        columns[GENOME] = [row[2] for row in rows]  # of Parse
    names = [row[1] if len(row) > 1 else row[0] for row in rows]
    return annotated(counts, genes=names, barcodes=cells, columns=columns), notes


def _spliced_and_ambiguous(names: list[str]) -> tuple[list[int], list[int]] | None:
    """Return where each gene has its spliced and its ambiguous molecules; None where they are not told apart."""
    places = {name: place for place, name in enumerate(names)}
    spliced = [place for name, place in places.items() if f"{name}-U" in places and f"{name}-A" in places]
    if not names or 3 * len(spliced) != len(names):
        return None
    return spliced, [places[f"{names[place]}-A"] for place in spliced]


def _plain(name: str) -> str:
    return name.lower().removesuffix(".gz")


def _rows(name: str, content: bytes) -> list[list[str]]:
    """Fields of each line; a table of commas has a header."""
    lines: Iterable[str] = (line for line in content.decode("utf-8-sig").splitlines() if line.strip())
    if _plain(name).endswith(".csv"):
        return list(csv.reader(lines))[1:]
    return [line.split("\t") for line in lines]
