"""What app, command line and workers keep is for the owner alone, whatever the umask: files 0600, folders 0700."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from grn_core.cli import main
from grn_core.cli.parser import requests_of
from grn_core.datasets import describe, store_genes, store_upload
from grn_core.drill import WORKS
from grn_core.drill.work import NETWORK, write_files
from grn_core.homes import home_of, keep_private
from grn_core.runs import CoexpressionRequest, RunStore, manager
from grn_core.settings import at_home, settings
from tests.pages.people import table_of_cells


@pytest.fixture(
    params=[
        pytest.param(0o022, id="others-may-read", marks=pytest.mark.thorough),
        pytest.param(0o000, id="others-may-write"),
    ]
)
def usual(request):
    """Be a user of the system with a umask that keeps nothing private."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def app_of_ada(grn_home, usual):
    """Do as the app does for one user among others."""
    keep_private()
    with at_home(home_of(grn_home, "https://login.example", "ada")):
        yield


@pytest.fixture
def own_home(tmp_path, usual, monkeypatch):
    """Name a data folder that is not there yet, to the command line alone: no server has been near it."""
    monkeypatch.setenv("GRN_HOME", str(tmp_path / "new" / "home"))
    return tmp_path / "new" / "home"


def open_to_others(home: Path) -> list[tuple[Path, str]]:
    found = [(path, stat.S_IMODE(path.stat().st_mode)) for path in (home, *home.rglob("*"))]
    return [(path, oct(mode)) for path, mode in found if mode != (0o700 if path.is_dir() else 0o600)]


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


def test_so_is_all_that_a_command_keeps_and_what_it_was_asked_to_write_is_as_usual(own_home, usual, tmp_path, capsys):
    write_files(tmp_path)
    words = ("import", f"{tmp_path}/{NETWORK}", "-o", f"{tmp_path}/edges.tsv")
    assert main(words) == 0
    (run,) = RunStore().list_runs()
    assert main(("runs", "note", run.run_id, "mine")) == 0
    assert main(("export", run.run_id, "-o", f"{tmp_path}/edges.cx2")) == 0
    assert main(("runs", "remove", run.run_id)) == 0
    capsys.readouterr()
    assert len([path for path in own_home.rglob("*") if path.is_file()]) > 5
    assert open_to_others(own_home) == []
    for name in ("edges.tsv", "edges.cx2"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o666 & ~usual
    assert os.umask(usual) == usual


@pytest.mark.performance
@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_so_is_all_that_a_command_of_every_kind_of_work_keeps(own_home, work, tmp_path, capsys):
    write_files(tmp_path)
    for words in work.before:
        assert main([word.format(files=tmp_path) for word in words]) == 0
    runs = [info.run_id for info in RunStore().list_runs()]
    parts = (runs if word == "{runs}" else [word.format(files=tmp_path)] for word in work.words)
    assert main([word for part in parts for word in part]) == 0
    capsys.readouterr()
    assert open_to_others(own_home) == []


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
