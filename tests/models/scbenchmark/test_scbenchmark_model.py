"""scBenchmark against golden outputs of its published code; what its loader refuses."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch

from grn_core.errors import ModelError
from grn_core.extractors.engine import extract_features
from grn_core.models.load import load_model
from tests.models.published import EXACT, FIXTURES, SLOPE, expected, jacobian, model_of
from tests.reverse_mode import slopes_by_reverse_mode

SMALL = FIXTURES / "scbenchmark_small"


def assert_golden(folder):
    model, wanted = model_of(folder), expected(folder)
    mask = wanted["src_key_padding_mask"]
    found = model.network(wanted["gene_ids"], wanted["values"], mask)
    torch.testing.assert_close(found["cell"], wanted["cell_emb_f64"], **EXACT)
    for name in ("mlm", "mvc"):
        torch.testing.assert_close(found[name][~mask], wanted[f"{name}_output_f64"][~mask], **EXACT)
        columns = mask.shape[1]
        ids, padding = (wanted[key][0].expand(columns, -1) for key in ("gene_ids", "src_key_padding_mask"))
        slopes = jacobian(lambda v, n=name, i=ids, p=padding: model.network(i, v, p)[n], wanted["values"][0])
        torch.testing.assert_close(slopes[~mask[0]], wanted[f"jac_{name}_row0_f64"][~mask[0]], **SLOPE)


def test_outputs_and_derivatives_are_those_of_the_published_code():
    assert_golden(SMALL)


@pytest.mark.thorough
@pytest.mark.shared_data
def test_so_they_are_without_a_projection_of_the_embedding(shared_data):
    assert_golden(shared_data / "fixtures" / "scbenchmark_256")


@pytest.fixture
def model():
    return model_of(SMALL)


def test_readouts_are_outputs_of_the_network(model):
    genes = model.vocabulary[3:10]
    values = torch.linspace(0, 6, 14, dtype=torch.float64).view(2, 7)
    shown = torch.arange(7).expand(2, -1) == 2
    hidden = torch.where(shown, values, -1.0)
    plain = model.network(*model.with_cls(model.ids(genes).expand(2, -1), values))
    masked = model.network(*model.with_cls(model.ids(genes).expand(2, -1), hidden))
    for readout, wanted in (("plain", plain["mlm"]), ("mvc", plain["mvc"]), ("masked", masked["mlm"])):
        torch.testing.assert_close(model.predict(genes, values, readout=readout, shown=shown), wanted[:, 1:], **EXACT)
    assert model.with_cls(model.ids(genes)[None], values[:1])[1][0, 0] == 0


@pytest.mark.parametrize("readout", ["plain", "masked", "mvc"])
def test_joint_pass_equals_reverse_mode_and_reaches_the_features(model, readout):
    genes, source = model.vocabulary[:6], 4
    shown = torch.arange(6)[None] == source
    cell = torch.where(shown, 3.0, torch.full((1, 6), model.record.background, dtype=torch.float64))
    mask = shown if readout == "masked" else None
    _, found = model.value_and_tangent(genes, cell, shown.double(), readout=readout, shown=mask)
    wanted = slopes_by_reverse_mode(model, genes, cell, source, readout=readout, shown=mask)
    torch.testing.assert_close(found[0], wanted, **SLOPE)
    features = extract_features(model, genes, [source], readout=readout)
    others = [place for place in range(6) if place != source]
    level = model.record.grid.index(3.0)
    assert np.allclose(features["gdt"][0, others, level], found[0, others], atol=1e-6)
    assert np.abs(features["vvp"][0, others]).min() > 0


def test_record(model):
    record = model.record
    assert record.readouts == ("plain", "masked", "mvc")
    assert record.hiding_readouts == ("masked",)
    assert record.name.startswith("scbenchmark:")
    assert record.value_range[0] <= record.grid[0] < record.background < record.grid[-1] <= record.value_range[1]
    assert len(record.grid) == 8
    assert "<pad>" not in model.vocabulary
    with pytest.raises(ModelError, match="values reach from"):
        model.predict(model.vocabulary[:1], torch.tensor([[-1.0]]), readout="plain")


def test_units_are_clipped_log_expression(model):
    assert model.to_units(model.vocabulary[:3], np.array([0.0, 1.5, 99.0])).tolist() == pytest.approx([0, 1.5, 9.21044])


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(SMALL, tmp_path / "mine")


def change(folder, **arguments):
    given = json.loads((folder / "args.json").read_text())
    (folder / "args.json").write_text(json.dumps({**given, **arguments}))


@pytest.mark.parametrize("structure", ["gnn_cp", "cnn_3", "linear_2", "mamba"])
def test_other_structures_are_refused_by_name(folder, structure):
    change(folder, model_structure=structure)
    with pytest.raises(ModelError, match=f"model_structure = '{structure}'.*needed: transformer"):
        load_model(folder, device="cpu")


def test_bins_are_units_where_the_model_was_trained_on_bins(folder):
    change(folder, preprocess_mode="bin")
    model = load_model(folder, device="cpu")
    assert model.record.value_range == (0.0, 50.0)
    assert model.to_units(model.vocabulary[:2], np.array([1.0, 2.0])).tolist() == [1.0, 50.0]


def test_the_state_of_the_cell_may_be_the_mean_of_all_positions(folder):
    change(folder, cell_emb_style="avg-pool")
    wanted = expected(SMALL)
    found = load_model(folder, device="cpu").network(wanted["gene_ids"], wanted["values"])
    torch.testing.assert_close(found["cell"], found["hidden"].mean(1))


def test_one_other_weights_file_is_found_but_two_are_not(folder):
    (folder / "best_model.pt").rename(folder / "model-ep3.pt")
    assert load_model(folder, device="cpu").record.family == "scbenchmark"
    shutil.copy(folder / "model-ep3.pt", folder / "model-ep4.pt")
    with pytest.raises(ModelError, match=r"model-ep3\.pt, model-ep4\.pt"):
        load_model(folder, device="cpu")
