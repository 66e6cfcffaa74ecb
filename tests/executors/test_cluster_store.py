"""Parts that two real workers hand over by a shared folder, or by a server of S3's kind: the same bytes, none left."""

from __future__ import annotations

import logging
import signal
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from grn_core.errors import RunError
from grn_core.executors.store import _opened
from grn_core.progress import silent
from grn_core.runs import InferRequest, RunStatus, RunStore, worker
from grn_core.runs.kinds.panel import GENES_ONLY
from tests.executors import toy_work
from tests.executors.dask_processes import DaskProcesses

pytestmark = [
    pytest.mark.dask,
    pytest.mark.ways,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),  # of Dask's sockets
]
LENGTH = 20_000
"""Numbers of a part: enough that they are not sent in a message."""
SECRET = "correct-horse-battery-staple"


@pytest.fixture(scope="module")
def bucket():
    """A bucket of a server on the loopback address, and the credentials for it in the environment."""
    server = pytest.importorskip("moto.server", reason="no package moto: pip install -r requirements-ways.txt")
    import requests

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    one = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    one.start()
    address = "http://{}:{}".format(*one.get_host_and_port())
    requests.put(f"{address}/bucket", timeout=10).raise_for_status()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "ENDPOINT_URL": address,
            "ACCESS_KEY_ID": "of-this-machine",
            "SECRET_ACCESS_KEY": SECRET,
            "DEFAULT_REGION": "us-east-1",
            "EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(f"AWS_{name}", value)
        yield SimpleNamespace(server=one, address="s3://bucket/runs")
    one.stop()


@pytest.fixture(params=["folder", "bucket"])
def address(request, tmp_path):
    if request.param == "bucket":
        return request.getfixturevalue("bucket").address
    (tmp_path / "shared").mkdir()
    return f"file://{tmp_path}/shared"


@pytest.fixture
def cluster(address, tmp_path):  # after the address: workers have the credentials of their environment
    one = DaskProcesses(tmp_path).start()
    yield one
    one.end()


def left_in(address):
    files, root = _opened(address)
    return [path for path in files.find(root) if "/grn-" in path]


def test_a_lost_worker_costs_what_it_was_at_and_nothing_is_left_in_the_store(cluster, address, tmp_path):
    from grn_core.executors.cluster import OnCluster

    n, found, work = 12, {}, toy_work.work(tmp_path / "diary", seconds=0.1, length=LENGTH)
    with OnCluster(cluster.address, progress=silent, store=address) as executor:
        for number, arrays in executor.results(work, range(n), listen=lambda: None):
            found[number] = arrays["square"]
            if len(found) == 1:
                assert left_in(address), "what all parts share"
            if len(found) == 4:
                taken = tuple(found)
                cluster.workers[0].send_signal(signal.SIGKILL)
    for number in range(n):
        np.testing.assert_array_equal(found[number], (number + np.arange(LENGTH)) ** 2)
    begun = Counter(int(line.split(" ")[2]) for line in toy_work.lines(tmp_path / "diary", "begun"))
    assert {begun[number] for number in taken} == {1}, "what was taken is computed once"
    assert max(begun.values()) <= 2
    assert left_in(address) == []


def test_a_store_that_is_not_there_is_said(cluster, tmp_path):
    from grn_core.executors.cluster import OnCluster

    work = toy_work.work(tmp_path / "diary", length=LENGTH)
    words = "no such folder or bucket as the store of GRN_DASK_STORE"
    with (
        OnCluster(cluster.address, progress=silent, store=f"file://{tmp_path}/nowhere") as executor,
        pytest.raises(RunError, match=words) as told,
    ):
        list(executor.results(work, range(2), listen=lambda: None))
    assert "nowhere" not in str(told.value)


def compute(asked):
    store = RunStore()
    run_id = store.write_request(asked)
    store.write_status(run_id, RunStatus("queued"))
    worker.main([run_id, "--home", str(store.root.parent)])
    assert store.status(run_id).state == "done", store.status(run_id)
    return run_id, store.path(run_id)


def content(folder):
    files = [path for one in ("edges.parquet", "panel.json", "features/*") for path in sorted(folder.glob(one))]
    return {path.relative_to(folder): path.read_bytes() for path in files}


def test_a_run_by_a_bucket_has_the_same_id_and_bytes_and_tells_nobody_the_credentials(
    bucket, tmp_path, monkeypatch, tmp_path_factory
):
    from grn_core.executors import handing
    from grn_core.models.registry import vocabulary

    genes = tuple(vocabulary("compact")[:800])
    asked = InferRequest(dataset_ref=GENES_ONLY, genes=genes, tfs=genes[:12], seeds=(0,))
    here, own = compute(asked)
    cluster = DaskProcesses(tmp_path).start()
    taken = []
    take = handing.Handing.taken
    monkeypatch.setattr(
        handing.Handing, "taken", lambda self, found, listen: taken.append(found) or take(self, found, listen)
    )
    try:
        home = tmp_path_factory.mktemp("other")
        monkeypatch.setenv("GRN_HOME", str(home))
        monkeypatch.setenv("GRN_DASK_SCHEDULER", cluster.address)
        monkeypatch.setenv("GRN_DASK_STORE", bucket.address)
        afar, theirs = compute(asked)
    finally:
        cluster.end()
    assert here == afar
    assert content(own) == content(theirs)
    assert any(isinstance(one, str) for one in taken), "parts were handed over by the store"
    assert left_in(bucket.address) == []
    for path in (path for folder in (home, tmp_path) for path in folder.rglob("*") if path.is_file()):
        assert SECRET.encode() not in path.read_bytes(), path
