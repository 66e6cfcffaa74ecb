from __future__ import annotations

import pytest

from grn_core.errors import Cancelled
from grn_core.runs import RunStatus, own_status, tracker
from grn_core.runs.own_status import OwnStatus
from grn_core.runs.tracker import Tracker


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told to go on."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

        def time(self):
            return self.now

    stand_in = Clock()
    for module in (tracker, own_status):
        monkeypatch.setattr(module, "time", stand_in)
    return stand_in


@pytest.fixture
def run_id(store, fake):
    run_id = store.write_request(fake.count_request())
    store.write_status(run_id, RunStatus("queued", queued=5.0, attempts=2, position=3))
    return run_id


@pytest.fixture
def own(store, run_id, clock):
    own = OwnStatus(store, run_id)
    own.begin()
    return own


@pytest.fixture
def track(own):
    return Tracker(own, weights={"read": 1, "extract": 7, "score": 2})


def test_the_overall_bar_follows_the_weights(track, store, run_id, clock):
    fractions = []
    for stage, done, total in [("read", 0, 1), ("read", 1, 1), ("extract", 5, 10), ("other", 1, 2), ("score", 2, 2)]:
        track(stage, done, total)
        fractions.append(store.written_status(run_id).fraction)
    assert fractions == pytest.approx([0, 0.1, 0.45, 0.45, 1])
    status = store.written_status(run_id)
    assert (status.state, status.position, status.attempts, status.queued) == ("running", 0, 2, 5.0)


def test_the_time_left_comes_from_the_rate_within_the_stage(track, own, clock):
    for done in range(5):  # four chunks are there from an earlier attempt: they say nothing about speed
        track("extract", done, 10)
    assert own.status.eta_s is None
    clock.now += 6
    track("extract", 7, 10)
    assert own.status.eta_s == pytest.approx(3 * 2 + 10 * 2 * 2 / 7)
    assert own.status.elapsed_s == pytest.approx(6)


def test_a_stage_without_weight_has_a_time_left_of_its_own(track, own, clock):
    track("other", 0, 4)
    clock.now += 2
    track("other", 1, 4)
    assert own.status.eta_s == pytest.approx(6)


def test_the_status_is_written_at_most_five_times_a_second(track, store, run_id, clock, monkeypatch):
    written = []
    monkeypatch.setattr(store, "write_status", lambda run_id, status: written.append(status) or status)
    for done in range(1, 1001):
        clock.now += 0.001
        track("extract", done, 1001)
    assert 4 <= len(written) <= 6
    track("extract", 1001, 1001)
    assert written[-1].done == 1001


def test_a_cancel_is_noticed_at_the_next_step(track, store, run_id):
    track("read", 0, 1)
    store.ask_cancel(run_id, cancel=True)
    with pytest.raises(Cancelled):
        track("read", 0, 1)
