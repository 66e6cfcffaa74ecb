"""What is handed over by a folder that app and workers share: the same, removed when taken, and mended when damaged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.errors import Cancelled, RequestError, RunError
from grn_core.executors import handing, remote, store
from grn_core.executors.store import NAME, Store, Unreachable
from grn_core.settings import settings
from tests.executors import toy_work

SECRET = "hunter2"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Everything is handed over by the store, and nobody waits long for it."""
    monkeypatch.setattr(store, "PAUSE_S", 0.0)
    monkeypatch.setattr(handing, "AGAIN_S", 0.0)
    monkeypatch.setattr(handing, "SMALL", 0)
    monkeypatch.setattr(remote, "SMALL", 0)


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "shared"
    found.mkdir()
    return found


def at(folder):
    return f"file://{folder}"


def opened(folder, **more):
    return Store(at(folder), who="the app", **more)


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


@given(st.binary(max_size=200))
def test_what_is_left_comes_back_and_is_removed(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("shared")
    one = opened(folder)
    ticket = one.put(content)
    assert opened(folder, run=one.run).get(ticket) == content
    assert all(NAME.fullmatch(name) for name in left_in(folder))
    one.remove(ticket)
    one.remove(ticket)
    assert left_in(folder) == []


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"other")])
def test_what_is_gone_or_damaged_is_not_taken(folder, damage):
    one = opened(folder)
    ticket = one.put(b"sound")
    damage(folder / left_in(folder)[0])
    with pytest.raises(Unreachable):
        one.get(ticket)


def test_a_run_clears_what_is_its_own_and_what_was_forgotten(folder):
    mine, other = opened(folder), opened(folder)
    for one in (mine, mine, other):
        one.put(b"something")
    long_ago = f"grn-{datetime.now(UTC) - timedelta(days=9):%Y%m%d}-{'0' * 16}-{'0' * 32}"
    for name in (long_ago, "notes.txt"):
        (folder / name).write_text("of somebody", encoding="utf-8")
    mine.clear()
    assert len(left_in(folder)) == 2
    assert "notes.txt" in left_in(folder), "what is no part of a run"
    other.clear()
    assert left_in(folder) == ["notes.txt"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(f"/secret/{SECRET}"), "the app may not use the store of GRN_DASK_STORE"),
        (
            OSError(f"When uploading to '{SECRET}': AWS Error INVALID_ACCESS_KEY_ID during PutObject"),
            "the app may not use the store of GRN_DASK_STORE",
        ),
        (ImportError(SECRET), "the app cannot speak to the store of GRN_DASK_STORE"),
        (FileNotFoundError(SECRET), "the app finds no such folder or bucket as the store of GRN_DASK_STORE"),
        (OSError(28, "No space left on device"), "the app, at the store of GRN_DASK_STORE: the disk is full"),
    ],
)
def test_what_will_not_pass_is_said_at_once_and_without_a_place(folder, monkeypatch, error, words):
    one, asked = opened(folder), []

    def ask(*given, **_):
        asked.append(given)
        raise error

    monkeypatch.setattr(store, "_opened", lambda address: (SimpleNamespace(pipe_file=ask), address))
    with pytest.raises(RunError) as told:
        one.put(b"something")
    assert told.value.found == words
    assert told.value.todo
    assert SECRET not in str(told.value)
    assert str(folder) not in str(told.value)
    assert len(asked) == 1


def test_a_store_that_nothing_speaks_to_is_refused_in_words():
    with pytest.raises(RunError, match="the app cannot speak to the store") as told:
        Store("nosuch://bucket/runs", who="the app").put(b"something")
    assert "s3://" in told.value.needed


@pytest.mark.parametrize("address", ["file:///shared/grn", "s3://bucket", "s3://bucket/runs/of-us", "gcs://b/x"])
def test_an_address_of_a_store_is_taken(monkeypatch, address):
    monkeypatch.setenv("GRN_DASK_STORE", address)
    assert settings().dask_store == address


@pytest.mark.parametrize(
    "address",
    [
        "/shared",
        "file://shared",
        "s3:bucket",
        f"s3://key:{SECRET}@bucket",
        f"s3://bucket?secret={SECRET}",
        "simplecache::s3://bucket",
        "s3://a b",
    ],
)
def test_what_is_no_address_of_a_store_is_refused_and_no_password_is_shown(monkeypatch, address):
    monkeypatch.setenv("GRN_DASK_STORE", address)
    with pytest.raises(RequestError, match="GRN_DASK_STORE is no address of a store") as told:
        settings()
    assert SECRET not in str(told.value)


# What follows has a cluster that computes at once, in this process, with what the real one sends.


