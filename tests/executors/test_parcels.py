"""What goes to a worker and comes back, and what is asked of the settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import grn_core
from grn_core.errors import RequestError, RunError
from grn_core.executors import HERE, Parcel, chosen, computing
from grn_core.executors.alike import code, unlike, versions_here
from grn_core.executors.parcels import packed, unpacked
from grn_core.executors.remote import ERROR, VERSIONS, computed
from grn_core.progress import silent
from grn_core.settings import settings
from tests.executors import toy_work

NUMBERS = arrays.arrays(st.sampled_from([np.float32, np.float64, np.int64, np.bool_]), arrays.array_shapes(min_side=0))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(st.text("abcdef._", min_size=1), NUMBERS, max_size=3), st.dictionaries(st.text(), JSON, max_size=3)
)
def test_a_parcel_arrives_as_it_was_sent(numbers, told):
    found = unpacked(packed(Parcel(told, numbers)))
    assert found.told == told
    assert set(found.arrays) == set(numbers)
    for name, array in numbers.items():
        assert found.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(found.arrays[name], array)


def test_objects_are_not_sent():
    with pytest.raises(ValueError, match="Object arrays"):
        packed(Parcel(arrays={"one": np.array([{}], dtype=object)}))


def test_in_this_process_parts_come_in_their_order_and_a_listener_may_stop_before_each(tmp_path):
    heard = []

    def listen():
        heard.append(1)
        if len(heard) == 3:
            raise KeyboardInterrupt

    with computing(silent) as executor:
        assert executor is HERE
        assert executor.device("CPU") == "CPU"
        found = executor.results(toy_work.work(tmp_path / "diary"), [4, 2, 9], listen=listen)
        taken = [(number, arrays["square"].tolist()) for number, arrays in (next(found), next(found))]
        with pytest.raises(KeyboardInterrupt):
            next(found)
    assert taken == [(4, [16, 25, 36]), (2, [4, 9, 16])]


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "tls://scheduler.lab:8786", "local", "local:2"])
def test_an_address_of_a_scheduler_is_taken(monkeypatch, address):
    monkeypatch.setenv("GRN_DASK_SCHEDULER", address)
    assert settings().dask_scheduler == address


@pytest.mark.parametrize(
    "address",
    [
        "scheduler",
        "tcp://scheduler",
        "http://lab:80",
        "local:0",
        "local:x",
        "tcp://a b:1",
        "tcp://a:0",
        "tcp://a:65536",
    ],
)
def test_what_is_no_address_of_a_scheduler_is_refused(monkeypatch, address):
    monkeypatch.setenv("GRN_DASK_SCHEDULER", address)
    with pytest.raises(RequestError, match="tcp://host:port") as told:
        settings()
    assert "GRN_DASK_SCHEDULER" in told.value.found


def test_a_cluster_without_dask_is_refused_in_words(monkeypatch):
    monkeypatch.setenv("GRN_DASK_SCHEDULER", "tcp://10.0.0.1:8786")
    monkeypatch.setattr(chosen, "find_spec", lambda name: None)
    with pytest.raises(RequestError, match="Dask is not installed") as told, computing(silent):
        pytest.fail("nothing to compute with")
    assert "requirements-dask.txt" in told.value.todo


def test_a_worker_that_comes_later_with_other_versions_refuses_by_itself(tmp_path):
    work = toy_work.work(tmp_path / "diary")
    given = packed(Parcel({**work.given().told, VERSIONS: {**versions_here(), "torch": "9.9"}}, work.given().arrays))
    told = unpacked(computed(work.module, "key", given, packed(work.part(1)))).told[ERROR]
    assert "(here 9.9)" in told["found"]
    assert not (tmp_path / "diary").exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("disk", "on a worker: the disk is full"),
        ("memory", "on a worker: the memory of this machine ran out"),
        ("stale", "a worker failed: OSError: Stale file handle (place)"),
        ("slow", "a worker failed: TimeoutError: by nothing"),
        ("cancelled", "a worker failed: CancelledError: "),
    ],
)
def test_whatever_the_work_raises_is_told_in_a_parcel_and_is_never_taken_for_a_lost_scheduler(tmp_path, wrong, words):
    work = toy_work.work(tmp_path / "diary", wrong=wrong)
    given = packed(Parcel({**work.given().told, VERSIONS: versions_here()}, work.given().arrays))
    told = unpacked(computed(work.module, wrong, given, packed(work.part(1)))).told[ERROR]
    assert told["found"] == words
    assert told["todo"]


@pytest.mark.dask
def test_parts_that_a_standing_scheduler_never_gives_back_end_the_run(monkeypatch, tmp_path):
    pytest.importorskip("distributed")
    from grn_core.executors import cluster

    sent = []

    class Standing:
        stands = True

        def leave(self):
            assert len(sent) < 50, "sent for ever"

    def lost(work, content, numbers, *, listen):
        sent.append(numbers)
        if len(sent) == 2:
            yield 0, Parcel(arrays={"square": np.arange(3)})
        message = "by nothing"
        raise cluster.Lost(message)

    executor = cluster.OnCluster("tcp://127.0.0.1:9", progress=silent)
    monkeypatch.setattr(executor, "_connection", Standing())
    monkeypatch.setattr(executor, "_gathered", lost)
    with pytest.raises(RunError, match="none came back"):
        list(executor.results(toy_work.work(tmp_path / "diary"), range(3), listen=lambda: None))
    assert len(sent) == 2 + cluster.VAIN, "what came back begins the count anew"
    assert sent[-1] == (1, 2)


def test_the_source_has_one_sum_in_a_checkout_and_in_its_wheel(tmp_path):
    here = Path(grn_core.__file__).parent
    wheel = tmp_path / "grn_core"
    shutil.copytree(here, wheel, ignore=shutil.ignore_patterns("__pycache__"))
    (wheel / "_app" / "pages").mkdir(parents=True)
    (wheel / "_app" / "pages" / "home.py").write_text("a page", encoding="utf-8")
    assert code(wheel) == code(here)
    (wheel / "errors.py").write_text("another", encoding="utf-8")
    assert code(wheel) != code(here)


def test_versions_are_compared_in_words():
    here = versions_here()
    assert not unlike(here, dict(here))
    assert unlike(here, {**here, "torch": "1.0"}) == f"torch 1.0 (here {here['torch']})"
    assert "numpy none" in unlike(here, {name: one for name, one in here.items() if name != "numpy"})
    assert "+" not in here["torch"]
