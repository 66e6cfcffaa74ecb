"""The built-in datasets, and `load` for these and for uploads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
from scipy import sparse

from grn_core.datasets import boolean, store
from grn_core.datasets.checks import assemble
from grn_core.datasets.curated import MODELS, BooleanModel
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.readers import read
from grn_core.errors import DataError
from grn_core.settings import settings

N_SIMULATED, SIMULATION_SEED = 1000, 0


@dataclass(frozen=True)
class BuiltIn:
    """A dataset that is there without download.

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
            kind="lognorm",
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


def builtins() -> list[BuiltIn]:
    """Return the built-in datasets, the demo first."""
    return list(BUILT_IN)


def load(ref: str) -> Dataset:
    """Load a built-in dataset or an upload by its short name; the last few stay in memory.

    Raises
    ------
    DataError
        If there is none of that name.
    """
    known = any(record.ref == ref for record in BUILT_IN)
    return _load(ref, "" if known else str(settings().uploads))


@lru_cache(maxsize=3)
def _load(ref: str, uploads: str) -> Dataset:
    for record in BUILT_IN:
        if record.ref == ref:
            return record.load()
    upload = store.find_upload(ref, Path(uploads))
    if upload is None:
        names = ", ".join(record.ref for record in BUILT_IN)
        message = f"there is no dataset {ref!r}"
        raise DataError(message, needed=f"one of {names}, or an upload", todo="choose another, or upload it again")
    dataset = read(Path(uploads) / upload.file, species=upload.species_given, title=upload.title)
    return replace(dataset, ref=ref, source=f"upload {upload.filename}")
