"""Files that mean harm, each made by code."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd

from tests.datasets.helpers import HUMAN, cells, saved
from tests.fuzz.sound import other_files, tenx_parts

TEXT = h5py.string_dtype()


def plain(folder: Path, name: str = "bad.h5ad", *, n_cells: int = 20, n_genes: int = len(HUMAN)) -> Path:
    """A good file whose parts can be changed, of counts of 20 cells."""
    from scipy import sparse

    values = np.random.default_rng(1).poisson(2.0, size=(n_cells, n_genes)).astype(np.float32) + 1
    return saved(cells(sparse.csr_matrix(values)), folder, name)


def disclosing(folder: Path, secret: Path) -> Path:
    """The categories of a column, by a reference of the old layout, lie in another file."""
    path = plain(folder)
    with h5py.File(path, "a") as file:
        island = file.create_group("island")
        island["itself"] = island  # so that the file keeps it when no link leads to it any more
        hidden = island.create_dataset("hidden", shape=(2,), dtype="S20", external=[(str(secret), 0, 40)])
        del file["island"]
        del file["obs/cell_type"]
        codes = file.create_dataset("obs/cell_type", data=np.arange(20, dtype=np.int8) % 2)
        codes.attrs["categories"] = hidden.ref
        for name in ("encoding-type", "encoding-version"):
            codes.attrs.pop(name, None)
        file["obs"].attrs["encoding-version"] = "0.1.0"
    return path


def pointing(folder: Path, way: str, secret: Path) -> Path:
    """Something of the file leads out of it, or out of its group."""
    path = plain(folder)
    other = folder / "other.h5"
    with h5py.File(other, "w") as file:
        file["x"] = np.arange(20.0)
    with h5py.File(path, "a") as file:
        if way == "external link":
            file["obs/more"] = h5py.ExternalLink(str(other), "/x")
        elif way == "external link beyond a soft link":
            file["uns/there"] = h5py.ExternalLink(str(other), "/")
            file["uns/more"] = h5py.SoftLink("there/x")
        elif way == "soft link":
            file["obs/more"] = h5py.SoftLink("/X/data")
        elif way == "soft link up":
            file["uns/more"] = h5py.SoftLink("../X/data")
        elif way == "virtual dataset":
            layout = h5py.VirtualLayout(shape=(20,), dtype="f8")
            layout[:] = h5py.VirtualSource(str(other), "x", shape=(20,))
            file.create_virtual_dataset("obs/more", layout)
        elif way == "external storage":
            file.create_dataset("uns/more", shape=(8,), dtype="S1", external=[(str(secret), 0, 8)])
        elif way == "references in data":
            file.create_dataset("uns/more", data=[file["X/data"].ref], dtype=h5py.ref_dtype)
        elif way == "references in a list":
            file["uns"].attrs.create("more", [file["X/data"].ref] * 2, dtype=h5py.ref_dtype)
        elif way == "regions":
            file["uns"].attrs.create("more", file["X/data"].regionref[2:4], dtype=h5py.regionref_dtype)
    return path


def with_indices(folder: Path, change: str) -> Path:
    """A sparse matrix whose column numbers or row starts lead out of it."""
    path = plain(folder)
    with h5py.File(path, "a") as file:
        matrix = file["X"]
        if change == "beyond":
            matrix["indices"][7] = len(HUMAN)
        elif change == "far beyond":
            matrix["indices"][7] = 2_000_000_000
        elif change == "negative":
            matrix["indices"][7] = -5
        elif change == "falling":
            matrix["indptr"][3] = 2
        elif change == "too many":
            matrix["indptr"][-1] = 10**9
        elif change == "negative start":
            matrix["indptr"][1] = -(10**6)
        elif change == "in a layer":
            matrix["data"][:] = -1.0  # X cannot be expression, so the layer is asked
            file.copy("X", "layers/counts")
            file["layers/counts/data"][:] = 2.0
            file["layers/counts/indices"][7] = 10**6
    return path


def with_bad_index(folder: Path, form: str) -> Path:
    """A matrix of another format whose one index leads out of it."""
    if form == "h5mu":
        inner = with_indices(folder, "beyond")
        path = folder / "bad.h5mu"
        with h5py.File(path, "w", userblock_size=512) as file, h5py.File(inner) as source:
            source.copy(source, file.create_group("mod"), name="rna")
        with path.open("r+b") as raw:
            raw.write(b"MuData (format-version=0.1.0;creator=test;)")
        return path
    if form == "10x h5":
        path = next(one for one in other_files(folder) if one.name == "tenx.h5")
        with h5py.File(path, "a") as file:
            file["matrix/indices"][3] = 10**6
        return path
    parts = tenx_parts()
    head, sizes, _, rest = parts["matrix.mtx"].split(b"\n", 3)
    parts["matrix.mtx"] = b"\n".join([head, sizes, b"99999 1 5" if form == "10x folder" else b"0 1 5", rest])
    return archive(folder, {f"filtered/{name}": content for name, content in parts.items()})


def archive(folder: Path, parts: dict[str, bytes], *, how: int = zipfile.ZIP_STORED) -> Path:
    """A zip archive of these parts."""
    path = folder / "cells.zip"
    with zipfile.ZipFile(path, "w", how) as whole:
        for name, content in parts.items():
            whole.writestr(name, content)
    return path


def unpacking(folder: Path, way: str) -> Path:
    """An archive that leads out of its place, holds others, or unpacks to very much."""
    parts = tenx_parts()
    if way == "traversal":
        return archive(folder, {f"../../{name}": content for name, content in parts.items()})
    if way == "absolute":
        return archive(folder, {f"{folder}/out/{name}": content for name, content in parts.items()})
    if way == "nested":
        inner = archive(folder, {f"filtered/{name}": content for name, content in parts.items()}).read_bytes()
        return archive(folder, {"inner.zip": inner, "more/inner.zip": inner})
    if way == "many":
        return archive(folder, {f"{number}.tsv": b"" for number in range(10_001)})
    if way == "gz in it":
        packed = gzip.compress(b"1 1 1\n" * 10_000) * 10_000
        head = gzip.compress(b"%%MatrixMarket matrix coordinate integer general\n13 12 100000000\n")
        return archive(folder, {"barcodes.tsv": parts["barcodes.tsv"], "features.tsv": parts["features.tsv"],
                                "matrix.mtx.gz": head + packed})  # fmt: skip
    path = folder / "cells.tar"
    with tarfile.open(path, "w") as tar:
        for name, content in parts.items():
            member = tarfile.TarInfo(f"filtered/{name}")
            if way == "links":
                member.type, member.linkname = tarfile.SYMTYPE, f"/etc/{name}"
                tar.addfile(member)
                member = tarfile.TarInfo(f"filtered/{name}")
                member.type, member.linkname = tarfile.LNKTYPE, "/etc/passwd"
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    if way == "declared":
        whole = bytearray(path.read_bytes())
        whole[124:136] = b"77777777777\0"
        path.write_bytes(whole)
    return path


def crossing(folder: Path, *, soft: bool = False) -> Path:
    """Groups that each hold the next one twice: 2^28 ways to the last."""
    path = plain(folder)
    with h5py.File(path, "a") as file:
        group = file.create_group("uns/dag")
        for _ in range(28):
            below = group.create_group("l")
            if soft:
                group["r"] = h5py.SoftLink("l")
            else:
                group["r"] = below
            group = below
    return path


def long_names(folder: Path) -> Path:
    """2 MB that unpack to 20,000 rows with names of 100,000 characters."""
    path = folder / "names.csv.gz"
    rows = gzip.compress((("A" * 100_000) + ",1" * len(HUMAN) + "\n").encode() * 500, compresslevel=9)
    path.write_bytes(gzip.compress(f"cell,{','.join(HUMAN)}\n".encode()) + rows * 40)
    return path


def wide(folder: Path, n_columns: int) -> Path:
    """A packed table of ones with very many columns and rows."""
    path = folder / "wide.csv.gz"
    head = gzip.compress(f"gene,{','.join(f'c{i}' for i in range(n_columns))}\n".encode())
    rows = b"".join(f"G{i}".encode() + b",1" * n_columns + b"\n" for i in range(20))
    path.write_bytes(head + gzip.compress(rows, compresslevel=9) * 150)
    return path


def ones(folder: Path) -> Path:
    """A matrix that is declared with 7.9 GiB, of which nothing was ever written."""
    path, shape = folder / "bad.h5ad", (160_000, 13_000)
    obs, var = (
        pd.DataFrame(index=[f"{what}{number}" for number in range(n)]) for what, n in zip("cg", shape, strict=True)
    )
    anndata.AnnData(obs=obs, var=var).write_h5ad(path)
    with h5py.File(path, "a") as file:
        made = file.create_dataset("X", shape=shape, dtype="f4", chunks=(40, 13_000), compression="gzip", fillvalue=1)
        made.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    return path


def shared_text(folder: Path, *, n: int = 100_000) -> Path:
    """A column of texts that all are the same one of 1 MB in the file."""
    path = plain(folder)
    with h5py.File(path, "a") as file:
        column = file.create_dataset("obs/text", shape=(n,), dtype=TEXT)
        column[0] = "x" * 1_000_000
        column.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
        file["obs"].attrs["column-order"] = np.array(["text"], dtype=TEXT)
        start = column.id.get_offset()
    content = bytearray(path.read_bytes())
    content[start : start + 16 * n] = bytes(content[start : start + 16]) * n
    path.write_bytes(content)
    return path


def columns(folder: Path, *, n: int = 200_000) -> Path:
    """A table of cells with very many columns."""
    path = plain(folder)
    with h5py.File(path, "a") as file:
        one = file["obs"].create_dataset("one", data=np.arange(20))
        for number in range(n):
            file[f"obs/k{number}"] = one
    return path
