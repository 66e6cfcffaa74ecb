"""The real worker with stand-ins for the model, the translator and the inference, for tests of what lies around them.

``python stand_ins.py RUN_ID --home HOME`` is the worker.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grn_core.errors import ModelError, TranslatorError
from grn_core.genes import human_symbols
from grn_core.models.record import ModelRecord
from grn_core.runs import worker
from grn_core.translator.registry import DEFAULT

SEEDS = (0, 1, 2, 3, 4)
SLOW = 2


def weights_sha(name):
    if name != "compact":
        message = f"unknown model {name!r}"
        raise ModelError(message, needed="compact")
    return "m" * 64


def located(name):
    return name


def network_sha(name):
    return name


def card(name):
    return {"background": 0.0, "grid": [-1.0, 1.0], "extractors": ["vvp", "gdt"]}


def record_of(name):
    weights_sha(name)
    words = dict.fromkeys(("title", "family", "description", "licence", "limits", "units"), name)
    size = {"n_parameters": 1, "n_genes": 1, "value_range": (-1.0, 1.0)}
    reads = {"readouts": ("masked", "plain"), "hiding_readouts": ("masked",), "default_readout": "plain"}
    return ModelRecord(name=name, **words, **size, **reads, background=0.0, grid=(-1.0, 1.0))


def vocabulary(name):
    return tuple(sorted(human_symbols()))


def translator_sha(name):
    if name != DEFAULT:
        message = f"unknown translator {name!r}"
        raise TranslatorError(message, needed=DEFAULT)
    return "t" * 64


@dataclass(frozen=True)
class TranslatorRecord:
    """As much of a record as is read."""

    name: str
    model: str
    card: dict
    seeds: tuple = SEEDS
    readout: str = "plain"
    extractors: tuple = ("vvp", "gdt")

    @property
    def ensemble(self) -> tuple:
        return self.extractors


def record_for(name, *, model, sha=None):
    translator_sha(name)
    return TranslatorRecord(name, model, {"readout": "plain", "temperature": {"gdt+vvp": 1.0}})


def default_for(sha, *, model, readouts=None):
    return DEFAULT


def infer_planned(panel, asked, *, progress, **options):
    """Score every pair by its place; the seed `SLOW` alone gets nowhere for a long time."""
    import pandas as pd

    if asked.extractors != ("gdt", "vvp"):
        message = f"unknown extractors {asked.extractors}"
        raise ModelError(message, needed="gdt, vvp", todo="correct --extractors")
    n = len(panel.sources)
    for i in range(n):
        for _ in range(2000 if asked.seeds == (SLOW,) else 0):
            progress("extract", i, n)
            time.sleep(0.05)
        progress("extract", i + 1, n)
    pairs = [(s, t) for s in panel.source_names for t in panel.labels if s != t]
    edges = pd.DataFrame(pairs, columns=["source", "target"])
    edges["score"] = [1 - i / len(pairs) for i in range(len(pairs))]
    edges["sign"] = 1
    return edges


def modules() -> dict[str, ModuleType]:
    """Return the stand-ins by the name of the module that each replaces."""
    found = {}
    for name, functions in (
        ("grn_core.models.registry", (weights_sha, card, record_of, network_sha, located, vocabulary)),
        ("grn_core.translator.registry", (translator_sha, record_for, default_for, located)),
        ("grn_core.inference", (infer_planned,)),
    ):
        found[name] = ModuleType(name)
        for function in functions:
            setattr(found[name], function.__name__, function)
    return found


if __name__ == "__main__":
    sys.modules.update(modules())
    sys.exit(worker.main())
