"""scFoundation against golden outputs of its published code; what its loader refuses; what it is asked means."""

from __future__ import annotations

import json
import os
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from grn_core.errors import GeneError, ModelError
from grn_core.extractors.engine import extract_features
from grn_core.models.families import family_of
from grn_core.models.layers import performer
from grn_core.models.layers.tangent import value_and_tangent
from grn_core.models.load import load_model
from grn_core.models.scfoundation import checkpoint as scfoundation_checkpoint
from grn_core.models.scfoundation import model as scfoundation
from tests.models.published import EXACT, FIXTURES, SLOPE, expected, jacobian, model_of
from tests.reverse_mode import slopes_by_reverse_mode

SMALL = FIXTURES / "scfoundation_small"
SINGLE = {"rtol": 0.0, "atol": 1e-5}
DEPTHS = ("t4", "f1", "a5")


def network_of(folder, part="gene", dtype=torch.float64):
    return scfoundation.load(folder, part=part).network.to(dtype)


def everywhere(x):
    return torch.arange(x.shape[1]).expand(len(x), -1)


def assert_golden(folder):
    """One cell or all in one call: the published result of one cell a call, which is the reference."""
    wanted, network = expected(folder), network_of(folder)
    cells, single = network_of(folder, "cell"), network_of(folder, dtype=torch.float32)
    for depth in DEPTHS:
        x = wanted[f"x_{depth}"].double()
        torch.testing.assert_close(network(everywhere(x), x)["value"], wanted[f"expr_single_{depth}_f64"], **EXACT)
        one = network(everywhere(x[:1]), x[:1])["value"]
        torch.testing.assert_close(one, wanted[f"expr_single_{depth}_f64"][:1], **EXACT)
        state = cells.cell_state(everywhere(x), x)
        torch.testing.assert_close(state, wanted[f"cell_emb_{depth}_f64"], **EXACT)
        torch.testing.assert_close(cells(everywhere(x), x)["cell"], state, **EXACT)
        found = single(everywhere(x), x.float())["value"]
        torch.testing.assert_close(found, wanted[f"expr_single_{depth}"], **SINGLE)


def assert_golden_steps(folder, monkeypatch):
    """The steps, and the published coupling of the cells of a batch where the maximum is put over the batch."""
    wanted, network = expected(folder), network_of(folder)
    x = wanted["x_t4"].double()
    tokens, order, padding = network.tokens(x)
    assert torch.equal(padding, wanted["enc_pad"])
    assert torch.equal(order[~padding], wanted["enc_pos"][~padding])
    encoded, *_ = network.encode(x)
    torch.testing.assert_close(encoded[~padding].float(), wanted["enc_out"][~padding], **SINGLE)
    values = wanted["enc_values"].double()
    embedding = network.token_emb
    torch.testing.assert_close(embedding(values).float(), wanted["enc_token_emb"], **SINGLE)
    torch.testing.assert_close(embedding.bin_weights(values).float(), wanted["enc_bin_weight"], **SINGLE)
    torch.testing.assert_close((embedding(values) + network.pos_emb(order))[~padding], tokens[~padding], **SINGLE)
    monkeypatch.setattr(performer, "KEY_DIMS", (-4, -3, -2, -1))
    for depth in DEPTHS:
        x = wanted[f"x_{depth}"].double()
        torch.testing.assert_close(network(everywhere(x), x)["value"], wanted[f"expr_batch_{depth}_f64"], **EXACT)
    x = wanted["x_t4"].double()
    hidden = network(everywhere(x), x)["hidden"]
    torch.testing.assert_close(hidden.float(), wanted["gene_ctx_emb"], **SINGLE)


def assert_golden_slopes(folder):
    wanted, network = expected(folder), network_of(folder)
    x = wanted["x_t4"][0]
    found = jacobian(lambda v: network(everywhere(v), v)["value"], x)
    torch.testing.assert_close(found, wanted["jac_t4_cell0_f64"], **SLOPE)
    assert found[:, x == 0].abs().max() > 1e-3


