"""How often the server reads what was uploaded, and that a changed bit is told before anything is made of it."""

from __future__ import annotations

import io
import os
import shutil

import pytest

from grn_core import datasets, files, sums
from grn_core.benchmark.perturbed.tables import read_table
from grn_core.benchmark.perturbed.uploads import store_table, stored_tables
from grn_core.benchmark.protocol.protocols import own_network
from grn_core.benchmark.references import gene_sets as gene_set_files
from grn_core.benchmark.references.gene_sets import gene_sets, store_gene_sets, stored_gene_sets
from grn_core.benchmark.references.named import any_reference, kept_reference, reference_there
from grn_core.benchmark.references.uploads import store_reference, uploaded
from grn_core.datasets import catalog
from grn_core.errors import DataError, GrnError
from grn_core.experiments.named import read_named
from grn_core.experiments.uploads import store_measured, stored_measured
from grn_core.networks.imports.store import store_network
from grn_core.runs import ImportRequest
from grn_core.settings import settings
from tests.datasets.helpers import cells, saved

EDGES = b"source\ttarget\nSPI1\tLYZ\nGATA1\tCD14\n"
CHANGED = b"tf\ttarget\tregulation\nSPI1\tLYZ\t1\nGATA1\tCD14\t-1\n"
MEASURED = b"gene\tlog2FoldChange\tpadj\nLYZ\t1.5\t0.01\nCD14\t-1.5\t0.02\n"
SETS = b"one\tof mine\tSPI1\tGATA1\ntwo\tof mine\tLYZ\tCD14\n"


def _read_kept_table(name: str):
    return read_table(settings().home / "changes" / name)


KINDS = {
    "references": ("net.tsv", EDGES, store_reference, any_reference, uploaded),
    "changes": (
        "net.tsv",
        CHANGED,
        store_table,
        _read_kept_table,
        stored_tables,
    ),
    "measured": ("net.tsv", MEASURED, store_measured, read_named, stored_measured),
    "gene-sets": ("net.gmt", SETS, store_gene_sets, gene_sets, stored_gene_sets),
}


def flip(path, *, seen: bool = True) -> None:
    """Change a bit of a file: so that its state says it, or as a disk does that decays."""
    before, content = path.stat(), bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    if not seen:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def forget() -> None:
    """Know nothing any more of what was read, as a process that begins."""
    catalog.forget()
    sums.forget()
    files._sha256_as_of.cache_clear()
    gene_set_files._uploaded.cache_clear()
    shutil.rmtree(settings().home / "cells", ignore_errors=True)


@pytest.mark.parametrize("room", KINDS)
def test_a_changed_bit_in_any_uploaded_file_is_told_and_mended_by_uploading_it_again(grn_home, room):
    name, content, store, read, listed = KINDS[room]
    kept = store(name, io.BytesIO(content))
    before = repr(read(kept))
    path = settings().home / room / kept
    flip(path)
    forget()
    with pytest.raises(DataError, match=rf"the file {name} that was uploaded is damaged on the disk.*upload it again"):
        read(kept)
    assert store(name, io.BytesIO(content)) == kept
    assert path.read_bytes() == content
    assert repr(read(kept)) == before
    assert list(listed()) == [kept]


def test_a_changed_bit_in_an_uploaded_network_is_told_and_mended(grn_home):
    place = store_network("net.tsv", io.BytesIO(EDGES))
    request = ImportRequest.of(place)
    flip(place)
    forget()
    with pytest.raises(GrnError, match=r"net.tsv that was uploaded is damaged on the disk.*upload it again"):
        request.read()
    assert store_network("net.tsv", io.BytesIO(EDGES)) == place
    assert len(request.read().edges) == 2


def test_a_file_of_the_users_own_may_be_called_as_if_it_were_kept(tmp_path, grn_home):
    path = tmp_path / "net.0123456789ab.tsv"
    path.write_bytes(EDGES)
    assert len(any_reference(str(path)).edges) == 2


def test_a_reference_without_an_ending_is_found_again(tmp_path, grn_home):
    path = tmp_path / "edges"
    path.write_bytes(EDGES)
    name = kept_reference(str(path))
    assert uploaded() == {name: "edges"}
    assert reference_there(name) == name
    assert len(any_reference(name).edges) == 2


