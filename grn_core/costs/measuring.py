"""Measure what a model and the co-expression methods take on this machine, in a worker, in a quarter of a minute.

Seconds are those of the clock or of the processor, whichever is less: what other work takes meanwhile is left out as
far as that shows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import psutil

from grn_core.costs.foretell import MEASURED_GENES, asked, weights_of
from grn_core.costs.speed import Speed, Terms
from grn_core.extractors.registry import EXTRACTORS, extractors_of
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from grn_core.datasets import Dataset
    from grn_core.models.interface import FoundationModel
    from grn_core.models.record import ModelRecord

SIZES = {
    "pairs": ((1, 12), (100, 400, MEASURED_GENES)),
    "cells": ((1, 4), (100, 400, MEASURED_GENES)),
    "dear": ((1, 2), (100, 300, 600)),
    "shared": ((1, 24), (300, 600, MEASURED_GENES)),
    "once": ((1, 8), (100, 400, MEASURED_GENES)),
}
"""How the time of a question grows -> numbers of sources and of genes that are asked; the memory grows in this order.

``pairs``: every source meets every gene by itself; ``cells``, ``dear``: every source takes cells in which all genes
meet all others, one or one a level; ``shared``: as ``dear``, but what these have in common is computed once; ``once``:
all genes meet all others once."""
FREE = {
    "pairs": (1, 1, 0, 1, 1, 0),
    "cells": (1, 1, 1, 0, 1, 1),
    "dear": (1, 1, 1, 0, 1, 1),
    "shared": (1, 1, 0, 1, 1, 0),
    "once": (1, 1, 1, 1, 1, 0),
}
"""Which of the terms of `Speed.asks` there are."""
FAST, SLOW = (2000, 400, 40), (300, 100, 10)
"""Cells, genes and sources of what co-expression methods are measured on; slow ones are those that go by target."""
FEW_TREES = 20
READ_CELLS, READ_GENES = 1500, 3000
EDGES = (40, 1000)
STAGE = "calibrate"
N_METHODS = 2
"""Steps that are no extractors: reading with scoring, and the co-expression methods."""


class Clock:
    """Seconds since it was made, of the clock or of this process on the processor, whichever is less."""

    def __init__(self) -> None:
        self._wall, self._own = time.perf_counter(), time.process_time()

    def seconds(self) -> float:
        """Return them."""
        return min(time.perf_counter() - self._wall, time.process_time() - self._own)


def measure(model: str, *, device: str, peak: Callable[[], int], progress: Progress = silent) -> Speed:
    """Measure this process's machine with a model.

    Parameters
    ----------
    model
        Name or folder of a foundation model.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    peak
        Says the most memory that this process has held so far, in bytes: of a fresh process.
    progress
        Listener, stage ``calibrate``.
    """
    from grn_core import coexpression, datasets, networks  # noqa: F401 - what every worker loads
    from grn_core.genes import match_genes

    match_genes(["SPI1", "Spi1"])
    datasets.load("pbmc68k")  # starts the reader of files
    with TemporaryDirectory() as folder:  # loads what writes tables
        one = networks.edge_table(np.array([0]), np.array([1]), np.ones(1), genes=networks.GeneNames.plain(["A", "B"]))
        networks.write_edges(one, Path(folder) / "edges.parquet")
    start_s, start_bytes, clock = _started_s(), peak(), Clock()
    from grn_core.models.device import device_name
    from grn_core.models.load import resident_model

    network = resident_model(model, device=device)
    load_s, load_bytes, record = clock.seconds(), peak(), network.record
    questions = _questions(record, model)
    steps = len(questions) + N_METHODS
    asks, gene_bytes = {}, {}
    for number, (what, extractors, readout) in enumerate(questions):
        progress(STAGE, number, steps)
        shape = "shared" if _shares(network, what, readout) else _shape(record, what, readout)
        asks[what], most = _ask(network, extractors, readout, shape=shape)
        gene_bytes[what] = max(0.0, peak() - load_bytes) / most
    progress(STAGE, steps - 2, steps)
    dataset = toy_dataset(READ_CELLS, READ_GENES)
    score_s, edge_s = _scoring()
    read_s = _reading(dataset)
    progress(STAGE, steps - 1, steps)
    methods = _methods(progress=lambda: progress(STAGE, steps - 1, steps))
    progress(STAGE, steps, steps)
    return Speed(
        model=record.title,
        device=device_name(network.device.type),
        start_s=start_s,
        load_s=load_s,
        start_bytes=start_bytes,
        load_bytes=load_bytes,
        asks=asks,
        gene_bytes=gene_bytes,
        score_s=score_s,
        edge_s=edge_s,
        read_s=read_s,
        methods=methods,
        weights=weights_of(record),
    )


def _started_s() -> float:
    """Return the seconds since this process began, of the clock or of its own and its reader's work, if less."""
    own = psutil.Process()
    work = sum(sum(one.cpu_times()[:2]) for one in (own, *own.children(recursive=True)))
    return min(time.time() - own.create_time(), work)


