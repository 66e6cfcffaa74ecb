"""Parts computed by a real scheduler and two real workers: the same bytes, whatever is lost meanwhile."""

from __future__ import annotations

import signal

import pytest

from grn_core.errors import Cancelled, RunError
from grn_core.progress import silent
from grn_core.runs import InferRequest, RunStatus, RunStore, worker
from grn_core.runs.kinds.panel import GENES_ONLY
from tests.benchmark.toy_references import write_toy
from tests.executors import toy_work
from tests.executors.dask_processes import DaskProcesses

pytestmark = [
    pytest.mark.dask,
    pytest.mark.ways,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),  # in Dask, of its own sockets
]
TFS = ("SPI1", "GATA1", "IRF8", "CEBPA", "CEBPB", "RUNX1", "TAL1", "KLF1", "MYB", "STAT1", "IRF4", "PAX5")
GENES = (*TFS, "CD3E", "CD4", "CD8A", "GAPDH", "HBA1", "LYZ")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    one = DaskProcesses(tmp_path_factory.mktemp("cluster")).start()
    yield one
    one.end()


@pytest.fixture
def both(cluster):
    """The cluster with both of its workers at work."""
    from distributed import Client

    with Client(cluster.address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    return cluster


@pytest.fixture
def diary(tmp_path):
    return tmp_path / "diary"


def on(cluster, progress=silent):
    from grn_core.executors.cluster import OnCluster

    return OnCluster(cluster.address, progress=progress)


def squares(found):
    return {number: arrays["square"].tolist() for number, arrays in found}


def wanted(n):
    return {number: [number**2, (number + 1) ** 2, (number + 2) ** 2] for number in range(n)}


def request():
    return InferRequest(dataset_ref=GENES_ONLY, genes=GENES, tfs=TFS, seeds=(0,))


def compute(asked):
    store = RunStore()
    run_id = store.write_request(asked)
    store.write_status(run_id, RunStatus("queued"))
    worker.main([run_id, "--home", str(store.root.parent)])
    assert store.status(run_id).state == "done", store.status(run_id)
    return run_id, store.path(run_id)


def content(folder, *, of):
    return {path.relative_to(folder): path.read_bytes() for one in of for path in sorted(folder.glob(one))}


def test_a_run_has_the_same_id_and_the_same_bytes_and_each_worker_loads_the_model_once(
    both, monkeypatch, tmp_path_factory
):
    from distributed import Client

    from grn_core.extractors.engine import extract_features
    from grn_core.models.load import load_model

    here, own = compute(request())
    monkeypatch.setenv("GRN_HOME", str(tmp_path_factory.mktemp("other")))
    monkeypatch.setenv("GRN_DASK_SCHEDULER", both.address)
    afar, theirs = compute(request())
    assert here == afar
    of = ("edges.parquet", "panel.json", "features/*")
    assert len(content(own, of=of)) >= 6
    assert content(own, of=of) == content(theirs, of=of)
    assert RunStore().record(afar)["result"]["device"].endswith("(workers of a Dask cluster)")
    model = load_model("compact", device="cpu")
    with Client(both.address, set_as_default=False) as client, on(both) as executor:
        before = client.run(toy_work.resident)
        extract_features(model, GENES, range(4), executor=executor, called="compact", chunk=1)
        after = client.run(toy_work.resident)
    assert any(before.values())
    assert all(after[where] == one for where, one in before.items() if one), "loaded again for other work"


def test_a_benchmark_has_the_same_measures(both, monkeypatch, tmp_path):
    from grn_core.benchmark.job import run_job
    from grn_core.benchmark.options import BenchmarkOptions
    from grn_core.benchmark.protocol import methods, table

    some = [one for one in methods.methods() if one.name in ("VVP", "GDT", "Random weights", "Pert (origin)")]
    monkeypatch.setattr(table, "methods", lambda asked: some)
    (tmp_path / "references").mkdir()
    asked = BenchmarkOptions(suite="transfer", references=write_toy(tmp_path / "references"), n_seeds=1)
    for where, address in {"here": "", "afar": both.address}.items():
        monkeypatch.setenv("GRN_HOME", str(tmp_path / where))
        monkeypatch.setenv("GRN_DASK_SCHEDULER", address)
        (tmp_path / where).mkdir()
        assert run_job(asked, tmp_path / where)["computed"]
    of = ("measures.json", "results/*.tsv", "results/*.csv", "benchmark/features/*/*", "benchmark/results/*")
    here = content(tmp_path / "here", of=of)
    assert len(here) > 40
    assert here == content(tmp_path / "afar", of=of)


def test_what_is_wrong_with_a_part_is_said_as_it_would_be_here(both, diary):
    with on(both) as executor:
        with pytest.raises(RunError, match="the cells are wet") as told:
            squares(executor.results(toy_work.work(diary, wrong="data"), range(3), listen=lambda: None))
        assert (told.value.needed, told.value.todo) == ("dry ones", "wait")
        with pytest.raises(RunError, match="ZeroDivisionError: by nothing"):
            squares(executor.results(toy_work.work(diary, wrong="bug"), range(3), listen=lambda: None))
        with pytest.raises(RunError, match="on a worker: the disk is full") as told:
            squares(executor.results(toy_work.work(diary, wrong="disk"), range(3), listen=lambda: None))
        assert "secret" not in str(told.value)
        assert squares(executor.results(toy_work.work(diary), range(3), listen=lambda: None)) == wanted(3)
        assert executor.device("CPU") == "toy (workers of a Dask cluster)"


def test_other_versions_are_refused_before_there_is_work(both, diary, monkeypatch):
    from grn_core.executors import alike

    there = alike.versions_here()
    alike.versions_here.cache_clear()
    monkeypatch.setattr(alike, "VERSION", "8.8")
    try:
        with on(both) as executor, pytest.raises(RunError, match=r"GRN Studio .* \(here 8\.8 ") as told:
            squares(executor.results(toy_work.work(diary), range(3), listen=lambda: None))
    finally:
        alike.versions_here.cache_clear()
    assert there["GRN Studio"] in told.value.found
    assert "the scheduler" in told.value.found
    assert not diary.exists()


def test_a_cancel_waits_for_no_worker(both, diary):
    def listen():
        if toy_work.lines(diary, "begun"):
            message = "cancelled"
            raise Cancelled(message)

    with on(both) as executor, pytest.raises(Cancelled):
        squares(executor.results(toy_work.work(diary, seconds=2), range(8), listen=listen))
    assert not toy_work.lines(diary, "done"), "the user had to wait for a part"


def test_a_lost_worker_costs_what_it_was_at(both, diary):
    n, found = 16, {}
    with on(both) as executor:
        for number, arrays in executor.results(toy_work.work(diary, seconds=0.1), range(n), listen=lambda: None):
            found[number] = arrays["square"].tolist()
            if len(found) == 4:
                both.workers[0].send_signal(signal.SIGKILL)
    both.workers[0].wait()
    both.workers[0] = both.worker()
    assert found == wanted(n)
    assert len(toy_work.lines(diary, "begun")) <= n + 2, "the part it was at, and one that it had not handed over"
    assert len(toy_work.lines(diary, "prepared")) == 2, "each worker makes ready once"


def test_a_scheduler_that_goes_and_comes_back_costs_what_was_not_back(both, diary):
    n, found, heard = 12, {}, []
    with on(both, progress=lambda stage, done, total: heard.append(stage)) as executor:
        for number, arrays in executor.results(toy_work.work(diary, seconds=0.1), range(n), listen=lambda: None):
            assert number not in found
            found[number] = arrays["square"].tolist()
            if len(found) == 4:
                both.end()
                both.start()
    assert found == wanted(n)
    assert set(heard) == {"waiting for the cluster"}


def test_an_address_where_no_scheduler_is_is_given_up(monkeypatch, diary):
    from grn_core.executors import connection
    from grn_core.executors.cluster import OnCluster

    monkeypatch.setattr(connection, "GIVE_UP_S", 0.0)
    monkeypatch.setattr(connection, "CONNECT_S", 0.2)
    words = "no Dask scheduler answers at the address in GRN_DASK_SCHEDULER"
    with OnCluster("tcp://127.0.0.1:9", progress=silent) as executor, pytest.raises(RunError, match=words) as told:
        squares(executor.results(toy_work.work(diary), range(3), listen=lambda: None))
    assert "127.0.0.1" not in str(told.value), "where the cluster is is nothing for users"


def test_waiting_for_workers_is_told_and_can_be_cancelled(tmp_path, diary):
    lonely = DaskProcesses(tmp_path, n_workers=0).start()
    heard = []

    def progress(stage, done, total):
        heard.append(stage)
        if len(heard) > 3:
            message = "cancelled"
            raise Cancelled(message)

    try:
        with on(lonely, progress) as executor, pytest.raises(Cancelled):
            squares(executor.results(toy_work.work(diary), range(3), listen=lambda: None))
    finally:
        lonely.end()
    assert set(heard) == {"waiting for the cluster"}


def test_a_part_that_ends_every_worker_is_said(tmp_path, diary, monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")  # by default four workers are tried
    weak = DaskProcesses(tmp_path, n_workers=1).start()
    try:
        with on(weak) as executor, pytest.raises(RunError, match="ended every worker that was given it") as told:
            squares(executor.results(toy_work.work(diary, wrong="dies"), range(1), listen=lambda: None))
    finally:
        weak.end()
    assert "memory" in told.value.needed
