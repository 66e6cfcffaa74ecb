"""All that is computed in parts, as a worker computes it, beside what this process computes: the same bits."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import grn_core as grn
from grn_core import executors
from grn_core.benchmark.features import extracted
from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.features.extracted import FeatureCache, read_together
from grn_core.benchmark.features.handle import model_handle
from grn_core.benchmark.job import run_job
from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.protocol import methods, table
from grn_core.coexpression import genie3, grnboost2, score_pairs
from grn_core.datasets.groups import CellGroup, Groups
from grn_core.differential import asking, compare_groups, networks_of_groups
from grn_core.differential.ways import CONTEXT, planned
from grn_core.errors import ModelError, RunError
from grn_core.executors import HERE
from grn_core.executors.alike import versions_here
from grn_core.executors.parcels import Parcel, packed, unpacked
from grn_core.executors.remote import ERROR, VERSIONS, computed
from grn_core.extractors.engine import extract_features
from grn_core.extractors.remote import model_there, told_of_model
from grn_core.models.load import load_model
from grn_core.models.weights import on_weights
from grn_core.translator.train import TrainingOptions
from tests.benchmark.toy_references import write_toy

COLUMN, KINDS = "bulk_labels", ("CD14+ Monocyte", "Dendritic")
GROUPS = Groups(CellGroup(COLUMN, KINDS[:1]), CellGroup(COLUMN, KINDS[1:]), "")
TFS = ("IRF8", "HES4", "HMGA1", "SPIB")


class ThroughParcels:
    """What a worker does, in this process: the last part first, and nothing but bytes goes there and back."""

    def __init__(self):
        self.parts = 0

    def results(self, work, numbers, *, listen):
        if not numbers:
            return
        given = work.given()
        content = packed(Parcel({**given.told, VERSIONS: versions_here()}, given.arrays))
        for number in reversed(numbers):
            listen()
            found = unpacked(computed(work.module, str(hash(content)), content, packed(work.part(number))))
            if error := found.told.get(ERROR):
                raise RunError(error["found"])
            self.parts += 1
            yield number, found.arrays

    def device(self, own):
        return own


@pytest.fixture(scope="module")
def cells():
    found = grn.demo("pbmc68k")
    donor = np.random.default_rng(0).integers(0, 4, found.n_cells).astype(str)
    return replace(found, obs=found.obs.assign(donor=donor))


@pytest.fixture(scope="module")
def panel(cells):
    return cells.panel(n_variable=10, tfs=TFS)


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("context", [False, True])
def test_features(tmp_path, context):
    model = load_model("compact", device="cpu")
    genes = (*TFS, "CD3E", "CD4", "CD8A", "GAPDH")
    options = {"chunk": 1, "extractors": ("vvp", "gdt", "source", "target")}
    if context:
        options |= {"background": "context", "context": np.linspace(0, 1, len(genes)), "readout": "plain"}
    extract_features(model, genes, range(4), folder=tmp_path / "here", **options)
    executor = ThroughParcels()
    extract_features(model, genes, range(4), folder=tmp_path / "afar", executor=executor, called="compact", **options)
    assert executor.parts == 4
    assert files(tmp_path / "here") == files(tmp_path / "afar")


def test_features_of_other_weights_are_asked_of_them_and_never_taken_for_those_of_the_name(tmp_path):
    model = load_model("compact", device="cpu")
    other = on_weights(model, {name: 0.9 * one for name, one in model.network.state_dict().items()})
    genes = (*TFS, "CD3E")
    here = extract_features(other, genes, range(2), folder=tmp_path / "here")
    afar = extract_features(
        other, genes, range(2), folder=tmp_path / "afar", executor=ThroughParcels(), called="compact"
    )
    np.testing.assert_array_equal(here["vvp"], afar["vvp"])
    other.adapted_from = ""
    with pytest.raises(RunError, match="other weights"):
        extract_features(other, genes, range(2), executor=ThroughParcels(), called="compact")


@pytest.mark.parametrize("weights", ["pretrained", "random"])
@pytest.mark.parametrize("name", ["vvp", "attn", "pert"])
def test_features_of_a_benchmark(tmp_path, monkeypatch, name, weights):
    monkeypatch.setattr(extracted, "SOURCES_AT_ONCE", 2)
    handle = model_handle("compact", weights=weights)
    genes = handle.vocabulary[:9]
    pairs = np.array([(0, 1), (0, 5), (1, 0), (2, 3), (4, 7), (0, 2), (6, 1)])
    options = {"extractors": read_together(name, handle.record), "readout": handle.record.default_readout}
    found, executor = {}, ThroughParcels()
    for where, how in {"here": {}, "afar": {"executor": executor}}.items():
        cache = FeatureCache(handle, genes, home=tmp_path / where, **options)
        found[where] = cache.get(pairs, **how)[name], files(cache.folder)
    np.testing.assert_array_equal(found["here"][0], found["afar"][0])
    assert executor.parts == (1 if name == "attn" else 3)
    assert found["here"][1] == found["afar"][1]


def test_weights_of_a_worker_that_are_others_are_refused():
    given = told_of_model(load_model("compact", weights="random"), called="compact")
    with pytest.raises(ModelError, match="other weights"):
        model_there(given)


def test_a_table_of_a_benchmark(tmp_path, monkeypatch):
    """The files of two tables, made in a home of their own each, of some of the methods."""
    some = [one for one in methods.methods() if one.name in ("GDT", "Random weights")]
    monkeypatch.setattr(table, "methods", lambda asked: some)
    init = TrainingOptions.__init__
    monkeypatch.setattr(TrainingOptions, "__init__", lambda self, **options: init(self, **{"epochs": 1, **options}))
    (tmp_path / "references").mkdir()
    options = BenchmarkOptions(
        references=write_toy(tmp_path / "references"), train=("hONE:NET",), tests=("hTWO:NET",), n_seeds=1
    )
    found, executor = {}, ThroughParcels()
    for where, what in {"here": HERE, "afar": executor}.items():
        monkeypatch.setenv("GRN_HOME", str(tmp_path / where))
        monkeypatch.setattr(executors, "computing", lambda _, what=what: nullcontext(what))
        (tmp_path / where).mkdir()
        run_job(options, tmp_path / where)
        tables = tmp_path / where / "results"
        found[where] = {path.name: path.read_bytes() for path in tables.glob("*") if path.name != "manifest.json"}
        found[where] |= files(tmp_path / where / "benchmark" / "results")
        found[where]["measures"] = (tmp_path / where / "measures.json").read_bytes()
    assert executor.parts > 3
    assert len(found["here"]) > 3
    assert found["here"] == found["afar"]


def test_coexpression_of_a_benchmark(tmp_path, monkeypatch):
    monkeypatch.setattr(grnboost2, "TARGETS_AT_ONCE", 4)
    genes = tuple(f"G{place:02d}" for place in range(12))
    cells = Cells("", genes, np.random.default_rng(0).random((40, 12)), None)
    executor = ThroughParcels()
    found = {
        where: Bench(model_handle("compact"), home=tmp_path / where, **how).coexpressed(
            "grnboost2", cells, genes, genes[1:4], 0
        )
        for where, how in {"here": {}, "afar": {"executor": executor}}.items()
    }
    assert executor.parts == 2
    np.testing.assert_array_equal(found["here"], found["afar"])
    assert not list(tmp_path.rglob("parts")), "what was put together is kept once"


@pytest.mark.parametrize("method", ["genie3", "genie3-extra-trees", "grnboost2"])
def test_targets(tmp_path, monkeypatch, method):
    monkeypatch.setattr(genie3, "TARGETS_AT_ONCE", 4)
    monkeypatch.setattr(grnboost2, "TARGETS_AT_ONCE", 4)
    values = np.random.default_rng(0).random((60, 14))
    options = {"genes": [f"G{place:02d}" for place in range(14)], "sources": (1, 4), "method": method, "seed": 3}
    options["options"] = {"trees": 3} if method.startswith("genie3") else {}
    executor = ThroughParcels()
    found = score_pairs(values, **options, folder=tmp_path, executor=executor)
    assert executor.parts == 4
    np.testing.assert_array_equal(found, score_pairs(values, **options))
    np.testing.assert_array_equal(found, score_pairs(values, **options, folder=tmp_path, executor=executor))
    assert executor.parts == 4, "finished parts are taken"


@pytest.mark.parametrize("method", ["spearman", "partial"])
def test_permutations_of_cells(cells, panel, tmp_path, method):
    found, executor = {}, ThroughParcels()
    for name, how in {"here": {}, "afar": {"executor": executor}}.items():
        (tmp_path / name).mkdir()
        found[name] = compare_groups(cells, GROUPS, panel, method=method, n=25, folder=tmp_path / name, **how)
    assert executor.parts == 3
    assert files(tmp_path / "here") == files(tmp_path / "afar")
    pd.testing.assert_frame_equal(found["here"].table, found["afar"].table, check_exact=True)


def test_networks_of_donors_and_of_all_groups(cells, panel):
    executor = ThroughParcels()
    donors = replace(GROUPS, donor="donor")
    here, afar = (compare_groups(cells, donors, panel, **how).table for how in ({}, {"executor": executor}))
    pd.testing.assert_frame_equal(here, afar, check_exact=True)
    assert executor.parts == 8
    here, afar = (networks_of_groups(cells, COLUMN, panel, **how) for how in ({}, {"executor": executor}))
    pd.testing.assert_frame_equal(here, afar, check_exact=True)
    assert executor.parts > 10


def test_a_model_asked_in_the_mean_of_groups(cells, panel, tmp_path):
    asked = planned(CONTEXT, "compact")
    found, executor = {}, ThroughParcels()
    for name, how in {"here": {}, "afar": {"executor": executor}}.items():
        (tmp_path / name).mkdir()
        found[name] = compare_groups(
            cells, GROUPS, panel, method=CONTEXT, asked=asked, n=2, folder=tmp_path / name, **how
        )
    assert executor.parts == 2
    assert files(tmp_path / "here") == files(tmp_path / "afar")
    told = asking.told_of_model(panel, asked)
    with pytest.raises(ModelError, match="other weights"):
        asking.scores_as_told({**told, "weights": ["", ""]})
