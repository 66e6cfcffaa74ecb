"""Measure this program beside what a user would take else; writes ``assets/peers.json`` for docs/performance.md.

    python -m scripts.measure_peers --references networks --expression expression --test hHEP --test mDC
        --arboreto /path/to/an/environment/bin/python

Every method scores the same TFs and genes of BEELINE's data sets in the same cells, on every core, in a process of its
own that does nothing else: seconds of the work itself, without the start of the process, of the clock and of all cores
together (other work on the machine lengthens the first), and the most memory that the process held. AUPRC is that of
`scripts.measure_own_cells`, for each reference network with enough edges; pairs of which both genes are in the network
that the default translator learnt from are left out (``--without``). `arboreto` needs an environment of its own, in
which dask is no later than 2023.12: ``--arboreto`` names its interpreter, and without one it is left out. Activity of
TFs is measured in demo cells, ours beside decoupler called as its documentation does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from grn_core.assets import asset
from grn_core.files import write_json
from grn_core.runs.peak import peak_bytes
from grn_core.settings import cores
from grn_core.translator.registry import DEFAULT, translator_sha

TREES = 100
ROOT = Path(__file__).resolve().parents[1]
ARBORETO = """
import json, resource, sys, time
import numpy as np
import pandas as pd
from arboreto.algo import grnboost2
from distributed import Client, LocalCluster

WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
if __name__ == "__main__":
    given = np.load(sys.argv[1], allow_pickle=False)
    genes = [str(one) for one in given["genes"]]
    frame = pd.DataFrame(given["values"], columns=genes)
    tfs = [genes[one] for one in given["sources"]]
    started = time.perf_counter()
    with LocalCluster(n_workers=2, threads_per_worker=1) as cluster, Client(cluster) as client:
        edges = grnboost2(frame, tf_names=tfs, seed=0, client_or_address=client)
    seconds, used = time.perf_counter() - started, sum(sum(resource.getrusage(one)[:2]) for one in WHO)
    place = {gene: number for number, gene in enumerate(genes)}
    row = {gene: number for number, gene in enumerate(tfs)}
    scores = np.zeros((len(tfs), len(genes)))
    scores[edges["TF"].map(row), edges["target"].map(place)] = edges["importance"]
    np.save(sys.argv[2], scores)
    peak = max(resource.getrusage(one).ru_maxrss for one in WHO) * 1024
    print(json.dumps({"seconds": seconds, "core_seconds": used, "peak": peak}))
"""
"""What an environment with arboreto runs: nothing of this project."""
Score = Callable[[np.ndarray, list[str], np.ndarray], np.ndarray]


def ours(method: str) -> Score:
    """A co-expression method of this program."""

    def score(values: np.ndarray, genes: list[str], sources: np.ndarray) -> np.ndarray:
        from grn_core.coexpression import score_pairs

        return np.abs(score_pairs(values, genes, sources.tolist(), method=method))

    return score


def model(_values: np.ndarray, genes: list[str], sources: np.ndarray) -> np.ndarray:
    """The default translator on the compact model: no cell takes part."""
    from grn_core.models.load import load_model
    from grn_core.translator.registry import load_translator
    from scripts.measure_own_cells import logits

    return logits(load_model("compact", device="cpu"), load_translator(DEFAULT), tuple(genes), sources.tolist(), None)


def forests(values: np.ndarray, genes: list[str], sources: np.ndarray) -> np.ndarray:
    """GENIE3 as its authors' Python code does it: one random forest of scikit-learn a gene, trees in parallel."""
    from sklearn.ensemble import RandomForestRegressor

    found = np.zeros((len(sources), len(genes)))
    for target in range(len(genes)):
        others = np.flatnonzero(sources != target)
        column = values[:, target]
        if not column.std():
            continue
        forest = RandomForestRegressor(n_estimators=TREES, max_features="sqrt", n_jobs=cores(), random_state=0)
        forest.fit(values[:, sources[others]], column / column.std())
        found[others, target] = forest.feature_importances_
    return found


def rustscenic(values: np.ndarray, genes: list[str], sources: np.ndarray) -> np.ndarray:
    """GRNBoost2 of the package rustscenic, called as its documentation does."""
    from rustscenic.grn import infer

    tfs = [genes[one] for one in sources]
    edges = infer((values.astype(np.float32), genes), tfs, seed=0, verbose=False)
    row, place = ({gene: number for number, gene in enumerate(names)} for names in (tfs, genes))
    found = np.zeros((len(tfs), len(genes)))
    found[edges["TF"].map(row), edges["target"].map(place)] = edges["importance"]
    return found


METHODS: dict[str, tuple[str, Score]] = {
    "model": ("default translator, compact model", model),
    "pearson": ("Pearson correlation", ours("pearson")),
    "genie3": ("GENIE3", ours("genie3")),
    "forests": ("GENIE3 by scikit-learn alone", forests),
    "grnboost2": ("GRNBoost2", ours("grnboost2")),
    "rustscenic": ("GRNBoost2 by rustscenic alone", rustscenic),
}
THEIRS = ("forests", "rustscenic", "arboreto", "decoupler")


def score_one(name: str, data: Path, out: Path) -> dict[str, float]:
    """Score the pairs of a file by a method, in this process, and write the scores."""
    with np.load(data, allow_pickle=False) as given:
        values, genes, sources = given["values"], [str(one) for one in given["genes"]], given["sources"]
    _, score = METHODS[name]
    score(values[:40, :30], genes[:30], np.arange(3))  # loads what it needs
    started, used = time.perf_counter(), time.process_time()
    found = score(values, genes, sources)
    seconds, used = time.perf_counter() - started, time.process_time() - used
    np.save(out, found)
    return {"seconds": seconds, "core_seconds": used, "peak": float(peak_bytes())}


