"""Reading .h5mu: the modality of MuData that holds expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.errors import DataError

if TYPE_CHECKING:
    import anndata
    import h5py

RNA = ("rna", "gex", "gene expression", "expression", "genes", "scrna", "mrna", "transcriptome")


def is_h5mu(file: h5py.File) -> bool:
    """Whether an HDF5 file has the layout of MuData."""
    import h5py

    return isinstance(file.get("mod"), h5py.Group) and "X" not in file


def read_h5mu(file: h5py.File) -> tuple[anndata.AnnData, list[str]]:
    """Return the modality called rna, or the only one; `DataError` where none can be told."""
    from anndata.io import read_elem

    names = [str(name) for name in file["mod"]]
    found = next((name for rna in RNA for name in names if name.lower() == rna), None)
    if found is None and len(names) == 1:
        found = names[0]
    if found is None:
        message = f"the MuData file has no modality called rna, but {', '.join(names) or 'none at all'}"
        todo = "write the modality of expression alone: mdata.mod[NAME].write_h5ad('cells.h5ad')"
        raise DataError(message, needed="a modality called rna", todo=todo)
    data = read_elem(file["mod"][found])
    if "obs" in file:
        cells = read_elem(file["obs"])
        if data.obs.shape[1] == 0 and set(data.obs_names) <= set(cells.index) and cells.index.is_unique:
            data.obs = cells.loc[data.obs_names]
    others = [name for name in names if name != found]
    left = f"; left out: {', '.join(others)}" if others else ""
    return data, [f"The modality {found!r} of MuData is used{left}."]
