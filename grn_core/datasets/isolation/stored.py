"""A Dataset as plain arrays and JSON in a folder: what the reader hands over, and all that other processes read.

Nothing in it can run code, and reading it needs no library that can crash: ``.npy`` files without pickled objects, and
names as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets.checks import check_indices
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.features import LeftOut
from grn_core.datasets.isolation.unopened import Unopened
from grn_core.datasets.large import LARGE, pieces, write_values
from grn_core.datasets.panel import GenePanel
from grn_core.datasets.reading import Candidate, MatrixOffer, Question, Reading
from grn_core.datasets.tf_choice import LostTF
from grn_core.genes import GeneMatch

Kind = TypeVar("Kind")
RECORD, CONTENT = "record.json", "content.json"
"""Names of files: the record, and the hash of what a dataset holds."""
RECORDS = {
    one.__name__: one
    for one in (Dataset, GeneMatch, LeftOut, MatrixOffer, Candidate, Question, Reading, GenePanel, LostTF)
}
"""Records of ours that are handed over, by name; no other class is ever made from a file."""
HASH = re.compile(r"[0-9a-f]{64}")
PARTS = ("data", "indices", "indptr")
NUMBERS = "biufMm"
"""Kinds of numpy types that stand in a file as they are."""
MISSING_KNOWN = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64",
                 "boolean", "string")  # fmt: skip
"""pandas' own types, which know missing values; others of its types are kept as text."""


def save(dataset: Dataset, folder: Path) -> None:
    """Write a dataset into a folder that exists, and beside it the hash of what it holds."""
    save_record(dataset, folder)
    (folder / CONTENT).write_text(json.dumps(dataset.sha256), encoding="ascii")


def load(folder: Path, *, opened: bool = True) -> Dataset:
    """Read a dataset that `save` wrote.

    Parameters
    ----------
    folder
        Where it lies.
    opened
        Whether its matrix is read and looked through; without it, an `Unopened` says where it lies.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError
        Something is missing or is not as `save` leaves it.
    DataError
        The matrix is not sound.
    """
    dataset = load_record(folder, Dataset, opened=opened)
    lengths = (len(dataset.genes), len(dataset.match.names), len(dataset.obs))
    if lengths != (dataset.n_genes, dataset.n_genes, dataset.n_cells):
        message = f"names and matrix do not fit: {lengths} and {dataset.matrix.shape}"
        raise ValueError(message)
    return dataset


def save_record(record: Any, folder: Path) -> None:
    """Write one of `RECORDS` into a folder that exists."""
    text = json.dumps(_packed(record, folder, type(record).__name__.lower()), ensure_ascii=True)
    (folder / RECORD).write_text(text, encoding="ascii")


def load_record(folder: Path, kind: type[Kind], *, opened: bool = True) -> Kind:
    """Read a record of one kind that `save_record` wrote; errors and `opened` as of `load`."""
    kept = json.loads(_plain(folder, RECORD).read_text(encoding="ascii"))
    record = _unpacked(kept, folder, opened=opened)
    if not isinstance(record, kind):
        message = f"the record holds no {kind.__name__} but {type(record).__name__}"
        raise TypeError(message)
    return record


def content_of(folder: Path) -> str:
    """Return the hash of what a dataset holds, as `save` wrote it; errors as of `load`."""
    found = json.loads(_plain(folder, CONTENT).read_text(encoding="ascii"))
    if not isinstance(found, str) or not HASH.fullmatch(found):
        message = f"the content is called {found!r:.80}"
        raise ValueError(message)
    return found


def _packed(value: Any, folder: Path, name: str) -> Any:
    """Return a value as JSON types; its arrays are written beside."""
    if isinstance(value, tuple | list):
        return [_packed(one, folder, f"{name}-{place}") for place, one in enumerate(value)]
    if isinstance(value, pd.DataFrame):
        return {"frame": _save_frame(value, folder, name)}
    if isinstance(value, np.ndarray):
        return {"array": _save_array(value, folder, name)}
    if isinstance(value, sparse.csr_matrix):
        parts = {part: _save_array(getattr(value, part), folder, f"{name}-{part}") for part in PARTS}
        return {"matrix": parts, "shape": list(map(int, value.shape))}
    if type(value).__name__ in RECORDS and is_dataclass(value):
        parts = {one.name: _packed(getattr(value, one.name), folder, f"{name}-{one.name}") for one in fields(value)}
        return {"record": type(value).__name__, "fields": parts}
    if value is None or isinstance(value, str | bool | int | float):
        return value.item() if isinstance(value, np.generic) else value
    message = f"{name} holds {type(value).__name__}, which cannot be handed over"
    raise TypeError(message)


def _unpacked(kept: Any, folder: Path, *, opened: bool) -> Any:
    if isinstance(kept, list):
        return tuple(_unpacked(one, folder, opened=opened) for one in kept)
    if not isinstance(kept, dict):
        return kept
    if "frame" in kept:
        return _load_frame(kept["frame"], folder)
    if "array" in kept:
        return _load_array(folder, kept["array"])
    if "matrix" in kept:
        return _load_matrix(kept, folder) if opened else _unopened(kept, folder)
    values = {str(name): _unpacked(value, folder, opened=opened) for name, value in kept["fields"].items()}
    return RECORDS[kept["record"]](**values)


