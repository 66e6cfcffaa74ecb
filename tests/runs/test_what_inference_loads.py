"""A plain inference loads no library that it does not need: each costs seconds before its first result."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grn_core.runs import InferRequest, RunStore, manager, submit
from grn_core.runs.kinds.panel import GENES_ONLY

NOT_NEEDED = {"scipy.optimize", "scipy.stats", "networkx", "igraph", "sklearn", "anndata", "scanpy", "numba", "umap"}
WORK = """
import json, sys
from importlib import import_module
from grn_core import settings
from grn_core.runs import spare, worker

def looked(*_):
    raise LookupError("a module looks into a home when it is loaded")

usual, settings._from_environment = settings._from_environment, looked
for module in spare.AHEAD:
    import_module(module)
settings._from_environment = usual
ahead = sorted(sys.modules)
code = worker.main(sys.argv[1:])
print(json.dumps([code, ahead, sorted(sys.modules)]))
"""


@pytest.mark.thorough
def test_a_worker_loads_what_an_inference_needs_and_no_more(grn_home, monkeypatch):
    monkeypatch.setattr(manager, "_start", lambda store, run_id, *, attempts: store.status(run_id))
    run_id = submit(InferRequest(dataset_ref=GENES_ONLY, genes=("SPI1", "GATA1", "LYZ", "CD14"), seeds=(0,)))
    store = RunStore()
    store.write_status(run_id, store.status(run_id).replace(state="queued"))
    command = [sys.executable, "-c", WORK, run_id, "--home", str(grn_home)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    code, ahead, loaded = json.loads(done.stdout)
    assert code == 0, done.stderr
    assert store.status(run_id).state == "done"
    assert NOT_NEEDED.intersection(loaded) == set()
    before, after = ({name.split(".")[0] for name in names} for names in (ahead, loaded))
    assert after - before <= sys.stdlib_module_names  # a worker in waiting has every library