def test_outputs_are_those_of_the_published_code():
    assert_golden(SMALL)


def test_steps_are_those_of_the_published_code(monkeypatch):
    assert_golden_steps(SMALL, monkeypatch)


def test_slopes_are_those_of_the_published_code():
    assert_golden_slopes(SMALL)


@pytest.mark.thorough
@pytest.mark.shared_data
def test_so_they_are_with_wider_heads_and_another_alpha(shared_data, monkeypatch):
    folder = shared_data / "fixtures" / "scfoundation_b"
    assert_golden(folder)
    assert_golden_slopes(folder)
    assert_golden_steps(folder, monkeypatch)
    merged, *_ = scfoundation_checkpoint.read_part(folder, part="gene")
    assert merged == json.loads((folder / "meta.json").read_text())["config"]


@pytest.mark.parametrize("depth", DEPTHS)
def test_inputs_of_counts_are_those_of_the_published_code(depth):
    wanted = expected(SMALL)
    found = scfoundation.inputs_of_counts(wanted["counts"].numpy(), depth=depth)
    assert np.allclose(found, wanted[f"x_{depth}"], rtol=0, atol=1e-6)


@pytest.mark.parametrize("depth", ["", "t", "x4", "4", "f0", "t0", "a-9", "tnan"])
def test_depths_that_cannot_be_asked_for(depth):
    with pytest.raises(ModelError, match=f"the depth '{depth}'"):
        scfoundation.inputs_of_counts(np.ones((1, 60)), depth=depth)


@pytest.mark.parametrize("count", [-1.0, np.nan, 0.0])
def test_counts_that_are_none(count):
    with pytest.raises(ModelError, match="the counts hold"):
        scfoundation.inputs_of_counts(np.full((1, 60), count))


@pytest.fixture
def model():
    return model_of(SMALL)


def test_a_virtual_cell_expresses_the_panel_and_no_other_gene(model):
    genes = model.vocabulary[9:2:-1]
    values = torch.linspace(0, 8, 14, dtype=torch.float64).view(2, 7)
    cell = torch.zeros(2, 62, dtype=torch.float64)
    cell[:, 60:] = 4.0
    cell[:, model.ids(genes)] = values
    wanted = model.network(everywhere(cell), cell)["value"][:, model.ids(genes)]
    torch.testing.assert_close(model.predict(genes, values), wanted, **EXACT)


