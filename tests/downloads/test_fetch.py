from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import threading
import time

import pytest
import requests

from grn_core.downloads import DifferentFileError, Source, transfer
from grn_core.downloads import archive as unpacking
from grn_core.downloads.fetch import alone, fetch
from grn_core.errors import Cancelled, DataError

CONTENT = b"".join(hashlib.sha256(str(i).encode()).digest() for i in range(40_000))  # 1.28 MB without repeats
SHA = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


@pytest.fixture
def source(site):
    site.files["a.bin"] = CONTENT
    checksums = {"sha256": SHA, "md5": MD5}
    return Source(f"{site.url}/a.bin", page="https://example.org/a", n_bytes=len(CONTENT), checksums=checksums)


def files_in(folder) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_a_good_download_is_whole_checked_and_reported(source, tmp_path):
    told = []
    found = fetch(source, tmp_path / "a.bin", progress=lambda *step: told.append(step))
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert (found.sha256, set(found.agreed), found.differed) == (SHA, {"sha256", "md5", "size"}, {})
    assert files_in(tmp_path) == {"a.bin"}
    downloaded = [done for stage, done, _ in told if stage.startswith("download")]
    assert downloaded == sorted(downloaded)
    assert downloaded[-1] == len(CONTENT)
    assert {total for stage, _, total in told if stage.startswith("download")} == {len(CONTENT)}


def test_a_second_call_only_checks(source, site, tmp_path):
    fetch(source, tmp_path / "a.bin")
    fetch(source, tmp_path / "a.bin")
    assert len(site.asked) == 1


