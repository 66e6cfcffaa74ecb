"""TF activity as files for other programs: a table, and AnnData with the activity in ``obsm``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, count
from pathlib import Path

import numpy as np
import pandas as pd

from grn_core.datasets import Dataset
from grn_core.datasets.replicates import labelled
from grn_core.files import write_atomic
from grn_core.networks.activity.kept import KeptActivity
from grn_core.networks.h5ad_image import h5ad_image, hdf5_text
from grn_core.spreadsheets import text_of

AT_ONCE = 2000
"""Cells of which lines are made at a time."""
DIGITS = "%.6g"
WIDEST = {"i": "int64", "u": "uint64", "f": "float64", "b": "bool"}


def table_of(kept: KeptActivity, dataset: Dataset) -> Iterator[bytes]:
    """Yield tab-separated text: one line a cell, its name first, then the activity of each TF."""
    names = dataset.obs.index[kept.cells]
    for start in range(0, max(len(names), 1), AT_ONCE):
        part = pd.DataFrame(np.array(kept.scores[:, start : start + AT_ONCE]).T, columns=list(kept.tfs))
        part.insert(0, "cell", [str(name) for name in names[start : start + AT_ONCE]], allow_duplicates=True)
        text = text_of(part, delimiter="\t", digits=DIGITS)
        yield text if start == 0 else text.partition(b"\n")[2]


def write_table(kept: KeptActivity, dataset: Dataset, path: Path) -> None:
    """Write `table_of` into a file, whole or not at all."""

    def write(draft: Path) -> None:
        with draft.open("wb") as file:
            file.writelines(table_of(kept, dataset))

    write_atomic(path, write)


def write_h5ad(kept: KeptActivity, dataset: Dataset, path: Path) -> None:
    """Write the cells without their genes: an AnnData of shape (cells, 0).

    ``obs`` has the columns of the cells: numbers as numbers (NaN where one is missing), other values as categories.
    ``obsm["score_ulm"]`` (or the other method's name, as decoupler calls it) is a table of cells and TFs, and
    ``obsm["X_umap"]`` the map that came with the data. Its cells are those of the user's file, by name, so that
    ``adata.obsm["score_ulm"] = found.obsm["score_ulm"].loc[adata.obs_names]`` joins the two.
    """
    import anndata

    cells = [hdf5_text(name) for name in dataset.obs.index[kept.cells]]
    index = pd.Index(cells, dtype=object)
    columns = [_plain(column.iloc[kept.cells]) for _, column in dataset.obs.items()]
    obs = pd.DataFrame(dict(zip(_apart(map(_key, dataset.obs)), columns, strict=True)), index=index)
    scores = pd.DataFrame(np.array(kept.scores).T, index=index, columns=_apart(map(_key, kept.tfs)))
    obsm: dict[str, pd.DataFrame | np.ndarray] = {f"score_{kept.facts['method']}": scores}
    if dataset.embedding is not None:
        obsm["X_umap"] = np.asarray(dataset.embedding)[kept.cells]
    found = anndata.AnnData(shape=(len(cells), 0), obs=obs, obsm=obsm)
    image = h5ad_image(found)
    write_atomic(path, lambda draft: draft.write_bytes(image))


def _plain(column: pd.Series) -> np.ndarray | pd.Categorical:
    """Return numbers and truths as numpy has them, with NaN for a missing number, anything else as text categories."""
    there, kind = not column.isna().any(), column.dtype.kind
    if kind in "iuf" or (kind == "b" and there):
        plain = column.dtype if isinstance(column.dtype, np.dtype) else np.dtype(WIDEST[kind])
        numbers: np.ndarray = column.to_numpy(dtype=plain if there else np.float64)
        return numbers
    labels, codes = labelled(column)
    return pd.Categorical.from_codes(codes.tolist(), categories=pd.Index(_apart(map(hdf5_text, labels)), dtype=object))


def _key(name: object) -> str:
    """A name within HDF5, where ``/`` is a folder and dots alone are a place."""
    words = hdf5_text(name).replace("/", "_")
    return words if words.strip(".") else "_"


def _apart(names: Iterable[str]) -> list[str]:
    """Return names with a number behind those that are there already; ``_index`` is AnnData's own."""
    taken = {"_index"}
    found = []
    for name in names:
        free = next(one for one in chain([name], (f"{name}-{n}" for n in count(2))) if one not in taken)
        taken.add(free)
        found.append(free)
    return found
