"""The way to a cluster, without one: what is sent at once, and what is seen to before anybody is asked."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from grn_core.errors import Cancelled, RunError
from grn_core.executors import Parcel, Work
from grn_core.executors.parcels import packed
from grn_core.progress import silent

cluster = pytest.importorskip("grn_core.executors.cluster")
connection = pytest.importorskip("grn_core.executors.connection")
pytestmark = pytest.mark.dask
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def under_way(monkeypatch):
    """An executor whose parts are done as soon as they are sent, and how many were under way at each sending."""
    found = SimpleNamespace(executor=cluster.OnCluster("tcp://127.0.0.1:9", progress=silent), sent=[], back=0)

    def sent(client, function, *given, priority=0):
        found.sent.append(len(found.sent) + 1 - found.back)
        answer = packed(Parcel(arrays={"square": np.arange(3)}))
        return SimpleNamespace(add_done_callback=lambda told: told(None), result=lambda: answer)

    monkeypatch.setattr(cluster, "_sent", sent)
    standing = SimpleNamespace(client=lambda: None, stands=True, leave=lambda: None)
    monkeypatch.setattr(found.executor, "_connection", standing)
    return found


def large(parts):
    return Work(here=None, module="", given=Parcel, part=lambda number: Parcel(arrays={"cells": np.zeros(parts)}))


@pytest.mark.parametrize("at_once", [1, 3, 5])
def test_large_parts_wait_until_others_are_back(monkeypatch, under_way, at_once):
    size = len(packed(large(1000).part(0)))
    monkeypatch.setattr(cluster, "AT_ONCE_BYTES", size * at_once)
    numbers = []
    for number, _ in under_way.executor.results(large(1000), range(12), listen=lambda: None):
        numbers.append(number)
        under_way.back += 1
    assert sorted(numbers) == list(range(12))
    assert max(under_way.sent[1:]) <= at_once + 1  # what all share is sent too


def test_a_cancel_is_heard_while_parts_are_made_ready(under_way):
    def listen():
        if len(under_way.sent) > 3:
            message = "cancelled"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        list(under_way.executor.results(large(10), range(100), listen=listen))
    assert len(under_way.sent) == 4


def test_workers_of_this_machine_share_its_cores_and_leave_this_process_what_it_has(monkeypatch):
    for name in connection.THREADS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRN_THREADS", "8")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    began = []

    def start(*, env, **_):
        began.append((env, {name: os.environ.get(name) for name in connection.THREADS}))
        os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as Dask does

    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setattr(connection, "LocalCluster", start)
    before = dict(os.environ)
    for _ in range(2):
        connection._local_cluster("local:4")
        assert dict(os.environ) == before
    assert began == [(dict.fromkeys(connection.THREADS, "2"),) * 2] * 2


def test_tls_without_certificates_is_refused_in_words():
    with cluster.OnCluster("tls://scheduler.lab:8786", progress=silent) as executor:
        with pytest.raises(RunError, match="no certificates") as told:
            list(executor.results(large(1), range(1), listen=lambda: None))
        assert "distributed.comm.tls" in told.value.needed
        assert "scheduler.lab" not in str(told.value)


def test_every_worker_of_the_docs_is_told_its_threads():
    text = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    blocks = [block for block in text.split("```")[1::2] if "OMP_NUM_THREADS" in block]
    assert len(blocks) == 3
    for block in blocks:
        assert all(name in block for name in connection.THREADS if name != "MKL_NUM_THREADS"), block