@pytest.mark.parametrize("dated", ["net.202311280930{}", "net.202311280930.0123456789ab{}"])
@pytest.mark.parametrize("room", KINDS)
def test_a_date_in_the_name_of_an_upload_is_no_hash_of_it(grn_home, room, dated):
    name, content, store, read, listed = KINDS[room]
    name = dated.format(name.removeprefix("net"))
    kept = store(name, io.BytesIO(content))
    assert repr(read(kept))
    assert listed() == {kept: name}
    path = settings().home / room / kept
    flip(path)
    forget()
    with pytest.raises(DataError, match=rf"the file {name} that was uploaded is damaged on the disk"):
        read(kept)


def test_a_network_with_a_date_in_its_name_is_found_by_its_path_and_by_its_name_here(tmp_path, grn_home):
    path = tmp_path / "net.202311280930"
    path.write_bytes(EDGES)
    assert own_network(str(path)) == path
    kept = store_reference(path.name, io.BytesIO(EDGES))
    assert own_network(kept) == settings().home / "references" / kept
    assert uploaded() == {kept: path.name}
    assert len(any_reference(kept).edges) == 2


def test_a_file_of_a_large_number_is_read_once(tmp_path, monkeypatch):
    """Disks on a network number their files by 64 bits: a number is no time."""
    path = tmp_path / "cells.h5ad"
    path.write_bytes(b"cells")
    monkeypatch.setattr(files, "state_of", lambda _path: (5, 2**63, 10**9, 10**9))
    read: list[str] = []
    sha = files.sha256_of
    monkeypatch.setattr(files, "sha256_of", lambda path, **more: read.append(path.name) or sha(path, **more))
    files._sha256_as_of.cache_clear()
    assert len({files.sha256_known(path) for _ in range(3)}) == 1
    assert read == [path.name]


@pytest.fixture
def upload(grn_home, tmp_path):
    shutil.rmtree(grn_home / "cells", ignore_errors=True)  # whose files are links to those of all tests
    ref = datasets.store_upload("cells.h5ad", io.BytesIO(saved(cells(), tmp_path).read_bytes()))
    (one,) = datasets.list_uploads()
    return ref, settings().uploads / one.file


def test_the_server_reads_an_upload_once_and_its_matrix_never(upload, monkeypatch):
    ref, file = upload
    read: list[str] = []
    whole, sha = sums._sum_of_file, files.sha256_of
    monkeypatch.setattr(sums, "_sum_of_file", lambda path, **more: read.append(path.name) or whole(path, **more))
    monkeypatch.setattr(files, "sha256_of", lambda path, **more: read.append(path.name) or sha(path, **more))
    monkeypatch.setattr(files, "JUST_NS", 0)
    clock = [0.0]
    monkeypatch.setattr(sums.time, "monotonic", lambda: clock[0])
    sums.forget()
    files._sha256_as_of.cache_clear()
    for tf in ("SPI1", "GATA1", "TAL1"):
        catalog.forget()
        clock[0] += 2 * sums.AGAIN_S
        assert datasets.describe(ref).panel(tfs=[tf]).genes
    assert read.count(file.name) == 2  # its sum and its SHA-256
    assert not [name for name in read if "-matrix-" in name]


@pytest.mark.parametrize("part", ["dataset-matrix-data.npy", "dataset-matrix-indices.npy"])
def test_a_changed_bit_in_the_matrix_is_told_where_it_is_read_and_it_is_read_anew(upload, part):
    ref, _ = upload
    data = datasets.describe(ref)
    usual = data.panel(tfs=["SPI1"])
    flip(data.matrix.folder / part, seen=False)
    with pytest.raises(DataError, match=r"what was read of these cells is damaged on the disk.*open them again"):
        data.panel(tfs=["GATA1"])
    assert not data.matrix.folder.exists()
    assert datasets.describe(ref).panel(tfs=["SPI1"]).genes == usual.genes
    assert datasets.describe(ref).panel(tfs=["GATA1"]).genes


def test_a_changed_bit_in_an_upload_is_told_before_it_is_read_though_nothing_says_that_it_changed(upload, monkeypatch):
    """A server that has looked at the file long ago, and has what it read of it no more, has the reader look again."""
    ref, file = upload
    state = file.stat()
    monkeypatch.setattr(files, "state_of", lambda _path: (state.st_size, state.st_ino, 0, 0))
    monkeypatch.setattr(sums, "state_of", files.state_of)
    datasets.describe(ref)
    flip(file, seen=False)
    shutil.rmtree(settings().home / "cells")
    catalog.forget()
    with pytest.raises(DataError, match=r"not what it was when it was looked at.*upload it again"):
        datasets.describe(ref)
    assert not list((settings().home / "cells").glob("[!.]*"))
    forget()
    with pytest.raises(DataError, match=r"file of the upload cells is damaged"):
        datasets.load(ref)
