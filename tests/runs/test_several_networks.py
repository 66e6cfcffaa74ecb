"""Work that reads several finished networks: what it is asked, and that it is refused where they are not there."""

from __future__ import annotations

import io

import pytest

from grn_core.benchmark.references.uploads import store_reference
from grn_core.errors import DataError, RunError
from grn_core.runs import AgainstRequest, ConsensusRequest, RunStatus, RunStore, manager
from grn_core.runs.jobs import job_kind, job_kinds
from grn_core.runs.kinds.networks import NetworksRequest
from tests.pages.fabricated_run import fabricate_run
from tests.pages.people import a_run_of_every_kind

KINDS = [kind.request for kind in job_kinds() if issubclass(kind.request, NetworksRequest)]
EDGES = b"source\ttarget\nSPI1\tLYZ\n"


def kept(name: str, content: bytes = EDGES) -> str:
    return store_reference(name, io.BytesIO(content))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_runs_that_are_no_finished_networks_leave_no_run_behind(kind, store):
    network, waits = fabricate_run(seed=1), fabricate_run(seed=2)
    store.write_status(waits, RunStatus("cancelled"))
    cells = a_run_of_every_kind("cells")["umap"]
    before = {path.name for path in store.root.iterdir()}
    for other in ("e" * 16, waits, cells, "omnipath"):
        request = kind(runs=(network, other))
        with pytest.raises(RunError):
            manager.submit(request)
    assert {path.name for path in store.root.iterdir()} == before


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_it_does_not_wait_for_the_device(kind):
    assert not job_kind(kind.kind).uses_device


def test_both_kinds_are_among_them():
    assert set(KINDS) == {AgainstRequest, ConsensusRequest}


def test_the_id_goes_by_the_content_of_the_reference_and_not_by_its_name(grn_home):
    runs = ("a" * 16, "b" * 16)

    def asked(reference: str) -> str:
        return AgainstRequest(runs=runs, reference=reference).run_id()

    first, second, other = kept("first.tsv"), kept("second.tsv"), kept("first.tsv", EDGES + b"GATA1\tKLF1\n")
    assert first != second
    assert asked(first) == asked(second) != asked(other)
    assert len({asked(one) for one in ("omnipath", "mCAD", "GSD", first)}) == 4
    with pytest.raises(DataError, match="no reference"):
        asked("nobody.0123456789ab.tsv")


def test_an_imported_reference_goes_by_its_run(store):
    imported = a_run_of_every_kind("mine")["import"]
    (store.path(imported) / "edges.parquet").touch()
    asked = AgainstRequest(runs=("a" * 16, "b" * 16), reference=f"run:{imported}")
    assert asked.hashes() == {"reference": f"run:{imported}"}
    assert RunStore().path(imported).exists()
