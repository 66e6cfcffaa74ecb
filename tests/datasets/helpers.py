"""Small tables of cells for the tests of the readers and panels."""

from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from grn_core.datasets import formats
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.read_as import ReadAs

HUMAN = ("SPI1", "GATA1", "GATA2", "CEBPA", "KLF1", "FLI1", "TAL1", "JUN", "EGR1", "GFI1", "CD14", "CD3D", "LYZ")
MOUSE = ("Spi1", "Gata1", "Gata2", "Cebpa", "Klf1", "Fli1", "Tal1", "Jun", "Egr1", "Gfi1", "Cd14", "Cd3d")
N_CELLS = 12


def counts(n_genes: int = len(HUMAN), *, n_cells: int = N_CELLS, seed: int = 0) -> np.ndarray:
    """Counts with at least one molecule in every cell and gene."""
    return np.random.default_rng(seed).poisson(3.0, size=(n_cells, n_genes)).astype(np.float32) + 1


def cell_names(n_cells: int = N_CELLS) -> list[str]:
    return [f"AAAC-{i}" for i in range(n_cells)]


def table(genes=HUMAN, **options) -> pd.DataFrame:
    values = counts(len(genes), **options)
    return pd.DataFrame(values, index=cell_names(len(values)), columns=list(genes))


def cells(values=None, genes=HUMAN, **options) -> anndata.AnnData:
    """AnnData of `values` (cells, genes), of `counts` if not given."""
    values = counts(len(genes)) if values is None else values
    names = cell_names(values.shape[0])
    obs = pd.DataFrame({"cell_type": ["BT"[i % 2] for i in range(len(names))]}, index=names)
    return anndata.AnnData(values, obs=obs, var=pd.DataFrame(index=list(genes)), **options)


def saved(data: anndata.AnnData, folder: Path, name: str = "cells.h5ad") -> Path:
    path = folder / name
    data.write_h5ad(path)
    return path


def read_here(path: Path, *, form: str, title: str, read_as: ReadAs, **_: bool) -> Dataset:
    """Read in this process: stands in for `grn_core.datasets.readers.dataset_of` where a test changes the reader."""
    found = next(one for one in formats.FORMATS if one.name == form)
    return found.read(path, title=title, read_as=read_as)
