"""The queue: the users in turn, of each the oldest first; tickets of the dead count for nothing."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as some

from grn_core.datasets import describe, store_upload
from grn_core.homes import home_of
from grn_core.runs import CoexpressionRequest, RunStatus, RunStore, manager, queue
from grn_core.runs.locks import hold, is_held
from grn_core.runs.queue import Ticket, in_turn
from tests.browser.eventually import eventually
from tests.pages.people import table_of_cells

homes = some.sampled_from(["own", "a" * 32, "b" * 32, "c" * 32])
tickets = some.lists(
    some.builds(Ticket, homes, some.integers(0, 9), some.integers(0, 99).map("{:016x}".format)), unique=True
)
served = some.dictionaries(homes, some.floats(0, 9))


@given(tickets, served, some.randoms())
def test_all_are_served_in_an_order_that_follows_from_what_they_are(waiting, served, chance):
    found = in_turn(waiting, served)
    assert sorted(found, key=str) == sorted(waiting, key=str)
    chance.shuffle(waiting)
    assert in_turn(waiting, served) == found


@given(tickets, served)
def test_of_each_home_the_oldest_goes_first(waiting, served):
    for home in {one.home for one in waiting}:
        mine = [(one.queued, one.run_id) for one in in_turn(waiting, served) if one.home == home]
        assert mine == sorted(mine)


@given(tickets, served)
def test_nobody_is_served_twice_while_another_waits(waiting, served):
    """At every moment the homes that still wait have been served equally often, or one time less than the others."""
    whole, had = Counter(one.home for one in waiting), Counter()
    for one in in_turn(waiting, served):
        had[one.home] += 1
        still = [had[home] for home, n in whole.items() if had[home] < n]
        assert all(had[one.home] <= n + 1 for n in still)


@given(tickets)
def test_who_was_served_last_goes_last(waiting):
    last = "a" * 32
    first = in_turn(waiting, {last: 5.0})[: len({one.home for one in waiting})]
    assert [one.home for one in first if one.home == last] == [one.home for one in first[-1:] if one.home == last]


def test_the_line_is_of_all_homes_and_of_the_living_alone(grn_home):
    ada = home_of(grn_home, "https://login.example", "ada")
    stores = [RunStore(grn_home / "runs"), RunStore(ada / "runs")]
    now = time.time()
    for place, store in enumerate([*stores, stores[1]]):
        run_id = f"{place:016x}"
        lives = RunStatus("queued", stage="starting", queued=now + place, updated=now, pid=os.getpid())
        store.write_status(run_id, lives)
        queue.enter(store, run_id, queued=now + place)
    dead = RunStatus("queued", stage="waiting", queued=now)
    stores[0].write_status("f" * 16, dead)
    queue.enter(stores[0], "f" * 16, queued=now - 1)
    line = queue.line(stores[1])
    assert [int(one.run_id, 16) for one in line] == [0, 1, 2]
    assert line == queue.line(stores[0])
    assert not list((grn_home / "queue").glob("*ffffffff"))
    queue.leave(stores[1], line[1], served=True)
    assert [int(one.run_id, 16) for one in queue.line(stores[0])] == [0, 2]


def test_who_lives_takes_its_ticket_away_by_itself(grn_home):
    """A run that is at work again, or whose status could not be read just now, is not in the line, and stays asked."""
    store, run_id = RunStore(), "0" * 16
    store.write_status(run_id, RunStatus("running", queued=1.0, pid=os.getpid()))
    ticket = queue.enter(store, run_id, queued=1.0)
    with hold(store.path(run_id) / "lock"):
        assert queue.line(store) == []
        store.write_status(run_id, RunStatus("queued", queued=1.0, pid=os.getpid()))
        assert queue.line(store) == [ticket]
    assert queue.line(store) == []
    store.write_status(run_id, RunStatus("queued", queued=1.0))
    with hold(store.path(run_id) / "lock"):
        assert queue.line(store) == [], "the dead are forgotten"


def test_what_cannot_be_looked_at_lets_nobody_else_wait(grn_home):
    """A folder in the place of a ticket, or whatever is wrong with the run of one, is passed over."""
    store = RunStore()
    for number in range(20):
        odd = grn_home / "queue" / f"own-{number}-{number:016x}"
        odd.mkdir(parents=True)
        (store.path(f"{number:016x}") / "lock").mkdir(parents=True)
    tickets = []
    for number in range(20, 25):
        run_id = f"{number:016x}"
        store.write_status(run_id, RunStatus("queued", stage="starting", queued=number, pid=os.getpid()))
        tickets.append(queue.enter(store, run_id, queued=number))
    assert queue.line(store) == tickets


@given(some.lists(some.floats(1e9, 2e9), min_size=1, max_size=6))
def test_a_run_never_waits_for_itself(asked):
    """However often its workers were killed while they waited: of its tickets the last counts, and the others go."""
    with TemporaryDirectory() as home:
        store, run_id = RunStore(Path(home) / "runs"), "0" * 16
        for queued in asked:
            store.write_status(run_id, RunStatus("queued", stage="starting", queued=queued, pid=os.getpid()))
            last = queue.enter(store, run_id, queued=queued)
        with hold(store.path(run_id) / "lock"):
            assert queue.line(store) == [last]
            assert [path.name for path in (Path(home) / "queue").iterdir()] == [last.name]


@given(some.binary(max_size=40) | some.sampled_from([b'{"state": "done"', b"{}", b'{"state": "queued", "pid": "1"}']))
def test_who_lives_is_not_put_out_by_a_damaged_status(content):
    with TemporaryDirectory() as home:
        store, run_id = RunStore(Path(home) / "runs"), "0" * 16
        store.write_status(run_id, RunStatus("queued", queued=1.0, pid=os.getpid()))
        ticket = queue.enter(store, run_id, queued=1.0)
        with hold(store.path(run_id) / "lock"):
            (store.path(run_id) / "status.json").write_bytes(content)
            assert queue.line(store) == []
            store.write_status(run_id, RunStatus("queued", queued=1.0, pid=os.getpid()))
            assert queue.line(store) == [ticket], "it waits again as soon as its status can be read"


def test_a_run_that_waits_begins_though_its_status_was_damaged(grn_home):
    """Whatever happens to the status of a living worker that waits, it writes it again."""
    request = request_of_cells()
    store, run_id = RunStore(), request.run_id()
    told = store.path(run_id) / "status.json"

    def waits() -> None:
        status = store.written_status(run_id)
        assert (status.stage, status.position, status.queued) == ("waiting", 1, asked)

    with hold(store.device_lock, wait_s=5) as busy:
        assert busy
        manager.submit(request)
        asked = manager.status(run_id).queued
        eventually(waits)
        whole = told.read_bytes()
        for harm in (b"{damaged", b"", whole.replace(str(asked).encode(), str(asked - 1).encode())):
            told.write_bytes(harm)
            eventually(waits)
        told.unlink()
        eventually(waits)
    assert manager.wait(run_id, timeout_s=60).state == "done"


def request_of_cells() -> CoexpressionRequest:
    dataset = describe(store_upload("cells.tsv", table_of_cells("c")))
    return CoexpressionRequest(dataset_ref=dataset.ref, dataset_sha=dataset.sha256, method="pearson")


def test_a_worker_that_was_killed_while_it_waited_lets_the_next_one_begin(grn_home):
    request = request_of_cells()
    store, run_id = RunStore(), request.run_id()

    def waits() -> None:
        assert store.written_status(run_id).stage == "waiting"
        assert is_held(store.path(run_id) / "lock")

    def is_gone() -> None:
        assert not is_held(store.path(run_id) / "lock")

    with hold(store.device_lock, wait_s=5) as busy:
        assert busy
        manager.submit(request)
        for _ in range(2):
            eventually(waits)
            os.kill(store.status(run_id).pid, signal.SIGKILL)
            eventually(is_gone)
            manager.resume(run_id)
    assert manager.wait(run_id, timeout_s=60).state == "done"
