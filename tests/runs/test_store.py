from __future__ import annotations

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from grn_core import runs
from grn_core.errors import RequestError, RunError
from grn_core.files import write_atomic
from grn_core.runs import InferRequest, RunStatus, RunStore, manager, records
from grn_core.runs.locks import hold, is_held
from grn_core.runs.state import left_alone
from grn_core.sums import write_summed

UNKNOWN = "0123456789abcdef"


@pytest.mark.parametrize("bad", ["", "..", "../../etc", "0123456789ABCDEF", UNKNOWN + "0", UNKNOWN + "\n", "a/b"])
def test_an_id_from_a_url_never_leads_out_of_the_store(store, bad):
    with pytest.raises(RunError, match="is not a run id"):
        store.path(bad)


@pytest.mark.parametrize(
    "ask", [manager.status, manager.cancel, manager.resume, manager.ensure_running, manager.wait, runs.remove]
)
def test_an_unknown_run_is_named_and_leaves_no_folder(store, ask):
    with pytest.raises(RunError, match=f"no readable run {UNKNOWN}"):
        ask(UNKNOWN)
    assert manager.status_if_known(UNKNOWN) is None
    assert not store.root.exists()


def test_the_first_record_stays(store, fake):
    run_id = store.write_request(fake.count_request())
    first = store.record(run_id)
    assert store.write_request(fake.count_request()) == run_id
    assert store.record(run_id) == first
    assert store.request(run_id) == fake.count_request()
    store.write_result(run_id, {"chunks": 3})
    assert store.record(run_id) == {**first, "result": {"chunks": 3}}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"request": {}}', '{"request": {"kind": "dance"}}', "\0\xff"])
def test_a_damaged_record_is_passed_over_and_healed_by_asking_again(store, fake, text):
    good = store.write_request(fake.count_request(n=1))
    bad = store.write_request(fake.count_request(n=2))
    (store.path(bad) / "run.json").write_text(text, encoding="latin-1")
    (store.root / "stray file").touch()
    (store.root / "stray folder").mkdir()
    assert [info.run_id for info in store.list_runs()] == [good]
    store.write_request(fake.count_request(n=2))
    assert {info.run_id for info in store.list_runs()} == {good, bad}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"state": "dancing"}', '{"state": "running", "done": "x"}', '{"state": 3}']
)
def test_a_damaged_status_is_an_interruption(store, fake, text):
    run_id = store.write_request(fake.count_request())
    (store.path(run_id) / "status.json").write_text(text, encoding="utf-8")
    assert store.status(run_id).state == "interrupted"
    assert [info.status.state for info in store.list_runs()] == ["interrupted"]
    with hold(store.path(run_id) / "lock"):
        assert store.status(run_id).state == "running"


def test_a_damaged_status_is_put_right_by_asking_again(store, fake):
    run_id = store.write_request(fake.count_request(n=1))
    (store.path(run_id) / "status.json").write_text("{", encoding="utf-8")
    manager.submit(fake.count_request(n=1))
    assert manager.wait(run_id, timeout_s=60).state == "done"


def test_newest_first(store, fake):
    ids = [store.write_request(fake.count_request(n=n)) for n in range(3)]
    for place, run_id in enumerate(ids):
        created = f"2025-01-0{place + 1}T00:00:00+00:00"
        write_summed(store.path(run_id) / "run.json", {**store.record(run_id), "created": created})
    assert [info.run_id for info in store.list_runs()] == ids[::-1]
    assert RunStore(store.root / "nowhere").list_runs() == []


numbers = st.integers(0, 10**9) | st.floats(0, 1e9)


