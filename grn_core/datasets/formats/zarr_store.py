"""Reading zarr: AnnData as a folder, or as a folder that is packed as .zip.

A zarr store says in its own files how each array is packed. They are looked over before anything is unpacked: one way
to pack objects is Python's pickle, which runs code, and the sizes that they declare are counted.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from grn_core.datasets.checks import check_size, damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.formats.h5ad import from_anndata
from grn_core.datasets.formats.record import Format
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError

if TYPE_CHECKING:
    import anndata

ZIP = b"PK\x03\x04"
ARRAYS = (".zarray", "zarr.json")
GROUPS = (".zgroup", "zarr.json")
MOST_FILES, MOST_BYTES_OF_A_NOTE = 200_000, 1 << 20
CODECS = frozenset((
    "blosc", "zlib", "gzip", "zstd", "lz4", "bz2", "lzma", "shuffle", "delta", "packbits", "bytes", "crc32c", "crc32",
    "transpose", "sharding_indexed", "vlen-utf8", "vlen-bytes", "string",
))  # fmt: skip
"""Ways to pack numbers and text; none of them can run code."""
NEEDED = "AnnData as written by write_zarr"
TO_DO = "write it anew with write_zarr, or as .h5ad"
Notes = dict[str, bytes]


def holds_zarr(names: Iterator[str] | list[str]) -> bool:
    """Whether names of files are those of a zarr store."""
    return any(PurePosixPath(name).name in (".zgroup", "zarr.json") for name in names)


def read_zarr(path: Path, *, title: str, read_as: ReadAs) -> Dataset:
    """Read AnnData from a zarr store.

    Parameters
    ----------
    path
        The folder, or the .zip of one.
    title
        Title of the dataset.
    read_as
        The user's word on the file.

    Raises
    ------
    DataError, GeneError
        With what was found, needed and to do.
    """
    with damaged_as_data_error(path, "zarr store"):
        notes = _of_folder(path) if path.is_dir() else _of_zip(path)
        _check_notes(path, notes)
        data = _read(path, _root(path, notes))
    return from_anndata(data, path, title=title, read_as=read_as, notes=["The file was read as a zarr store."])


def _of_folder(path: Path) -> Notes:
    """Return the files that describe arrays and groups, by their places."""
    found: Notes = {}
    for number, place in enumerate(sorted(path.rglob("*"))):
        _check_number(number)
        if place.is_symlink():
            message = f"{place.relative_to(path)} in {path.name} is a link to another place"
            raise DataError(message, needed="a folder that holds all its data", todo=TO_DO)
        if place.name in (*ARRAYS, *GROUPS) and place.is_file():
            found[place.relative_to(path).as_posix()] = _note(place.name, place.stat().st_size, place.read_bytes)
    return found


def _of_zip(path: Path) -> Notes:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        listed = archive.infolist()
        _check_number(len(listed))
        return {
            one.filename: _note(one.filename, one.file_size, lambda one=one: archive.read(one))
            for one in listed
            if PurePosixPath(one.filename).name in (*ARRAYS, *GROUPS) and not one.filename.startswith("__MACOSX")
        }


def _check_number(n: int) -> None:
    if n > MOST_FILES:
        message = f"the zarr store holds more than {MOST_FILES:,} files"
        raise DataError(message, needed=f"at most {MOST_FILES:,}", todo="write it with larger chunks, or as .h5ad")


def _note(name: str, size: int, content: Any) -> bytes:
    if size > MOST_BYTES_OF_A_NOTE:
        message = f"{name} of the zarr store is {size / 1e6:.1f} MB large"
        raise DataError(message, needed="a description of an array", todo=TO_DO)
    return bytes(content())


def _check_notes(path: Path, notes: Notes) -> None:
    """Refuse what could run code when it is unpacked, and more than the settings allow."""
    n_bytes = 0.0
    for place, content in notes.items():
        told = json.loads(content)
        for codec in _codecs(told):
            if codec.removeprefix("numcodecs.") not in CODECS:
                message = f"{place} in {path.name} is packed by {codec[:40]!r}"
                raise DataError(message, needed=f"one of {', '.join(sorted(CODECS))}", todo=TO_DO)
        shape = told.get("shape") if isinstance(told, dict) else None
        if isinstance(shape, list):
            n_bytes += math.prod(int(length) for length in shape) * _width(told)
            check_size(0, int(n_bytes))


def _codecs(told: Any) -> Iterator[str]:
    """Yield the name of every codec in a description, at whatever depth it stands."""
    waiting = [told]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        if not isinstance(one, dict):
            continue
        for key, value in one.items():
            if key in ("compressor", "filters", "codecs", "index_codecs", "compressors", "serializer"):
                yield from (
                    _name(codec) for codec in (value if isinstance(value, list) else [value]) if codec is not None
                )
            if isinstance(value, dict | list):
                waiting.append(value)


def _name(codec: Any) -> str:
    return str(codec.get("id") or codec.get("name")) if isinstance(codec, dict) else str(codec)


def _width(told: dict[str, Any]) -> int:
    """Bytes of one value; of text, whose length is not declared, eight."""
    kind = told.get("dtype", told.get("data_type"))
    digits = "".join(filter(str.isdigit, str(kind))) if isinstance(kind, str) else ""
    width = int(digits or 8)
    return max(1, width // 8 if "data_type" in told and width >= 8 else width)


def _root(path: Path, notes: Notes) -> str:
    """Return the place of the group with ``obs`` and ``var``, ``""`` for the top."""
    groups = {f"{PurePosixPath(place).parent}" for place in notes}
    able = [group for group in groups if all(_inside(group, part) in groups for part in ("obs", "var"))]
    if not able:
        message = f"{path.name} is a zarr store without obs and var"
        raise DataError(message, needed=NEEDED, todo=TO_DO)
    found = min(able, key=lambda group: (len(PurePosixPath(group).parts), group))
    return "" if found == "." else found


def _inside(group: str, part: str) -> str:
    return part if group == "." else f"{group}/{part}"


def _read(path: Path, root: str) -> anndata.AnnData:
    import anndata
    import zarr

    with warnings.catch_warnings(), zarr.config.set({"async.concurrency": 1, "threading.max_workers": 1}):
        warnings.simplefilter("ignore")  # old layouts and repeated names are dealt with later
        store: Any = path if path.is_dir() else zarr.storage.ZipStore(path, mode="r")
        group: Any = zarr.open_group(store, path=root, mode="r", use_consolidated=False)
        obs = group["obs"]
        names = obs[str(obs.attrs.get("_index", "_index"))] if hasattr(obs, "attrs") else None
        if names is not None and hasattr(names, "shape"):
            check_size(int(names.shape[0]))
        return anndata.read_zarr(group)


ZARR = Format(
    name="zarr",
    title="a zarr store of AnnData, as folder, .zip or .tar.gz",
    endings=(".zarr.zip", ".zarr"),
    content="zarr",
    sniff=lambda start: start.startswith(ZIP),
    read=read_zarr,
    by_anndata=True,
)
