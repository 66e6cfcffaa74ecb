"""A checkpoint of scGPT's full size with random weights: pulled from a hub, loaded, 50 sources x 600 genes inferred.

It is written on the fly, held by a hub on the loopback address, which breaks the first download off, and never kept.
Rates are per second of a core's time, so that other work on the machine does
not count, and the share of its own rate of matrix products, measured in the same process, makes machines comparable.
Seconds per virtual cell are those of the clock: take them on an idle machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grn_core.runs import manager
from scripts.full_size import write_checkpoint
from tests.hub.loopback import Server
from tests.performance.figures import note

pytestmark = pytest.mark.performance
ROOT = Path(__file__).resolve().parents[2]
N_SOURCES, N_GENES = 50, 600
N_PARAMETERS = 51_330_049
NAME, REPOSITORY = "scgpt-human", "perturblab/scgpt-human"
FILES = ("args.json", "vocab.json", "best_model.pt")
CUT_AT = 114 << 20
"""Byte of the tensors' file after which the first download breaks off."""
SQUARE, CORE_SECONDS = 1536, 2.0


def pull(hub, folder):
    """Have the hub hold the folder, and pull it: cut once, taken up again and refused; then pulled and accepted.

    Its random weights cannot have the checksums that are stated for the published ones. The bytes and the seconds.
    """
    hub.hold(REPOSITORY, folder, *FILES)
    content = {name: hub.files[REPOSITORY, name] for name in FILES}
    hub.cuts.extend([len(content["vocab.json"]), CUT_AT])
    differing = [hashlib.sha256(content[name]).hexdigest() for name in ("vocab.json", "best_model.pt")]
    command = [sys.executable, "-m", "grn_core", "models", "pull", NAME, "--endpoint", hub.url]

    def attempt(*options):
        started = time.perf_counter()
        done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr.splitlines()[-1], time.perf_counter() - started

    code, message, pulled_s = attempt()
    assert code != 0
    assert all(sha in message for sha in differing)
    assert {wanted for path, wanted in hub.bodies() if wanted} == {f"bytes={CUT_AT}-"}
    code, message, accepted_s = attempt("--accept", differing[0], "--accept", differing[1])
    assert code == 0, message
    return sum(map(len, content.values())), pulled_s + accepted_s


def measure(scratch):
    """Load, translate, infer; in a process of its own, whose memory is then that of the inference."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    import grn_core as grn
    from grn_core.genes import human_tfs_of
    from grn_core.models.load import resident_model
    from grn_core.models.weights import network_digest
    from grn_core.runs.worker import peak_bytes
    from tests.translator.toy_features import make_spec, random_translator

    started = time.perf_counter()
    model = resident_model(NAME, device="cpu")
    loaded = time.perf_counter() - started
    tfs = sorted(human_tfs_of("human"))[:N_SOURCES]
    genes = (*tfs, *(name for name in model.vocabulary if name not in tfs))[:N_GENES]
    panel = grn.genes_only(genes, tfs=tfs, vocabulary=model.vocabulary)
    levels, record = model.record.grid, model.record
    spec = make_spec(genes, (0,), levels, model=record.name, model_sha=network_digest(model), readout="generative")
    random_translator(spec).save(scratch / "translator")

    values = torch.full((1, len(genes)), record.background)
    direction = torch.zeros_like(values)
    direction[0, 0] = 1.0
    cell, kwargs = (genes, values, direction), {"readout": "generative", "shown": direction.bool()}
    with FlopCounterMode(display=False) as counter:
        model.value_and_tangent(*cell, **kwargs)
    plain = seconds(lambda: model.value_and_tangent(*cell, readout="mlm"))

    before = products_per_second()
    started, worked = time.perf_counter(), time.process_time()
    edges = grn.infer(panel, model=NAME, translator=str(scratch / "translator"), device="cpu")
    passed, worked = time.perf_counter() - started, time.process_time() - worked
    after = products_per_second()
    cells = N_SOURCES * len(levels)
    return {
        "parameters": sum(parameter.numel() for parameter in model.network.parameters()),
        "edges": len(edges),
        "load_s": loaded,
        "infer_s": passed,
        "cell_s": passed / cells,
        "core_s": worked / cells,
        "plain_cell_s": plain,
        "peak_mib": peak_bytes() / 2**20,
        "gflop": counter.get_total_flops() / 1e9,
        "rate": counter.get_total_flops() * cells / worked,
        "machine": (before + after) / 2,
    }


def seconds(call):
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def products_per_second():
    """Floating point operations in a second of one core's time, of torch's float32 matrix products."""
    import torch

    a, b = torch.randn(SQUARE, SQUARE), torch.randn(SQUARE, SQUARE)
    a @ b
    started, done = time.process_time(), 0
    while time.process_time() - started < CORE_SECONDS:
        a @ b
        done += 1
    return done * 2 * SQUARE**3 / (time.process_time() - started)


@pytest.fixture
def hub():
    server = Server()
    yield server.hub
    server.stop()


def test_full_size_from_hub_to_edges(tmp_path, hub):
    write_checkpoint(tmp_path / "published")
    n_bytes, pulled = pull(hub, tmp_path / "published")
    code = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from tests.performance.test_full_size import measure\n"
        "print(json.dumps(measure(Path(sys.argv[1]))))\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    child = {**manager.MALLOC, **os.environ, "OMP_NUM_THREADS": str(len(os.sched_getaffinity(0)))}  # as a run's worker
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=child)
    found = json.loads(done.stdout.splitlines()[-1])
    share = found["rate"] / found["machine"]
    print(
        f"\npull of {n_bytes / 2**20:.0f} MiB from loopback, cut once: download, checks, conversion {pulled:.1f} s\n"
        f"{found['parameters']:,} parameters, {N_SOURCES} sources x {N_GENES} genes, 8 levels, value and slope: "
        f"load {found['load_s']:.1f} s, infer {found['infer_s']:.0f} s, {found['cell_s']:.2f} s per virtual cell, "
        f"{found['core_s']:.2f} s of a core's time (readout generative; {found['plain_cell_s']:.2f} s with mlm), "
        f"peak memory {found['peak_mib']:.0f} MiB\n"
        f"{found['gflop']:.1f} GFLOP per cell: {found['rate'] / 1e9:.0f} GFLOP/s of {found['machine'] / 1e9:.0f} that "
        f"matrix products reach on a core here, {share:.0%}"
    )
    note("scGPT's full size, share of the rate of matrix products, float32", f"{share:.0%}", aim="60%")
    assert found["parameters"] == N_PARAMETERS
    assert found["edges"] == N_SOURCES * (N_GENES - 1)
    assert share > 0.2
