"""What the data folder takes, folder by folder."""

from __future__ import annotations

import pytest

from grn_core import disk
from grn_core.settings import settings


def test_disk_use_is_counted_folder_by_folder(grn_home, tmp_path, monkeypatch):
    assert disk.disk_use(settings()) == []
    for name, size in (("runs/a/edges.parquet", 30), ("runs/b/run.json", 12), ("uploads/one.h5ad", 100), ("odd/x", 1)):
        (grn_home / name).parent.mkdir(parents=True, exist_ok=True)
        (grn_home / name).write_bytes(b"0" * size)
    (grn_home / "linked").symlink_to(tmp_path)
    found = disk.disk_use(settings())
    assert [(one.title, one.bytes, one.files) for one in found] == [
        ("Uploaded datasets", 100, 1),
        ("Runs", 42, 2),
        ("Folder odd", 1, 1),
    ]
    assert disk.cache_bytes(settings()) == 0
    (grn_home / "adapted" / "one").mkdir(parents=True)
    (grn_home / "adapted" / "one" / "model.safetensors").write_bytes(b"0" * 7)
    assert disk.cache_bytes(settings()) == 7
    monkeypatch.setenv("GRN_MODELS", str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"0" * 1000)
    assert disk.disk_use(settings())[0] == disk.DiskUse("Downloaded models", tmp_path, 1000, 1)


@pytest.mark.parametrize("where", ["/proc/x", __file__])
def test_a_data_folder_that_is_none_takes_nothing(monkeypatch, where):
    monkeypatch.setenv("GRN_HOME", where)
    assert disk.disk_use(settings()) == []
