"""The registry of the kinds of work: who knows them, and ids that old runs on disk are found by."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grn_core.runs import RunRequest
from grn_core.runs.consensus import consensus_request
from grn_core.runs.jobs import job_kind
from grn_core.runs.request import GENES_ONLY

KINDS = ("add", "benchmark", "coexpression", "consensus", "infer", "pull", "ranks", "umap")
DATA = {"dataset_ref": "pbmc68k", "dataset_sha": "d" * 64}
GENES = ("CEBPA", "GATA1", "SPI1")
# Runs already lie on disk under such ids (here with the stand-ins' weights): raise FORMAT rather than change one. A
# benchmark is another run whenever its code changes.
IDS = {
    "infer": (RunRequest(**DATA), "c520455170855b86"),
    "infer otherwise": (
        RunRequest(**DATA, methods=("vvp",), readout="masked", background="context", seeds=(1,), cells=("t", ("B",))),
        "a6fad52cbbbf9a83",
    ),
    "infer on genes": (
        RunRequest(dataset_ref=GENES_ONLY, genes=GENES, tfs=GENES[:1], species="human"),
        "5d6755603b3c55ee",
    ),
    "umap": (RunRequest(kind="umap", **DATA, seeds=(4,)), "69dbdb17f0511867"),
    "consensus": (consensus_request(["a" * 16, "b" * 16]), "36832a13577abd71"),
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
def test_the_id_of_a_request_stays_for_ever(name, stand_ins):
    request, run_id = IDS[name]
    assert request.run_id() == run_id
