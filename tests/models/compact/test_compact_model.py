"""The compact model: its interface, its laws, its strictness, and the bundled weights."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from grn_core.errors import GeneError, ModelError
from grn_core.genes import match_genes
from grn_core.models.compact import model as compact
from grn_core.models.compact.network import CompactNetwork, CompactShape
from grn_core.models.load import load_model
from grn_core.models.registry import card, folder_of, records, vocabulary
from tests.models.tiny import tiny_model

NEAR = {"rtol": 0.0, "atol": 1e-10}


def state(model):
    network = model.network
    return (
        [module.training for module in network.modules()],
        [(p.requires_grad, p.dtype, p.device, p.grad is None) for p in network.parameters()],
        {name: value.clone() for name, value in network.state_dict().items()},
        [len(module._forward_hooks) for module in network.modules()],
    )


def assert_same_state(before, after):
    assert before[:2] == after[:2]
    assert before[3] == after[3]
    assert all(torch.equal(before[2][name], after[2][name]) for name in before[2])


def values_of(model, n=3):
    torch.manual_seed(3)
    return torch.rand(n, len(model.vocabulary), dtype=model.dtype) * 4 - 2


def test_permuting_genes_permutes_the_prediction():
    model = tiny_model()
    values = values_of(model)
    order = torch.randperm(len(model.vocabulary), generator=torch.Generator().manual_seed(0))
    shuffled = [model.vocabulary[index] for index in order]
    straight = model.predict(model.vocabulary, values, readout="plain")
    torch.testing.assert_close(model.predict(shuffled, values[:, order], readout="plain"), straight[:, order], **NEAR)


def test_a_hidden_gene_is_predicted_the_same_whoever_else_is_hidden():
    model = tiny_model()
    values = values_of(model)
    shown = torch.zeros(values.shape, dtype=torch.bool)
    shown[:, 2] = True
    all_genes = model.predict(model.vocabulary, values, shown=shown)
    few = [2, 6, 9]
    some = model.predict([model.vocabulary[i] for i in few], values[:, few], shown=shown[:, few])
    torch.testing.assert_close(some, all_genes[:, few], **NEAR)


def test_every_value_is_shown_unless_it_is_said_which():
    model = tiny_model()
    values, whole = values_of(model), torch.ones(values_of(model).shape, dtype=torch.bool)
    direction = torch.zeros_like(values)
    direction[:, 1] = 1.0
    assert model.record.hides_targets(model.record.default_readout)
    found = model.predict(model.vocabulary, values)
    torch.testing.assert_close(found, model.predict(model.vocabulary, values, shown=whole), rtol=0, atol=0)
    value, tangent = model.value_and_tangent(model.vocabulary, values, direction)
    wanted = model.value_and_tangent(model.vocabulary, values, direction, shown=whole)
    torch.testing.assert_close((value, tangent), wanted, rtol=0, atol=0)
    assert tangent.abs().max() > 0


def test_genes_that_are_shown_are_named_for_every_cell():
    model = tiny_model()
    values = values_of(model)
    said = r"'shown' of the readout 'masked' is of shape \(1, 2\); needed: boolean \(3, 11\), .* leave it out"
    with pytest.raises(ModelError, match=said):
        model.predict(model.vocabulary, values, shown=[[True, False]])
    with pytest.raises(ModelError, match=said):
        model.value_and_tangent(model.vocabulary, values, values, shown=[[True, False]])


def test_the_value_of_a_hidden_gene_is_not_read():
    model = tiny_model()
    values = values_of(model)
    shown = torch.zeros(values.shape, dtype=torch.bool)
    shown[:, :4] = True
    other = values.clone()
    other[:, 4:] = 1.5
    first, second = (model.predict(model.vocabulary, v, shown=shown) for v in (values, other))
    torch.testing.assert_close(first, second, **NEAR)


def test_padding_changes_nothing():
    model = tiny_model()
    values, ids = values_of(model), model.ids(model.vocabulary).expand(3, -1)
    mask = torch.zeros(values.shape, dtype=torch.bool)
    mask[:, -3:] = True
    padded = model.network(ids, values, mask)["value"][:, :-3]
    short = model.network(ids[:, :-3], values[:, :-3])["value"]
    torch.testing.assert_close(padded, short, **NEAR)


def test_rows_do_not_touch_each_other():
    model = tiny_model()
    values = values_of(model)
    shown = torch.rand(values.shape, generator=torch.Generator().manual_seed(1)) < 0.5
    together = model.predict(model.vocabulary, values, shown=shown)
    alone = [model.predict(model.vocabulary, v[None], shown=s[None]) for v, s in zip(values, shown, strict=True)]
    torch.testing.assert_close(together, torch.cat(alone), **NEAR)


def test_attention_rows_sum_to_one_with_that_of_the_condition_and_receivers_are_rows():
    model = tiny_model()
    weights = model.attend(model.vocabulary, values_of(model))
    assert weights.shape == (3, 2, 2, 11, 11)
    total = weights.sum(-1)
    assert bool(((total > 0) & (total < 1)).all())  # the rest of each row goes to the token of the condition
    changed = values_of(model)
    changed[:, 4] += 1.0
    first_layer = (model.attend(model.vocabulary, changed) - weights)[:, 0].abs().amax(dim=(0, 1))
    untouched_receivers = [i for i in range(11) if i != 4]
    assert first_layer[untouched_receivers][:, 4].min() > 0


def test_embeddings_are_those_of_the_genes():
    model = tiny_model()
    torch.testing.assert_close(model.embed(["G03", "G00"]), model.network.embedding.weight[[3, 0]], **NEAR)


def test_units_by_hand():
    model = tiny_model()
    assert model.to_units(["G00", "G01"], np.array([0.75, 0.25])).tolist() == [1.0, -1.0]
    assert model.to_units(["G00"], np.array([9.0])).tolist() == [5.0]


@pytest.mark.parametrize("training", [False, True])
def test_the_model_leaves_as_it_entered(training):
    model = tiny_model()
    model.network.train(training)
    model.network.blocks[0].eval()
    before = state(model)
    values = values_of(model)
    model.predict(model.vocabulary, values, readout="plain")
    model.value_and_tangent(model.vocabulary, values, values, readout="plain")
    model.attend(model.vocabulary, values)
    assert_same_state(before, state(model))


def test_the_model_leaves_as_it_entered_also_after_an_error(monkeypatch):
    model = tiny_model()
    model.network.train()
    before = state(model)

    def fail(*_args, **_kwargs):
        message = "broken"
        raise RuntimeError(message)

    monkeypatch.setattr(model.network.blocks[1], "further", fail)
    values = values_of(model)
    for call in (
        lambda: model.predict(model.vocabulary, values, readout="plain"),
        lambda: model.value_and_tangent(model.vocabulary, values, values, readout="plain"),
        lambda: model.attend(model.vocabulary, values),
    ):
        with pytest.raises(RuntimeError, match="broken"):
            call()
        assert torch.autograd.forward_ad._current_level == -1
    assert_same_state(before, state(model))


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        (lambda v: v * 100, {"readout": "plain"}, "values reach from"),
        (lambda v: v * torch.nan, {"readout": "plain"}, "values reach from"),
        (lambda v: v[:, :-1], {"readout": "plain"}, "values have shape"),
        (lambda v: v, {"readout": "mvc"}, "no readout 'mvc'"),
    ],
)
def test_wrong_input_is_refused(change, options, words):
    model = tiny_model()
    with pytest.raises(ModelError, match=words):
        model.predict(model.vocabulary, change(values_of(model)), **options)


def test_unknown_genes_are_named():
    model = tiny_model()
    with pytest.raises(GeneError, match="FOXP3"):
        model.predict(["G00", "FOXP3"], torch.zeros(1, 2), readout="plain")


# --- the bundled weights -------------------------------------------------------------------------------------------


def test_bundled_model_loads_frozen_and_within_its_size():
    model = load_model("compact", device="cpu")
    assert not model.network.training
    assert not any(p.requires_grad for p in model.network.parameters())
    assert (folder_of("compact") / "model.safetensors").stat().st_size <= 25e6
    record = model.record
    assert record.n_genes == len(model.vocabulary) == len(set(model.vocabulary))
    assert record.n_parameters == sum(p.numel() for p in model.network.parameters())
    assert len(record.grid) == 8
    assert record.value_range[0] <= min(record.grid) < record.background < max(record.grid) <= record.value_range[1]


def test_card_says_what_was_measured():
    found = card("compact")
    assert found["training_seconds"] > 0
    assert found["conditions"] == [part["name"] for part in found["training_data"]]
    assert found["curve"][-1]["step"] == found["recipe"]["steps"]
    assert found["reconstruction"]["relative_error_network"] < 1.0
    assert {"name", "species", "cells", "genes", "sha256"} <= found["training_data"][0].keys()


def test_random_weights_have_the_same_shape_and_follow_the_seed():
    real, first, same, other = (
        load_model("compact", device="cpu"),
        *(load_model("compact", device="cpu", weights="random", seed=seed) for seed in (0, 0, 1)),
    )
    shapes = {name: value.shape for name, value in real.network.state_dict().items()}
    assert shapes == {name: value.shape for name, value in first.network.state_dict().items()}
    weight = [m.network.blocks[0].up.weight for m in (real, first, same, other)]
    assert torch.equal(weight[1], weight[2])
    assert not torch.equal(weight[1], weight[3])
    assert not torch.equal(weight[0], weight[1])


@pytest.mark.shared_data
def test_vocabulary_covers_every_beeline_dataset(shared_data):
    known = frozenset(vocabulary("compact"))
    for dataset in ("hESC", "hHEP", "mDC", "mESC", "mHSC-E"):
        names = set()
        for path in (shared_data / "data" / "beeline" / "networks").glob(f"*_{dataset}_TFsplus*.tsv.gz"):
            table = np.loadtxt(path, dtype=str, delimiter="\t", skiprows=1)
            names |= set(table.ravel())
        match = match_genes(sorted(names), species="human" if dataset.startswith("h") else "mouse")
        covered = sum(symbol in known for symbol in match.symbols)
        assert covered / len(names) >= 0.85, f"{dataset}: {covered} of {len(names)}"


# --- strict loading ------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A model folder of its own, with five genes."""
    torch.manual_seed(0)
    network = CompactNetwork(CompactShape(5, width=8, heads=2, layers=1, feedforward=16))
    tensors = {**network.state_dict(), "reference_mean": torch.zeros(5), "reference_sd": torch.ones(5)}
    save_file(tensors, tmp_path / "model.safetensors")
    (tmp_path / "vocabulary.txt").write_text("A\nB\nC\nD\nE\n")
    shape = {"width": 8, "heads": 2, "layers": 1, "feedforward": 16}
    small = {**card("compact"), "shape": shape, "n_genes": 5, "conditions": []}
    (tmp_path / "card.json").write_text(json.dumps(small))
    return tmp_path


