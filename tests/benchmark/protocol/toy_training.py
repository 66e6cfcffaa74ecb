"""References over letters, and a bench whose features are made up: gdt tells an edge, vvp is noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from grn_core.benchmark.features.handle import ModelHandle
from grn_core.benchmark.references.reference import Reference
from grn_core.models.weights import network_digest
from tests.models.tiny import tiny_model

GENES = tuple(f"G{number:02d}" for number in range(11))


def reference_of(edges, *, genes=GENES, name="toy"):
    return Reference(name, "set", "net", tuple(genes), pd.DataFrame(edges, columns=["source", "target"]))


def some_edges(n=24, *, seed=0, sources=GENES[:5], genes=GENES):
    pairs = [(s, t) for s in sources for t in genes if s != t]
    chosen = np.random.default_rng(seed).permutation(len(pairs))[:n]
    return [pairs[index] for index in sorted(chosen)]


def handle_of(model):
    return ModelHandle(model.record, tuple(model.vocabulary), network_digest(model), lambda: model)


def tiny_handle(seed=0, *, n_genes=11):
    return handle_of(tiny_model(n_genes, dtype=torch.float32, seed=seed))


class MadeUpBench:
    """Features of pairs of many genes: gdt holds whether a pair is an edge of `truth`, and noise; vvp noise alone.

    ``own`` and ``shuffled`` are the same features, ``untrained`` is noise throughout, as of a network that knows
    nothing.
    """

    def __init__(self, truth, *, n_genes=60):
        self.model = tiny_handle(n_genes=n_genes)
        self.handles = {"own": self.model, "shuffled": self.model, "untrained": self.model}
        self.truth = {(s, t) for s, t in truth}
        self.progress = lambda *_: None

    def features(self, name, genes, pairs, *, variant="own", readout, background="virtual", cells=None):
        number = {"gdt": 0, "vvp": 1}[name]
        rows = []
        for source, target in pairs.tolist():
            row = np.random.default_rng([number, source, target, len(variant)]).normal(size=4)
            if name == "gdt" and variant in ("own", "shuffled"):
                row[0] += 3.0 * ((genes[source], genes[target]) in self.truth)
            rows.append(row)
        return np.asarray(rows, dtype=np.float32).reshape(-1, 4)
