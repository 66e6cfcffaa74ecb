"""What the app and its workers write is for the owner alone: files 0600, folders 0700."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from grn_core.datasets import describe, store_genes, store_upload
from grn_core.homes import home_of, keep_private
from grn_core.runs import CoexpressionRequest, InferRequest, UmapRequest, manager
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


def inferred() -> None:
    dataset = cells()
    store_genes(["SPI1", "GATA1"])
    computed(InferRequest(dataset_ref=dataset.ref, dataset_sha=dataset.sha256))


def mapped() -> None:
    dataset = cells()
    computed(UmapRequest(dataset_ref=dataset.ref, dataset_sha=dataset.sha256))


@pytest.mark.parametrize(
    "work",
    [
        coexpression,
        pytest.param(inferred, marks=pytest.mark.performance),
        pytest.param(mapped, marks=pytest.mark.performance),
    ],
)
def test_every_file_that_work_leaves_is_for_its_owner_alone(app_of_ada, work):
    work()
    home = settings().installation
    assert len([path for path in home.rglob("*") if path.is_file()]) > 8
    assert open_to_others(home / "users") == []
    assert open_to_others(home / "queue") == []
