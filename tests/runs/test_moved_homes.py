"""A data folder that was backed up or moved is the same in its new place: nothing in it names the old one."""

from __future__ import annotations

import shutil
import tarfile

from grn_core import datasets
from grn_core.runs import CoexpressionRequest, RunStore, manager
from tests.datasets.helpers import table


def test_a_home_that_is_moved_keeps_everything(grn_home, tmp_path, monkeypatch):
    (tmp_path / "cells.csv").write_text(table().to_csv(), encoding="utf-8")
    with (tmp_path / "cells.csv").open("rb") as file:
        ref = datasets.store_upload("cells.csv", file)
    dataset = datasets.load(ref)
    asked = CoexpressionRequest(dataset_ref=ref, dataset_sha=dataset.sha256, method="pearson", title="mine")
    run_id = manager.submit(asked)
    assert manager.wait(run_id, timeout_s=120).state == "done"
    before, created = RunStore().edges(run_id), RunStore().record(run_id)["created"]

    with tarfile.open(tmp_path / "backup.tar", "w") as archive:
        archive.add(grn_home, "home")
    shutil.rmtree(grn_home)
    with tarfile.open(tmp_path / "backup.tar") as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # 3.11.2 knows none, 3.12 asks for one
        archive.extractall(tmp_path / "other machine")
    moved = tmp_path / "other machine" / "home"
    monkeypatch.setenv("GRN_HOME", str(moved))

    assert [(info.run_id, info.status.state) for info in RunStore().list_runs()] == [(run_id, "done")]
    assert RunStore().edges(run_id).equals(before)
    assert [one.ref for one in datasets.list_uploads()] == [ref]
    assert datasets.load(ref).sha256 == dataset.sha256
    assert manager.submit(asked) == run_id
    assert RunStore().record(run_id)["created"] == created, "it was computed again"
    said = [path for path in moved.rglob("*") if path.is_file() and str(grn_home).encode() in path.read_bytes()]
    assert [path.name for path in said] in ([], ["log.txt"])
