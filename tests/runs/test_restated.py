"""What a run is called when the same was asked of the same cells under another name."""

from __future__ import annotations

import pytest

from grn_core import datasets
from grn_core.runs import CoexpressionRequest, RunStatus, RunStore, manager, submit
from grn_core.runs.belongings import hanging_on, remove_upload
from grn_core.runs.names import title_of
from tests.pages.people import table_of_cells

SHA = "5" * 64


@pytest.fixture
def finished(monkeypatch):
    """Ask as people do, and let each run be finished at once."""
    monkeypatch.setattr(manager, "_start", lambda store, run_id, **_: done(store, run_id))
    for step in ("check", "look"):
        monkeypatch.setattr(CoexpressionRequest, step, lambda request: None)

    def done(store: RunStore, run_id: str) -> RunStatus:
        return store.write_status(run_id, RunStatus("done", fraction=1.0))

    def ask(ref: str, title: str):
        run_id = submit(CoexpressionRequest(dataset_ref=ref, dataset_sha=SHA, title=title))
        (info,) = RunStore().list_runs()
        assert info.run_id == run_id
        return info

    return ask


def test_a_copy_of_the_cells_does_not_rename_the_run_of_a_built_in_dataset(finished):
    assert datasets.catalog.is_builtin("pbmc68k")
    before = finished("pbmc68k", "PBMC 68k")
    after = finished("file:/data/copy.h5ad", "copy")
    assert after.request.dataset_ref == "pbmc68k"
    assert title_of(after) == title_of(before)
    assert RunStore().record(after.run_id)["title"] == "PBMC 68k"


def test_else_the_names_are_those_of_who_asked_last(finished):
    finished("file:/data/copy.h5ad", "copy")
    moved = finished("file:/elsewhere/moved.h5ad", "moved")
    assert (moved.request.dataset_ref, moved.request.title) == ("file:/elsewhere/moved.h5ad", "moved")
    built_in = finished("pbmc68k", "PBMC 68k")
    assert (built_in.request.dataset_ref, built_in.request.title) == ("pbmc68k", "PBMC 68k")
    assert RunStore().record(built_in.run_id)["title"] == "PBMC 68k"


def test_a_run_of_an_upload_stays_its_own_until_that_is_deleted(finished):
    ref = datasets.store_upload("cells.tsv", table_of_cells("c"))
    asked = finished(ref, "cells")
    assert finished("file:/data/cells.tsv", "copy").request.dataset_ref == ref
    assert [info.run_id for info in hanging_on(ref)] == [asked.run_id]
    remove_upload(ref)
    assert RunStore().list_runs() == []
    finished("file:/data/cells.tsv", "copy")
    assert finished(ref, "cells").request.dataset_ref == ref  # asked last


@pytest.mark.parametrize("state", ["failed", "cancelled", "interrupted"])
def test_a_run_that_is_gone_on_with_looks_for_things_where_they_are_now(monkeypatch, state):
    """A worker goes by the record: where the file was when it was asked first, it may not be any more."""
    started = []

    def start(store: RunStore, run_id: str, **_) -> RunStatus:
        started.append(store.request(run_id))
        return store.write_status(run_id, RunStatus(state))

    monkeypatch.setattr(manager, "_start", start)
    for step in ("check", "look"):
        monkeypatch.setattr(CoexpressionRequest, step, lambda request: None)
    places = ["file:/data/cells.h5ad", "file:/elsewhere/cells.h5ad"]
    ids = {submit(CoexpressionRequest(dataset_ref=place, dataset_sha=SHA, title="cells")) for place in places}
    assert len(ids) == 1
    assert [request.dataset_ref for request in started] == places
