"""What the app and its workers write is for the owner alone: files 0600, folders 0700."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from grn_core.cli.parser import requests_of
from grn_core.datasets import describe, store_genes, store_upload
from grn_core.drill import WORKS
from grn_core.drill.work import write_files
from grn_core.homes import home_of, keep_private
from grn_core.runs import CoexpressionRequest, manager
from grn_core.settings import at_home, settings
from tests.pages.people import table_of_cells


@pytest.fixture
def app_of_ada(grn_home):
    """Do as the app does for one user among others."""
    before = os.umask(0o022)
    keep_private()
    with at_home(home_of(grn_home, "https://login.example", "ada")):
        yield
    os.umask(before)


def open_to_others(home: Path) -> list[tuple[Path, str]]:
    found = [home, *home.rglob("*")]
    return [(path, oct(path.stat().st_mode)) for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]


def computed(request) -> None:
    status = manager.wait(manager.submit(request), timeout_s=300)
    assert status.state == "done", status


def cells():
    return describe(store_upload("cells.tsv", table_of_cells("c")))


def coexpression() -> None:
    dataset = cells()
    computed(CoexpressionRequest(dataset_ref=dataset.ref, dataset_sha=dataset.sha256, method="pearson"))


def assert_all_is_for_its_owner_alone() -> None:
    home = settings().installation
    assert len([path for path in home.rglob("*") if path.is_file()]) > 5
    assert open_to_others(home / "users") == []
    assert not (home / "queue").exists() or open_to_others(home / "queue") == []  # what needs no device does not wait


def test_every_file_that_work_leaves_is_for_its_owner_alone(app_of_ada):
    coexpression()
    store_genes(["SPI1", "GATA1"])
    assert_all_is_for_its_owner_alone()


@pytest.mark.performance
@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_so_is_every_file_of_every_kind_of_work(app_of_ada, work):
    files = settings().home / "files"
    write_files(files)
    runs = []
    for words in (*work.before, work.words):
        parts = (runs if word == "{runs}" else [word.format(files=files)] for word in words)
        (request,) = requests_of([word for part in parts for word in part])
        computed(request)
        runs.append(request.run_id())
    assert_all_is_for_its_owner_alone()
