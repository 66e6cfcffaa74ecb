"""A crafted file is refused in words, soon and in little memory; it neither shows other files nor ends the server."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

import psutil
import pytest

from grn_core.datasets import list_uploads, read, store_upload
from grn_core.datasets.isolation import reader
from grn_core.datasets.isolation.limits import limits_for
from grn_core.errors import DataError
from tests.datasets.helpers import table
from tests.datasets.isolation import bombs, hostile

SECRET = "root:x:0:0:the-secret"
WAYS = ["external link", "external link beyond a soft link", "soft link", "soft link up", "virtual dataset",
        "external storage", "references in data", "references in a list", "regions"]  # fmt: skip


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET * 10, encoding="ascii")
    return path


class Watch:
    """Memory of the readers of this process while a file is read, in MiB."""

    def __enter__(self):
        self.peak, self.over = 0.0, threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()
        return self

    def _look(self):
        while not self.over.wait(0.02):
            for process in psutil.Process().children(recursive=True):
                try:
                    self.peak = max(self.peak, process.memory_info().rss / 2**20)
                except psutil.Error:
                    continue

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def test_no_other_file_is_shown_through_a_reference_of_the_old_layout(tmp_path, secret):
    with pytest.raises(DataError, match="points to another file") as caught:
        read(hostile.disclosing(tmp_path, secret))
    assert "the-secret" not in str(caught.value)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_a_file_may_lead_out_of_it(tmp_path, secret, way):
    words = "points to another file|is a link out of its group|references to other parts"
    with pytest.raises(DataError, match=words):
        read(hostile.pointing(tmp_path, way, secret))


@pytest.mark.parametrize(
    "change", ["beyond", "far beyond", "negative", "falling", "too many", "negative start", "in a layer"]
)
def test_a_sparse_matrix_that_leads_out_of_itself_is_refused_before_it_is_used(tmp_path, change):
    path = hostile.with_indices(tmp_path, change)
    with pytest.raises(DataError):
        read(path)
    with pytest.raises(DataError):
        store_upload("cells.h5ad", io.BytesIO(path.read_bytes()))
    assert list_uploads() == []


@pytest.mark.parametrize("form", ["h5mu", "10x h5", "10x folder", "10x folder, from 0"])
def test_so_is_one_of_another_format(tmp_path, form):
    with pytest.raises(DataError):
        read(hostile.with_bad_index(tmp_path, form))


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("traversal", ""),
        ("absolute", ""),
        ("nested", "holds no folder of 10x Genomics"),
        ("links", "holds no folder of 10x Genomics"),
        ("declared", "cannot be read|unpacks to|holds no folder"),
        ("gz in it", "memory|unpacks to|took longer|cannot be read"),
        ("many", "more than 10,000 files"),
    ],
)
def test_an_archive_writes_nowhere_and_follows_nothing(tmp_path, way, words):
    place = tmp_path / "in" / "deep"
    place.mkdir(parents=True)
    path = hostile.unpacking(place, way)
    before = sorted(tmp_path.rglob("*"))
    read_once_before(place)
    with Watch() as watch:
        if words:
            with pytest.raises(DataError, match=words):
                read(path)
        else:
            assert read(path).n_cells == 12
    assert watch.peak < 1024
    assert sorted(tmp_path.rglob("*")) == sorted([*before, place / "cells.csv"])


@pytest.mark.parametrize("soft", [False, True])
def test_groups_that_lead_to_each_other_on_many_ways(tmp_path, soft):
    with pytest.raises(DataError, match="in several places"):  # and not that it took too long
        read(hostile.crossing(tmp_path, soft=soft))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(hostile.long_names, "GiB of memory|took longer", marks=pytest.mark.thorough),
        pytest.param(lambda folder: hostile.wide(folder, 1_000_000), "cells", marks=pytest.mark.thorough),
        (hostile.ones, "GiB, of which nothing was ever written"),
        (hostile.shared_text, "GiB of memory"),
        (lambda folder: hostile.columns(folder, n=30_000), "arrays and groups"),
        (bombs.partly_written, "were never written"),
        (bombs.mostly_left_out, "over 1 GiB was not ever written"),
    ],
    ids=[
        "long names",
        "a million columns",
        "ones",
        "shared text",
        "columns of cells",
        "partly written",
        "zeros left out",
    ],
)
def test_a_small_file_that_unpacks_to_much(tmp_path, make, words):
    read_once_before(tmp_path)
    with Watch() as watch, pytest.raises(DataError, match=words):
        read(make(tmp_path))
    assert watch.peak < 1024


def test_a_small_file_that_unpacks_to_many_numbers(tmp_path, monkeypatch):
    seconds = 2.0  # a few are enough to show that they are kept to; what a file gets is tested beside the limits
    monkeypatch.setattr(reader, "limits_for", lambda size: replace(limits_for(size), cpu_s=seconds))
    read_once_before(tmp_path)
    with Watch() as watch, pytest.raises(DataError, match="took longer than 2 s"):
        read(hostile.wide(tmp_path, 150_000))
    assert watch.peak < 1024


def read_once_before(folder):
    """Start the reader, which is kept, so that its start is in no figure."""
    (folder / "cells.csv").write_text(table().to_csv(), encoding="utf-8")
    read(folder / "cells.csv")