def test_order_of_genes_and_other_cells_change_nothing(model, monkeypatch):
    genes = model.vocabulary[:8]
    values = torch.rand(3, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 8
    values[1, :5] = 0  # fewer tokens than its neighbours
    wanted = model.predict(genes, values)
    torch.testing.assert_close(model.predict(genes[::-1], values.flip(1)).flip(1), wanted, **EXACT)
    torch.testing.assert_close(model.predict(genes, values[1:2]), wanted[1:2], **EXACT)
    monkeypatch.setattr(scfoundation, "POSITIONS_PER_PASS", 1)
    torch.testing.assert_close(model.predict(genes, values), wanted, **EXACT)


def test_padding_is_not_read(model):
    ids = torch.tensor([[3, 7, 60, 61, 7]])
    values = torch.tensor([[2.0, 1.0, 4.0, 4.0, 5.0]], dtype=torch.float64)
    padding = torch.tensor([[False, False, False, False, True]])
    found = model.network(ids, values, padding)["value"][:, :4]
    torch.testing.assert_close(found, model.network(ids[:, :4], values[:, :4])["value"], **EXACT)


@pytest.mark.parametrize("level", [3.0, 0.0])
def test_joint_pass_equals_reverse_mode_also_for_a_gene_that_is_not_expressed(model, level):
    genes, source = model.vocabulary[:6], 4
    shown = torch.arange(6)[None] == source
    cell = torch.where(shown, level, torch.full((1, 6), model.record.background, dtype=torch.float64))
    _, found = model.value_and_tangent(genes, cell, shown.double())
    wanted = slopes_by_reverse_mode(model, genes, cell, source, readout="plain", shown=None)
    torch.testing.assert_close(found[0], wanted, **SLOPE)
    assert found.abs().max() > 0


def test_the_slope_at_zero_does_not_see_the_jump(model):
    genes = model.vocabulary[:6]

    def cell(level):
        return torch.tensor([[level, 1.5, 1.5, 1.5, 1.5, 1.5]], dtype=torch.float64)

    step = 1e-7
    just_above = model.predict(genes, cell(step))
    at_zero, slope = model.value_and_tangent(genes, cell(0.0), torch.eye(6, dtype=torch.float64)[:1])
    assert (just_above - at_zero - step * slope).abs().max() > 1e-3
    further = model.predict(genes, cell(2 * step))
    assert (further - just_above).abs().max() < 1e-5


def test_features_come_from_the_shared_engine(model):
    genes, source = model.vocabulary[:6], 4
    features = extract_features(model, genes, [source])
    cell = torch.full((1, 6), model.record.background, dtype=torch.float64)
    base = model.predict(genes, cell)
    cell[0, source] = model.record.grid[2]
    value, slope = model.value_and_tangent(genes, cell, torch.eye(6, dtype=torch.float64)[source][None])
    others = [place for place in range(6) if place != source]
    assert np.allclose(features["vvp"][0, others, 2], (value - base)[0, others], atol=1e-6)
    assert np.allclose(features["gdt"][0, others, 2], slope[0, others], atol=1e-6)
    assert np.abs(features["vvp"][0, others]).min() > 0


def test_attention_and_embedding(model):
    genes = model.vocabulary[5:1:-1]
    values = torch.tensor([[1.0, 2.0, 0.0, 3.0], [1.0, 1.0, 1.0, 1.0]], dtype=torch.float64)
    found = model.attend(genes, values)
    assert found.shape == (2, 2, 4, 4, 4)
    assert (found[0, :, :, 2] == 0).all()
    assert (found[0, ..., 2] == 0).all()
    sums = found[1].sum(-1)
    assert ((sums > 0) & (sums < 1)).all()
    alone = model.attend(genes, values[1:])
    torch.testing.assert_close(found[1:], alone, **EXACT)
    flipped = model.attend(genes[::-1], values.flip(1))
    torch.testing.assert_close(flipped.flip(-1, -2), found, **EXACT)
    # By hand, the first layer of the second cell: queries of the rows, keys of the columns, T and S among the keys.
    network = model.network
    x, order, _ = network.tokens(network.everything(*model.with_depths(model.ids(genes)[None], values[1:])))
    query, key, _ = network.encoder.layers[0].project(x)
    weights = torch.softmax(query @ key.mT / 8**0.5, dim=-1)[0]
    assert order[0].tolist() == [2, 3, 4, 5, 60, 61]
    torch.testing.assert_close(found[1, 0, :, 0, 3], weights[:, 3, 0], **EXACT)
    torch.testing.assert_close(model.embed(genes), network.pos_emb.weight[model.ids(genes)])


def test_record_says_what_the_user_must_know(model):
    record = model.record
    assert record.name.startswith("scfoundation:")
    assert record.readouts == ("plain",)
    assert record.value_range[0] < record.grid[0] < record.background < record.grid[-1] <= record.value_range[1]
    assert len(record.grid) == 8
    assert "non-commercial research" in record.licence
    assert "You supply the file" in record.licence
    for word in ("at 0", "T, S", "token", "Cost"):
        assert word in record.limits
    assert record.n_genes == len(model.vocabulary) == 60
    assert model.vocabulary[:2] == ("ABHD6", "ADORA2B")


def test_units_and_genes_are_checked(model):
    genes = model.vocabulary[:3]
    assert model.to_units(genes, np.array([0.0, 1.5, 99.0])).tolist() == pytest.approx([0, 1.5, 9.21044])
    with pytest.raises(ModelError, match="values reach from"):
        model.predict(genes[:1], torch.tensor([[-1.0]]))
    with pytest.raises(GeneError, match="ABHD6 named more than once"):
        model.predict(("ABHD6", "ABHD6"), torch.ones(1, 2))
    with pytest.raises(GeneError, match="not in the vocabulary"):
        model.predict(("NOSUCH",), torch.ones(1, 1))


def test_the_values_that_mean_masked_and_padding_have_their_own_vectors(model):
    embedding = model.network.token_emb
    found = embedding(torch.tensor([1.0, 14.0, 15.0], dtype=torch.float64))
    torch.testing.assert_close(found[1:2], embedding.emb_mask.weight)
    torch.testing.assert_close(found[2:], embedding.emb_pad.weight)


def test_a_cell_without_a_gene_still_predicts(model):
    value, slope = value_and_tangent(
        lambda v: model.network(torch.tensor([[0, 60, 61]]), v)["value"],
        torch.tensor([[0.0, 4.0, 4.0]], dtype=torch.float64),
        torch.tensor([[1.0, 0.0, 0.0]], dtype=torch.float64),
    )
    assert value.isfinite().all()
    assert slope.isfinite().all()


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(SMALL, tmp_path / "mine")


def resave(folder, change):
    content = torch.load(folder / "models.ckpt", weights_only=True)
    change(content)
    torch.save(content, folder / "models.ckpt")


def settings_of(content):
    return content["gene"]["config"]["model_config"]["mae_autobin"]


def test_the_folder_is_recognised_and_converted_once(folder, grn_home, monkeypatch):
    assert family_of(folder).name == "scfoundation"
    first = load_model(str(folder), device="cpu")
    assert not any(parameter.requires_grad for parameter in first.network.parameters())
    (kept,) = (grn_home / "models").iterdir()
    assert kept.stem.endswith("-gene")

    def never(*_args, **_kwargs):
        pytest.fail("the original was opened again")

    monkeypatch.setattr(torch, "load", never)
    again = load_model(folder, device="cpu").network.state_dict()
    assert all(torch.equal(value, again[name]) for name, value in first.network.state_dict().items())


def test_a_copy_that_was_cut_off_is_made_again(folder, grn_home):
    load_model(folder, device="cpu")
    (kept,) = (grn_home / "models").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    load_model(folder, device="cpu")
    assert len(load_file(kept)) == 77


def test_settings_of_the_data_win(folder):
    def change(content):
        settings_of(content)["bin_num"] = 99

    resave(folder, change)
    assert load_model(folder, device="cpu").network.shape.bins == 12


TENSOR = "model.decoder.performer.net.layers.0.0.fn.to_q.bias"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c["gene"]["state_dict"].pop(TENSOR), r"tensors missing: decoder\.layers\.0\.to_q\.bias"),
        (lambda c: c["gene"]["state_dict"].update({"model.extra": torch.zeros(1)}), "tensors surplus: extra"),
        (lambda c: c["gene"]["state_dict"].update({TENSOR: torch.zeros(7)}), "tensors of another shape: decoder"),
        (lambda c: c["gene"]["state_dict"].update({TENSOR: 3}), "more than tensors: model.decoder"),
        (lambda c: c.pop("gene"), "no part 'gene'"),
        (lambda c: c["gene"].pop("config"), "no part 'gene' with config"),
        (lambda c: c["gene"]["config"].pop("dataset_config"), "lacks model_config or dataset_config"),
        (lambda c: settings_of(c).update(odd=torch.zeros(1)), "more than plain settings"),
        (lambda c: settings_of(c).pop("bin_alpha"), "lacks bin_alpha"),
        (lambda c: settings_of(c).pop("decoder"), "lacks decoder.module_type, decoder.hidden_dim"),
        (lambda c: settings_of(c)["encoder"].update(norm_first=True), "encoder.norm_first = True"),
        (lambda c: settings_of(c)["decoder"].update(module_type="reversible"), "decoder.module_type = 'reversible'"),
        (lambda c: settings_of(c)["encoder"].update(heads=5), "no sizes of a network"),
        (lambda c: settings_of(c)["encoder"].update(depth="2"), "no sizes of a network"),
        (lambda c: settings_of(c).update(bin_alpha="1"), "no sizes of a network"),
    ],
)
def test_what_does_not_fit_is_named(folder, change, words):
    resave(folder, change)
    with pytest.raises(ModelError, match=words):
        load_model(folder, device="cpu")


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("hostile-was-here",)


