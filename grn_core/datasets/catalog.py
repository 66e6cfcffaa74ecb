"""The built-in datasets, and `load` for these and for uploads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
from scipy import sparse

from grn_core import downloads
from grn_core.datasets import boolean, local, store
from grn_core.datasets.checks import assemble
from grn_core.datasets.curated import MODELS, BooleanModel
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.readers import read, read_file
from grn_core.datasets.told import ToldValues
from grn_core.errors import DataError
from grn_core.settings import settings

N_SIMULATED, SIMULATION_SEED = 1000, 0


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
        Reads or simulates it.
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
    make: Callable[[], Dataset]
    archive: str = ""
    file: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it can be loaded without download."""
        return not self.archive or self.file in downloads.held(downloads.find_archive(self.archive)).files

    def load(self) -> Dataset:
        """Make the dataset and give it this record's name, title and origin."""
        return replace(self.make(), ref=self.ref, title=self.title, source=self.source, licence=self.licence)


def _pbmc() -> Dataset:
    package = find_spec("scanpy")
    if package is None or package.origin is None:
        message = "the package scanpy, which holds these cells, is not installed"
        raise DataError(message, needed="scanpy", todo="pip install scanpy")
    return read(Path(package.origin).parent / "datasets" / "10x_pbmc68k_reduced.h5ad", species="human")


def _simulated(model: BooleanModel) -> Dataset:
    mrna, time = boolean.simulate(model, n_cells=N_SIMULATED, seed=SIMULATION_SEED)
    values, genes = boolean.measured(model, mrna)
    names = [f"{model.ref}-{i:04d}" for i in range(N_SIMULATED)]
    notes = ["Simulated: values are log1p of simulated mRNA levels, not of counts."]
    products: dict[str, list[str]] = {}
    for node in model.rules:
        products.setdefault(model.symbol(node), []).append(node)
    notes += [f"{node} is no gene: simulated, but neither measured nor in the truth." for node in products.pop("", [])]
    renamed = [f"{' and '.join(nodes)} as {gene}" for gene, nodes in products.items() if nodes != [gene]]
    notes += [f"Names in the model that became gene symbols: {', '.join(renamed)}."] if renamed else []
    silent = [f"{source} -> {target}" for source, target in boolean.silent_inputs(model)]
    notes += [f"In the rules but without effect, so not in the truth: {', '.join(silent)}."] if silent else []
    return replace(
        assemble(
            sparse.csr_matrix(values).log1p(),
            genes,
            pd.DataFrame({"simulated_time": time}, index=names),
            title=model.title,
            where="the simulation",
            told=ToldValues("lognorm"),
            species=model.species,
            notes=notes,
        ),
        truth=boolean.gene_edges(model),
    )


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
        make=lambda: _simulated(model),
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


def _read_download(archive: str, found: downloads.ArchiveDataset) -> Dataset:
    """Read a table of an archive and, where it is beside it, the cells' pseudotime."""
    path = downloads.need(found.file, of=archive)
    dataset = read(path, species=found.species, values=found.values)
    time = path.with_name("PseudoTime.csv")
    if not time.is_file():
        return dataset
    obs = dataset.obs.join(pd.read_csv(time, index_col=0, dtype={0: str}).add_prefix("pseudotime "))
    return replace(dataset, obs=obs.reindex(dataset.obs.index))


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
        make=lambda: _read_download(one.name, found),
        archive=one.name,
        file=found.file,
    )


def downloadable() -> list[BuiltIn]:
    """Return the datasets of the public archives, whether they are here or not (`BuiltIn.is_here`)."""
    return [_download_record(one, found) for one in downloads.archives() for found in one.datasets]


def builtins() -> list[BuiltIn]:
    """Return the datasets that can be loaded: the demo first, then the others, then what was downloaded."""
    return [*BUILT_IN, *(record for record in downloadable() if record.is_here)]


def load(ref: str) -> Dataset:
    """Load a built-in or downloaded dataset, an upload or a local file by its ref; the last few stay in memory.

    Raises
    ------
    DataError
        If there is none of that name, or it has not been downloaded.
    """
    if any(record.ref == ref for record in BUILT_IN):
        return _load(ref, "")
    if local.located_file(ref) is not None:
        return _load(ref, local.stamp_of(ref))
    public = next((record for record in downloadable() if record.ref == ref), None)
    return _load(ref, str(downloads.need(public.file, of=public.archive) if public else settings().uploads))


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
def _load(ref: str, place: str) -> Dataset:
    """Load by the short name; `place` is the folder of uploads, the downloaded file, or the state of a local one."""
    if (found := local.located_file(ref)) is not None:
        return replace(local.load_file(ref), ref=ref, source=str(found[0]))
    for record in (*BUILT_IN, *downloadable()):
        if record.ref == ref:
            return record.load()
    upload = store.find_upload(ref, Path(place))
    if upload is None:
        names = ", ".join(record.ref for record in builtins())
        message = f"there is no dataset {ref!r}"
        raise DataError(message, needed=f"one of {names}, or an upload", todo="choose another, or upload it again")
    path = Path(place) / upload.file
    dataset = read_file(path, read_as=upload.read_as, title=upload.title, retry=False)
    return replace(dataset, ref=ref, source=f"upload {upload.filename}")
