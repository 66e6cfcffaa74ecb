"""Damaged and invented files: what hypothesis draws, and the bytes that come of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from hypothesis import strategies as st

from tests.datasets.helpers import HUMAN

PLACES = ("X", "X/data", "X/indices", "X/indptr", "obs", "obs/_index", "obs/cell_type", "obs/cell_type/codes",
          "obs/cell_type/categories", "var", "var/_index", "var/gene_ids", "layers/counts", "layers/counts/indices",
          "raw/X", "raw/X/data", "raw/var/_index", "obsm/X_umap", "uns/log1p/base", "obs/donor/codes", "matrix",
          "matrix/data", "matrix/shape", "matrix/barcodes", "matrix/features/name", "row_attrs/Gene",
          "col_attrs/CellID", "obs/__categories/cell_type")  # fmt: skip
"""Where readers look in an HDF5 file."""
ATTRIBUTES = ("encoding-type", "encoding-version", "_index", "column-order", "shape", "categories", "ordered")
WORDS = (
    *("array", "csr_matrix", "csc_matrix", "dataframe", "categorical", "string-array", "string", "dict", "rec-array"),
    *("nullable-integer", "awkward-array", "null", "0.1.0", "0.2.0", "index", "", "\x00", "../X", "é" * 40),
)
TYPES = ("f4", "f8", "i1", "i4", "i8", "u8", "S3", "?", "c8", "f2")
BYTES = (b"", b"\x00", b"\xff", b"\t", b",", b"\n", b"-1", b"nan", b"1e999", b'"', b"\r", b"\xef\xbb\xbf", b"=1+1")

fraction = st.floats(0, 1, exclude_max=True)
edits = st.one_of(
    st.tuples(st.just("truncate"), fraction),
    st.tuples(st.just("flip"), st.lists(st.tuples(fraction, st.integers(0, 7)), min_size=1, max_size=40)),
    st.tuples(st.just("write"), fraction, st.binary(min_size=1, max_size=16)),
    st.tuples(st.just("insert"), fraction, st.sampled_from(BYTES) | st.binary(max_size=64)),
    st.tuples(st.just("zero"), fraction, st.integers(1, 2000)),
    st.tuples(st.just("drop"), fraction, st.integers(1, 2000)),
    st.tuples(st.just("repeat"), fraction, st.integers(1, 2000), st.integers(1, 50)),
    st.tuples(st.just("number"), fraction, st.sampled_from([1, 2, 4, 8]), st.integers(0, 2**64 - 1)),
)
"""One change of a file's bytes; places are shares of its length."""
shapes = st.lists(st.sampled_from([0, 1, 2, 12, 13, 14, 1000]), max_size=2)
values = st.tuples(st.sampled_from(TYPES), shapes, st.integers(0, 2**32 - 1))
"""Type, shape and seed of an array."""
tree_edits = st.one_of(
    st.tuples(st.just("delete"), st.sampled_from(PLACES)),
    st.tuples(st.just("array"), st.sampled_from(PLACES), values),
    st.tuples(st.just("text"), st.sampled_from(PLACES), st.lists(st.text(max_size=12), max_size=14)),
    st.tuples(st.just("attribute"), st.sampled_from(PLACES), st.sampled_from(ATTRIBUTES), st.sampled_from(WORDS)),
    st.tuples(st.just("no attribute"), st.sampled_from(PLACES), st.sampled_from(ATTRIBUTES)),
    st.tuples(st.just("cell"), st.sampled_from(PLACES), fraction, st.floats() | st.integers(-(2**31), 2**31)),
    st.tuples(st.just("link"), st.sampled_from(PLACES), st.sampled_from(PLACES)),
    st.tuples(st.just("group"), st.sampled_from(PLACES)),
)
"""One change of what an HDF5 file holds."""
fields = st.sampled_from(["0", "1", "2.5", "-1", "", "NA", "nan", "inf", "1e400", "SPI1", '"', "a;b", "1,5"])
rows = st.lists(fields, min_size=1, max_size=15)