def test_a_file_that_carries_code_is_refused_and_the_code_not_run(folder, monkeypatch):
    monkeypatch.chdir(folder)
    torch.save({"gene": Hostile()}, folder / "models.ckpt")
    with pytest.raises(ModelError, match=r"cannot be read as plain tensors.*where you trust it"):
        load_model(folder, device="cpu")
    assert not (folder / "hostile-was-here").exists()


@pytest.mark.parametrize("content", [[torch.zeros(1)], {"gene": torch.zeros(1)}])
def test_a_file_of_another_kind_is_refused(folder, content):
    torch.save(content, folder / "models.ckpt")
    with pytest.raises(ModelError, match="no part 'gene'"):
        load_model(folder, device="cpu")


@pytest.mark.parametrize("size", [0, 1000])
def test_a_cut_file_is_an_error(folder, size):
    path = folder / "models.ckpt"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ModelError, match="cannot be read as plain tensors"):
        load_model(folder, device="cpu")


def test_a_missing_file_and_an_unknown_part_are_errors(folder):
    with pytest.raises(ModelError, match="no part 'genes'"):
        scfoundation.load(folder, part="genes")
    (folder / "models.ckpt").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        scfoundation.load(folder)
    with pytest.raises(ModelError, match=r"scFoundation: models\.ckpt"):
        load_model(folder, device="cpu")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("\t1\n", "\t7\n"), "no table of genes in their order"),
        (lambda text: text.replace("ADORA2B", "ABHD6"), "no table of genes in their order"),
        (lambda text: text.replace("gene_name", "name"), "no table of genes in their order"),
        (lambda text: "", "no table of genes in their order"),
        (lambda text: "".join(text.splitlines(keepends=True)[:-1]), "has 59 genes; needed: 60"),
    ],
)
def test_a_table_of_genes_that_does_not_fit_is_an_error(folder, change, words):
    path = folder / "gene_index.tsv"
    path.write_text(change(path.read_text()))
    with pytest.raises(ModelError, match=words):
        load_model(folder, device="cpu")


