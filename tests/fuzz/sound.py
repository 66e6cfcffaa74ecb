"""Sound files of every kind that can be read, small: what is fuzzed is made of them."""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
import warnings
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from scipy import io as scipy_io
from scipy import sparse

from tests.datasets.helpers import HUMAN, MOUSE, cells, counts, saved, table


def h5ad_files(folder: Path) -> list[Path]:
    """Matrices dense, by rows and by columns; layers, raw, embeddings; the layout of old versions; mouse."""
    values = counts(len(HUMAN))
    rich = cells(sparse.csr_matrix(values), layers={"counts": sparse.csc_matrix(values)})
    rich.obsm["X_umap"] = np.random.default_rng(0).normal(size=(len(values), 2))
    rich.obs["donor"] = pd.Categorical(["one", "two", "three"] * 4)
    rich.var["gene_ids"] = [f"ENSG{number:011d}" for number in range(len(HUMAN))]
    rich.uns["log1p"] = {"base": 2.0}
    rich.raw = rich.copy()
    old = saved(cells(sparse.csr_matrix(values)), folder, "old.h5ad")
    with h5py.File(old, "a") as file:
        del file["obs/cell_type"]
        names = file["obs"].create_dataset("__categories/cell_type", data=[b"B", b"T"])
        codes = file["obs"].create_dataset("cell_type", data=np.arange(len(values), dtype=np.int8) % 2)
        codes.attrs["categories"] = names.ref
        file["obs"].attrs["encoding-version"] = "0.1.0"
    return [
        saved(cells(values), folder, "dense.h5ad"),
        saved(cells(sparse.csr_matrix(values)), folder, "rows.h5ad"),
        saved(cells(sparse.csc_matrix(counts(len(MOUSE))), MOUSE), folder, "columns.h5ad"),
        saved(rich, folder, "rich.h5ad"),
        old,
    ]


def other_files(folder: Path) -> list[Path]:
    """One of each other kind."""
    return [*_hdf5_files(folder), *_tables(folder), *_archives(folder)]


def _hdf5_files(folder: Path) -> list[Path]:
    values = counts(len(HUMAN)).astype(np.int32)
    with h5py.File(folder / "cells.loom", "w") as file:
        file["matrix"] = values.T
        file["row_attrs/Gene"] = np.array(HUMAN, dtype="S")
        file["col_attrs/CellID"] = np.array([f"c{i}" for i in range(len(values))], dtype="S")
        file.create_group("layers")
    by_cell = sparse.csr_matrix(values)
    with h5py.File(folder / "tenx.h5", "w") as file:
        matrix = file.create_group("matrix")
        for name in ("data", "indices", "indptr"):
            matrix[name] = getattr(by_cell, name)
        matrix["shape"] = np.array(values.T.shape)
        matrix["barcodes"] = np.array([f"c{i}" for i in range(len(values))], dtype="S")
        matrix["features/name"] = matrix["features/id"] = np.array(HUMAN, dtype="S")
        matrix["features/feature_type"] = np.array(["Gene Expression"] * len(HUMAN), dtype="S")
    return [folder / "cells.loom", folder / "tenx.h5"]


def _tables(folder: Path) -> list[Path]:
    frame = table()
    text = frame.to_csv().encode()
    contents = {
        "cells.csv": text,
        "genes.tsv": frame.T.to_csv(sep="\t").encode(),
        "cells.csv.gz": gzip.compress(text, mtime=0),
        "cells.txt.bz2": bz2.compress(text),
        "wide.txt": b"\xef\xbb\xbf" + frame.to_csv(sep=";").replace(".", ",").encode(),
        "sixteen.txt": frame.to_csv(sep="\t").encode("utf-16"),
        "list.txt": "\n".join(HUMAN).encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    frame.T.to_excel(folder / "book.xlsx")
    frame.T.reset_index(names="gene").to_parquet(folder / "cells.parquet")
    return [*(folder / name for name in contents), folder / "book.xlsx", folder / "cells.parquet"]


def tenx_parts() -> dict[str, bytes]:
    """The three files of a folder of 10x Genomics."""
    values = counts(len(HUMAN)).astype(np.int32)
    matrix = io.BytesIO()
    scipy_io.mmwrite(matrix, sparse.coo_matrix(values.T))
    return {
        "matrix.mtx": matrix.getvalue(),
        "barcodes.tsv": "".join(f"c{i}\n" for i in range(len(values))).encode(),
        "features.tsv": "".join(f"ENSG{i:011d}\t{gene}\tGene Expression\n" for i, gene in enumerate(HUMAN)).encode(),
    }


def _archives(folder: Path) -> list[Path]:
    parts = tenx_parts()
    with zipfile.ZipFile(folder / "tenx.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"filtered/{name}", content)
    with tarfile.open(folder / "tenx.tar.gz", "w:gz") as tar:
        for name, content in parts.items():
            member = tarfile.TarInfo(f"outs/{name}.gz")
            packed = gzip.compress(content, mtime=0)
            member.size = len(packed)
            tar.addfile(member, io.BytesIO(packed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cells(sparse.csr_matrix(counts())).write_zarr(folder / "store.zarr")
    with zipfile.ZipFile(folder / "store.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((folder / "store.zarr").rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder / "store.zarr"))
    return [folder / "tenx.zip", folder / "tenx.tar.gz", folder / "store.zip"]
