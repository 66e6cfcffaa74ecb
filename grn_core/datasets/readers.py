"""`read`: a file of any supported format, recognised by its content, to a Dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grn_core.datasets import formats
from grn_core.datasets.apart import DatasetApart, apart
from grn_core.datasets.checks import check_size
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.isolation import dataset_of
from grn_core.datasets.questions import refuse_open_questions
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError

ZIP = b"PK\x03\x04"


def read(
    path: str | Path,
    *,
    species: str | None = None,
    title: str | None = None,
    values: str | None = None,
    matrix: str | None = None,
    orientation: str | None = None,
    name_column: str | None = None,
    decimal: str | None = None,
    trust_guess: bool = True,
) -> Dataset:
    """Read single-cell expression from a file.

    The format is told from the content (`grn_core.datasets.formats`): .h5ad, or a table of text with any usual
    delimiter, genes in rows or in columns, plain or gzip. Gene names may be symbols or Ensembl ids, human or mouse.
    Whatever was converted stands in `Dataset.notes`. Nothing in the file is ever executed, and it is parsed in a
    process of its own, without rights to other files; what was read is kept, so that the same file is parsed once.

    Parameters
    ----------
    path
        The file; of zarr and 10x Genomics also the folder.
    species
        ``human`` or ``mouse``; found from the gene names if not given.
    title
        Title of the dataset; the file's name if not given.
    values
        What the values are, a name out of `grn_core.datasets.kinds.KINDS` (``counts``, ``lognorm``, ``log2`` ...); told
        from the numbers if not given.
    matrix
        Which matrix of the file holds expression: ``X``, ``raw`` or ``layers/NAME``; if not given, raw counts of all
        genes wherever they lie.
    orientation
        ``genes-in-rows`` or ``genes-in-columns``; told from the names if not given.
    name_column
        Column that names the genes: of ``var`` (``var_names`` for its index), or a column of text in a table
        (``first_column`` for the first); the one that names most known genes if not given.
    decimal
        What a table of text writes before decimals, ``point`` or ``comma``; told from the numbers if not given.
    trust_guess
        Whether a guess is taken where the file does not tell for sure; what was guessed so stands in
        ``Dataset.reading.questions``, with each answer that may be, and among the notes of every result.

    Returns
    -------
    Dataset
        Cells in rows, genes in columns; its panel and all that is computed of it are in log1p(CP10k).

    Raises
    ------
    DataError
        If the file cannot be read as expression of at least 10 cells, or is larger than the settings allow.
    GeneError
        If not one gene name is known.
    DoubtfulError
        Without `trust_guess`, if the file leaves a question open that none of the options answers.
    """
    read_as = ReadAs(
        species=species,
        values=values,
        matrix=matrix,
        orientation=orientation,
        name_column=name_column,
        decimal=decimal,
    )
    dataset = read_file(Path(path), read_as=read_as, title=title)
    if not trust_guess:
        refuse_open_questions(dataset)
    return dataset


def read_file(
    path: Path, *, read_as: ReadAs, title: str | None = None, retry: bool = True, keep: bool = False
) -> Dataset:
    """Do what `read` says; without `retry` a file is not read again that once crashed its reader or took too long.

    With `keep` what was read is kept wherever the file lies.
    """
    return _read(path, read_as=read_as, title=title, retry=retry, keep=keep, opened=True)


def describe_file(
    path: Path, *, read_as: ReadAs, title: str | None = None, retry: bool = True, keep: bool = False
) -> DatasetApart:
    """Do what `read_file` does, and leave the matrix unopened."""
    return apart(_read(path, read_as=read_as, title=title, retry=retry, keep=keep, opened=False))


def _read(path: Path, *, read_as: ReadAs, title: str | None, retry: bool, keep: bool, opened: bool) -> Dataset:
    needed = formats.in_words()
    if not path.exists():
        message = f"there is no file {path}"
        raise DataError(message, needed=needed, todo="check the path")
    start = b""
    if path.is_file():
        with path.open("rb") as file:
            start = file.read(8)
    if not start and not path.is_dir():
        message = f"{path.name} is empty"
        raise DataError(message, needed=needed, todo="export or copy the file again")
    found, named = formats.format_of(path), formats.named_format(path.name)
    if named is not None and named.binary and found is not named and not path.is_dir():
        beginning = start.decode("latin-1")
        message = (
            f"{path.name} is named {path.suffix}, but its content is not {named.content} (it starts with {beginning!r})"
        )
        ending = "" if found is None else f", or give it the ending of its content ({', '.join(found.endings)})"
        todo = f"save it as {named.title}{ending}"
        raise DataError(message, needed=needed, todo=todo)
    if start.startswith(ZIP) and (found is None or not found.binary):
        message = f"{path.name} is a zip archive or an Excel workbook"
        raise DataError(message, needed=needed, todo="unpack it, or export the sheet as .csv")
    if found is None:
        message = f"{path.name} is of no format that is known"
        raise DataError(message, needed=needed, todo="save it in one of these")
    if read_as.decimal is not None and found.binary and not path.is_dir() and not start.startswith(ZIP):
        message = f"the numbers of {path.name} are not written as text, and a decimal {read_as.decimal} was asked for"
        raise DataError(message, needed="no word on decimals", todo="leave it out")
    title = title or plain_name(path.name)
    dataset = dataset_of(path, form=found.name, title=title, read_as=read_as, retry=retry, opened=opened, keep=keep)
    check_size(dataset.n_cells)
    notes = dataset.notes
    if found.binary and named is not found and not path.is_dir():
        notes = (*notes, f"The content is {found.endings[0]}, though the name does not say so.")
    return replace(dataset, title=title, source=path.name, notes=notes)


def plain_name(filename: str) -> str:
    """File name without folders and without the suffixes of the formats."""
    name = Path(filename.replace("\\", "/")).name
    for _ in range(2):  # .csv.gz has two
        ending = next((one for one in formats.endings() if name.lower().endswith(one)), "")
        name = name[: len(name) - len(ending)]
    return name or "dataset"
