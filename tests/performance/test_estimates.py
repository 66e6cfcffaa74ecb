"""Announced and real cost of every method, on both backgrounds: time, memory and disk within a factor of two.

Seconds are those of the clock or of the processor, whichever is less, so that other work on the machine counts little.
"""

from __future__ import annotations

import json

import pytest

import grn_core as grn
from grn_core.coexpression import METHODS
from grn_core.costs import Cost
from grn_core.costs.foretell import Size
from grn_core.extractors import EXTRACTORS
from grn_core.models.registry import record_of, vocabulary
from grn_core.runs import (
    ActivityRequest,
    AllGroupsRequest,
    CoexpressionRequest,
    GroupsRequest,
    InferRequest,
    MeasureRequest,
    WhatIfRequest,
)
from grn_core.runs.foretold import foretell_coexpression, foretell_inference
from grn_core.runs.foretold_cells import foretell
from grn_core.translator.registry import DEFAULT, records
from tests.performance.whole_runs import Real, really
from tests.translator.toy_features import make_spec, random_network

pytestmark = pytest.mark.performance
SLACK = 2.0
PANELS = ((60, ("SPI1", "IRF8", "CEBPB", "STAT1")), (500, "auto"))
SLOW = ("genie3", "genie3-extra-trees", "grnboost2")


def translator_for(folder, extractors, readout):
    """A translator with random weights that reads some extractors of the bundled model."""
    from grn_core.models.load import resident_model
    from grn_core.models.weights import network_digest
    from grn_core.translator.translator import Translator
    from tests.translator.toy_features import make_card

    model = resident_model("compact", device="cpu")
    spec = make_spec((), (), model.record.grid, model="compact", model_sha=network_digest(model), readout=readout)
    lengths = {name: EXTRACTORS[name].length(model.record, readout, len(model.record.grid)) for name in extractors}
    networks = {
        name: random_network(5, length, (32, 32), seed=number) for number, (name, length) in enumerate(lengths.items())
    }
    card = make_card(spec, extractors=extractors, seeds=(0, 1, 2, 3, 4), hidden=(32, 32))
    Translator(networks, {**card, "extractors": lengths}).save(folder)
    return str(folder)


def cases(folder):
    """Yield (name, request, announced) of everything."""
    data = grn.demo("pbmc68k")
    record = record_of("compact")
    asked = [
        *((one,) for one in EXTRACTORS if EXTRACTORS[one].asks == "levels"),
        ("gdt", "vvp"),
        *((one,) for one in EXTRACTORS if EXTRACTORS[one].asks != "levels" and not EXTRACTORS[one].is_term),
    ]
    for n_variable, tfs in PANELS:
        panel = data.panel(n_variable=n_variable, tfs=tfs, vocabulary=frozenset(vocabulary("compact")))
        size = Size(len(panel.sources), len(panel.genes), data.n_cells, data.matrix.nnz)
        common = {"dataset_ref": data.ref, "dataset_sha": data.sha256, "n_variable": n_variable, "tfs": tfs}
        for extractors in asked:
            levels = EXTRACTORS[extractors[0]].asks == "levels"
            both = (("virtual", "masked"), ("context", "plain"))
            for background, readout in both if levels else both[:1]:
                own = translator_for(folder / f"{'-'.join(extractors)}-{readout}", extractors, readout)
                request = InferRequest(**common, extractors=extractors, background=background, translator=own)
                cost = foretell_inference(size, record, extractors=extractors, readout=readout, n_seeds=5)
                yield f"{'+'.join(extractors)} {background} {size.n_sources}x{size.n_genes}", request, cost
        whole = next(one.ensemble for one in records() if one.name == DEFAULT)
        cost = foretell_inference(size, record, extractors=whole, readout="masked", n_seeds=5)
        yield f"default translator {size.n_sources}x{size.n_genes}", InferRequest(**common, extractors=whole), cost
        for method in METHODS:
            options = {"trees": 100} if method.startswith("genie3") else {}
            if method in SLOW and n_variable > 100:
                continue
            request = CoexpressionRequest(**common, method=method, options=options)
            cost = foretell_coexpression(method, size, options=options)
            yield f"{method} {size.n_sources}x{size.n_genes}", request, cost


def cases_on_cells():
    """Yield (name, request, announced) of what is asked of groups of cells."""
    data = grn.demo("pbmc68k")
    common = {"dataset_ref": data.ref, "dataset_sha": data.sha256}
    small = common | {"n_variable": 500}
    a, b = ("bulk_labels", ("CD14+ Monocyte",)), ("bulk_labels", ("Dendritic",))
    two = small | {"a": a, "b": b}
    asked = {
        "groups of cells": GroupsRequest(**two, permutations=100),
        "groups of donors": GroupsRequest(**two, donor="louvain"),
        "groups asked of the model": GroupsRequest(**two, permutations=5, method="context"),
        "all groups": AllGroupsRequest(**small, by="bulk_labels"),
        "activity": ActivityRequest(**common, group="bulk_labels", a=a, b=b),
        "what if": WhatIfRequest(**small, changed=("IRF8",)),
        "what if in a group": WhatIfRequest(**small, changed=("IRF8",), background="context"),
    }
    for name, request in asked.items():
        yield name, request, foretell(request, data)


def ratios(announced: Cost, real: Real) -> dict[str, float]:
    """Announced beside real."""
    return {
        "time": announced.seconds / real.seconds,
        "memory": announced.memory / real.memory,
        "disk": announced.disk / real.disk,
    }


def test_what_is_announced_is_within_a_factor_of_two(tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_DEVICE", "cpu")
    took = really(MeasureRequest())
    print(f"\nmeasured in {took.seconds:.0f} s")
    rows = []
    for name, request, announced in cases(tmp_path):
        assert announced.measured
        real = really(request)
        rows.append((name, announced, real, ratios(announced, real)))
        found = rows[-1][3]
        print(
            f"{name:34} announced {announced.words:45} real {real.seconds:6.1f} s {real.memory / 1e6:6.0f} MB "
            f"{real.disk / 1e6:7.2f} MB   ratios " + " ".join(f"{what} {ratio:.2f}" for what, ratio in found.items()),
            flush=True,
        )
    wrong = {name: found for name, _, _, found in rows if not all(1 / SLACK <= one <= SLACK for one in found.values())}
    assert not wrong, json.dumps(wrong, indent=1)


def test_what_is_asked_of_groups_takes_what_is_announced(monkeypatch):
    """The disk that is announced holds what lies there while labels are permuted, too."""
    monkeypatch.setenv("GRN_DEVICE", "cpu")
    really(MeasureRequest())
    wrong = {}
    for name, request, announced in cases_on_cells():
        real = really(request)
        found = ratios(announced, real)
        print(f"{name:26} announced {announced.words:50} real {real.seconds:.1f} s  {found}", flush=True)
        if not (all(1 / SLACK <= found[what] <= SLACK for what in ("time", "memory")) and found["disk"] >= 1 / SLACK):
            wrong[name] = found
    assert not wrong, json.dumps(wrong, indent=1)
