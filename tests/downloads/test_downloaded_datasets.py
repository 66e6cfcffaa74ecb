"""Downloaded datasets in the catalog."""

from __future__ import annotations

import json

import pytest

from grn_core import cli, datasets, downloads
from grn_core.errors import DataError
from tests.downloads.conftest import ALL_CELLS, GENES


def refs() -> list[str]:
    return [record.ref for record in datasets.builtins()]


def test_what_is_not_here_is_offered_but_not_listed(archives):
    offered = datasets.downloadable()
    assert [record.ref for record in offered][:2] == ["beeline-hESC", "beeline-hHEP"]
    assert not any(record.is_here for record in offered)
    assert "beeline-hESC" not in refs()
    assert all(record.is_here for record in datasets.builtins())
    with pytest.raises(DataError, match="data pull beeline-data"):
        datasets.load("beeline-hESC")


def test_a_downloaded_dataset_is_a_built_in_one(archives):
    downloads.pull("beeline-data")
    assert [ref for ref in refs() if ref.startswith("beeline-")] == [
        f"beeline-{name}" for name in ("hESC", "hHEP", "mDC", "mESC", "mHSC-E", "mHSC-GM", "mHSC-L")
    ]
    found = datasets.load("beeline-mESC")
    assert (found.ref, found.n_cells, found.n_genes, found.match.species) == ("beeline-mESC", 20, 12, "mouse")
    assert set(found.genes) == set(GENES["mouse"])
    assert found.value_kind == "log2"  # the archive's record says so
    assert "zenodo.org/records/3701939" in found.source
    assert "zenodo.org" in found.licence
    assert found.obs["pseudotime PseudoTime1"].tolist() == pytest.approx([i / 19 for i in range(20)])


def test_a_table_without_pseudotime_is_read_too(archives):
    files = downloads.pull("beeline-data").files
    with_time = datasets.load("beeline-mDC")
    files["inputs/scRNA-Seq/mDC/PseudoTime.csv"].unlink()
    datasets.catalog._load.cache_clear()
    found = datasets.load("beeline-mDC")
    assert found.obs.shape == (20, 0)
    assert found.sha256 != with_time.sha256  # the cells' metadata is part of the content


def test_the_folder_in_the_settings_counts_and_is_not_confused_with_another(archives, monkeypatch, tmp_path):
    downloads.pull("beeline-data")
    assert datasets.load("beeline-hESC").n_cells == 20
    table = ALL_CELLS["BEELINE-data/inputs/scRNA-Seq/hESC/ExpressionData.csv"].decode().splitlines()
    for name in ("hESC", *(f"d{i}" for i in range(25))):
        folder = tmp_path / "own" / "BEELINE-data" / "inputs" / "scRNA-Seq" / name
        folder.mkdir(parents=True)
        (folder / "ExpressionData.csv").write_text("\n".join(line.rsplit(",", 1)[0] for line in table))
    monkeypatch.setenv("GRN_DATA", str(tmp_path / "own"))
    assert datasets.load("beeline-hESC").n_cells == 20  # the downloads hold more of the archive
    monkeypatch.setenv("GRN_HOME", str(tmp_path / "home"))
    assert datasets.load("beeline-hESC").n_cells == 19
    assert [ref for ref in refs() if ref.startswith("beeline-")] == ["beeline-hESC"]


def test_the_command_lists_downloaded_datasets(archives, capsys):
    downloads.pull("beeline-data")
    assert cli.main(["datasets", "--json"]) == 0
    listed = {record["ref"]: record for record in json.loads(capsys.readouterr().out)}
    assert listed["beeline-mHSC-GM"]["species"] == "mouse"
