"""What a worker says of its run is whole, whatever stood in the file before it said it."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as some

from grn_core.runs import RunStatus, RunStore, manager, queue
from grn_core.runs.own_status import OwnStatus
from tests.browser.eventually import eventually

RUN = "0" * 16
harms = some.none() | some.binary(max_size=40) | some.sampled_from([b"{", b"{}", b'{"state": "done"}'])
words = some.sampled_from(["queued", "begin", "step", "end"])


def harm(path: Path, content: bytes | None) -> None:
    """Let other bytes, or none at all, stand in a file."""
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)


@given(some.lists(some.tuples(harms, words), max_size=6), some.floats(1, 2e9), some.integers(1, 3))
def test_damage_takes_nothing_along(said, queued, attempts):
    with TemporaryDirectory() as home:
        store = RunStore(Path(home) / "runs")
        store.write_status(RUN, RunStatus("queued", queued=queued, attempts=attempts))
        own = OwnStatus(store, RUN)
        for content, word in said:
            harm(store.path(RUN) / "status.json", content)
            match word:
                case "queued":
                    own.say(state="queued", stage="waiting")
                case "begin":
                    own.begin()
                case "step":
                    own.say(fraction=0.5)
                case "end":
                    own.end("done")
            told = store.written_status(RUN)
            assert (told.queued, told.attempts, told.pid) == (queued, attempts, os.getpid())
            assert told == own.status
            assert told.elapsed_s >= 0


@given(harms.filter(lambda content: content != b'{"state": "done"}'), some.lists(some.floats(1, 2e9), max_size=3))
def test_a_worker_that_cannot_read_its_status_goes_on(content, asked):
    with TemporaryDirectory() as home:
        store = RunStore(Path(home) / "runs")
        store.path(RUN).mkdir(parents=True)
        harm(store.path(RUN) / "status.json", content)
        for queued in asked:
            queue.enter(store, RUN, queued=queued)
        status = OwnStatus(store, RUN).status
        assert (status.state, status.attempts) == ("queued", 1)
        assert status.queued == pytest.approx(max(asked)) if asked else status.queued > 0


@pytest.mark.parametrize("name", ["status.json", "run.json"])
def test_a_run_at_work_ends_well_though_what_is_kept_of_it_is_damaged(fake, stays, until, name):
    go_on, store, request = stays(2), RunStore(), fake.count_request(n=4)
    run_id = manager.submit(request)
    before = until(run_id, lambda status: status.done == 2)
    path = store.path(run_id) / name
    for content in (b"{", b"", None):
        harm(path, content)
        if name == "status.json":
            eventually(lambda: _same(store.written_status(run_id), before))
    go_on()
    eventually(lambda: _done(store, run_id))
    _same(store.written_status(run_id), before)
    assert store.record(run_id)["result"]["chunks"] == 4
    assert store.request(run_id) == request


def test_the_last_word_is_whole_though_the_one_before_was_damaged(fake):
    run_id = manager.submit(fake.count_request("harms"))
    asked = manager.status(run_id)
    status = manager.wait(run_id, timeout_s=60)
    assert (status.state, status.queued, status.attempts) == ("done", asked.queued, 1)
    assert status.pid
    assert status.started >= asked.queued
    assert status.elapsed_s > 0


def _same(status: RunStatus, before: RunStatus) -> None:
    told, known = ((one.queued, one.started, one.attempts, one.pid) for one in (status, before))
    assert told == known


def _done(store: RunStore, run_id: str) -> None:
    assert store.written_status(run_id).state == "done"
