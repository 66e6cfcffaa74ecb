from __future__ import annotations

import io
import stat
import tarfile
import zipfile

import pytest

from grn_core.downloads import archive as unpacking
from grn_core.downloads.archive import extract
from grn_core.errors import Cancelled, DataError
from tests.downloads.conftest import zipped

GOOD = {"top/Networks/human/a.csv": b"A,B\n" * 1000, "top/b.csv": b"x", "top/other.txt": b"y"}
WANTED = ("Networks/human/a.csv", "b.csv")


def tarred(files: dict[str, bytes], *, mode: str = "w:gz") -> bytes:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return memory.getvalue()


@pytest.fixture
def unpack(tmp_path):
    """Write the bytes of an archive, unpack what is wanted, and return the files of the folder."""

    def run(content: bytes, wanted=WANTED, **options) -> dict[str, bytes]:
        (tmp_path / "archive").write_bytes(content)
        folder = tmp_path / "in" / "out"
        extract(tmp_path / "archive", wanted, folder, **options)
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    return run


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: tarred(files, mode="w")], ids=["zip", "tar.gz", "tar"])
def test_the_wanted_members_and_nothing_else(unpack, pack):
    assert unpack(pack(GOOD)) == {"Networks/human/a.csv": GOOD["top/Networks/human/a.csv"], "b.csv": b"x"}


def test_progress_counts_bytes_and_can_stop(unpack, tmp_path):
    told = []
    unpack(zipped(GOOD), progress=lambda *step: told.append(step))
    assert told[-1] == ("unpack archive, bytes", 4001, 4001)

    def cancel(stage, done, total):
        message = "stop"
        raise Cancelled(message)

    (tmp_path / "in" / "out" / "b.csv").unlink()
    with pytest.raises(Cancelled):
        unpack(zipped(GOOD), progress=cancel)
    assert not list((tmp_path / "in" / "out").glob(".*"))  # no draft is left


def test_a_missing_member_is_named_with_the_nearest(unpack):
    with pytest.raises(
        DataError, match=r"no member Networks/human/A\.csv \(the nearest is 'top/Networks/human/a\.csv'"
    ):
        unpack(zipped(GOOD), ["Networks/human/A.csv"])


def test_an_empty_archive_has_no_nearest(unpack):
    with pytest.raises(DataError, match=r"has no member b\.csv;"):
        unpack(zipped({}), ["b.csv"])


HOSTILE = ["../../b.csv", "/tmp/evil/b.csv", "a/../../b.csv", "C:/b.csv", "a\\..\\b/b.csv", "a\nb/b.csv"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("pack", [zipped, tarred], ids=["zip", "tar"])
def test_names_that_lead_out_are_refused(unpack, pack, name, tmp_path):
    with pytest.raises(DataError, match="leads out of the folder") as caught:
        unpack(pack({name: b"evil"}), ["b.csv"])
    assert caught.value.found.isprintable()
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"archive"}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_members_that_nobody_wants_do_no_harm(unpack, name, tmp_path):
    hostile = name.replace("b.csv", "evil.csv")
    assert unpack(zipped(GOOD | {hostile: b"evil"}), ["b.csv"]) == {"b.csv": b"x"}
    assert not list(tmp_path.rglob("*evil*"))


def test_links_are_refused(unpack):
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as archive:
        info = tarfile.TarInfo("top/b.csv")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(DataError, match="no ordinary file"):
        unpack(memory.getvalue(), ["b.csv"])
    info = zipfile.ZipInfo("top/b.csv")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match="no ordinary file"):
        unpack(memory.getvalue(), ["b.csv"])


def test_two_members_of_one_name_are_refused(unpack):
    with pytest.raises(DataError, match=r"2 members b\.csv"):
        unpack(zipped({"one/b.csv": b"1", "two/b.csv": b"2"}), ["b.csv"])


def test_what_finder_adds_is_no_second_member(unpack):
    assert unpack(zipped({"one/b.csv": b"1", "__MACOSX/one/b.csv": b"2"}), ["b.csv"]) == {"b.csv": b"1"}


def test_a_bomb_is_refused_before_it_is_unpacked(unpack, monkeypatch, tmp_path):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 10**6)
    with pytest.raises(DataError, match="would take") as caught:
        unpack(zipped({"b.csv": bytes(2 * 10**6)}), ["b.csv"])
    assert "at most 1 MB" in caught.value.needed
    assert not list(tmp_path.rglob("b.csv"))


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken", zipped(GOOD)[:-40], tarred(GOOD)[:60]])
def test_what_is_no_archive_is_refused(unpack, content):
    with pytest.raises(DataError, match="cannot be read as an archive"):
        unpack(content)


def test_a_member_that_was_changed_is_refused(unpack, tmp_path):
    whole = bytearray(zipped({"b.csv": b"0123456789" * 100}))
    whole[40] ^= 0xFF  # in the packed bytes
    with pytest.raises(DataError, match="cannot be read as an archive"):
        unpack(bytes(whole), ["b.csv"])
    assert not list(tmp_path.rglob("b.csv"))
