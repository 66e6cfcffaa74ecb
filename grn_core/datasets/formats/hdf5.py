"""Files of HDF5: which layout one has is looked up inside, whatever its name says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.datasets.checks import damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.formats.h5ad import HDF5, from_anndata, read_h5ad
from grn_core.datasets.formats.h5mu import is_h5mu, read_h5mu
from grn_core.datasets.formats.look_over import check_hdf5
from grn_core.datasets.formats.loom import is_loom, read_loom
from grn_core.datasets.formats.record import Format
from grn_core.datasets.formats.tenx_h5 import is_tenx, read_tenx
from grn_core.datasets.formats.unpacked import content_of
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError

if TYPE_CHECKING:
    import anndata
    import h5py

LAYOUTS: tuple[tuple[str, Callable[[h5py.File], bool], Callable[[h5py.File], tuple[anndata.AnnData, list[str]]]], ...]
LAYOUTS = (
    ("10x .h5 file", is_tenx, read_tenx),
    (".loom file", is_loom, read_loom),
    (".h5mu file", is_h5mu, read_h5mu),
)


def read_hdf5(path: Path, *, title: str, read_as: ReadAs) -> Dataset:
    """Read a file of HDF5 by its layout: 10x, loom, MuData, else AnnData. The whole of it is looked over before.

    Parameters
    ----------
    path
        The file, plain or gzip.
    title
        Title of the dataset.
    read_as
        The user's word on the file.

    Raises
    ------
    DataError, GeneError
        With what was found, needed and to do.
    """
    import h5py

    with damaged_as_data_error(path, "HDF5 file"):
        source = content_of(path)
        said = check_hdf5(source)
        with h5py.File(source, "r") as file:
            _refuse_seurat(path, file)
            _refuse_others(path, file)
            found = next(((name, read) for name, holds, read in LAYOUTS if holds(file)), None)
            made = None if found is None else found[1](file)
    if found is None or made is None:
        dataset = read_h5ad(path, title=title, read_as=read_as, content=source)
        return replace(dataset, notes=(*dataset.notes, *said))
    data, notes = made
    notes = [f"The file was read as a {found[0]}.", *notes, *said]
    return from_anndata(data, path, title=title, read_as=read_as, notes=notes)


def _refuse_seurat(path: Path, file: h5py.File) -> None:
    if "assays" in file and "cell.names" in file:
        message = f"{path.name} is an .h5Seurat file"
        todo = f"in R: library(SeuratDisk); Convert({path.name!r}, dest = 'h5ad'), and supply that file"
        raise DataError(message, needed="an .h5ad file", todo=todo)


def _refuse_others(path: Path, file: h5py.File) -> None:
    """Name what is known of HDF5 and holds no matrix of cells."""
    if "molecule_info" in path.name or {"barcode_idx", "feature_idx", "umi"} <= set(file):
        message = f"{path.name} is a list of molecules of Cell Ranger (molecule_info.h5)"
        todo = "supply filtered_feature_bc_matrix.h5, which lies beside it"
        raise DataError(message, needed="a matrix of cells and genes", todo=todo)
    if "model_weights" in file or "keras_version" in file.attrs:
        message = f"{path.name} holds the weights of a network (Keras), not cells"
        raise DataError(message, needed="measured cells", todo="supply an .h5ad file of cells")


def starts_hdf5(start: bytes) -> bool:
    """Whether the first bytes of a file are of HDF5, which may stand behind a block of a user's own (MuData)."""
    return start.startswith((HDF5, b"MuData"))


H5AD = Format(
    name="h5ad",
    title="an .h5ad file",
    endings=(".h5ad", ".h5ad.gz"),
    content="HDF5",
    sniff=starts_hdf5,
    read=read_hdf5,
    by_anndata=True,
)
TENX_H5 = Format("tenx_h5", "a 10x .h5 file", (".h5", ".hdf5"), "HDF5", starts_hdf5, read_hdf5, by_anndata=True)
LOOM = Format("loom", "a .loom file", (".loom",), "HDF5", starts_hdf5, read_hdf5, by_anndata=True)
H5MU = Format("h5mu", "an .h5mu file", (".h5mu",), "HDF5", starts_hdf5, read_hdf5, by_anndata=True)

__all__ = ["H5AD", "H5MU", "LOOM", "TENX_H5", "read_hdf5"]