def _questions(record: ModelRecord, model: str) -> list[tuple[str, tuple[str, ...], str]]:
    """Return what to ask, with extractors and a readout that ask it; what hides the other genes, and is lean, first."""
    from grn_core.translator.registry import fitting

    readouts = {one.readout for one in fitting(model)} | {record.default_readout}
    order = sorted(readouts, key=lambda name: (not record.hides_targets(name), name))
    found: dict[str, tuple[str, tuple[str, ...], str]] = {}
    served = extractors_of(record)
    for readout in order:
        alone = [(name,) for name in served if EXTRACTORS[name].asks != "levels"]
        for extractors in [("vvp",), ("gdt",), *alone] if record.takes_values else alone:
            if set(extractors) <= set(served):
                (what,) = asked(record, extractors, readout)
                found.setdefault(what, (what, extractors, readout))
    return sorted(found.values(), key=lambda one: list(SIZES).index(_shape(record, one[0], one[2])))


def _shape(record: ModelRecord, what: str, readout: str) -> str:
    """Say how the time of a question grows."""
    if "attention" in what:
        return "once"
    if what.startswith("genes") or (what.startswith("levels") and record.hides_targets(readout)):
        return "pairs"
    return "dear" if what.startswith("levels") else "cells"


def _shares(network: FoundationModel, what: str, readout: str) -> bool:
    """Whether cells that differ in one gene take less together than each by itself."""
    import torch

    if not what.startswith("levels") or network.record.hides_targets(readout):
        return False
    genes = network.vocabulary[:MEASURED_GENES]
    base = torch.full((len(genes),), network.record.background, dtype=network.dtype, device=network.device)
    return network.around(genes, base, readout).tokens < network.tokens(len(genes), readout)


def _ask(
    network: FoundationModel,
    extractors: Sequence[str],
    readout: str,
    *,
    shape: str,
) -> tuple[Terms, int]:
    """Time a question at several sizes; return the seconds of its terms, and the most genes that were asked."""
    from scipy.optimize import nnls

    from grn_core.extractors.in_memory import extract_rows

    sizes = SIZES[shape]
    known = min(network.record.max_genes or MEASURED_GENES, len(network.vocabulary))
    rows, times = [], []
    lengths = sorted({min(one, known) for one in sizes[1]})
    for n_genes in (lengths[0], *lengths):  # the first time warms up
        genes = network.vocabulary[:n_genes]
        cell = network.to_units(genes, np.linspace(0.1, 2.0, n_genes).astype(np.float32))
        for n_sources in sizes[0]:
            clock = Clock()
            extract_rows(network, genes, range(n_sources), extractors=extractors, readout=readout, context=cell)
            rows.append([1.0, n_genes, n_genes**2, n_sources, n_sources * n_genes, n_sources * n_genes**2])
            times.append(max(clock.seconds(), 1e-5))
    sizes_of, taken = np.array(rows[len(sizes[0]) :]), np.array(times[len(sizes[0]) :])
    scale = sizes_of.max(axis=0)
    free = np.array(FREE[shape], dtype=bool)
    # A share of each time counts alike; no term is below nothing.
    found = np.zeros(len(scale))
    found[free], _ = nnls((sizes_of / scale / taken[:, None])[:, free], np.ones(len(taken)))
    one, gene, square, source, pair, whole = (float(term) for term in found / scale)
    return (one, gene, square, source, pair, whole), lengths[-1]


