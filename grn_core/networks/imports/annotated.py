"""AnnData with a network of this program in it: ``uns["regulons"]``, the table of its edges."""

from __future__ import annotations

from typing import Any

import pandas as pd

from grn_core.datasets.formats.look_over import check_hdf5
from grn_core.datasets.formats.unpacked import content_of
from grn_core.errors import DataError
from grn_core.networks.imports import ours
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.records import EdgeList, NetworkFormat
from grn_core.networks.imports.tables import InMemory

HDF5 = b"\x89HDF"
PLACE = "uns/regulons"


def fits(content: Content) -> bool:
    """Whether it is HDF5; `read` says what it lacks."""
    return content.start.startswith(HDF5)


def read(content: Content) -> EdgeList:
    """Read the table of edges; `DataError` where the file holds none of this program."""
    import anndata
    import h5py

    source = content_of(content.path)
    check_hdf5(source)
    with h5py.File(source, "r") as file:
        found: Any = anndata.io.read_elem(file[PLACE]) if PLACE in file else None
    if not isinstance(found, pd.DataFrame) or not ours.is_ours(table := InMemory(found.reset_index(drop=True))):
        message = f"{content.path.name} holds no network of this program in uns['regulons']"
        todo = "write the edges as a table with the columns source and target; cells are a dataset, not a network"
        raise DataError(message, needed=f"a table with {', '.join(ours.SIGNATURE)}", todo=todo)
    return ours.read_table(table)


RECORD = NetworkFormat(
    name="h5ad",
    title="Genes with the network (h5ad of this program)",
    columns="uns['regulons'], the table of edges",
    endings=(".h5ad",),
    fits=fits,
    read=read,
)
