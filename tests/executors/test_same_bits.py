"""All that is computed in parts, as a worker computes it, beside what this process computes: the same bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import grn_core as grn
from grn_core.coexpression import genie3, grnboost2, score_pairs
from grn_core.datasets.groups import CellGroup, Groups
from grn_core.differential import asking, compare_groups, networks_of_groups
from grn_core.differential.ways import CONTEXT, planned
from grn_core.errors import ModelError, RunError
from grn_core.executors.afar import ERROR, VERSIONS, computed
from grn_core.executors.alike import versions_here
from grn_core.executors.parcels import Parcel, packed, unpacked
from grn_core.extractors.engine import extract_features
from grn_core.models.load import load_model
from grn_core.models.weights import on_weights

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
