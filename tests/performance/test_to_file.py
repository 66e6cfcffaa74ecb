"""From features on disk to a file of ranked edges: what the default translator takes for ten million of them.

Seconds are told and never a reason to fail; memory is, since other work on the machine does not change it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.performance.figures import note

pytestmark = pytest.mark.performance
ROOT = Path(__file__).resolve().parents[2]
N_SOURCES = int(os.environ.get("GRN_EDGES_SOURCES", "500"))
N_GENES = 20_000
SECONDS, BYTES = 60.0, 2 * 2**30


def spec_of(translator, n_sources):
    """What the features of a translator are, of genes that are no genes."""
    from grn_core.extractors.features import FeatureSpec

    card = translator.card
    return FeatureSpec(
        model=card["model"],
        model_sha=card["model_sha"],
        genes=tuple(f"GENE{number:05d}" for number in range(N_GENES)),
        sources=tuple(range(n_sources)),
        levels=tuple(card["grid"]),
        readout=card["readout"],
        background="virtual",
        context="",
        chunk=8,
    )


def write_features(folder: Path, n_sources: int) -> None:
    """Write random features of the default translator's extractors, spread as those that it was trained on."""
    from grn_core.extractors.features import FeatureWriter
    from grn_core.translator.registry import DEFAULT, load_translator

    translator = load_translator(DEFAULT)
    spec = spec_of(translator, n_sources)
    writer = FeatureWriter(spec, translator.card["extractors"], folder)
    draws = np.random.default_rng(0)
    width = translator.card["extractors"]["target"]
    vectors = draws.normal(size=(N_GENES, width)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for chunk in range(spec.n_chunks):
        sources = spec.sources[chunk * spec.chunk : (chunk + 1) * spec.chunk]
        arrays = {"neighbours": vectors[None], "target": vectors[None], "source": vectors[list(sources)][:, None]}
        for name in ("gdt", "vvp"):
            network = translator.networks[name]
            shape = (len(sources), N_GENES, network.n_features)
            arrays[name] = draws.normal(size=shape).astype(np.float32) * network.sd.numpy() + network.mean.numpy()
        writer.write(chunk, arrays)


def measure(folder: Path) -> dict[str, float]:
    """Score, rank and write, in a process of its own, whose memory is then that of the work."""
    from grn_core.extractors.features import PairFeatures
    from grn_core.networks import read_edges, write_edges
    from grn_core.runs.worker import peak_bytes
    from grn_core.translator.apply import score_edges
    from grn_core.translator.registry import DEFAULT, load_translator

    translator = load_translator(DEFAULT)
    spec = spec_of(translator, len(np.load(folder / "features" / "vvp.npy", mmap_mode="r")))
    features = PairFeatures(spec, folder / "features", translator.card["extractors"])
    started = time.perf_counter()
    edges = score_edges(features, translator, extractors=translator.card["ensemble"])
    scored = time.perf_counter()
    write_edges(edges, folder / "edges.parquet")
    written = time.perf_counter()
    peak = peak_bytes()
    again = read_edges(folder / "edges.parquet")
    read = time.perf_counter()
    assert again.equals(edges)
    return {
        "edges": len(edges),
        "score_s": scored - started,
        "write_s": written - scored,
        "read_s": read - written,
        "core_s": time.process_time(),
        "peak": peak,
        "bytes": (folder / "edges.parquet").stat().st_size,
    }


def test_ten_million_edges_from_features_to_a_file(tmp_path):
    write_features(tmp_path / "features", N_SOURCES)
    code = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from tests.performance.test_to_file import measure\n"
        "print(json.dumps(measure(Path(sys.argv[1]))))\n"
    )
    child = {**os.environ, "OMP_NUM_THREADS": str(len(os.sched_getaffinity(0)))}
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=child)
    found = json.loads(done.stdout.splitlines()[-1])
    took = found["score_s"] + found["write_s"]
    note(
        f"{found['edges'] / 1e6:.0f} million edges, from features to file",
        f"{took:.0f} s, {found['peak'] / 2**30:.1f} GiB",
        aim=f"{SECONDS:.0f} s, {BYTES / 2**30:.0f} GiB",
    )
    print(
        f"\nscored and ranked in {found['score_s']:.1f} s, written in {found['write_s']:.1f} s, read again in "
        f"{found['read_s']:.1f} s; {found['core_s']:.1f} s of all cores; the file has {found['bytes'] / 2**20:.0f} MiB"
    )
    assert found["peak"] < BYTES