@given(
    status=st.builds(
        RunStatus,
        state=st.sampled_from(["queued", "running", "done", "failed", "cancelled"]),
        stage=st.text(),
        fraction=st.floats(0, 1),
        eta_s=st.none() | st.floats(0, 1e9),
        error=st.none() | st.fixed_dictionaries({"found": st.text(), "needed": st.text(), "todo": st.text()}),
        pid=st.integers(0, 2**22),
    )
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_status_survives_the_disk(store, status):
    written = store.write_status(UNKNOWN, status)
    assert store.written_status(UNKNOWN) == written == status.replace(updated=written.updated)


def test_results_are_read_only_when_the_run_is_done(store, stand_ins):
    run_id = store.write_request(InferRequest(dataset_ref="pbmc68k", dataset_sha="d"))
    edges = pd.DataFrame({"source": ["SPI1"], "target": ["CEBPA"], "score": [1.5]})
    write_atomic(store.path(run_id) / "edges.parquet", edges.to_parquet)
    with pytest.raises(RunError, match=r"no edges\.parquet: it is interrupted"):
        store.edges(run_id)
    store.write_status(run_id, RunStatus("done"))
    pd.testing.assert_frame_equal(store.edges(run_id)[list(edges)], edges)
    with pytest.raises(RunError, match=r"no embedding\.npy"):
        store.embedding(run_id)
    assert store.features(run_id) == {}
    (store.path(run_id) / "features").mkdir()
    np.save(store.path(run_id) / "features" / "vvp.npy", np.zeros((1, 2, 8), np.float32))
    features = store.features(run_id)
    assert features["vvp"].shape == (1, 2, 8)
    assert not features["vvp"].flags.writeable


@pytest.mark.parametrize("garbage", [b"", b"garbage", b"PAR1 half of it"])
def test_a_damaged_result_says_how_to_compute_it_again(store, stand_ins, garbage):
    run_id = store.write_request(InferRequest(dataset_ref="pbmc68k", dataset_sha="d"))
    store.write_status(run_id, RunStatus("done"))
    for name in ("edges.parquet", "embedding.npy", "expression.npy"):
        (store.path(run_id) / name).write_bytes(garbage)
    (store.path(run_id) / "features").mkdir()
    (store.path(run_id) / "features" / "vvp.npy").write_bytes(garbage)
    said = f"run {run_id} cannot be read: its .* is damaged; .* what to do: .*runs remove {run_id}"
    for read in (store.edges, store.embedding, store.expression, store.features):
        with pytest.raises(RunError, match=said):
            read(run_id)


def test_a_removed_run_is_computed_from_nothing(store, fake, diary, stays):
    go_on = stays(0)
    run_id = manager.submit(fake.count_request(n=2))
    with pytest.raises(RunError, match="still at work"):
        runs.remove(run_id)
    go_on()
    assert manager.wait(run_id, timeout_s=60).state == "done"
    runs.remove(run_id)
    assert manager.status_if_known(run_id) is None
    assert list(store.root.iterdir()) == []
    before = len(diary())
    assert manager.submit(fake.count_request(n=2)) == run_id
    assert manager.wait(run_id, timeout_s=60).state == "done"
    assert len(diary()) > before


def test_a_run_whose_record_is_damaged_can_be_removed(store, fake):
    run_id = manager.submit(fake.count_request(n=2))
    assert manager.wait(run_id, timeout_s=60).state == "done"
    while is_held(store.path(run_id) / "lock"):  # the worker has said that it is done, and leaves
        time.sleep(0.01)
    (store.path(run_id) / "run.json").write_text("{", encoding="utf-8")
    runs.remove(run_id)
    assert list(store.root.iterdir()) == []


def test_a_run_for_a_home_that_cannot_be_written_to_is_refused(fake, monkeypatch):
    monkeypatch.setenv("GRN_HOME", "/proc/nowhere")
    with pytest.raises(RequestError, match=r"nothing can be written to the data folder \("):
        manager.submit(fake.count_request(n=2))


def test_locks_are_seen_and_let_go(tmp_path):
    path = tmp_path / "folder" / "lock"
    assert not is_held(path)
    path.parent.mkdir()
    assert not is_held(path)
    with hold(path) as first, hold(path, wait_s=0.05) as second:
        assert (first, second) == (True, False)
        assert is_held(path)
    assert not is_held(path)


def test_many_who_ask_see_no_holder_where_there_is_none(tmp_path):
    path = tmp_path / "lock"
    path.touch()
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: is_held(path), range(200)))
        with hold(path):
            assert all(pool.map(lambda _: is_held(path), range(50)))


def test_the_lock_of_a_holder_that_was_killed_is_free(tmp_path):
    path = tmp_path / "lock"
    script = (
        "import sys, time; from pathlib import Path; from grn_core.runs.locks import hold\n"
        "with hold(Path(sys.argv[1])) as mine:\n    print(mine, flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline().strip() == "True"
    assert is_held(path)
    holder.kill()
    holder.communicate()
    assert not is_held(path)
    with hold(path) as mine:
        assert mine


def test_a_run_that_is_removed_while_runs_are_listed_hides_no_other(store, fake, monkeypatch):
    ids = [store.write_request(fake.count_request(n=n)) for n in (1, 2)]

    def gone(record, folder):
        shutil.rmtree(folder)
        (folder / "run.json").stat()

    monkeypatch.setattr(records, "ended_by_record", gone)
    store.write_status(ids[0], RunStatus("cancelled"))
    assert [info.run_id for info in store.list_runs()] == ids[:1]


def test_a_run_that_is_removed_while_runs_are_listed_is_no_full_disk(tmp_path):
    told = left_alone(RunStatus("running"), tmp_path / "gone")
    assert (told.state, told.message.partition(" (")[0]) == ("interrupted", "the worker stopped without a word")
