"""Pulling a checkpoint from a hub on the loopback address."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from types import SimpleNamespace

import pytest
from huggingface_hub import constants

from grn_core import hub as folders
from grn_core.errors import Cancelled, ModelError
from grn_core.hub.pull import pull
from grn_core.hub.verify import accept, mismatches

WRONG = "0" * 64


class Diary:
    """Progress that is written down, and can be cut short."""

    def __init__(self, *, cancel_at: int | None = None) -> None:
        self.lines, self.cancel_at = [], cancel_at

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.lines.append((stage, done, total))
        if self.cancel_at is not None and stage == "download" and done >= self.cancel_at:
            message = "the run was cancelled"
            raise Cancelled(message)

    def of(self, stage: str) -> list[tuple[int, int]]:
        return [(done, total) for name, done, total in self.lines if name == stage]


def files_of(known):
    return sorted(path.name for path in known.folder.iterdir())


def test_a_checkpoint_is_downloaded_checked_and_registered(publish, hub):
    known = publish()
    diary = Diary()
    record = pull("tiny", endpoint=hub.url, progress=diary)
    assert files_of(known) == ["args.json", "best_model.pt", "vocab.json"]
    assert folders.registered() == [record]
    assert (record.name, record.title, record.format, record.source) == ("tiny", "Tiny scGPT", "scgpt", "tiny")
    assert record.folder == known.folder
    assert record.card["offers"] == ["value", "tangent", "attention", "embedding"]
    downloaded = diary.of("download")[len(known.files) :]  # before that, the server is asked what it has
    assert downloaded == sorted(downloaded)
    assert downloaded[-1] == (known.size, known.size)
    assert diary.of("verify")[-1] == (known.size, known.size)
    assert diary.of("check") == [(0, 1), (1, 1)]


def test_files_that_are_here_are_not_downloaded_again(publish, hub):
    known = publish()
    pull("tiny", endpoint=hub.url)
    hub.seen.clear()
    (known.folder / "vocab.json").unlink()
    pull("tiny", endpoint=hub.url)
    assert [path.rpartition("/")[2] for path, _ in hub.bodies()] == ["vocab.json"]


def test_files_of_one_checkpoint_are_of_one_commit(publish, hub):
    publish()
    pull("tiny", endpoint=hub.url)
    revisions = [path.split("/resolve/")[1].split("/")[0] for method, path, _ in hub.seen if method == "HEAD"]
    assert revisions == ["main", hub.commit, hub.commit]


def test_a_connection_that_breaks_is_taken_up_again(publish, hub):
    known = publish()
    hub.cuts = [70_000]
    pull("tiny", endpoint=hub.url)
    ranges = [wanted for path, wanted in hub.bodies() if path.startswith("/apart/")]
    assert ranges[0] == ""
    assert int(ranges[1].removeprefix("bytes=").rstrip("-")) > 0
    assert known.missing() == []


def test_a_cancelled_download_goes_on_where_it_was(publish, hub):
    known = publish()
    with pytest.raises(Cancelled):
        pull("tiny", endpoint=hub.url, progress=Diary(cancel_at=60_000))
    assert folders.registered() == []
    (part,) = (path for path in (known.folder / ".parts").iterdir() if path.stat().st_size)
    kept = part.stat().st_size
    assert 40_000 < kept < 116_853
    hub.seen.clear()
    diary = Diary()
    pull("tiny", endpoint=hub.url, progress=diary)
    assert [wanted for path, wanted in hub.bodies() if path.startswith("/apart/")] == [f"bytes={kept}-"]
    assert diary.of("download")[1:2] == [(kept, 116_853)]
    assert not (known.folder / ".parts").exists()


def test_two_who_want_one_checkpoint_bring_it_once(publish, hub):
    """Of two users each has a run of their own; the files are for all."""
    known, begun = publish(), threading.Event()

    def told(stage: str, _done: int, _total: int) -> None:
        if stage == "download":
            begun.set()
            time.sleep(0.02)

    first = threading.Thread(target=pull, args=("tiny",), kwargs={"endpoint": hub.url, "progress": told})
    first.start()
    assert begun.wait(60)
    diary = Diary()
    pull("tiny", endpoint=hub.url, progress=diary)
    first.join(60)
    assert diary.of("wait for another download of the same file")
    assert not diary.of("download")
    bodies = [path for path, _ in hub.bodies()]
    assert len(bodies) == len(set(bodies))
    assert not known.missing()


def test_a_server_that_knows_no_ranges_sends_it_all_again(publish, hub):
    publish()
    with pytest.raises(Cancelled):
        pull("tiny", endpoint=hub.url, progress=Diary(cancel_at=60_000))
    hub.no_ranges = True
    assert pull("tiny", endpoint=hub.url).name == "tiny"


def test_a_file_damaged_on_its_way_is_thrown_away(publish, hub):
    known = publish()
    hub.damaged = True
    with pytest.raises(ModelError, match=r"damaged on its way.*try again"):
        pull("tiny", endpoint=hub.url)
    hub.damaged = False
    assert pull("tiny", endpoint=hub.url).folder == known.folder


def test_another_checksum_than_the_stated_one_is_reported_with_both_values(publish, hub, tiny):
    known = publish(sha256={"best_model.pt": WRONG})
    found = hashlib.sha256((tiny / "best_model.pt").read_bytes()).hexdigest()
    with pytest.raises(ModelError) as caught:
        pull("tiny", endpoint=hub.url)
    assert found in caught.value.found
    assert caught.value.needed == f"best_model.pt: {WRONG}"
    assert f"--accept {found}" in caught.value.todo
    assert folders.registered() == []
    (wrong,) = mismatches(known)
    assert (wrong.file, wrong.stated, wrong.found) == ("best_model.pt", WRONG, found)

    with pytest.raises(ModelError, match="no file of tiny was found to have"):
        accept(known, ["1" * 64])
    accept(known, [found])
    assert mismatches(known) == []
    hub.seen.clear()
    assert pull("tiny", endpoint=hub.url).name == "tiny"
    assert hub.seen == []


def test_confirmed_checksums_cannot_be_overruled(publish, hub):
    known = publish(sha256={"best_model.pt": WRONG}, confirmed=True)
    with pytest.raises(ModelError) as caught:
        pull("tiny", endpoint=hub.url)
    assert "--accept" not in caught.value.todo
    with pytest.raises(ModelError, match="are confirmed"):
        accept(known, [mismatches(known)[0].found])


def test_a_checksum_that_nobody_states_is_not_asked_for(publish, hub):
    publish(sha256={"args.json": None, "vocab.json": None, "best_model.pt": None})
    assert pull("tiny", endpoint=hub.url).name == "tiny"


def test_a_file_that_the_hub_lacks(publish, hub):
    known = publish()
    del hub.files["lab/tiny", "vocab.json"]
    with pytest.raises(ModelError, match=r"does not give out lab/tiny.*EntryNotFound.*vocab\.json") as caught:
        pull("tiny", endpoint=hub.url)
    assert str(known.folder) in caught.value.todo


def test_a_repository_that_is_not_there(publish, hub):
    publish(repo="lab/other")
    with pytest.raises(ModelError, match=r"does not give out lab/other.*RepoNotFound"):
        pull("tiny", endpoint=hub.url)


def test_without_a_network_it_says_how_to_place_the_files(publish, tiny, hub):
    known = publish()
    nobody = "http://127.0.0.1:9"
    with pytest.raises(ModelError) as caught:
        pull("tiny", endpoint=nobody)
    assert f"the hub at {nobody} cannot be reached" in caught.value.found
    assert known.repo in caught.value.found, "the page of the second way may be of another site"
    first, second = caught.value.todo.split("; second way, without the hub: ")
    assert first.startswith("first way: connect, and run `python -m grn_core models pull tiny` again")
    for words in ("args.json, vocab.json, best_model.pt", known.page, str(known.folder), "models pull tiny"):
        assert words in second
    for file in known.files:
        shutil.copy(tiny / file.name, known.folder / file.name)
    assert pull("tiny", endpoint=nobody).name == "tiny"


def test_the_offline_switch_of_the_client_is_respected(publish, hub, monkeypatch):
    publish()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="cannot be reached"):
        pull("tiny", endpoint=hub.url)
    assert hub.seen == []


def test_what_is_not_ours_to_download_is_said(publish, hub):
    publish(repo="", notice="Accept the licence where it is published.")
    with pytest.raises(ModelError, match="does not download Tiny scGPT") as caught:
        pull("tiny", endpoint=hub.url)
    assert caught.value.needed == "Accept the licence where it is published."
    assert hub.seen == []


def test_a_disk_that_is_full(publish, hub, monkeypatch):
    publish()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(ModelError, match=r"needs 121 kB more, and .* has 1 kB left"):
        pull("tiny", endpoint=hub.url)
    assert hub.bodies() == []


def test_files_that_are_no_checkpoint_are_not_registered(publish, hub):
    publish(sha256={"vocab.json": None})
    hub.files["lab/tiny", "vocab.json"] = b'{"A": 7}'
    with pytest.raises(ModelError, match="ids in"):
        pull("tiny", endpoint=hub.url)
    assert folders.registered() == []