def test_a_cut_connection_is_taken_up_where_it_broke(source, site, tmp_path):
    site.cuts = [300_000, 500_000]
    fetch(source, tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert [start is None for _, start in site.asked] == [True, False, False]
    assert site.sent < len(CONTENT) + 2 * transfer.CHUNK  # but for the piece at each cut, nothing twice


def test_a_later_call_goes_on_too(source, site, tmp_path):
    class Stop(Exception):
        pass

    def stop(stage, done, total):
        if done > 600_000:
            raise Stop

    with pytest.raises(Stop):
        fetch(source, tmp_path / "a.bin", progress=stop)
    have = (tmp_path / "a.bin.part").stat().st_size
    assert 600_000 < have < len(CONTENT)
    fetch(source, tmp_path / "a.bin")
    assert site.asked[-1] == ("a.bin", f"bytes={have}-")
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_server_that_ignores_ranges_sends_it_anew(source, site, tmp_path):
    site.knows_ranges, site.cuts = False, [300_000]
    fetch(source, tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert site.asked[-1][1] is not None


def test_a_file_that_changed_between_two_connections_is_not_mixed(source, site, tmp_path):
    old = bytes(len(CONTENT))
    site.files["a.bin"], site.cuts = old, [300_000]

    def replaced(stage, done, total):
        if stage.startswith("wait"):
            site.files["a.bin"] = CONTENT

    fetch(source, tmp_path / "a.bin", progress=replaced)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_part_that_was_complete_already_is_not_downloaded_again(source, site, tmp_path):
    (tmp_path / "a.bin.part").write_bytes(CONTENT)
    (tmp_path / "a.bin.part.json").write_text(json.dumps({"url": source.url, "tag": ""}))
    fetch(source, tmp_path / "a.bin")
    assert site.sent == 0


def test_a_part_of_another_address_is_not_used(source, site, tmp_path):
    (tmp_path / "a.bin.part").write_bytes(b"x" * 1000)
    (tmp_path / "a.bin.part.json").write_text(json.dumps({"url": "http://elsewhere/", "tag": ""}))
    fetch(source, tmp_path / "a.bin")
    assert site.asked == [("a.bin", None)]


def test_a_part_longer_than_the_file_is_thrown_away(source, site, tmp_path):
    (tmp_path / "a.bin.part").write_bytes(CONTENT + b"more")
    (tmp_path / "a.bin.part.json").write_text(json.dumps({"url": source.url, "tag": ""}))
    fetch(source, tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_server_that_is_busy_is_asked_again(source, site, tmp_path):
    site.refusals = [503, 429]
    fetch(source, tmp_path / "a.bin")
    assert len(site.asked) == 3


def test_a_connection_that_never_gets_further_is_given_up(source, site, tmp_path):
    site.knows_ranges, site.cuts = False, [200_000] * 20
    with pytest.raises(DataError, match="cannot be downloaded") as caught:
        fetch(source, tmp_path / "a.bin")
    assert "kB of it are here" in caught.value.found
    assert len(site.asked) < 8
    assert not (tmp_path / "a.bin").exists()


def test_a_missing_file_names_the_page(site, tmp_path):
    with pytest.raises(DataError, match="answered 404") as caught:
        fetch(Source(f"{site.url}/gone.zip", page="https://example.org/a"), tmp_path / "gone.zip")
    assert "https://example.org/a" in caught.value.todo


def test_a_wrong_checksum_shows_both_values_and_keeps_the_file_aside(source, site, tmp_path):
    other = CONTENT[::-1]
    found = hashlib.sha256(other).hexdigest()
    site.files["a.bin"] = other
    target = tmp_path / "a.bin"
    with pytest.raises(DifferentFileError) as caught:
        fetch(source, target)
    message = str(caught.value)
    assert all(value in message for value in (SHA, found, MD5, hashlib.md5(other, usedforsecurity=False).hexdigest()))
    assert caught.value.sha256 == found
    assert files_in(tmp_path) == {"a.bin.unverified"}

    with pytest.raises(DifferentFileError):  # another hash accepts nothing
        fetch(source, target, accept="0" * 64)
    assert not target.exists()

    n_asked = len(site.asked)
    accepted = fetch(source, target, accept=found)
    assert len(site.asked) == n_asked  # the file kept aside is used
    assert accepted.sha256 == found
    assert set(accepted.differed) == {"sha256", "md5"}
    assert accepted.agreed == ("size",)
    assert files_in(tmp_path) == {"a.bin"}


def test_a_wrong_size_is_told(site, tmp_path):
    site.files["a.bin"] = b"short"
    with pytest.raises(DifferentFileError, match="size 5 bytes instead of 6 bytes"):
        fetch(Source(f"{site.url}/a.bin", n_bytes=6), tmp_path / "a.bin")


def test_a_new_download_replaces_what_was_kept_aside(source, site, tmp_path):
    site.files["a.bin"] = b"not it"
    with pytest.raises(DifferentFileError):
        fetch(source, tmp_path / "a.bin")
    site.files["a.bin"] = CONTENT
    fetch(source, tmp_path / "a.bin")
    assert files_in(tmp_path) == {"a.bin"}


def test_a_file_put_there_by_hand_is_checked_and_used(source, site, tmp_path):
    (tmp_path / "a.bin").write_bytes(CONTENT)
    assert fetch(source, tmp_path / "a.bin").sha256 == SHA
    assert site.asked == []


def test_offline_says_how_to_place_the_file_by_hand(tmp_path):
    source = Source("http://127.0.0.1:9/a.bin", page="https://example.org/a", retry="run `pull a` again")
    with pytest.raises(DataError, match="cannot be downloaded") as caught:
        fetch(source, tmp_path / "a.bin")
    assert "refused" in caught.value.found
    for words in ("https://example.org/a", str(tmp_path / "a.bin"), "run `pull a` again"):
        assert words in caught.value.todo
    assert not (tmp_path / "a.bin").exists()


def test_a_connection_that_falls_silent_is_taken_up_again(source, site, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "TIMEOUT_S", (1.0, 0.1))
    site.slow_s = 0.5
    fetch(source, tmp_path / "a.bin")
    assert len(site.asked) > 10
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_cancel_keeps_the_part(source, tmp_path):
    def cancel(stage, done, total):
        if done > 400_000:
            message = "the user asked to stop"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        fetch(source, tmp_path / "a.bin", progress=cancel)
    assert (tmp_path / "a.bin.part").stat().st_size > 400_000
    assert not (tmp_path / "a.bin").exists()


def test_a_full_disk_is_told_before_the_download(source, site, tmp_path, monkeypatch):
    usage = unpacking.shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(unpacking.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DataError, match="would take"):
        fetch(source, tmp_path / "a.bin")
    assert list(tmp_path.iterdir()) == []


def _get(url, target, out):
    os.environ["NO_PROXY"] = "127.0.0.1"
    with alone(target):
        out.put(fetch(Source(url, checksums={"sha256": SHA}), target).sha256)


def test_two_processes_download_it_once(source, site, tmp_path):
    site.slow_s = 0.02
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    both = [context.Process(target=_get, args=(source.url, tmp_path / "a.bin", out)) for _ in range(2)]
    for process in both:
        process.start()
    assert [out.get(timeout=60), out.get(timeout=60)] == [SHA, SHA]
    for process in both:
        process.join(timeout=30)
        assert process.exitcode == 0
    assert len(site.asked) == 1
    assert site.sent == len(CONTENT)


def test_who_waits_for_another_download_can_cancel(tmp_path):
    told = threading.Event()

    def cancel(stage, done, total):
        assert "wait for another download" in stage
        told.set()
        message = "enough"
        raise Cancelled(message)

    with alone(tmp_path / "a.bin"), pytest.raises(Cancelled), alone(tmp_path / "a.bin", cancel):
        pytest.fail("two held one lock")
    assert told.is_set()
    with alone(tmp_path / "a.bin"):  # free again
        time.sleep(0)


def test_the_library_reports_a_short_answer_as_we_rely_on(site):
    site.files["a.bin"], site.cuts = CONTENT, [1000]
    broken = pytest.raises(requests.exceptions.ChunkedEncodingError)
    with requests.get(f"{site.url}/a.bin", stream=True, timeout=5) as answer, broken:
        list(answer.iter_content(1024))
