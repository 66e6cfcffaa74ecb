"""scGPT against golden outputs of the published code: forward pass, generative branch, derivatives, readouts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grn_core.errors import ModelError
from grn_core.extractors.engine import extract_features
from grn_core.extractors.in_memory import extract_for_pairs
from tests.models.published import EXACT, FIXTURES, SLOPE, expected, jacobian, model_of
from tests.reverse_mode import slopes_by_reverse_mode

NAMES = ("scgpt_flash_pad", "scgpt_impl_zeroprob", "scgpt_inproj", "scgpt_bn_batch")
EVERY = pytest.mark.parametrize("name", NAMES)


def batch(wanted, rows=None):
    """Keyword arguments of the network for the rows of a fixture."""
    labels = wanted.get("batch_labels")
    return {} if labels is None else {"batch_labels": labels if rows is None else labels[rows]}


def run(name, dtype=torch.float64):
    model, wanted = model_of(FIXTURES / name, dtype), expected(FIXTURES / name)
    mask = wanted["src_key_padding_mask"]
    return wanted, mask, model.network(wanted["gene_ids"], wanted["values"], mask, **batch(wanted))


@EVERY
def test_outputs_are_those_of_the_published_code(name):
    wanted, mask, found = run(name)
    torch.testing.assert_close(found["cell"], wanted["cell_emb_f64"], **EXACT)
    torch.testing.assert_close(found["hidden"][~mask], wanted["hidden_states_f64"][-1][~mask], **EXACT)
    per_gene = {"mlm": "mlm_output", "mvc": "mvc_output", "mlm_zero_probs": "mlm_zero_probs"}
    for ours, theirs in {**per_gene, "mvc_zero_probs": "mvc_zero_probs"}.items():
        assert (ours in found) == (f"{theirs}_f64" in wanted)
        if ours in found:
            torch.testing.assert_close(found[ours][~mask], wanted[f"{theirs}_f64"][~mask], **EXACT)


@EVERY
def test_outputs_in_single_precision(name):
    wanted, mask, found = run(name, torch.float32)
    torch.testing.assert_close(found["mlm"][~mask], wanted["mlm_output"][~mask], rtol=0, atol=1e-5)
    if "mvc" in found:
        torch.testing.assert_close(found["mvc"][~mask], wanted["mvc_output"][~mask], rtol=0, atol=2e-5)


@EVERY
def test_every_layer_is_that_of_the_published_code(name):
    network, wanted = model_of(FIXTURES / name).network, expected(FIXTURES / name)
    mask, states = wanted["src_key_padding_mask"], wanted["hidden_states_f64"]
    x = network.tokens(network.genes(wanted["gene_ids"]), wanted["values"])
    torch.testing.assert_close(x, states[0], **EXACT)
    for layer, state in zip(network.layers, states[1:], strict=True):
        x = layer(x, mask)
        torch.testing.assert_close(x[~mask], state[~mask], **EXACT)


@EVERY
@pytest.mark.parametrize("output", ["mlm", "mvc", "cell"])
def test_derivatives_are_those_of_the_published_code(name, output):
    network, wanted = model_of(FIXTURES / name).network, expected(FIXTURES / name)
    if f"jac_{output}_f64" not in wanted:
        assert output == "mvc"
        assert not network.shape.mvc
        return
    for number, row in enumerate(wanted["jac_rows"].tolist()):
        mask = wanted["src_key_padding_mask"][row]
        columns = len(mask)
        ids, padding = (wanted[key][row].expand(columns, -1) for key in ("gene_ids", "src_key_padding_mask"))
        labels = batch(wanted, [row] * columns)

        def read(values, ids=ids, padding=padding, labels=labels):
            return network(ids, values, padding, **labels)[output]

        found, golden = jacobian(read, wanted["values"][row]), wanted[f"jac_{output}_f64"][number]
        kept = slice(None) if output == "cell" else ~mask
        torch.testing.assert_close(found[kept], golden[kept], **SLOPE)
        assert golden.abs().max() > 1e-3


def test_generative_branch_is_that_of_the_published_code():
    folder = FIXTURES / "scgpt_flash_pad"
    network, wanted = model_of(folder).network, expected(folder)
    golden, mask = expected(folder, "expected_generative.npz"), wanted["src_key_padding_mask"]
    found = network.generate(wanted["gene_ids"], wanted["values"], golden["gen_gene"], mask)
    asked = ~golden["gen_key_padding_mask"]
    torch.testing.assert_close(found["generated"][asked], golden["gen_preds_f64"][asked], **EXACT)
    torch.testing.assert_close(found["mlm"][~mask], golden["pcpt_preds_f64"][~mask], **EXACT)
    torch.testing.assert_close(found["cell"], golden["cell_emb_f64"], **EXACT)
    both = torch.cat((~mask, asked), dim=1)
    torch.testing.assert_close(found["mvc"][both], golden["mvc_output_f64"][both], **EXACT)


def test_derivatives_of_the_generative_branch():
    folder = FIXTURES / "scgpt_flash_pad"
    network, wanted = model_of(folder).network, expected(folder)
    golden, columns = expected(folder, "expected_generative.npz"), wanted["values"].shape[1]
    ids, asked = wanted["gene_ids"][0].expand(columns, -1), golden["gen_gene"][0].expand(columns, -1)
    found = jacobian(lambda values: network.generate(ids, values, asked)["generated"], wanted["values"][0])
    torch.testing.assert_close(found, golden["jac_gen_row0_f64"], **SLOPE)


# --- readouts ------------------------------------------------------------------------------------------------------


@pytest.fixture
def flash():
    """The fixture in the released format, and genes for virtual cells of it."""
    model = model_of(FIXTURES / "scgpt_flash_pad")
    return model, model.vocabulary[45:70]


@pytest.fixture
def golden_cell():
    """A cell of a fixture without its padding: model, genes, values (1, L), golden values, positions of the genes."""
    folder = FIXTURES / "scgpt_impl_zeroprob"
    model, wanted = model_of(folder), expected(folder)
    genes = [place for place, padded in enumerate(wanted["src_key_padding_mask"][1].tolist()) if place and not padded]
    names = [model.vocabulary[index] for index in wanted["gene_ids"][1, genes].tolist()]
    return model, names, wanted["values"][1:2, genes], wanted, genes


@pytest.mark.parametrize("readout", ["mlm", "mvc"])
def test_open_readouts_put_cls_in_front(golden_cell, readout):
    model, names, values, wanted, genes = golden_cell
    found = model.predict(names, values, readout=readout)
    torch.testing.assert_close(found, wanted[f"{readout}_output_f64"][1:2, genes], **EXACT)
    one_hot = torch.eye(len(names), dtype=torch.float64)
    _, tangent = model.value_and_tangent(names, values.repeat(len(names), 1), one_hot, readout=readout)
    torch.testing.assert_close(tangent.T, wanted[f"jac_{readout}_f64"][0][genes][:, genes], **SLOPE)


def test_generative_readout_generates_what_is_not_shown(flash):
    model, genes = flash
    genes = genes[:9]
    values = torch.linspace(1, 50, 27, dtype=torch.float64).view(3, 9)
    shown = torch.zeros(3, 9, dtype=torch.bool)
    shown[0, [2, 5]] = shown[1, 7] = True  # and nothing at all in the last cell
    found = model.predict(genes, values, readout="generative", shown=shown)
    ids = model.ids(genes)
    for row in range(3):
        seen = shown[row]
        perceived = model.with_cls(ids[seen][None], values[row, seen][None])
        alone = model.network.generate(*perceived, ids[~seen][None])
        torch.testing.assert_close(found[row, ~seen], alone["generated"][0], **EXACT)
        torch.testing.assert_close(found[row, seen], alone["mlm"][0, 1:], **EXACT)


@pytest.mark.parametrize("readout", ["mlm", "generative", "mvc"])
def test_joint_pass_equals_reverse_mode_per_target(flash, readout):
    model, genes = flash
    genes = genes[:8]
    values = torch.linspace(3, 45, 8, dtype=torch.float64)[None]
    shown = torch.arange(8)[None] == 3 if readout == "generative" else None
    _, found = model.value_and_tangent(
        genes, values, (torch.arange(8) == 3).double()[None], readout=readout, shown=shown
    )
    wanted = slopes_by_reverse_mode(model, genes, values, 3, readout=readout, shown=shown)
    torch.testing.assert_close(found[0], wanted, **SLOPE)
    assert found.abs().max() > 0


@pytest.mark.parametrize("readout", ["mlm", "generative", "mvc"])
def test_vvp_and_gdt_come_out_of_the_engine(flash, readout):
    model, genes = flash
    genes, source = genes[:8], 5
    features = extract_features(model, genes, [source], readout=readout)
    shown, others = torch.arange(8)[None] == source, [place for place in range(8) if place != source]
    base = torch.full((1, 8), model.record.background, dtype=torch.float64)
    for number, level in enumerate(model.record.grid):
        cell = torch.where(shown, level, base)
        options = {"readout": readout, "shown": shown}
        response = model.predict(genes, cell, **options) - model.predict(genes, base, **options)
        _, slope = model.value_and_tangent(genes, cell, shown.double(), **options)
        assert np.allclose(features["vvp"][0, others, number], response[0, others], atol=1e-6)
        assert np.allclose(features["gdt"][0, others, number], slope[0, others], atol=1e-6)


def test_a_generated_gene_is_predicted_the_same_whoever_else_is_in_the_panel(flash):
    model, genes = flash
    pairs = np.array([[5, 0], [5, 7], [2, 6]])
    whole = extract_features(model, genes[:8], [2, 5], readout="generative")
    for kind, found in extract_for_pairs(model, genes[:8], pairs, readout="generative").items():
        assert np.allclose(found, whole[kind][[1, 1, 0], pairs[:, 1]], atol=1e-6)


def test_permuting_genes_permutes_the_prediction(golden_cell):
    model, names, values, *_ = golden_cell
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(0))
    straight = model.predict(names, values, readout="mlm")
    shuffled = model.predict([names[index] for index in order], values[:, order], readout="mlm")
    torch.testing.assert_close(shuffled, straight[:, order], **EXACT)


def test_attention_is_that_of_the_published_code(golden_cell):
    model, names, values, wanted, genes = golden_cell
    golden = wanted["attentions"][:, 1][..., genes, :][..., genes].double()
    torch.testing.assert_close(model.attend(names, values)[0], golden, rtol=0, atol=1e-6)


def test_embeddings_are_normalised_gene_embeddings(golden_cell):
    model, names, _, wanted, genes = golden_cell
    torch.testing.assert_close(model.embed(names), wanted["gene_emb"][1, genes].double(), rtol=0, atol=1e-6)


def test_the_record_says_what_the_checkpoint_can_do(flash):
    record = flash[0].record
    assert record.readouts == ("mlm", "generative", "mvc")
    assert record.hides_targets("generative")
    assert record.name.startswith("scgpt:")
    assert record.title == "scgpt_flash_pad"
    assert record.grid == (1.0, 8.0, 15.0, 22.0, 29.0, 36.0, 43.0, 50.0)
    assert record.value_range == (0.0, 50.0)
    assert record.background == 25.5
    assert record.n_genes == len(flash[0].vocabulary) == 197
    assert model_of(FIXTURES / "scgpt_inproj").record.readouts == ("mlm",)
    assert model_of(FIXTURES / "scgpt_bn_batch").record.readouts == ("mlm", "mvc")


def test_other_units_are_refused(flash):
    model, genes = flash
    with pytest.raises(ModelError, match="values reach from"):
        model.predict(genes[:2], torch.tensor([[-1.0, 3.0]]), readout="mlm")
    with pytest.raises(ModelError, match="values reach from"):
        model.predict(genes[:2], torch.tensor([[2000.0, 3.0]]), readout="mlm")


def test_units_are_bins_among_the_given_genes(flash):
    model, genes = flash
    assert model.to_units(genes[:4], np.array([0.0, 2.0, 0.5, 1.0])).tolist() == [0.0, 50.0, 1.0, 25.0]


def test_batch_labels_are_asked_for_and_decide():
    model, wanted = model_of(FIXTURES / "scgpt_bn_batch"), expected(FIXTURES / "scgpt_bn_batch")
    with pytest.raises(ModelError, match="batch labels"):
        model.network(wanted["gene_ids"], wanted["values"])
    genes, values = model.vocabulary[:5], torch.full((1, 5), 20.0)
    first = model.predict(genes, values)
    model.batch_label = 1
    assert (model.predict(genes, values) - first).abs().max() > 1e-3


def test_what_is_padded_changes_nothing():
    model, wanted = model_of(FIXTURES / "scgpt_flash_pad"), expected(FIXTURES / "scgpt_flash_pad")
    mask = wanted["src_key_padding_mask"][2:3]
    kept = ~mask[0]
    padded = model.network(wanted["gene_ids"][2:3], wanted["values"][2:3], mask)["mlm"][:, kept]
    short = model.network(wanted["gene_ids"][2:3, kept], wanted["values"][2:3, kept])["mlm"]
    torch.testing.assert_close(padded, short, **EXACT)
