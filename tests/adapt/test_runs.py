"""Adaptation in requests and runs: no trace where it is not asked for, part of the id and of the bar where it is."""

from __future__ import annotations

import json

import pytest

from grn_core.adapt import MAX_STEPS
from grn_core.errors import RequestError
from grn_core.runs import InferRequest, jobs
from grn_core.runs.kinds.panel import GENES_ONLY

ASKED = {"dataset_ref": "GSD", "dataset_sha": "a" * 64}


def test_no_adaptation_leaves_no_trace_in_the_id():
    plain = InferRequest(**ASKED)
    assert plain.adapt is None
    assert "adapt" not in plain.hashes()
    assert "adapt" not in plain.decides()
    older = {name: value for name, value in plain.to_json().items() if name != "adapt"}
    assert InferRequest.from_json(older).run_id() == plain.run_id()


def test_no_steps_are_no_adaptation():
    assert InferRequest(**ASKED, adapt=0) == InferRequest(**ASKED)
    assert InferRequest(**ASKED, adapt=0).run_id() == InferRequest(**ASKED).run_id()


def test_the_steps_and_the_version_of_the_code_decide_the_id(monkeypatch):
    ids = {InferRequest(**ASKED, adapt=steps).run_id() for steps in (None, 100, 200)}
    assert len(ids) == 3
    monkeypatch.setattr("grn_core.adapt.options.VERSION", 0)
    assert InferRequest(**ASKED, adapt=100).run_id() not in ids
    assert InferRequest(**ASKED).run_id() in ids


def test_it_survives_the_record():
    request = InferRequest(**ASKED, adapt=100)
    assert InferRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


@pytest.mark.parametrize("steps", [-1, MAX_STEPS + 1])
def test_steps_out_of_bounds_are_refused(steps):
    with pytest.raises(RequestError, match=f"{steps} steps"):
        InferRequest(**ASKED, adapt=steps)


def test_a_gene_list_has_no_cells_to_adapt_to():
    with pytest.raises(RequestError, match="without a dataset"):
        InferRequest(dataset_ref=GENES_ONLY, genes=("SPI1", "LYZ"), adapt=100)


def test_the_bar_has_a_stage_for_it_only_where_it_is_asked_for():
    plain, adapted = (jobs.job_kind("infer").stages_of(InferRequest(**ASKED, adapt=steps)) for steps in (None, 100))
    assert list(plain) == ["read", "load", "extract", "score"]
    assert list(adapted) == ["read", "load", "adapt", "extract", "score"]


def test_a_run_adapts_to_the_chosen_cells(monkeypatch, tmp_path):
    given = {}

    def infer(panel, plan, **options):
        import pandas as pd

        given.update(options)
        options["note"]("what the adaptation did")
        return pd.DataFrame({"source": ["a"], "target": ["b"], "score": [1.0]})

    monkeypatch.setattr("grn_core.inference.infer_planned", infer)
    from grn_core.datasets import load

    data = load("pbmc68k")
    values = tuple(sorted(data.obs["bulk_labels"].astype(str).unique()))[:4]
    asked = {"dataset_ref": "pbmc68k", "dataset_sha": data.sha256, "cells": ("bulk_labels", values)}
    summary = jobs.job_kind("infer").run(InferRequest(**asked, adapt=7), tmp_path, lambda *_: None)
    wanted = given["adapt"]
    assert wanted.dataset is data
    assert wanted.cells.tolist() == data.cells_where("bulk_labels", values).tolist()
    assert wanted.options.steps == 7
    assert "what the adaptation did" in summary["notes"]
    jobs.job_kind("infer").run(InferRequest(**asked), tmp_path, lambda *_: None)
    assert given["adapt"] is None
