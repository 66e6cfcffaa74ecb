"""The genes of a file that holds too few cells to be used: they can be asked as a list, without any cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from grn_core.datasets import formats
from grn_core.datasets.gene_lists import store_genes
from grn_core.datasets.isolation import read_apart
from grn_core.datasets.read_as import FROM_THE_FILE, ReadAs
from grn_core.errors import DataError, TooFewCellsError
from grn_core.files import part_folder, read_json, write_json
from grn_core.genes import default_tf_list, human_tfs_of, match_genes
from grn_core.settings import settings

READER = "grn_core.datasets.genes_of_cells"
GENES = "genes.json"
BESIDE_TFS = 500
"""Genes that are taken beside the TFs of a file that has more: as many as of one with cells."""


def genes_of_few_cells(path: Path, *, read_as: ReadAs = FROM_THE_FILE) -> tuple[str, ...]:
    """Return the TFs of a file that has too few cells, and those of its other genes that are expressed most.

    Parameters
    ----------
    path
        The file.
    read_as
        The user's word on it.

    Returns
    -------
    tuple of str
        Names as the file has them: all TFs, and up to `BESIDE_TFS` others.

    Raises
    ------
    DataError, GeneError
        It cannot be read, or has cells enough.
    """
    found = formats.format_of(path)
    if found is None:
        message = f"{path.name} is of no format that is known"
        raise DataError(message, needed=formats.in_words(), todo="save it in one of these")
    options = {"form": found.name, "read_as": read_as.to_text()}
    names = read_apart(path, reader=READER, options=options, load=lambda folder: list(read_json(folder / GENES)))
    if not names:
        message = f"{path.name} holds cells enough, or no gene that is known"
        raise DataError(message, needed="a file of too few cells", todo="read it with its cells, or give a gene list")
    match = match_genes(names, species=read_as.species)
    tfs = human_tfs_of(default_tf_list(match.species))
    beside = [name for name, symbol in zip(names, match.symbols, strict=True) if symbol not in tfs][:BESIDE_TFS]
    return (*(name for name, symbol in zip(names, match.symbols, strict=True) if symbol in tfs), *beside)


def store_genes_of(filename: str, content: BinaryIO, *, read_as: ReadAs = FROM_THE_FILE) -> str:
    """Keep the genes of an upload that has too few cells as a list, and return its ref; see `genes_of_few_cells`."""
    with part_folder(settings().uploads) as folder:
        path = folder / (re.sub(r"[^\w.+ -]", "_", filename.replace("\\", "/").rpartition("/")[2])[-60:] or "upload")
        content.seek(0)
        path.write_bytes(content.read())
        names = genes_of_few_cells(path, read_as=read_as)
    return store_genes(names, title=f"genes of {filename}", species=read_as.species)


def read_into(path: Path, folder: Path, options: Mapping[str, Any]) -> None:
    """Read the file in the reader's process, and write the names of its genes, the most expressed first."""
    found = next(one for one in formats.FORMATS if one.name == options["form"])
    names: tuple[str, ...] = ()
    try:
        found.read(path, title=path.name, read_as=ReadAs.from_text(str(options["read_as"])))
    except TooFewCellsError as error:
        names = error.genes
    write_json(folder / GENES, list(names))