def _scoring() -> tuple[float, float]:
    """Return the seconds of an edge for each extractor and seed, and for its line in the table."""
    import torch

    from grn_core.networks import GeneNames, edge_table, write_edges
    from grn_core.translator.mlp import TranslatorMLP

    n_sources, n_genes = EDGES
    n_seeds, length = 5, 8
    network = TranslatorMLP(n_seeds, length, (64, 64)).eval()
    clock = Clock()
    with torch.no_grad():
        network(torch.zeros(n_sources * n_genes, length))
    score_s: float = clock.seconds() / (n_sources * n_genes * n_seeds)
    genes = GeneNames.plain([f"GENE{number}" for number in range(n_genes)])
    source, target = np.nonzero(np.arange(n_genes)[None] != np.arange(n_sources)[:, None])
    score = np.random.default_rng(0).random(len(source))
    signs = np.ones(len(source))
    edges = edge_table(source, target, score, genes=genes, probability=score, sign=signs, uncertainty=score)
    with TemporaryDirectory() as folder:
        write_edges(edges.head(9), Path(folder) / "edges.parquet")  # the first time loads what it needs
        clock = Clock()
        edges = edge_table(source, target, score, genes=genes, probability=score, sign=signs, uncertainty=score)
        write_edges(edges, Path(folder) / "edges.parquet")
    edge_s: float = clock.seconds() / len(source)
    return score_s, edge_s


def _reading(dataset: Dataset) -> float:
    """Return the seconds for each value of a dataset that is checked, counted and scaled."""
    from grn_core.datasets import expression

    clock = Clock()
    dataset.sha256  # noqa: B018 - a worker checks it
    panel = dataset.panel(n_variable=200)
    expression(dataset, panel)
    n_values = max(int(dataset.matrix.nnz), 1)
    return clock.seconds() / n_values


def _methods(*, progress: Callable[[], object]) -> dict[str, tuple[float, float]]:
    """Return for each co-expression method the seconds to load it, and its time beside what its record says."""
    from grn_core.coexpression import METHODS, score_pairs
    from grn_core.coexpression.registry import resolved
    from grn_core.errors import GrnError

    found = {}
    for name, record in METHODS.items():
        progress()
        n_cells, n_genes, n_sources = FAST if record.targets_at_once is None else SLOW
        values = np.random.default_rng(0).gamma(0.6, 1.0, size=(n_cells, n_genes))
        values[:, n_sources:] += 0.5 * values[:, :n_sources].mean(axis=1, keepdims=True)
        genes = [f"GENE{number:04d}" for number in range(n_genes)]
        options = {option.name: min(option.default, FEW_TREES) for option in record.options}
        taken = []
        try:
            for _ in range(2):  # the first time loads what it needs
                clock = Clock()
                score_pairs(values, genes, range(n_sources), method=name, options=options)
                taken.append(clock.seconds())
        except GrnError:  # a package that it needs is not installed
            continue
        foretold = record.seconds(n_cells, n_sources, n_genes, **resolved(name, options))
        found[name] = (max(0.0, taken[0] - taken[1]), taken[1] / foretold)
    return found


def toy_dataset(n_cells: int, n_genes: int) -> Dataset:
    """Make counts of human genes, a fifth of them above zero."""
    import pandas as pd
    from scipy import sparse

    from grn_core.datasets.checks import assemble
    from grn_core.genes import human_symbols

    draws = np.random.default_rng(0)
    genes = sorted(human_symbols())[:n_genes]
    values = sparse.random(n_cells, n_genes, density=0.2, format="csr", dtype=np.float32, random_state=draws)
    values.data = np.ceil(values.data * 9).astype(np.float32)
    obs = pd.DataFrame(index=[f"cell{number}" for number in range(n_cells)])
    return assemble(values, genes, obs, title="toy", where="the toy")
