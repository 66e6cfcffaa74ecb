"""`read`: a file of any supported format, recognised by its content, to a Dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grn_core.datasets.dataset import Dataset
from grn_core.datasets.h5ad import read_h5ad
from grn_core.datasets.text import read_text
from grn_core.errors import DataError

HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
FORMATS = "an .h5ad file, or a .csv or .tsv table (also .gz)"


def read(
    path: str | Path, *, species: str | None = None, title: str | None = None, values: str | None = None
) -> Dataset:
    """Read single-cell expression from a file.

    The format is told from the content: .h5ad, or a table of text with any usual delimiter, genes in rows or in
    columns, plain or gzip. Gene names may be symbols or Ensembl ids, human or mouse. Whatever was converted stands in
    `Dataset.notes`. Nothing in the file is ever executed.

    Parameters
    ----------
    path
        The file.
    species
        ``human`` or ``mouse``; found from the gene names if not given.
    title
        Title of the dataset; the file's name if not given.
    values
        What the values are, a name out of `grn_core.datasets.kinds.KINDS` (``counts``, ``lognorm``, ``log2`` ...); told
        from the numbers if not given.

    Raises
    ------
    DataError
        If the file cannot be read as expression of at least 10 cells, or is larger than the settings allow.
    GeneError
        If not one gene name is known.
    """
    path = Path(path)
    if not path.is_file():
        message = f"there is no file {path}"
        raise DataError(message, needed=FORMATS, todo="check the path")
    with path.open("rb") as file:
        start = file.read(8)
    title = title or plain_name(path.name)
    named_h5ad = path.suffix.lower() in (".h5ad", ".h5", ".hdf5")
    if not start:
        message = f"{path.name} is empty"
        raise DataError(message, needed=FORMATS, todo="export or copy the file again")
    if start == HDF5:
        dataset = read_h5ad(path, title=title, species=species, values=values)
        if not named_h5ad:
            dataset = replace(dataset, notes=(*dataset.notes, "The content is .h5ad, though the name does not say so."))
    elif named_h5ad:
        found = start.decode("latin-1")
        message = f"{path.name} is named {path.suffix}, but its content is not HDF5 (it starts with {found!r})"
        raise DataError(message, needed=FORMATS, todo="save it with write_h5ad, or name a table of text .csv or .tsv")
    elif start.startswith(ZIP):
        message = f"{path.name} is a zip archive or an Excel workbook"
        raise DataError(message, needed=FORMATS, todo="unpack it, or export the sheet as .csv")
    else:
        dataset = read_text(path, title=title, species=species, values=values)
    return replace(dataset, ref=f"file-{dataset.sha256[:12]}", source=path.name)


def plain_name(filename: str) -> str:
    """File name without folders and without the suffixes of the formats."""
    name = Path(filename.replace("\\", "/")).name
    for suffix in (".gz", ".h5ad", ".csv", ".tsv", ".txt"):
        name = name.removesuffix(suffix)
    return name or "dataset"
