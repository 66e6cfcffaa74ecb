"""The built-in datasets, and `load` and `describe` for these and for uploads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from grn_core import downloads
from grn_core.damaged_records import UPLOADS, why_unread
from grn_core.datasets import local, store
from grn_core.datasets.apart import DatasetApart, apart
from grn_core.datasets.curated import MODELS, BooleanModel
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.readers import describe_file, read_file
from grn_core.datasets.simulated import N_SIMULATED, SIMULATION_SEED, simulated_cells
from grn_core.datasets.timed import timed_cells
from grn_core.errors import DataError
from grn_core.settings import settings


class Making(Protocol):
    """Makes a dataset, opened or not."""

    def __call__(self, *, opened: bool) -> Dataset:
        """Make it."""


@dataclass(frozen=True)
class BuiltIn:
    """A dataset that comes with the program, or by download from a public archive.

    Attributes
    ----------
    ref, title, species, n_cells
        Short name, title, ``human`` or ``mouse``, number of cells.
    licence, source, description
        Terms, origin and what it holds, in plain words.
    has_truth
        Whether the true network is known.
    make
        Reads or simulates it; ``opened`` as of `load`.
    archive, file
        Name of the archive that it comes from, and its table in there; empty for what comes with the program.
    """

    ref: str
    title: str
    species: str
    n_cells: int
    licence: str
    source: str
    description: str
    has_truth: bool
    make: Making
    archive: str = ""
    file: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it can be loaded without download."""
        return not self.archive or self.file in downloads.held(downloads.find_archive(self.archive)).files

    def load(self, *, opened: bool = True) -> Dataset:
        """Make the dataset and give it this record's name, title and origin; without its matrix if not `opened`."""
        made = self.make(opened=opened)
        return replace(made, ref=self.ref, title=self.title, source=self.source, licence=self.licence)


def _pbmc(*, opened: bool) -> Dataset:
    package = find_spec("scanpy")
    if package is None or package.origin is None:
        message = "the package scanpy, which holds these cells, is not installed"
        raise DataError(message, needed="scanpy", todo="pip install scanpy")
    path = Path(package.origin).parent / "datasets" / "10x_pbmc68k_reduced.h5ad"
    return (read_file if opened else describe_file)(path, read_as=ReadAs(species="human"), keep=True)


def _model_record(model: BooleanModel) -> BuiltIn:
    n_genes = len({model.symbol(node) for node in model.rules} - {""})
    return BuiltIn(
        ref=model.ref,
        title=model.title,
        species=model.species,
        n_cells=N_SIMULATED,
        licence="simulated here; the rules are facts published by the authors",
        source=f"Boolean rules of {model.reference}, as in BEELINE; simulator of GRN Studio, seed {SIMULATION_SEED}",
        description=f"{n_genes} genes simulated from published rules; the signed network is exactly known.",
        has_truth=True,
        make=partial(simulated_cells, model),
    )


BUILT_IN = (
    BuiltIn(
        ref="pbmc68k",
        title="PBMC, 700 cells of ten types",
        species="human",
        n_cells=700,
        licence="CC BY 4.0 (10x Genomics); file from scanpy, BSD-3-Clause",
        source="10x Genomics 68k PBMC (Zheng et al. 2017, doi:10.1038/ncomms14049), reduced, bundled with scanpy",
        description="Blood cells with cell type labels and UMAP; 765 variable genes, log-normalised.",
        has_truth=False,
        make=_pbmc,
    ),
    *map(_model_record, MODELS.values()),
)


def _downloaded(archive: str, found: downloads.ArchiveDataset, *, opened: bool) -> Dataset:
    table, read_as = downloads.need(found.file, of=archive), ReadAs(species=found.species, values=found.values)
    return timed_cells(table, read_as=read_as, opened=opened)


def _download_record(one: downloads.Archive, found: downloads.ArchiveDataset) -> BuiltIn:
    return BuiltIn(
        ref=found.ref,
        title=found.title,
        species=found.species,
        n_cells=found.n_cells,
        licence=one.licence or f"as stated on {one.page}",
        source=f"{one.file} of {one.page} ({one.cite})",
        description=found.description,
        has_truth=False,
        make=partial(_downloaded, one.name, found),
        archive=one.name,
        file=found.file,
    )


def downloadable() -> list[BuiltIn]:
    """Return the datasets of the public archives, whether they are here or not (`BuiltIn.is_here`)."""
    return [_download_record(one, found) for one in downloads.archives() for found in one.datasets]


def builtins() -> list[BuiltIn]:
    """Return the datasets that can be loaded: the demo first, then the others, then what was downloaded."""
    return [*BUILT_IN, *(record for record in downloadable() if record.is_here)]


def is_upload(ref: str) -> bool:
    """Whether a ref is that of an upload that is here."""
    return store.find_upload(ref, settings().uploads) is not None


def is_builtin(ref: str) -> bool:
    """Whether a dataset comes with the program, or by download from a public archive; else it is a user's own."""
    return _record(ref) is not None


