"""Files of 100,000 and 1,000,000 cells x 20,000 genes: checked, a panel, means of groups, a sample's UMAP, a network.

The matrix (5 % filled, csr, not packed) is written on the fly and never kept; the larger takes 8 GB, and three times as
much for what is made of it. Memory is the most that this process, or one that reads, held of the machine. Seconds are
those of the processor, of this process and of its readers, and beside them those of the clock, which other work on the
machine lengthens. The limits in the settings are the usual ones.
"""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import psutil
import pytest

from grn_core import infer
from grn_core.datasets import compute_umap, read
from grn_core.datasets.large import rows_of
from grn_core.datasets.read_as import FROM_THE_FILE
from grn_core.datasets.readers import describe_file
from grn_core.genes import human_symbols

pytestmark = pytest.mark.performance
N_GENES, FILLED = 20_000, 1000
ROWS = 10_000
GROUPS = ("B cell", "T cell", "monocyte", "NK cell", "other")
N_UMAP = 5000
MOST_MB = 2048
COPIES = 3
"""The file, what the reader works in, and what is kept of it."""


def write_cells(path: Path, n_cells: int) -> None:
    """Write counts with so many genes in every cell, block by block."""
    rng = np.random.default_rng(0)
    genes = sorted(human_symbols())[:N_GENES]
    types = pd.Categorical.from_codes(np.arange(n_cells) % len(GROUPS), categories=list(GROUPS))
    obs = pd.DataFrame({"cell_type": types}, index=[f"cell-{number}" for number in range(n_cells)])
    anndata.AnnData(obs=obs, var=pd.DataFrame(index=genes)).write_h5ad(path)
    first = np.arange(FILLED) * (N_GENES // FILLED)
    with h5py.File(path, "a") as file:
        if "X" in file:
            del file["X"]
        matrix = file.create_group("X")
        matrix.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0", "shape": (n_cells, N_GENES)})
        kinds = {"data": np.float32, "indices": np.int32}
        made = {
            name: matrix.create_dataset(name, (n_cells * FILLED,), kind, maxshape=(None,), chunks=(1 << 20,))
            for name, kind in kinds.items()
        }
        matrix["indptr"] = np.arange(n_cells + 1, dtype=np.int64) * FILLED
        for start in range(0, n_cells, ROWS):
            shape = (min(ROWS, n_cells - start), FILLED)
            place = slice(start * FILLED, (start + shape[0]) * FILLED)
            made["indices"][place] = (first + rng.integers(0, N_GENES // FILLED, size=shape)).ravel()
            made["data"][place] = (rng.poisson(1.0 + first / N_GENES, size=shape) + 1).ravel()


class Watch:
    """The most memory that this process and its readers hold, in MB each, and the seconds that a stage takes."""

    def __init__(self):
        self.peak, self.used, self.over = {"here": 0.0, "reader": 0.0}, {}, threading.Event()
        self.thread = threading.Thread(target=self._look_on, daemon=True)
        self.thread.start()

    def _look_on(self):
        while not self.over.wait(0.05):
            self._look()

    def _look(self):
        own = psutil.Process()
        for name, some in (("here", [own]), ("reader", own.children(recursive=True))):
            for one in some:
                try:
                    self.peak[name] = max(self.peak[name], one.memory_info().rss / 2**20)
                    times = one.cpu_times()
                    self.used[one.pid, one.create_time()] = times.user + times.system
                except psutil.Error:
                    continue

    def cpu_s(self):
        self._look()
        return sum(self.used.values())

    def stage(self, name, work, n_cells):
        start, before = time.monotonic(), self.cpu_s()
        self.peak = {"here": 0.0, "reader": 0.0}
        found = work()
        cpu, wall = self.cpu_s() - before, time.monotonic() - start
        peaks = ", ".join(f"{where} {most:,.0f} MB" for where, most in self.peak.items())
        print(
            f"{n_cells:>9,} cells  {name:<24}{cpu:8.1f} s of the processor {wall:8.1f} s of the clock "
            f"{cpu * 1e6 / n_cells:8.1f} s a million;  {peaks}",
            flush=True,
        )
        assert max(self.peak.values()) < MOST_MB
        return found


@pytest.mark.parametrize("n_cells", [100_000, 1_000_000])
def test_a_file_of_very_many_cells(n_cells, grn_home):
    size = n_cells * FILLED * 8
    if (free := shutil.disk_usage(grn_home).free) < (COPIES + 0.5) * size:
        pytest.skip(f"{COPIES * size / 1e9:.0f} GB of the disk are needed, {free / 1e9:.0f} GB are free")
    path, watch = grn_home / "uploads" / "cells.h5ad", Watch()  # a file of ours: what is read of it is kept
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        print()
        watch.stage("written", lambda: write_cells(path, n_cells), n_cells)
        shown = watch.stage("read and checked", lambda: describe_file(path, read_as=FROM_THE_FILE), n_cells)
        assert (shown.n_cells, shown.n_genes, shown.value_kind) == (n_cells, N_GENES, "counts")
        panel = watch.stage("panel, as the app asks it", lambda: shown.panel(n_variable=200), n_cells)
        dataset = watch.stage("opened by a worker", lambda: read(path), n_cells)

        def of_groups():
            given = {"n_variable": 0, "genes": list(panel.labels)}
            return [dataset.panel(**given, cells=dataset.cells_where("cell_type", [group])).mean for group in GROUPS]

        means = watch.stage("means of five groups", of_groups, n_cells)
        assert all(mean.shape == panel.mean.shape and (mean > 0).any() for mean in means)
        rows = np.sort(np.random.default_rng(0).choice(n_cells, N_UMAP, replace=False))
        sample = replace(dataset, matrix=rows_of(dataset.matrix, rows), obs=dataset.obs.iloc[rows])
        points = watch.stage(f"UMAP of {N_UMAP:,} cells", lambda: compute_umap(sample), n_cells)
        assert points.shape == (N_UMAP, 2)
        few = dataset.panel(n_variable=0, genes=list(panel.labels[:400]))
        edges = watch.stage("VVP and GDT", lambda: infer(few), n_cells)
        assert len(edges)
    finally:
        watch.over.set()
        shutil.rmtree(grn_home, ignore_errors=True)
