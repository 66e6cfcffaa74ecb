"""The registry of the kinds of work: who knows them, and ids that old runs on disk are found by."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grn_core.runs import ActivityRequest, ConsensusRequest, InferRequest, UmapRequest
from grn_core.runs.jobs import job_kind
from grn_core.runs.kinds.panel import GENES_ONLY

KINDS = (
    *("activity", "adapt", "add", "against", "all-groups", "benchmark", "coexpression", "consensus"),
    *("download", "groups"),
    *("infer", "measure", "pretrain", "pull", "ranks", "train-translator", "umap", "what-if"),
)
DATA = {"dataset_ref": "pbmc68k", "dataset_sha": "d" * 64}
GENES = ("CEBPA", "GATA1", "SPI1")
# Runs already lie on disk under such ids (here with the stand-ins' weights and the versions below): raise FORMAT rather
# than change one.
VERSIONS = {
    "results": "2",
    "torch": "2.13.0",
    "numpy": "2.4.6",
    "scipy": "1.17.1",
    "pandas": "2.3.3",
    "decoupler": "2.2.0",
}
IDS = {
    "infer": (InferRequest(**DATA), "d7fa1c267e7bcb9d"),
    "infer otherwise": (
        InferRequest(
            **DATA, extractors=("vvp",), readout="masked", background="context", seeds=(1,), cells=("t", ("B",))
        ),
        "e28ec46acaaa703e",
    ),
    "infer on genes": (
        InferRequest(dataset_ref=GENES_ONLY, genes=GENES, tfs=GENES[:1], species="human"),
        "d1fd1e872a934d7a",
    ),
    "umap": (UmapRequest(**DATA, seed=4), "1b2b3309645c7bb0"),
    "activity": (ActivityRequest(**DATA, network="a" * 16, method="mlm", group="t"), "1780a101875bb903"),
    "consensus": (ConsensusRequest(runs=("a" * 16, "b" * 16)), "2c47b170391d447f"),
}


def test_every_kind_is_known_to_workers_without_a_heavy_library():
    script = (
        "import json, sys; import grn_core.runs.worker; from grn_core.runs.jobs import job_kind; "
        f"found = [job_kind(name).result for name in {KINDS}]; "
        "print(json.dumps([found, [name for name in ('torch', 'scanpy', 'sklearn', 'pandas') if name in sys.modules]]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    results, heavy = json.loads(done.stdout)
    assert all(results)
    assert heavy == []


def test_the_work_of_every_kind_has_stages_and_a_name_of_its_own():
    found = [job_kind(name) for name in KINDS]
    assert [kind.name for kind in found] == list(KINDS)
    assert len({kind.run for kind in found}) == len(KINDS)
    assert all(sum(kind.stages.values()) > 0 for kind in found)


@pytest.mark.parametrize("name", IDS)
def test_the_id_of_a_request_stays_for_ever(name, stand_ins, monkeypatch):
    monkeypatch.setattr("grn_core.runs.versions.package_versions", lambda: VERSIONS)
    request, run_id = IDS[name]
    assert request.run_id() == run_id