def activity_one(name: str) -> dict[str, float]:
    """Score the activity of OmniPath's TFs in demo cells, by ULM."""
    import decoupler
    import pandas as pd

    import grn_core as grn
    from grn_core.datasets.values import by_symbol
    from grn_core.networks.regulons import omnipath_edges, regulons

    cells = grn.demo("pbmc68k")

    def own() -> None:
        grn.activity(cells, method="ulm")

    def theirs() -> None:
        genes, values = by_symbol(cells.matrix, cells.match.symbols, kind=cells.value_kind)
        table = pd.DataFrame(values.toarray(), index=cells.obs.index, columns=genes)
        net = regulons(omnipath_edges()).rename(columns={"target_symbol": "target"})
        decoupler.mt.ulm(table, net[["source", "target", "weight"]])

    work = own if name == "ulm" else theirs
    took = []
    for _ in range(3):  # the first time loads and compiles
        started, used = time.perf_counter(), time.process_time()
        work()
        took.append((time.process_time() - used, time.perf_counter() - started))
    core, seconds = min(took)
    return {"seconds": seconds, "core_seconds": core, "peak": float(peak_bytes()), "cells": float(cells.n_cells)}


def run(command: list[str]) -> dict[str, float]:
    """Run a method in a process of its own, on every core; its last line says what it took."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(cores())}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(given: argparse.Namespace, dataset: str, folder: Path) -> list[dict[str, Any]]:
    """Measure every method on the cells of a data set, in turn."""
    from grn_core.benchmark.references.reference import read_reference
    from grn_core.models.load import load_model
    from scripts.measure_own_cells import FEWEST, NETWORKS, asked_of, auprc

    networks = {net: read_reference(f"beeline:{given.references}:{dataset}:{net}") for net in NETWORKS}
    seen = read_reference(f"beeline:{given.references}:{given.without}:STRING") if given.without else None
    asked = asked_of(load_model("compact", device="cpu"), networks, given.expression, dataset, seen)
    values = asked.cells.values[:, asked.cells.columns(asked.genes)]
    data = folder / f"{dataset}.npz"
    np.savez(data, values=values, genes=np.array(asked.genes), sources=np.array(asked.sources))
    (folder / "run_arboreto.py").write_text(ARBORETO, encoding="utf-8")
    source = np.array(asked.genes)[np.array(asked.sources)[asked.row]]
    here = [sys.executable, "-m", "scripts.measure_peers", "--one"]
    commands = {name: [*here, name, str(data)] for name in METHODS if name not in given.leave}
    if given.arboreto:
        commands["arboreto"] = [given.arboreto, str(folder / "run_arboreto.py"), str(data)]
    rows = []
    for name, command in commands.items():
        tried = [run([*command, str(folder / "scores.npy")]) for _ in range(given.rounds)]
        scores = np.load(folder / "scores.npy", allow_pickle=False)[asked.row, asked.column]
        worth = {net: auprc(own, scores, source) for net, own in asked.labels.items() if own.sum() >= FEWEST}
        rows.append(
            {
                "dataset": dataset,
                "method": name,
                "title": METHODS[name][0] if name in METHODS else "GRNBoost2 by arboreto",
                "ours": name not in THEIRS,
                "seconds": min(one["seconds"] for one in tried),
                "core_seconds": min(one["core_seconds"] for one in tried),
                "peak": max(one["peak"] for one in tried),
                "auprc": {net: round(found, 4) for net, found in worth.items()},
                "cells": len(values),
                "genes": len(asked.genes),
                "tfs": len(asked.sources),
            }
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Measure every method on every data set, and activity."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--references", type=Path)
    parser.add_argument("--expression", type=Path)
    parser.add_argument("--test", action="append", default=[])
    parser.add_argument("--without", default="hESC")
    parser.add_argument("--arboreto", default="")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--leave", action="append", default=[], choices=METHODS)
    parser.add_argument("--one", nargs=3, metavar=("METHOD", "DATA", "OUT"), help=argparse.SUPPRESS)
    parser.add_argument("--activity", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(score_one(given.one[0], Path(given.one[1]), Path(given.one[2]))))
        return
    if given.activity:
        print(json.dumps(activity_one(given.activity)))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for dataset in given.test for row in measured(given, dataset, Path(folder))]
    activity = {
        name: run([sys.executable, "-m", "scripts.measure_peers", "--activity", name]) for name in ("ulm", "decoupler")
    }
    now = {(row["dataset"], row["method"]) for row in rows}
    before = json.loads((asset() / "peers.json").read_text(encoding="utf-8"))  # an earlier call may have written it
    kept = [row for row in before["rows"] if (row["dataset"], row["method"]) not in now]
    sha = before.get("translator_sha", "") if "model" in given.leave else translator_sha(DEFAULT)
    of = {"cores": cores(), "load": os.getloadavg()[2], "trees": TREES, "translator_sha": sha}
    order = [*METHODS, "arboreto"]
    every = sorted([*kept, *rows], key=lambda row: (row["dataset"], order.index(row["method"])))
    write_json(asset() / "peers.json", {**of, "rows": every, "activity": activity})


if __name__ == "__main__":
    main()