def _unopened(kept: dict[str, Any], folder: Path) -> Unopened:
    n_cells, n_genes = map(int, kept["shape"])
    values = np.load(_plain(folder, kept["matrix"]["data"]), allow_pickle=False, mmap_mode="r")
    return Unopened(shape=(n_cells, n_genes), nnz=len(values), sha256=content_of(folder), folder=folder)


def _load_matrix(kept: dict[str, Any], folder: Path) -> sparse.csr_matrix:
    matrix = sparse.csr_matrix(tuple(kept["shape"]), dtype=np.float32)
    matrix.data, matrix.indices, matrix.indptr = (
        _load_array(folder, kept["matrix"][part], where_it_lies=True) for part in PARTS
    )
    if (matrix.data.dtype, matrix.indices.dtype.kind, matrix.indptr.dtype.kind) != (np.float32, "i", "i"):
        message = "the matrix is of another type"
        raise ValueError(message)
    check_indices(matrix, where="the matrix")
    return matrix


def _plain(folder: Path, name: str) -> Path:
    """Path of a file in the folder; `ValueError` if the name leads elsewhere."""
    path = folder / name
    if Path(name).name != name or path.is_symlink() or not path.is_file():
        message = f"there is no file {name!r}"
        raise ValueError(message)
    return path


def _save_array(values: np.ndarray, folder: Path, name: str) -> str:
    if values.dtype.kind not in NUMBERS:
        message = f"{name} holds no numbers but {values.dtype}"
        raise TypeError(message)
    path = folder / f"{name}.npy"
    if values.ndim != 1 or len(values) <= LARGE:
        np.save(path, values, allow_pickle=False)
        return path.name
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(values))
        for piece in pieces(values):
            write_values(np.ascontiguousarray(piece), file)
    return path.name


def _load_array(folder: Path, name: str, *, where_it_lies: bool = False) -> np.ndarray:
    """Read an array; the file of a large one may be mapped into memory instead."""
    path = _plain(folder, name)
    mapped = where_it_lies and path.stat().st_size > 4 * LARGE
    values: np.ndarray = np.load(path, allow_pickle=False, mmap_mode="r" if mapped else None)
    if values.dtype.kind not in NUMBERS:
        message = f"{name} holds {values.dtype}"
        raise ValueError(message)
    return values


def _save_frame(frame: pd.DataFrame, folder: Path, name: str) -> dict[str, Any]:
    columns = [_save_values(frame.iloc[:, i], folder, f"{name}-{i}") for i in range(frame.shape[1])]
    index = _save_values(frame.index.to_series(), folder, f"{name}-index")
    titles = [None if frame.index.name is None else str(frame.index.name), list(map(str, frame.columns))]
    return {"columns": columns, "index": index, "titles": titles}


def _load_frame(kept: dict[str, Any], folder: Path) -> pd.DataFrame:
    title, names = kept["titles"]
    index = pd.Index(_load_values(kept["index"], folder), name=title)
    columns = {i: pd.Series(_load_values(column, folder), index=index) for i, column in enumerate(kept["columns"])}
    frame = pd.DataFrame(columns, index=index)
    if names:
        frame.columns = pd.Index(names)
    return frame


def _save_values(values: pd.Series, folder: Path, name: str) -> dict[str, Any]:
    """Write the values of a column, and return what `_load_values` needs to have them again with their type."""
    kind = values.dtype
    if isinstance(kind, pd.CategoricalDtype):
        categories = _save_values(kind.categories.to_series(), folder, f"{name}-categories")
        codes = _save_array(values.cat.codes.to_numpy(), folder, f"{name}-codes")
        return {"codes": codes, "categories": categories, "ordered": bool(kind.ordered)}
    if isinstance(kind, np.dtype) and kind.kind in NUMBERS:
        return {"array": _save_array(values.to_numpy(), folder, name)}
    if str(kind) in MISSING_KNOWN:
        return {"type": str(kind), "values": [None if one is pd.NA else _simple(one) for one in values]}
    return {"type": "object", "values": [_simple(one) for one in values]}


def _load_values(kept: dict[str, Any], folder: Path) -> Any:
    if "codes" in kept:
        categories = pd.Index(_load_values(kept["categories"], folder))
        return pd.Categorical.from_codes(
            _load_array(folder, kept["codes"]).tolist(), categories=categories, ordered=kept["ordered"]
        )
    if "array" in kept:
        return _load_array(folder, kept["array"])
    if kept["type"] in MISSING_KNOWN:
        return pd.array(kept["values"], dtype=kept["type"])
    return _objects(kept["values"])


def _objects(values: Sequence[Any]) -> np.ndarray:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _simple(value: Any) -> Any:
    """A value as JSON has it: text, number, truth or nothing; anything else as text."""
    if isinstance(value, np.generic):
        value = value.item()
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)
