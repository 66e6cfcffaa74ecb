"""Reading an archive or a folder: 10x Genomics (matrix, barcodes, features), zarr, or a single file of cells."""

from __future__ import annotations

import gzip
import io
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from grn_core.datasets.checks import check_size, damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.formats.columns import PARQUET
from grn_core.datasets.formats.folders import files_of
from grn_core.datasets.formats.h5ad import from_anndata
from grn_core.datasets.formats.hdf5 import H5AD
from grn_core.datasets.formats.matrix_folder import NEEDED, Sample, cells_of, samples_of
from grn_core.datasets.formats.record import Format, Reader
from grn_core.datasets.formats.refused import HIDDEN, refuse_known, refuse_packed
from grn_core.datasets.formats.text import TEXT
from grn_core.datasets.formats.unpacked import GZIP, content_of, start_of
from grn_core.datasets.formats.xlsx import XLSX
from grn_core.datasets.formats.zarr_store import MOST_FILES, holds_zarr, read_zarr
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError

if TYPE_CHECKING:
    import anndata

ZIP, TAR, TAR_AT = b"PK\x03\x04", b"ustar", 257
ENCRYPTED = 1
"""Flag of a member of .zip."""
MOST_MEMBERS = 10_000
SINGLE = (".csv", ".tsv", ".txt", ".gz", ".bz2", ".h5ad", ".h5", ".loom", ".h5mu", ".parquet", ".xlsx")
"""What the name of a single file of cells in an archive may end in."""
Members = dict[str, tuple[int, Callable[[], bytes]]]


def read_archive(path: Path, *, title: str, read_as: ReadAs) -> Dataset:
    """Read what an archive or a folder holds; no member is written to where its name says.

    Parameters
    ----------
    path
        The archive (.zip, .tar or .tar.gz), or the folder.
    title
        Title of the dataset.
    read_as
        The user's word on the file.

    Raises
    ------
    DataError, GeneError
        With what was found, needed and to do.
    """
    with damaged_as_data_error(path, "archive"):
        source = path if path.is_dir() else content_of(path)
        found: tuple[anndata.AnnData, list[str]] | Path
        if path.is_dir():
            found = _folder(path, _listed(path))
        elif isinstance(source, Path) and zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                if holds_zarr(archive.namelist()):
                    return read_zarr(path, title=title, read_as=read_as)
                found = _folder(path, _zipped(archive))
        else:
            with tarfile.open(source) if isinstance(source, Path) else tarfile.open(fileobj=source) as tar:
                members = _tarred(tar)
                if holds_zarr(list(members)):
                    return read_zarr(_as_zip(path, members), title=title, read_as=read_as)
                _check_number(len(members))
                found = _folder(path, members)
    if isinstance(found, Path):
        dataset = _reader_of(found)(found, title=title, read_as=read_as)
        return replace(
            dataset, notes=(f"The archive holds one file: {found.name.removeprefix('packed-')}.", *dataset.notes)
        )
    data, notes = found
    return from_anndata(data, path, title=title, read_as=read_as, notes=notes)


def _listed(folder: Path) -> Members:
    found: Members = {}
    for place in files_of(folder):
        if place.parent == folder:
            found[place.name] = (place.stat().st_size, place.read_bytes)
    return found


def _reader_of(path: Path) -> Reader:
    """Return the reader of a single file that was in an archive, by its first bytes."""
    start = start_of(path)
    refuse_known(path, start)
    found = next((one for one in (H5AD, XLSX, PARQUET, TEXT) if one.sniff(start)), None)
    if found is None or (start.startswith(ZIP) and not path.name.lower().endswith(".xlsx")):
        message = f"{path.name} in the archive is an archive itself, or of no format that is known"
        raise DataError(message, needed="a file of cells", todo="unpack it")
    return found.read


def _zipped(archive: zipfile.ZipFile) -> Members:
    listed = archive.infolist()
    _check_number(len(listed))
    if any(one.flag_bits & ENCRYPTED for one in listed):
        message = "the archive is locked with a password"
        raise DataError(message, needed="an archive without a password", todo="unpack it, and supply what it holds")
    return {
        one.filename: (one.file_size, lambda one=one: archive.read(one))  # type: ignore[misc]
        for one in listed
        if not one.is_dir()
    }


def _tarred(tar: tarfile.TarFile) -> Members:
    found: Members = {}
    for one in tar:
        if len(found) > MOST_FILES:
            _check_number(len(found))
        if one.isreg():  # a link leads to another place, which is not read
            found[one.name] = (one.size, lambda one=one: _content(tar, one))  # type: ignore[misc]
    return found