def edited(content: bytes, changes: list[tuple[Any, ...]]) -> bytes:
    """Change the bytes of a file."""
    whole = bytearray(content)
    for name, place, *more in changes:
        if name == "flip":
            for where, bit in place:
                if whole:
                    whole[int(where * len(whole))] ^= 1 << bit
            continue
        at = int(place * len(whole))
        if name == "truncate":
            del whole[at:]
        elif name == "write":
            whole[at : at + len(more[0])] = more[0]
        elif name == "insert":
            whole[at:at] = more[0]
        elif name == "zero":
            whole[at : at + more[0]] = bytes(len(whole[at : at + more[0]]))
        elif name == "drop":
            del whole[at : at + more[0]]
        elif name == "repeat":
            whole[at:at] = whole[at : at + more[0]] * more[1]
        elif name == "number":
            whole[at : at + more[0]] = (more[1] % 256 ** more[0]).to_bytes(more[0], "little")
    return bytes(whole)


def retreed(content: bytes, changes: list[tuple[Any, ...]]) -> bytes:
    """Change what an HDF5 file holds; a change that HDF5 does not allow is left out."""
    whole = io.BytesIO(content)
    with h5py.File(whole, "a") as file:
        for change in changes:
            try:
                _change(file, *change)
            except (OSError, ValueError, TypeError, LookupError, RuntimeError, OverflowError, AttributeError):
                continue
    return whole.getvalue()


def _change(file: h5py.File, name: str, place: str, *more: Any) -> None:
    if name == "delete":
        del file[place]
    elif name in ("array", "text", "group", "link"):
        kept = dict(file[place].attrs) if place in file else {}
        if place in file and name != "link":
            del file[place]
        if name == "group":
            file.create_group(place)
        elif name == "link":
            target = file[more[0]]
            del file[place]
            file[place] = target
        elif name == "text":
            file.create_dataset(place, data=more[0], dtype=h5py.string_dtype())
        else:
            file[place] = invented(*more[0])
        file[place].attrs.update({key: value for key, value in kept.items() if key.startswith("encoding")})
    elif name == "attribute":
        file[place].attrs[more[0]] = more[1]
    elif name == "no attribute":
        del file[place].attrs[more[0]]
    elif name == "cell":
        array = file[place]
        array[int(more[0] * len(array))] = more[1]


def invented(kind: str, shape: list[int], seed: int) -> np.ndarray:
    """An array of any numbers."""
    rng = np.random.default_rng(seed)
    drawn = rng.poisson(2, size=shape) if seed % 2 else rng.integers(-(2**40), 2**40, size=shape)
    with np.errstate(over="ignore"):
        return drawn.astype(kind)


def tabled(lines: list[list[str]], delimiter: str) -> bytes:
    """A table of any fields under a head of genes."""
    head = ["", *HUMAN[: max(map(len, lines), default=1) - 1]]
    return "\n".join(delimiter.join(line) for line in [head, *lines]).encode()


def inputs(h5ad: list[Path], others: list[Path]) -> st.SearchStrategy[tuple[str, bytes]]:
    """Names and contents of files, half of them .h5ad."""
    of_h5ad, of_other = ({path.name: path.read_bytes() for path in paths} for paths in (h5ad, others))
    trees = {name: content for name, content in of_other.items() if name.endswith((".loom", ".h5"))} | of_h5ad

    def damaged(found: dict[str, bytes]) -> st.SearchStrategy[tuple[str, bytes]]:
        made = st.tuples(st.sampled_from(sorted(found)), st.lists(edits, min_size=1, max_size=4))
        return made.map(lambda drawn: (drawn[0], edited(found[drawn[0]], drawn[1])))

    def changed(found: dict[str, bytes]) -> st.SearchStrategy[tuple[str, bytes]]:
        made = st.tuples(st.sampled_from(sorted(found)), st.lists(tree_edits, min_size=1, max_size=5))
        return made.map(lambda drawn: (drawn[0], retreed(found[drawn[0]], drawn[1])))

    invented_tables = st.tuples(st.lists(rows, max_size=20), st.sampled_from("\t,; ")).map(
        lambda drawn: ("table.csv", tabled(*drawn))
    )
    half = st.one_of(damaged(of_h5ad), changed(of_h5ad))
    rest = st.one_of(damaged(of_other), damaged(of_other), changed(trees), invented_tables)
    return st.booleans().flatmap(lambda first: half if first else rest)
