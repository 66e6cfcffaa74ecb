"""A look at the whole of an HDF5 file before anything of it is read: its size, and that it points to nothing outside.

AnnData follows links and references wherever they lead, and the HDF5 library opens what they name: another file, an
object that no link leads to and whose values lie in another file, or the same group on 2^28 ways.
"""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from grn_core.datasets.checks import check_size
from grn_core.errors import DataError

if TYPE_CHECKING:
    import h5py

MOST_OBJECTS = 20_000
MOST_UNWRITTEN = 1 << 30
"""Bytes of arrays of which nothing was ever written: a library makes up as many as the file declares."""
SMALL = 1 << 20
"""Bytes of an array of which parts may be missing."""
MOST_ATTRIBUTES = 1000
"""Of one object."""


def check_hdf5(path: Path | io.BytesIO) -> tuple[str, ...]:
    """Walk over all objects of an HDF5 file that a reader can come to, by links and by references.

    Returns
    -------
    tuple
        What is to be said of it, in sentences: matrices of which parts were left out as zeros.

    Raises
    ------
    DataError
        If something points to another file or out of its group, if a group stands in several places, or if there is
        more than the settings allow.
    """
    import h5py

    with h5py.File(path, "r") as file:
        walk = _Walk(file)
        walk.visit(file, "")
        while walk.waiting:
            where, item = walk.waiting.pop()
            walk.visit(item, where)
            if not walk.waiting:
                walk.follow_names()
    return tuple(walk.notes)


class _Walk:
    def __init__(self, file: h5py.File) -> None:
        self.file = file
        self.file_bytes = int(file.id.get_filesize())
        self.waiting: list[tuple[str, Any]] = []
        self.named: list[tuple[str, h5py.Group, str]] = []
        self.groups: set[int] = set()
        self.datasets: set[int] = set()
        self.n_links = self.n_bytes = self.n_unwritten = 0
        self.notes: list[str] = []

    def visit(self, item: Any, where: str) -> None:
        import h5py

        address = int(h5py.h5o.get_info(item.id).addr)
        if isinstance(item, h5py.Group):
            if address in self.groups:
                message = f"the group {where} stands in several places of the file"
                raise DataError(message, needed="each group in one place", todo="write it anew with write_h5ad")
            self.groups.add(address)
            self._links(item, where)
        elif address in self.datasets:
            return
        elif isinstance(item, h5py.Dataset):
            self.datasets.add(address)
            if item.external or item.is_virtual:
                _outside(where)
            if _refers(item.dtype):
                _refuse(f"{where} holds references to other parts of the file")
            self.n_bytes += item.nbytes if item.shape is not None else 0
            check_size(0, self.n_bytes, streamed=self.file_bytes)
            self._written(item, where)
        else:
            return
        self._attributes(item, where)

    def _links(self, group: h5py.Group, where: str) -> None:
        import h5py

        self.n_links += len(group)
        if self.n_links > MOST_OBJECTS:
            message = f"the file holds more than {MOST_OBJECTS:,} arrays and groups"
            todo = "drop columns of obs and var that are not needed, and store tables as arrays"
            raise DataError(message, needed=f"at most {MOST_OBJECTS:,}", todo=todo)
        for name in group:
            link, place = group.get(name, getlink=True), f"{where}/{name}"
            if isinstance(link, h5py.ExternalLink):
                _outside(place)
            elif isinstance(link, h5py.SoftLink):
                if link.path.startswith("/") or ".." in link.path.split("/"):
                    _refuse(f"{place} is a link out of its group, to {link.path[:80]}")
                self.named.append((place, group, name))
            else:
                self.waiting.append((place, group[name]))

    def _written(self, item: Any, where: str) -> None:
        """Refuse an array of which a part was never written, and more than a little that was not written at all.

        A tool that sets room aside writes no part of a matrix that is all zeros; where one was stopped, the end of the
        matrix is missing, and of what lists its values (a sparse one, names) no part can be left out.
        """
        if item.shape is None or item.nbytes <= SMALL:
            return
        if item.chunks is None:
            written, whole = int(item.id.get_storage_size() > 0), 1
        else:
            sides = zip(item.shape, item.chunks, strict=True)
            written, whole = int(item.id.get_num_chunks()), math.prod(-(-side // chunk) for side, chunk in sides)
        if 0 < written < whole:
            if not _zeros_left_out(item):
                _refuse(f"of {whole:,} parts of {where} {whole - written:,} were never written: the file is not whole")
            self.notes.append(f"Of {whole:,} parts of {where} {whole - written:,} were never written: read as zeros.")
        self.n_unwritten += item.nbytes * (whole - written) // whole
        if self.n_unwritten > MOST_UNWRITTEN:
            much = "nothing was" if not written else "over 1 GiB was not"
            _refuse(f"{where} is declared with {item.nbytes / 1024**3:.1f} GiB, of which {much} ever written")

    def follow_names(self) -> None:
        """Follow the links by name, once every other object is known to point to no other file."""
        for place, group, name in self.named:
            if name in group:
                self.waiting.append((place, group[name]))
        self.named = []

    def _attributes(self, item: Any, where: str) -> None:
        import h5py

        if len(item.attrs) > MOST_ATTRIBUTES:
            message = f"{where or 'the file'} has {len(item.attrs):,} attributes"
            raise DataError(message, needed=f"at most {MOST_ATTRIBUTES:,}", todo="write it anew with write_h5ad")
        for name in item.attrs:
            attribute = item.attrs.get_id(name)
            if h5py.check_ref_dtype(attribute.dtype) is h5py.Reference and attribute.shape == ():
                target = item.attrs[name]  # an old layout: the categories of a column
                if target:
                    self.waiting.append((f"{where} ({name})", self.file[target]))
            elif _refers(attribute.dtype):
                _refuse(f"{where} has references to other parts of the file in its attribute {name}")


def _zeros_left_out(item: Any) -> bool:
    """Whether an array is a matrix, zero where nothing is written, of which every row and the last columns are written.

    A part that is all zeros may be left out; of rows of which nothing is there, nobody knows what they were.
    """
    if item.ndim != 2 or item.dtype.kind not in "fiu" or item.fillvalue != 0:
        return False
    starts = [range(0, side, chunk) for side, chunk in zip(item.shape, item.chunks, strict=True)]
    written: list[tuple[int, int]] = []
    item.id.chunk_iter(lambda one: written.append(one.chunk_offset))
    rows, columns = ({place[side] for place in written} for side in (0, 1))
    return rows == set(starts[0]) and starts[1][-1] in columns


def _refers(dtype: Any) -> bool:
    """Whether values of a type hold references, at whatever depth."""
    import h5py

    if h5py.check_ref_dtype(dtype) is not None:
        return True
    if dtype.subdtype is not None:
        return _refers(dtype.subdtype[0])
    if dtype.names:
        return any(_refers(dtype[name]) for name in dtype.names)
    inner = h5py.check_vlen_dtype(dtype)
    return inner is not None and not isinstance(inner, type) and _refers(inner)


def _outside(where: str) -> NoReturn:
    _refuse(f"{where} points to another file")


def _refuse(message: str) -> NoReturn:
    raise DataError(message, needed="a file that holds all its data", todo="write it anew with write_h5ad")