def load(ref: str) -> Dataset:
    """Load a built-in or downloaded dataset, an upload or a local file by its ref; the last few stay in memory.

    Parameters
    ----------
    ref
        Its name: ``pbmc68k``, or another of `builtins`; or that under which an upload or a local file is kept.

    Returns
    -------
    Dataset
        Cells in rows, genes in columns; what was converted, and to which scale, stands in `Dataset.notes`.

    Raises
    ------
    DataError
        If there is none of that name, or it has not been downloaded.
    """
    return _load(ref, _place(ref))


def describe(ref: str) -> DatasetApart:
    """Return a dataset as `load` does, but with its matrix unopened: all that the app knows of it."""
    found = _describe(ref, place := _place(ref))
    if not found.is_there:  # someone has cleared the cache
        _describe.cache_clear()
        found = _describe(ref, place)
    return found


def forget() -> None:
    """Let go of all that is in memory: what was deleted is found no more."""
    _load.cache_clear()
    _describe.cache_clear()


def _place(ref: str) -> tuple[str, str]:
    """Return in whose home a dataset is asked for, and what changes with its content.

    That is the folder of uploads, the downloaded file, or the state of a local one.
    """
    return str(settings().home), _changing(ref)


def _changing(ref: str) -> str:
    if any(record.ref == ref for record in BUILT_IN):
        return ""
    if local.located_file(ref) is not None:
        return local.stamp_of(ref)
    public = next((record for record in downloadable() if record.ref == ref), None)
    return str(downloads.need(public.file, of=public.archive) if public else settings().uploads)


def said_of(ref: str) -> ReadAs | None:
    """Return the user's word on an upload or a local file; None for a dataset that nothing can be said of."""
    if (found := local.located_file(ref)) is not None:
        return found[1]
    upload = store.find_upload(ref, settings().uploads)
    return None if upload is None else upload.read_as


def asks_of(ref: str) -> str:
    """Return what of the reading of an upload or a local file is not confirmed, names separated by blanks."""
    upload = store.find_upload(ref, settings().uploads)
    return local.asks_of(ref) if upload is None else upload.asks


def read_again(ref: str, read_as: ReadAs) -> str:
    """Read an upload, or a local file that was named on the command line, as the user says; return its other ref.

    Where the upload left a question open, what the answer makes of it takes its place.

    Raises
    ------
    DataError, GeneError
        There is no such file, or it cannot be read so.
    """
    if (path := local.local_file(ref)) is not None:
        return local.file_ref(path, read_as=read_as)
    folder = settings().uploads
    upload = store.find_upload(ref, folder)
    if upload is None:
        message = f"{ref!r} is no upload and no file that was named here"
        raise DataError(message, needed="an upload or a local file", todo="upload the file")
    with (folder / upload.file).open("rb") as file:
        again = store.store_upload(upload.filename, file, read_as=read_as, title=upload.title)
    store.note_answer(ref, again)
    return again


@lru_cache(maxsize=3)
def _load(ref: str, place: tuple[str, str]) -> Dataset:
    if (found := local.located_file(ref)) is not None:
        return replace(local.load_file(ref), ref=ref, source=str(found[0]))
    if (record := _record(ref)) is not None:
        return record.load()
    folder = Path(place[1])
    upload = _upload(ref, folder)
    dataset = read_file(folder / upload.file, read_as=upload.read_as, title=upload.title, retry=False)
    return replace(dataset, ref=ref, source=f"upload {upload.filename}")


@lru_cache(maxsize=8)
def _describe(ref: str, place: tuple[str, str]) -> DatasetApart:
    if (found := local.located_file(ref)) is not None:
        return replace(local.describe_local(ref), ref=ref, source=str(found[0]))
    if (record := _record(ref)) is not None:
        return apart(record.load(opened=False))
    folder = Path(place[1])
    upload = _upload(ref, folder)
    dataset = describe_file(folder / upload.file, read_as=upload.read_as, title=upload.title, retry=False)
    return replace(dataset, ref=ref, source=f"upload {upload.filename}")


def _record(ref: str) -> BuiltIn | None:
    return next((record for record in (*BUILT_IN, *downloadable()) if record.ref == ref), None)


def _upload(ref: str, folder: Path) -> store.Upload:
    upload = store.find_upload(ref, folder)
    if upload is None:
        why = why_unread(UPLOADS, folder / f"{ref}.json") if store.REF.fullmatch(ref) else None
        if why is not None:
            message = f"the record of {UPLOADS.what} {why[0]}: {ref}"
            raise DataError(message, needed="the record as it was written", todo=why[1])
        names = ", ".join(record.ref for record in builtins())
        message = f"there is no dataset {ref!r}"
        raise DataError(message, needed=f"one of {names}, or an upload", todo="choose another, or upload it again")
    if not store.is_whole(upload, folder):
        message = f"the file of the upload {upload.title} is damaged on the disk"
        raise DataError(message, needed="the file as it came", todo=UPLOADS.todo)
    return upload
