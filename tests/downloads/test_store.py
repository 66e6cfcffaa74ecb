from __future__ import annotations

import hashlib
import json

import pytest

from grn_core import downloads
from grn_core.downloads import manifest
from grn_core.errors import Cancelled, DataError
from grn_core.settings import settings
from grn_core.sums import read_summed, write_summed
from tests.downloads.conftest import ALL_CELLS, NETWORKS, published, zipped


def test_nothing_is_here_at_first(archives):
    assert [downloads.held(one).state for one in downloads.archives()] == ["not here"] * 3
    assert archives.asked == []


def test_pull_downloads_checks_unpacks_and_remembers(archives):
    found = downloads.pull("beeline-networks")
    assert (found.is_here, found.is_own, found.state) == (True, False, "here")
    assert found.files["human-tfs.csv"].read_bytes() == NETWORKS["human-tfs.csv"]
    assert found.files["human-tfs.csv"] == settings().downloads / "beeline" / "human-tfs.csv"
    assert set(found.receipt["agreed"]) == {"md5", "sha256", "size"}
    assert downloads.pull("beeline-networks") == found
    assert len(archives.asked) == 1
    assert downloads.check("beeline-networks") == []


def test_what_a_newer_version_has_recorded_is_left_as_it_is(archives):
    one = downloads.pull("collectri").archive
    receipt = one.path.with_name(f".{one.file}.json")
    write_summed(receipt, {**read_summed(receipt), "record_format": 2})
    before = receipt.read_bytes()
    assert downloads.held(one).state == "not here"
    with pytest.raises(DataError, match=r"newer GRN Studio \(format 2; this one reads 1\).*update"):
        downloads.pull("collectri")
    assert receipt.read_bytes() == before
    assert len(archives.asked) == 1


def test_a_plain_file_needs_no_unpacking(archives):
    found = downloads.pull("collectri")
    assert list(found.files.values()) == [found.archive.path]
    assert downloads.need("CollecTRI_regulons.csv", of="collectri") == found.archive.path


def test_what_was_deleted_is_unpacked_again_without_a_download(archives):
    found = downloads.pull("beeline-networks")
    found.files["mouse-tfs.csv"].unlink()
    assert downloads.held(found.archive).state == "11 of 12 files here"
    assert downloads.check("beeline-networks") == ["mouse-tfs.csv is missing"]
    assert downloads.pull("beeline-networks").is_here
    assert len(archives.asked) == 1


def test_check_finds_a_file_that_was_changed(archives):
    path = downloads.pull("beeline-networks").files["mouse-tfs.csv"]
    path.write_bytes(b"TF\n")
    [sentence] = downloads.check("beeline-networks")
    assert str(path) in sentence
    assert hashlib.sha256(b"TF\n").hexdigest() in sentence
    path.unlink()  # as the sentence says
    downloads.pull("beeline-networks")
    assert downloads.check("beeline-networks") == []
    assert len(archives.asked) == 1


def test_a_missing_member_is_named_and_nothing_counts_as_here(site, monkeypatch, tmp_path):
    rest = {name: content for name, content in NETWORKS.items() if "lofgof" not in name}
    published(monkeypatch, site, tmp_path, {"BEELINE-Networks.zip": zipped(rest)})
    with pytest.raises(DataError, match=r"no member Networks/mouse/mESC-lofgof-network\.csv"):
        downloads.pull("beeline-networks")
    assert not downloads.held(downloads.find_archive("beeline-networks")).files


def test_a_different_archive_is_refused_then_accepted_knowingly(archives):
    other = zipped(NETWORKS | {"README.txt": b"a newer version"})
    archives.files["BEELINE-Networks.zip"] = other
    sha256 = hashlib.sha256(other).hexdigest()
    with pytest.raises(downloads.DifferentFileError, match=f"--accept {sha256}") as caught:
        downloads.pull("beeline-networks")
    published_sha = downloads.find_archive("beeline-networks").checksums["sha256"].value
    assert f"sha256 {sha256} instead of {published_sha}" in caught.value.found
    found = downloads.pull("beeline-networks", accept=sha256)
    assert found.state == "here, accepted though it differed"
    assert found.receipt["differed"]["sha256"] == sha256
    found.files["mouse-tfs.csv"].unlink()
    assert downloads.pull("beeline-networks").is_here  # the acceptance is remembered
    assert len(archives.asked) == 1


def test_an_archive_put_there_by_hand_is_used(archives):
    one = downloads.find_archive("beeline-networks")
    one.path.parent.mkdir(parents=True)
    one.path.write_bytes(archives.files[one.file])
    assert not downloads.held(one).files  # not before it was checked
    assert downloads.pull(one.name).is_here
    assert archives.asked == []


def test_files_without_a_receipt_do_not_count_among_the_downloads(archives):
    one = downloads.find_archive("collectri")
    one.path.parent.mkdir(parents=True)
    one.path.write_bytes(b"anything")
    assert downloads.held(one).state == "not here"
    (one.path.parent / f".{one.file}.json").write_text("[]")
    assert downloads.held(one).state == "not here"


def test_cancel_leaves_what_the_next_pull_goes_on_with(archives):
    def cancel(stage, done, total):
        if stage.startswith("unpack"):
            message = "stop"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        downloads.pull("beeline-data", progress=cancel)
    assert downloads.pull("beeline-data").is_here
    assert len(archives.asked) == 1


@pytest.mark.parametrize("root", ["", "beeline", "BEELINE-Networks", "beeline/BEELINE-Networks"])
def test_a_folder_in_the_settings_is_used_instead_of_a_download(archives, monkeypatch, tmp_path, root):
    for name, content in NETWORKS.items():
        path = tmp_path / "own" / root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "own").rglob("*")}
    monkeypatch.setenv("GRN_DATA", str(tmp_path / "own"))
    found = downloads.pull("beeline-networks")
    assert (found.is_here, found.is_own) == (True, True)
    assert found.state == f"in {tmp_path / 'own'}"
    assert downloads.check("beeline-networks") == []
    assert archives.asked == []
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "own").rglob("*")} == before


def test_what_the_folder_in_the_settings_lacks_is_downloaded(archives, monkeypatch, tmp_path):
    path = tmp_path / "own" / "BEELINE-data" / "inputs" / "scRNA-Seq" / "hESC" / "ExpressionData.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(ALL_CELLS["BEELINE-data/inputs/scRNA-Seq/hESC/ExpressionData.csv"])
    monkeypatch.setenv("GRN_DATA", str(tmp_path / "own"))
    one = downloads.find_archive("beeline-data")
    assert downloads.held(one).state == f"1 of 21 files in {tmp_path / 'own'}"
    assert downloads.need("inputs/scRNA-Seq/hESC/ExpressionData.csv", of="beeline-data") == path
    with pytest.raises(DataError, match="data pull beeline-data"):
        downloads.need("inputs/scRNA-Seq/mDC/ExpressionData.csv", of="beeline-data")
    found = downloads.pull("beeline-data")
    assert (found.is_here, found.is_own) == (True, False)


def test_the_published_manifest_is_the_one_in_force():
    assert json.loads(manifest.published_file().read_text(encoding="utf-8"))["archives"]
    assert {one.name for one in downloads.archives()} == {"beeline-data", "beeline-networks", "collectri"}
