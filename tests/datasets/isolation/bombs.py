"""Small files that unpack, or are declared, to very much: one function each, in a folder of its own."""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from tests.datasets.helpers import HUMAN, table
from tests.datasets.isolation import hostile
from tests.fuzz.sound import tenx_parts

MB = 1024**2
SHEET = (
    b'<?xml version="1.0"?>%s<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
ENCODED = {"encoding-type": "array", "encoding-version": "0.2.0"}


def packed(folder: Path, head: bytes, rows: bytes, n: int, *, name: str = "a.csv.gz") -> Path:
    """Rows that come again and again, packed."""
    one = gzip if name.endswith(".gz") else bz2
    (folder / name).write_bytes(one.compress(head) + one.compress(rows) * n)
    return folder / name


def dense(folder: Path, shape: tuple[int, int], *, written: bool = False, fill: float = 0.0) -> Path:
    """A dense matrix of one value; without `written` declared alone."""
    path = hostile.plain(folder) if shape[0] == 20 else hostile.ones(folder)
    with h5py.File(path, "a") as file:
        del file["X"]
        made = file.create_dataset("X", shape, "f4", chunks=(min(40, shape[0]), shape[1]), compression="gzip",
                                   fillvalue=fill)  # fmt: skip
        made.attrs.update(ENCODED)
        if written:
            chunk = _chunk(folder, made.chunks, fill)
            for row in range(0, shape[0], made.chunks[0]):
                made.id.write_direct_chunk((row, 0), chunk)
    return path


def _chunk(folder: Path, shape: tuple[int, ...], fill: float) -> bytes:
    with h5py.File(folder / "chunk.h5", "w") as file:
        one = file.create_dataset("x", data=np.full(shape, fill, dtype="f4"), chunks=shape, compression="gzip")
        return bytes(one.id.read_direct_chunk((0, 0))[1])


def partly_written(folder: Path) -> Path:
    """A matrix of which one part of ten is there, as where a program was stopped."""
    path = hostile.plain(folder, n_cells=40_000)
    with h5py.File(path, "a") as file:
        del file["X"]
        made = file.create_dataset("X", (40_000, len(HUMAN)), "f4", chunks=(4000, len(HUMAN)))
        made[:4000] = 1.0
        made.attrs.update(ENCODED)
    return path


def mostly_left_out(folder: Path) -> Path:
    """A matrix of 2 GiB of which the first and the last part are there."""
    path = hostile.plain(folder)
    with h5py.File(path, "a") as file:
        del file["X"]
        made = file.create_dataset("X", (20, 27_000_000), "f4", chunks=(20, 27_000))
        made[:, :1] = made[:, -1:] = 1.0
        made.attrs.update(ENCODED)
    return path


def sparse_declared(folder: Path, n: int) -> Path:
    """A sparse matrix that declares very many values."""
    path = hostile.plain(folder)
    with h5py.File(path, "a") as file:
        del file["X"]
        matrix = file.create_group("X")
        matrix.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0", "shape": (20, len(HUMAN))})
        for name, kind in (("data", "f4"), ("indices", "i4")):
            matrix.create_dataset(name, (n,), kind, chunks=(MB,), fillvalue=1)
        matrix["indptr"] = np.r_[0, np.full(20, n)]
    return path


def column_declared(folder: Path, place: str, shape: tuple[int, ...], kind: object) -> Path:
    """A column of the cells, or a map of them, that is declared very long."""
    path = hostile.plain(folder)
    with h5py.File(path, "a") as file:
        made = file.create_dataset(place, shape, kind, chunks=True)
        made.attrs.update(ENCODED)
        if place.startswith("obs/"):
            file["obs"].attrs["column-order"] = [*file["obs"].attrs["column-order"], place.removeprefix("obs/")]
    return path


def deep(folder: Path) -> Path:
    """Three thousand groups within each other."""
    path = hostile.plain(folder)
    with h5py.File(path, "a") as file:
        group = file.require_group("uns")
        for _ in range(3000):
            group = group.create_group("a")
            group.attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
    return path


def mtx(folder: Path, sizes: bytes) -> Path:
    """A matrix of 10x Genomics that declares other sizes than it has."""
    parts = tenx_parts()
    head, _, rest = parts["matrix.mtx"].split(b"\n", 2)
    parts["matrix.mtx"] = b"\n".join([head, sizes, rest])
    return hostile.archive(folder, {f"m/{name}": part for name, part in parts.items()}, how=zipfile.ZIP_DEFLATED)


def tar_of_zeros(folder: Path) -> Path:
    """A packed archive whose members are zeros."""
    path = folder / "a.tar.gz"
    with tarfile.open(path, "w:gz") as whole:
        for name in ("matrix.mtx", "barcodes.tsv", "features.tsv"):
            member = tarfile.TarInfo(f"o/{name}")
            member.size = 512 * MB
            whole.addfile(member, Zeros())
    return path


class Zeros(io.RawIOBase):
    """Zeros without end."""

    def read(self, size: int = -1) -> bytes:
        """Return so many."""
        return bytes(size)


def xlsx(folder: Path, sheet: bytes, *, before: bytes = b"") -> Path:
    """A workbook whose sheet is exchanged."""
    good, path = folder / "good.xlsx", folder / "a.xlsx"
    table().to_excel(good)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for name in source.namelist():
            is_sheet = name.endswith("sheet1.xml")
            whole.writestr(name, SHEET % before + sheet if is_sheet else source.read(name))
    return path


def rows_of_sheet(n: int) -> bytes:
    """A sheet of one column."""
    return b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (i, i) for i in range(1, n)) + (
        b"</sheetData></worksheet>"
    )


LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(10))
    + b"]>"
)
LAUGHED = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&k;</t></is></c></row>'
LAST = b'<dimension ref="A1:XFD1048576"/><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def parquet(folder: Path, n_rows: int, n_columns: int) -> Path:
    """A table of zeros."""
    path = folder / "a.parquet"
    rows = pd.Index(["SPI1"]).repeat(n_rows).astype("category") if n_columns < 10 else range(n_rows)
    zeros = np.zeros(n_rows, dtype=np.float32)
    pd.DataFrame({"gene": rows, **{f"c{i}": zeros for i in range(n_columns)}}).to_parquet(path, compression="zstd")
    return path


BOMBS: dict[str, Callable[[Path], Path]] = {
    "long names": hostile.long_names,
    "a million columns": partial(hostile.wide, n_columns=1_000_000),
    "199,000 columns": partial(hostile.wide, n_columns=199_000),
    "packed rows": partial(packed, head=b"cell,SPI1,IRF8\n", rows=b"a,1,2\n" * 200_000, n=400),
    "packed twice as well": partial(packed, head=b"cell,SPI1\n", rows=b"a,0\n" * 250_000, n=200, name="a.csv.bz2"),
    "packed zeros": partial(packed, head=b"\0", rows=bytes(16 * MB), n=70),
    "packed zeros as HDF5": partial(packed, head=b"\x89HDF\r\n\x1a\n", rows=bytes(16 * MB), n=70, name="a.h5ad.gz"),
    "ones, declared": hostile.ones,
    "ones, written": partial(dense, shape=(160_000, 13_000), written=True, fill=1.0),
    "dense, wide": partial(dense, shape=(20, 96_000_000)),
    "partly written": partly_written,
    "sparse, declared": partial(sparse_declared, n=900_000_000),
    "a column, declared": partial(column_declared, place="obs/more", shape=(1_000_000_000,), kind="i1"),
    "a map, declared": partial(column_declared, place="obsm/X_umap", shape=(20, 50_000_000), kind="f8"),
    "texts, declared": partial(column_declared, place="obs/more", shape=(30_000_000,), kind=h5py.string_dtype()),
    "shared text": hostile.shared_text,
    "columns of cells": hostile.columns,
    "crossing groups": hostile.crossing,
    "crossing groups by name": partial(hostile.crossing, soft=True),
    "deep groups": deep,
    "matrix of many values": partial(mtx, sizes=b"13 12 4000000000"),
    "matrix of many genes": partial(mtx, sizes=b"4000000000 4000000000 1"),
    "archive of zeros": tar_of_zeros,
    "archive in archives": partial(hostile.unpacking, way="nested"),
    "many files": partial(hostile.unpacking, way="many"),
    "packed member": partial(hostile.unpacking, way="gz in it"),
    "rows of a sheet": lambda folder: xlsx(folder, rows_of_sheet(1_000_000)),
    "blanks in a sheet": lambda folder: xlsx(folder, b" " * 2**28),
    "last field of a sheet": lambda folder: xlsx(folder, LAST),
    "laughs": lambda folder: xlsx(folder, LAUGHED, before=LAUGHS),
    "Parquet of many rows": partial(parquet, n_rows=30_000_000, n_columns=1),
    "Parquet of many columns": partial(parquet, n_rows=3, n_columns=60_000),
}
"""What it is -> what makes it."""
