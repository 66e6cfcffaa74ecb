"""GRN Studio's core: gene regulatory networks from single-cell foundation models.

>>> import grn_core as grn
>>> ds = grn.read("cells.h5ad")                       # or grn.demo("pbmc68k")
>>> edges = grn.infer(ds.panel(n_variable=500))       # DataFrame: source, target, score, probability, sign, ...
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from grn_core.byte_code import keep_whole
from grn_core.version import VERSION as __version__

if TYPE_CHECKING:
    from grn_core.benchmark.metrics.against import against
    from grn_core.benchmark.references.gene_sets import enrich
    from grn_core.datasets import genes_only, read
    from grn_core.datasets import load as demo
    from grn_core.differential.between_groups import groups
    from grn_core.experiments.asking import what_if
    from grn_core.experiments.proposals import propose
    from grn_core.extractors.engine import extract
    from grn_core.inference import infer
    from grn_core.models.load import load_model
    from grn_core.networks.activity import activity
    from grn_core.networks.agreement import compare
    from grn_core.networks.consensus import consensus
    from grn_core.networks.exports import export
    from grn_core.networks.imports import read_network

# Threads that wait for work sleep. Else they spin, and two processes at work on the same cores hold each other up many
# times over (tests/performance/test_waiting.py). It counts from the moment that torch is loaded, which is later.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
keep_whole()

_PUBLIC = {
    "against": ("grn_core.benchmark.metrics.against", "against"),
    "consensus": ("grn_core.networks.consensus", "consensus"),
    "compare": ("grn_core.networks.agreement", "compare"),
    "activity": ("grn_core.networks.activity", "activity"),
    "demo": ("grn_core.datasets", "load"),
    "enrich": ("grn_core.benchmark.references.gene_sets", "enrich"),
    "export": ("grn_core.networks.exports", "export"),
    "extract": ("grn_core.extractors.engine", "extract"),
    "groups": ("grn_core.differential.between_groups", "groups"),
    "genes_only": ("grn_core.datasets", "genes_only"),
    "infer": ("grn_core.inference", "infer"),
    "load_model": ("grn_core.models.load", "load_model"),
    "propose": ("grn_core.experiments.proposals", "propose"),
    "read": ("grn_core.datasets", "read"),
    "read_network": ("grn_core.networks.imports", "read_network"),
    "what_if": ("grn_core.experiments.asking", "what_if"),
}

__all__ = [
    "__version__",
    "activity",
    "against",
    "compare",
    "consensus",
    "demo",
    "enrich",
    "export",
    "extract",
    "genes_only",
    "groups",
    "infer",
    "load_model",
    "propose",
    "read",
    "read_network",
    "what_if",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for, so that importing the package costs nothing."""
    if name not in _PUBLIC:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    module, attribute = _PUBLIC[name]
    public = import_module("grn_core.arguments").checked(getattr(import_module(module), attribute))
    globals()[name] = public  # one and the same function whenever it is asked for
    return public
