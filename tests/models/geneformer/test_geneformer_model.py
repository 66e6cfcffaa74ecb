"""Geneformer: outputs of the published code, strict loading, no values."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from grn_core.errors import GeneError, ModelError, RequestError
from grn_core.extractors import extractors_of
from grn_core.extractors.engine import extract_features
from grn_core.extractors.in_memory import extract_for_pairs
from grn_core.models.families import family_of
from grn_core.models.geneformer.network import SHARED
from grn_core.models.load import load_model
from grn_core.models.record import ModelRecord
from tests.models.published import EXACT, FIXTURES, expected, model_of
from tests.reverse_mode import slopes_by_reverse_mode

NETWORK = pytest.mark.geneformer
V1, V2 = FIXTURES / "geneformer_v1" / "Geneformer-V1-10M", FIXTURES / "geneformer_v2" / "Geneformer-V2-104M"


@pytest.fixture
def model():
    return model_of(V2)


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(V2.parent, tmp_path / "mine") / V2.name


def load(folder):
    return load_model(folder, device="cpu")


def resave(folder, change):
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def change_config(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))


@pytest.mark.parametrize("place", [V1, V2])
def test_the_folder_is_recognised_without_the_library(place):
    assert family_of(place).name == "geneformer"


@NETWORK
@pytest.mark.parametrize("place", [V1, V2])
def test_outputs_are_those_of_the_published_code(place):
    wanted, model = expected(place.parent), model_of(place)
    rows = wanted["rows"]
    ids, padding = wanted["input_ids"][rows], wanted["attention_mask"][rows] == 0
    assert padding[1].any()
    found = model.network(ids, padding)
    torch.testing.assert_close(found["logits"][~padding], wanted["logits_f64"][~padding], **EXACT)
    torch.testing.assert_close(found["hidden"][:, ~padding], wanted["hidden_states_f64"][:, ~padding], **EXACT)
    last = [weights[1][~padding[1]] for weights in model.network.attention(found["hidden"], padding)]
    attentions = wanted["attentions"][:, 0].flatten(0, 1)[:, ~padding[1]]
    torch.testing.assert_close(torch.stack(last), attentions.double(), rtol=0, atol=1e-5)


@NETWORK
@pytest.mark.shared_data
@pytest.mark.parametrize("place", [V1, V2])
def test_so_they_are_for_every_cell_in_single_precision(place, shared_data):
    folder = shared_data / "fixtures" / place.parent.name
    wanted, model = expected(folder), load(folder / place.name)
    padding = wanted["attention_mask"] == 0
    found = model.network(wanted["input_ids"], padding)
    torch.testing.assert_close(found["logits"][~padding], wanted["logits"][~padding], rtol=0, atol=3e-5)
    torch.testing.assert_close(found["hidden"][:, ~padding], wanted["hidden_states"][:, ~padding], rtol=0, atol=1e-5)


@NETWORK
@pytest.mark.shared_data
def test_slopes_of_the_logits_are_those_of_the_published_code(shared_data):
    """The model takes no values, but its embeddings can be differentiated: a stronger check than the outputs."""
    wanted, model = expected(shared_data / "fixtures" / "geneformer_v1"), model_of(V1)
    rows, ids = wanted["jac_rows"], wanted["input_ids"][:1]
    bert = model.network.masked_lm
    vectors = bert.bert.embeddings.word_embeddings(ids).requires_grad_()
    logits = bert(inputs_embeds=vectors, attention_mask=wanted["attention_mask"][:1]).logits[0]
    own = [logits[place, ids[0, place]] for place in rows]
    slopes = torch.stack([torch.autograd.grad(one, vectors, retain_graph=True)[0][0, rows] for one in own])
    torch.testing.assert_close(slopes, wanted["jac_emb_row0_f64"], rtol=0, atol=1e-9)


@NETWORK
def test_neither_padding_nor_the_other_cells_change_a_cell(model):
    wanted = expected(V2.parent)
    ids = wanted["input_ids"][wanted["rows"]]
    padding = wanted["attention_mask"][wanted["rows"]] == 0
    length = int((~padding[1]).sum())
    together = model.network(ids, padding)["hidden"][:, 1, :length]
    alone = model.network(ids[1:, :length])["hidden"][:, 0]
    more = torch.nn.functional.pad(ids[1:], (0, 9)), torch.nn.functional.pad(padding[1:], (0, 9), value=True)
    torch.testing.assert_close(together, alone, **EXACT)
    torch.testing.assert_close(model.network(*more)["hidden"][:, 0, :length], alone, **EXACT)


@NETWORK
def test_record(model):
    record = model.record
    assert (record.family, record.title) == ("geneformer", "Geneformer-V2-104M")
    assert record.name.startswith("geneformer:")
    assert record.readouts == ("delete", "move-to-front", "attention", "contextual", "embedding")
    assert record.default_readout == "delete"
    assert (record.max_genes, load(V1).record.max_genes) == (94, 64)
    assert record.n_genes == len(model.vocabulary) > 140
    assert record.n_parameters == sum(p.numel() for p in model.network.masked_lm.parameters())
    assert (record.offers, record.takes_values) == (("attention", "embedding"), False)
    assert extractors_of(record) == ("attn", "emb", "source", "target", "neighbours")
    assert record.width == model.embed(model.vocabulary[:1]).shape[1]
    assert "no values" in record.unavailable
    assert ModelRecord.from_card({**record.__dict__, "readouts": list(record.readouts)}) == record
    assert "<cls>" not in model.vocabulary
    assert not model.network.training
    assert not any(parameter.requires_grad for parameter in model.network.parameters())


@NETWORK
def test_vvp_and_gdt_are_refused_with_the_reason(model):
    genes, reason = model.vocabulary[:4], r"no value of a TF to set \(VVP\)"
    with pytest.raises(RequestError, match=f"Virtual Value Perturbation is not available with Geneformer.*{reason}"):
        extract_features(model, genes, [0], extractors=("vvp",))
    with pytest.raises(RequestError, match=f"and Gradient Trajectory are not.*{reason}"):
        extract_for_pairs(model, genes, np.array([[0, 1]]))
    values = torch.ones(1, 4, dtype=torch.float64)
    with pytest.raises(ModelError, match=reason):
        model.predict(genes, values)
    with pytest.raises(ModelError, match=reason):
        model.value_and_tangent(genes, values, values)
    with pytest.raises(ModelError, match=reason):
        slopes_by_reverse_mode(model, genes, values, 0)


@NETWORK
def test_units_are_counts_per_cell_over_the_median(model):
    genes = model.vocabulary[:3]
    medians = [model.dictionaries.median_of[model.dictionaries.of_symbol[gene]] for gene in genes]
    found = model.to_units(genes, np.log1p([[1.0, 10.0, 0.0]]))
    assert found.tolist() == [pytest.approx([1 / medians[0], 10 / medians[1], 0.0])]
    with pytest.raises(GeneError, match="NOSUCHGENE"):
        model.to_units(["NOSUCHGENE"], np.ones(1))


@NETWORK
def test_embeddings_are_the_rows_of_the_network(model):
    genes = model.vocabulary[5:8]
    table = load_file(V2 / "model.safetensors")["bert.embeddings.word_embeddings.weight"].double()
    torch.testing.assert_close(model.embed(genes), table[model.ids(genes)], **EXACT)


@NETWORK
def test_a_gene_in_context_is_its_token_in_the_cell(model):
    genes = model.vocabulary[:6]
    levels = np.array([0.5, 3.0, 0.0, 1.0, 2.0, 4.0])
    ids = model.ids(genes)
    order = torch.tensor([2, *ids[[5, 1, 4, 3, 0]], 3])
    assert model.order(genes, levels).tolist() == order.tolist()
    hidden = model.network(order[None])["hidden"][:, 0]
    for layer in (0, -1, -2):
        found = model.embed_in_context(genes, levels, layer=layer)
        assert found[2].isnan().all()
        torch.testing.assert_close(found[[5, 1, 4, 3, 0]], hidden[layer][1:-1], **EXACT)
    torch.testing.assert_close(model.embed_in_context(genes, levels)[5], hidden[-2][1], **EXACT)


@NETWORK
@pytest.mark.parametrize("place", [V1, V2])
def test_attention_of_genes_is_that_of_their_tokens_in_any_order(place):
    model = model_of(place)
    genes = model.vocabulary[:5]
    levels = np.array([[0.5, 3.0, 0.0, 1.0, 2.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    found = model.attend(genes, levels)
    layers, heads = (model.network.settings[name] for name in ("num_hidden_layers", "num_attention_heads"))
    assert found.shape == (2, layers, heads, 5, 5)
    assert found[0, :, :, 2].isnan().all()
    assert found[0, ..., 2].isnan().all()
    assert not found[1].isnan().any()
    ids = model.order(genes, levels[0])
    hidden = model.hidden(ids[None])
    spots = [ids.tolist().index(int(token)) for token in model.ids([genes[1], genes[3]])]
    bert = model.network.masked_lm.bert
    bert.set_attn_implementation("eager")
    weights = torch.stack(bert(ids[None], output_attentions=True).attentions)[:, 0]
    torch.testing.assert_close(found[0, :, :, 1, 3], weights[:, :, spots[0], spots[1]], **EXACT)
    assert len(hidden) == layers + 1
    turned = model.attend(genes[::-1], levels[:, ::-1])
    torch.testing.assert_close(turned.flip(-1, -2), found, equal_nan=True, **EXACT)


@NETWORK
def test_both_files_of_weights_give_one_model(tmp_path):
    folder = shutil.copytree(V1.parent, tmp_path / "mine") / V1.name
    pickled = load(folder)
    tensors = torch.load(folder / "pytorch_model.bin", weights_only=True)
    assert {tensors.pop(name).shape for name in SHARED} == {(152,), (152, 32)}  # the other file holds them once
    save_file(tensors, folder / "model.safetensors")
    (folder / "pytorch_model.bin").unlink()
    safe = load(folder)
    assert safe.record.name != pickled.record.name
    for one, other in zip(safe.network.parameters(), pickled.network.parameters(), strict=True):
        assert torch.equal(one, other)


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("hostile-was-here",)


@NETWORK
def test_weights_that_carry_code_are_refused_and_the_code_not_run(tmp_path, monkeypatch):
    folder = shutil.copytree(V1.parent, tmp_path / "mine") / V1.name
    monkeypatch.chdir(folder)
    torch.save({"weight": Hostile()}, folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be read as plain tensors"):
        load(folder)
    assert not (folder / "hostile-was-here").exists()


QUERY = "bert.encoder.layer.0.attention.self.query.weight"


@NETWORK
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.pop(QUERY), f"tensors missing: {QUERY}"),
        (lambda t: t.update(extra=torch.zeros(1)), "tensors surplus: extra"),
        (lambda t: t.update({QUERY: torch.zeros(48, 47)}), f"tensors of another shape: {QUERY}"),
        (
            lambda t: t.update({"cls.predictions.decoder.bias": torch.ones(154)}),
            "cls.predictions.decoder.bias and cls.predictions.bias in .* differ",
        ),
        (
            lambda t: [t.pop(name) for name in list(t) if name.startswith("cls.")],
            "tensors missing: .*cls.predictions.transform.dense.weight",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_named(folder, change, words):
    resave(folder, change)
    with pytest.raises(ModelError, match=words):
        load(folder)


@NETWORK
def test_constants_shared_tensors_and_parts_of_other_uses_are_left_out(folder):
    wanted = load(folder).network.state_dict()

    def add(tensors):
        tensors["cls.predictions.decoder.weight"] = tensors["bert.embeddings.word_embeddings.weight"].clone()
        tensors["bert.embeddings.position_ids"] = torch.arange(96)[None]
        tensors["bert.pooler.dense.bias"] = torch.zeros(48)

    resave(folder, add)
    found = load(folder).network.state_dict()
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


@NETWORK
def test_random_weights_have_the_shape_of_the_checkpoint_and_follow_the_seed(folder):
    one, same, other = (load_model(folder, device="cpu", weights="random", seed=seed) for seed in (0, 0, 1))
    weights = [model.network.state_dict()[f"masked_lm.{QUERY}"] for model in (load(folder), one, same, other)]
    assert len({weight.shape for weight in weights}) == 1
    assert torch.equal(weights[1], weights[2])
    assert not torch.equal(weights[1], weights[3])
    assert not torch.equal(weights[0], weights[1])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden_act": "gelu"}, "hidden_act = 'gelu'"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"is_decoder": True}, "is_decoder = True"),
        ({"num_attention_heads": 7}, "no sizes of a network"),
        ({"hidden_size": "48"}, "no sizes of a network"),
        ({"vocab_size": None}, "no sizes of a network"),
    ],
)
def test_other_networks_are_refused(folder, changes, words):
    change_config(folder, **changes)
    with pytest.raises(ModelError, match=words):
        load(folder)


@NETWORK
def test_missing_and_broken_weights_are_named(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"model\.safetensors cannot be read"):
        load(folder)
    path.unlink()
    with pytest.raises(ModelError, match=r"neither model\.safetensors nor pytorch_model\.bin"):
        load(folder)


def test_without_the_library_the_error_says_how_to_install_it(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "transformers" else find(name))
    with pytest.raises(
        ModelError, match=r"transformers, which is not installed.*pip install -r requirements-geneformer"
    ):
        load(V2)


def test_a_config_of_another_kind_is_no_model(folder):
    change_config(folder, model_type="gpt2")
    with pytest.raises(ModelError, match=r"no model of a known format.*Geneformer"):
        load(folder)
