"""Whole runs in turn: own cells as background beside the usual ones, all groups together beside one by one."""

from __future__ import annotations

from dataclasses import replace

import anndata
import numpy as np
import pandas as pd
import pytest

import grn_core as grn
from grn_core.datasets import load
from grn_core.datasets.groups import MIN_CELLS
from grn_core.datasets.local import file_ref
from grn_core.genes.tf_lists import tf_list
from grn_core.models.registry import vocabulary
from grn_core.planning import plan
from grn_core.runs import AllGroupsRequest, CoexpressionRequest, InferRequest
from tests.performance.figures import note
from tests.performance.whole_runs import really

pytestmark = pytest.mark.performance
ROUNDS = 3
MOST = 2.0
MANY_TFS, MANY_GENES, CELLS = 768, 1241, 400


def asked_of(data, background, *, n_variable=500):
    """What the command line asks of a dataset unless told otherwise, but for the background."""
    asked = plan("compact", background=background)
    return InferRequest(
        dataset_ref=data.ref,
        dataset_sha=data.sha256,
        n_variable=n_variable,
        tfs="auto",
        readout=asked.readout,
        background=asked.background,
        extractors=asked.extractors,
        translator=asked.translator.name,
        seeds=asked.seeds,
    )


def write_many_genes(path):
    """Write cells of so many genes that the panel is large."""
    rng, tfs, known = np.random.default_rng(0), tf_list("human"), list(vocabulary("compact"))
    genes = [gene for gene in known if gene in tfs][:MANY_TFS]
    genes += [gene for gene in known if gene not in tfs][: MANY_GENES - MANY_TFS]
    counts = rng.poisson(rng.gamma(1.0, 2.0, size=MANY_GENES), size=(CELLS, MANY_GENES)).astype(np.float32)
    cells = pd.DataFrame(index=[f"cell-{number}" for number in range(CELLS)])
    anndata.AnnData(counts, obs=cells, var=pd.DataFrame(index=genes)).write_h5ad(path)


@pytest.mark.parametrize("panel", ["small", "large"])
def test_a_run_with_cells_as_background_beside_the_usual_one(tmp_path, monkeypatch, panel):
    """The quickest of some rounds of both, in turn, each in a home where nothing was computed before."""
    monkeypatch.setenv("GRN_DEVICE", "cpu")
    path, n_variable = tmp_path / "cells.h5ad", 500 if panel == "small" else MANY_GENES
    if panel == "large":
        write_many_genes(path)
    took = {"virtual": [], "context": []}
    for number in range(ROUNDS):
        for background, rounds in took.items():
            monkeypatch.setenv("GRN_HOME", str(tmp_path / f"{background}-{number}"))
            data = grn.demo("pbmc68k") if panel == "small" else load(file_ref(path))
            rounds.append(really(asked_of(data, background, n_variable=n_variable)).seconds)
    usual, own = (min(rounds) for rounds in took.values())
    of = "the demo's run" if panel == "small" else f"a run of {MANY_TFS:,} TFs and {MANY_GENES:,} genes"
    note(f"{of} with cells as background, in times of the usual one", f"{own / usual:.1f}", aim=f"{MOST}")
    print(f"\n{own:.1f} s and {usual:.1f} s: {took}")
    assert own <= MOST * usual


def of_one(data, method, label, genes):
    """The network of one group alone, of the same genes."""
    cells = ("bulk_labels", (label,))
    if method == "context":
        return replace(asked_of(data, "context"), cells=cells, genes=genes)
    return CoexpressionRequest(dataset_ref=data.ref, dataset_sha=data.sha256, cells=cells, genes=genes, method=method)


@pytest.mark.parametrize("method", ["pearson", "genie3", "context"])
def test_all_groups_of_a_column_together_beside_one_by_one(tmp_path, monkeypatch, method):
    """The quicker of two rounds of both, in turn, each in a home where nothing was computed before."""
    monkeypatch.setenv("GRN_DEVICE", "cpu")
    data = grn.demo("pbmc68k")
    counts = data.column("bulk_labels").value_counts()
    labels = sorted(str(label) for label in counts.index[counts >= MIN_CELLS])
    whole = AllGroupsRequest(
        dataset_ref=data.ref, dataset_sha=data.sha256, by="bulk_labels", n_variable=100, method=method
    )
    genes = tuple(whole.panel(data).labels)
    together, alone = [], []
    for number in range(2):
        monkeypatch.setenv("GRN_HOME", str(tmp_path / f"together-{number}"))
        together.append(really(whole).seconds)
        monkeypatch.setenv("GRN_HOME", str(tmp_path / f"alone-{number}"))
        alone.append(sum(really(of_one(data, method, label, genes)).seconds for label in labels))
    ratio = min(together) / min(alone)
    note(f"networks of {len(labels)} groups as one run, in runs one by one: {method}", f"{ratio:.2f}", aim="below 1")
    print(f"\n{min(together):.1f} s and {min(alone):.1f} s: {together}, {alone}")
    assert ratio < 1
