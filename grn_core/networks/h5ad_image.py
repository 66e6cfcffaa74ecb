"""AnnData as the bytes of an .h5ad file: HDF5 is given no disk, which may be full."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import anndata


def h5ad_image(found: anndata.AnnData) -> bytes:
    """Return what ``found.write_h5ad(path, compression="gzip")`` writes, made in memory.

    HDF5 cannot let go of a file that it could not write to the end: the process holds it for good, and crashes when it
    ends. What is made here is written by us, whole or not at all.
    """
    import h5py
    from anndata.io import write_elem

    found.strings_to_categoricals()
    image = io.BytesIO()
    with h5py.File(image, "w") as file:
        write_elem(file, "/", found, dataset_kwargs={"compression": "gzip"})
        if found.raw is None:
            file.pop("raw", None)  # readers of before cannot read that there is none
    return image.getvalue()


def hdf5_text(name: object) -> str:
    """Return a name without zero bytes, at which HDF5 ends a text."""
    return str(name).replace("\0", "")