def test_there_must_be_one_table_of_genes(folder):
    shutil.copy(folder / "gene_index.tsv", folder / "OS_scRNA_gene_index.19264.tsv")
    with pytest.raises(ModelError, match=r"gene_index\.19264\.tsv, gene_index\.tsv"):
        load_model(folder, device="cpu")
    for path in folder.glob("*.tsv"):
        path.unlink()
    with pytest.raises(ModelError, match=r"no table of genes.*copy scFoundation's"):
        load_model(folder, device="cpu")


def test_random_weights_have_the_shape_of_the_checkpoint_and_follow_the_seed(folder):
    real = load_model(folder, device="cpu").network.state_dict()
    one, same, other = (
        load_model(folder, device="cpu", weights="random", seed=seed).network.state_dict() for seed in (0, 0, 1)
    )
    assert {name: value.shape for name, value in one.items()} == {name: value.shape for name, value in real.items()}
    name = "decoder.layers.0.projection_matrix"
    assert torch.equal(one[name], same[name])
    assert not torch.equal(one[name], other[name])
    first = one[name][:8]
    across = first @ first.T
    assert (across - across.diag().diag()).abs().max() < 1e-5


def test_random_features_come_near_to_softmax_attention():
    generator = torch.Generator().manual_seed(0)
    query, key, value = (torch.randn(1, 1, 20, 8, dtype=torch.float64, generator=generator) * 0.3 for _ in range(3))
    directions = torch.randn(20000, 8, dtype=torch.float64, generator=generator)
    found = performer.linear_attention(query, key, value, directions)
    wanted = torch.softmax(query @ key.mT / 8**0.5, dim=-1) @ value
    assert (found - wanted).abs().max() < 0.03