def _as_zip(path: Path, members: Members) -> Path:
    """Pack the members of another archive as .zip, which a zarr store is read from; none is unpacked to a place."""
    place, n_bytes = Path(tempfile.gettempdir()) / f"packed-{path.name}.zip", 0
    with zipfile.ZipFile(place, "w") as archive:
        for name, (size, content) in members.items():
            n_bytes += size
            check_size(0, n_bytes)
            archive.writestr(PurePosixPath(name).as_posix(), content())
    return place


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return b"" if file is None else file.read()


def _check_number(n: int) -> None:
    if n > MOST_MEMBERS:
        message = f"the archive holds more than {MOST_MEMBERS:,} files"
        raise DataError(message, needed=NEEDED, todo="pack the three files alone")


def _folder(path: Path, members: Members) -> tuple[anndata.AnnData, list[str]] | Path:
    """Find the three files of one folder and sample, that of the filtered matrix where there are several.

    Without them the only file is returned.
    """
    own = {name: one for name, one in members.items() if not HIDDEN.search(name)}
    samples = samples_of(own)
    whole = {sample: parts for sample, parts in samples.items() if len(parts) == 3}
    if not whole:
        cells = [name for name in own if PurePosixPath(name).name.lower().endswith(SINGLE)]
        if len(cells) == 1 and not samples and not path.is_dir():
            return _alone(cells[0], own[cells[0]])
        refuse_packed(path, list(own))
        message = f"{path.name} holds no folder of 10x Genomics, but {_some(list(own)) or 'nothing'}"
        todo = "pack the three files together, or a single table"
        if len(cells) > 1 and not samples:
            message = f"{path.name} holds {len(cells):,} files that may be cells: {_some(cells)}"
            todo = "pack the table of counts alone; of several samples one, or join them as one .h5ad"
        raise DataError(message, needed=NEEDED, todo=todo)
    sample = _chosen(path, list(whole))
    parts, contents = {}, {}
    for role, names in whole[sample].items():
        parts[role], contents[role] = _only(role, {name: _unpacked(own[name]) for name in names})
    return cells_of(sample.scheme, parts, contents)


def _only(role: str, contents: dict[str, bytes]) -> tuple[str, bytes]:
    """Return the one file that can be one of the three; the same packed and unpacked is one."""
    (name, content), *others = contents.items()
    if any(other != content for _, other in others):
        message = f"{len(contents)} files may be the {role}: {', '.join(sorted(contents))}"
        raise DataError(message, needed=NEEDED, todo=f"leave out what is not the {role} of this run")
    return name, content


def _chosen(path: Path, samples: list[Sample]) -> Sample:
    """Return the only sample, or of several matrices of one the filtered; samples are never mixed or left out."""
    filtered = [sample for sample in samples if "filtered" in sample.name]
    usual = [sample for sample in samples if "raw" not in PurePosixPath(sample.name).name]
    for able in (samples, filtered, usual):
        if len(able) == 1:
            return able[0]
    several = len({sample.name for sample in samples}) < len(samples)
    words = sorted(f"{one.name} of {one.scheme.tool}" if several else one.name for one in samples)
    named = ", ".join(words[:5])
    message = f"{path.name} holds {len(samples):,} samples ({named}{' ...' if len(samples) > 5 else ''})"
    todo = "pack one sample alone, or join them as one .h5ad (scanpy: concat, with a column for the sample)"
    raise DataError(message, needed="the three files of one sample", todo=todo)


def _some(names: list[str]) -> str:
    """Name the first files, and say where there are more."""
    return ", ".join(PurePosixPath(name).name for name in names[:5]) + (" ..." if len(names) > 5 else "")


def _alone(name: str, member: tuple[int, Callable[[], bytes]]) -> Path:
    """Write the only file of an archive into the reader's own folder, under its own name alone."""
    size, content = member
    check_size(0, size)
    place = Path(tempfile.gettempdir()) / f"packed-{PurePosixPath(name).name}"
    place.write_bytes(content())
    return place


def _unpacked(member: tuple[int, Callable[[], bytes]]) -> bytes:
    size, content = member
    check_size(0, size)
    packed = content()
    if not packed.startswith(GZIP):
        return packed
    with gzip.open(io.BytesIO(packed)) as file:
        whole = io.BytesIO()
        while block := file.read(1 << 20):
            whole.write(block)
            check_size(0, whole.tell())
    return whole.getvalue()


ARCHIVE = Format(
    name="tenx_folder",
    title="a folder of 10x Genomics, also as .zip or .tar.gz",
    endings=(".zip", ".tar.gz", ".tgz", ".tar"),
    content="an archive",
    sniff=lambda start: start.startswith(ZIP) or start[TAR_AT : TAR_AT + 5] == TAR,
    read=read_archive,
    by_anndata=True,
)