def resave(folder, change):
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def test_a_whole_folder_loads(folder):
    assert compact.load(folder).predict(["A", "E"], torch.zeros(1, 2), readout="plain").shape == (1, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.pop("norm.weight"), "tensors missing: norm.weight"),
        (lambda t: t.update(extra=torch.zeros(1)), "tensors surplus: extra"),
        (lambda t: t.update({"condition": torch.zeros(9)}), "tensors of another shape: condition"),
    ],
)
def test_tensors_that_do_not_fit_are_named(folder, change, words):
    resave(folder, change)
    with pytest.raises(ModelError, match=words):
        compact.load(folder)


def test_a_cut_weights_file_is_an_error(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ModelError, match="cannot be read"):
        compact.load(folder)
    path.unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        compact.load(folder)


def test_weights_without_statistics_are_refused(folder):
    resave(folder, lambda t: t.pop("reference_sd"))
    with pytest.raises(ModelError, match="reference_sd"):
        compact.load(folder)


def test_unknown_names_are_refused():
    with pytest.raises(ModelError, match="no foundation model 'scgpt'"):
        load_model("scgpt")
    with pytest.raises(ModelError, match="weights="):
        load_model("compact", weights="fine-tuned")
    with pytest.raises(ModelError, match="device 'tpu'"):
        load_model("compact", device="tpu")
    assert "compact" in {record.name for record in records()}


def test_shutil_copy_of_the_bundled_folder_loads(tmp_path):
    copy = tmp_path / "compact"
    shutil.copytree(folder_of("compact"), copy)
    assert compact.load(copy).vocabulary == vocabulary("compact")
