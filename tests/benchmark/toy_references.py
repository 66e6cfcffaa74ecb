"""Reference networks made up over real gene names, and a network small enough to be asked in a test."""

from __future__ import annotations

import gzip

import numpy as np
import torch

from grn_core.benchmark.features.handle import ModelHandle
from grn_core.models.compact.model import CompactModel
from grn_core.models.weights import network_digest
from tests.models.tiny import tiny_model

NAMES = """
GATA1 GATA2 SPI1 TAL1 KLF1 FLI1 RUNX1 CEBPA MYC JUN FOS EGR1 PAX6 SOX2
SOX9 NANOG KIT CD34 EPOR HBB HBA1 MPO CSF1R CD14 LYZ CD19 MS4A1 CD3E
"""
GENES = tuple(sorted(NAMES.split()))


def tiny_handle(seed=0, *, genes=GENES):
    """A handle of a random network over `genes`; ``handle.loaded`` counts how often it was loaded."""
    base = tiny_model(len(genes), dtype=torch.float32, seed=seed)
    statistics = {"reference_mean": torch.full((len(genes),), 0.5), "reference_sd": torch.full((len(genes),), 0.25)}
    model = CompactModel(base.record, list(genes), base.network, statistics)
    return ModelHandle(base.record, tuple(genes), network_digest(model), lambda: model)


def unloadable(handle):
    """The same handle, which must not be asked to load."""

    def load():
        message = "a model was loaded although everything had been computed"
        raise AssertionError(message)

    return ModelHandle(handle.record, handle.vocabulary, handle.sha, load)


def write_network(folder, name, edges, *, size=500):
    """Write ``DATASET:NETWORK`` in BEELINE's layout."""
    dataset, network = name.split(":")
    lines = ["Gene1\tGene2", *(f"{source}\t{target}" for source, target in edges)]
    with gzip.open(folder / f"{network}_{dataset}_TFsplus{size}.tsv.gz", "wt") as handle:
        handle.write("\n".join(lines) + "\n")


def random_edges(genes, n_edges, *, n_sources=3, seed=0):
    cells = [(source, target) for source in genes[:n_sources] for target in genes if source != target]
    chosen = np.random.default_rng(seed).permutation(len(cells))[:n_edges]
    return [cells[index] for index in sorted(chosen)]


def write_toy(folder):
    """Three human sets of one network and one of another; hTWO shares half of its genes with hONE, hFAR none."""
    write_network(folder, "hONE:NET", random_edges(GENES[:12], 16))
    write_network(folder, "hTWO:NET", random_edges(GENES[6:18], 16, seed=1))
    write_network(folder, "hFAR:NET", random_edges(GENES[18:], 12, seed=2))
    write_network(folder, "hTWO:OTHER", random_edges(GENES[6:18], 12, seed=3))
    return folder