@pytest.fixture
def executor(monkeypatch, folder):
    cluster = pytest.importorskip("grn_core.executors.cluster")

    def sent(client, function, *given, priority=0):
        answer = function(*(one.result() if isinstance(one, SimpleNamespace) else one for one in given))
        return SimpleNamespace(add_done_callback=lambda told: told(None), result=lambda: answer)

    heard = []
    one = cluster.OnCluster("tcp://127.0.0.1:9", progress=lambda *told: heard.append(told), store=at(folder))
    standing = SimpleNamespace(client=lambda: None, stands=True, leave=lambda: None, close=lambda: None)
    standing.wait = one._connection.wait
    monkeypatch.setattr(cluster, "_sent", sent)
    monkeypatch.setattr(one, "_connection", standing)
    monkeypatch.setattr(remote, "_READY", {})
    one.heard = heard
    return one


def squares(executor, diary, n=4, listen=lambda: None):
    found = executor.results(toy_work.work(diary), range(n), listen=listen)
    return {number: arrays["square"].tolist() for number, arrays in found}


def wanted(n=4):
    return {number: [number**2, (number + 1) ** 2, (number + 2) ** 2] for number in range(n)}


@pytest.fixture
def put(monkeypatch):
    """The tickets of all that was left in the store."""
    leave, tickets = Store.put, []
    monkeypatch.setattr(Store, "put", lambda self, content: tickets.append(leave(self, content)) or tickets[-1])
    return tickets


@pytest.mark.dask
def test_parts_come_back_by_the_store_and_nothing_is_left_there(executor, folder, tmp_path, put):
    with executor:
        assert squares(executor, tmp_path / "diary") == wanted()
    assert len(put) == 1 + 4 + 4, "what all share, parts and results"
    assert left_in(folder) == []
    assert len(toy_work.lines(tmp_path / "diary", "prepared")) == 1


@pytest.mark.dask
def test_what_is_small_goes_in_messages(executor, tmp_path, put, monkeypatch):
    monkeypatch.setattr(handing, "SMALL", 10_000)
    monkeypatch.setattr(remote, "SMALL", 10_000)
    with executor:
        assert squares(executor, tmp_path / "diary") == wanted()
    assert put == []


@pytest.mark.dask
@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"other")])
@pytest.mark.parametrize(("reading", "computed"), [(1, 4), (2, 4), (6, 5)], ids=["shared", "part", "result"])
def test_what_was_damaged_in_the_store_is_made_again(
    executor, folder, tmp_path, monkeypatch, reading, computed, damage
):
    get, n = Store.get, []

    def damaging(self, ticket):
        n.append(ticket)
        if len(n) == reading:
            damage(folder / ticket.split(" ")[0])
        return get(self, ticket)

    monkeypatch.setattr(Store, "get", damaging)
    with executor:
        assert squares(executor, tmp_path / "diary") == wanted()
    assert len(toy_work.lines(tmp_path / "diary", "begun")) == computed
    assert left_in(folder) == []


def failing(method, *, on):
    """A store's method that does not get through at some of its calls."""
    n = []

    def asked(self, given):
        n.append(given)
        if len(n) in on:
            message = "ConnectionError"
            raise Unreachable(message)
        return method(self, given)

    return asked


@pytest.mark.dask
def test_a_store_that_goes_and_comes_back_is_waited_for(executor, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(Store, "put", failing(Store.put, on=(2, 3, 4, 8)))
    monkeypatch.setattr(Store, "get", failing(Store.get, on=(1, 3, 9)))
    with executor:
        assert squares(executor, tmp_path / "diary") == wanted()
    assert {told[0] for told in executor.heard} == {"waiting for the cluster"}
    assert left_in(folder) == []


@pytest.mark.dask
def test_a_store_that_never_answered_ends_the_run_in_words(executor, tmp_path, monkeypatch):
    monkeypatch.setattr(Store, "put", failing(Store.put, on=range(99)))
    with executor, pytest.raises(RunError, match="the store of GRN_DASK_STORE does not answer"):
        squares(executor, tmp_path / "diary")


@pytest.mark.dask
def test_a_store_that_the_workers_never_reach_ends_the_run_in_words(executor, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(Store, "get", failing(Store.get, on=range(99)))
    with executor, pytest.raises(RunError, match="did not hand over a part of the run, 5 times"):
        squares(executor, tmp_path / "diary")
    assert left_in(folder) == []


@pytest.mark.dask
def test_waiting_for_a_store_can_be_cancelled_and_clears_it(executor, folder, tmp_path, monkeypatch):
    def cancel():
        message = "cancelled"
        raise Cancelled(message)

    monkeypatch.setattr(Store, "put", failing(Store.put, on=range(3, 99)))
    monkeypatch.setattr(executor._handing, "_wait", cancel)
    with executor, pytest.raises(Cancelled):
        squares(executor, tmp_path / "diary")
    assert left_in(folder) == []
