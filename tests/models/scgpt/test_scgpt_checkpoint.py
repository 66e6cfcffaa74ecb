"""Reading checkpoint folders: strict about tensors, deaf to code, converted once."""

from __future__ import annotations

import json
import os
import shutil

import pytest
import torch
from safetensors.torch import load_file

from grn_core.errors import ModelError
from grn_core.models.load import load_model
from grn_core.models.reading import checkpoint
from tests.models.published import FIXTURES


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FIXTURES / "scgpt_flash_pad", tmp_path / "mine")


def load(folder):
    return load_model(folder, device="cpu")


def resave(folder, change):
    tensors = torch.load(folder / "best_model.pt", weights_only=True)
    change(tensors)
    torch.save(tensors, folder / "best_model.pt")


def edit(folder, name, change):
    content = json.loads((folder / name).read_text())
    change(content)
    (folder / name).write_text(json.dumps(content))


def test_a_folder_may_be_named_by_text(folder):
    model = load(str(folder))
    assert model.record.family == "scgpt"
    assert not model.network.training
    assert not any(parameter.requires_grad for parameter in model.network.parameters())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.pop("value_encoder.norm.bias"), "tensors missing: value_encoder.norm.bias"),
        (lambda t: t.update(extra=torch.zeros(1)), "tensors surplus: extra"),
        (lambda t: t.update({"dsbn.bns.0.weight": torch.zeros(48)}), "tensors surplus: dsbn.bns.0.weight"),
        (lambda t: t.pop("mvc_decoder.W.weight"), "tensors missing: mvc_decoder.W.weight"),
        (
            lambda t: t.update({"encoder.embedding.weight": torch.zeros(199, 48)}),
            "has 200 names, and the weights have 199: it belongs to another checkpoint",
        ),
        (
            lambda t: t.update({"transformer_encoder.layers.0.self_attn.in_proj_bias": torch.zeros(144)}),
            "mean the same: transformer_encoder.layers.0.self_attn.in_proj_bias",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_named(folder, change, words):
    resave(folder, change)
    with pytest.raises(ModelError, match=words):
        load(folder)


def test_parts_of_other_uses_are_left_out(folder):
    resave(folder, lambda t: t.update({"cls_decoder.out_layer.bias": torch.zeros(7)}))
    assert "mvc" in load(folder).record.readouts


def test_a_checkpoint_without_cell_decoder_and_flags_has_fewer_readouts(folder):
    def lose(tensors):
        for name in [name for name in tensors if name.startswith(("flag_encoder.", "mvc_decoder."))]:
            del tensors[name]

    resave(folder, lose)
    model = load(folder)
    assert model.record.readouts == (model.record.default_readout,) == ("mlm",)
    assert "mvc" not in model.network(torch.zeros(1, 2, dtype=torch.long), torch.zeros(1, 2))


def test_weights_are_converted_once_and_kept_by_checksum(folder, grn_home, monkeypatch):
    first = load(folder)
    (kept,) = (grn_home / "models").iterdir()
    assert first.record.name == f"scgpt:{kept.stem[:12]}"
    assert load_file(kept).keys() == torch.load(folder / "best_model.pt", weights_only=True).keys()

    def never(*_args, **_kwargs):
        pytest.fail("the original was opened again")

    monkeypatch.setattr(checkpoint.torch, "load", never)
    again = load(folder).network.state_dict()
    assert all(torch.equal(value, again[name]) for name, value in first.network.state_dict().items())


def test_a_copy_that_was_cut_off_is_made_again(folder, grn_home):
    load(folder)
    (kept,) = (grn_home / "models").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    load(folder)
    assert len(load_file(kept)) == 55
    assert [path.name for path in (grn_home / "models").iterdir()] == [kept.name]


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("hostile-was-here",)


def test_a_file_that_carries_code_is_refused_and_the_code_not_run(folder, monkeypatch):
    monkeypatch.chdir(folder)
    torch.save({"weight": Hostile()}, folder / "best_model.pt")
    with pytest.raises(ModelError, match="cannot be read as plain tensors"):
        load(folder)
    assert not (folder / "hostile-was-here").exists()


@pytest.mark.parametrize("content", [{"weight": torch.zeros(1), "epoch": 3}, [torch.zeros(1)]])
def test_a_file_that_holds_more_than_tensors_is_refused(folder, content):
    torch.save(content, folder / "best_model.pt")
    with pytest.raises(ModelError, match="holds more than tensors"):
        load(folder)


@pytest.mark.parametrize("size", [0, 1000])
def test_a_cut_file_is_an_error(folder, size):
    path = folder / "best_model.pt"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ModelError, match="cannot be read as plain tensors"):
        load(folder)


def test_missing_files_are_named(folder):
    (folder / "best_model.pt").unlink()
    with pytest.raises(ModelError, match=r"no \.pt file"):
        load(folder)
    (folder / "vocab.json").unlink()
    with pytest.raises(ModelError, match="no model of a known format"):
        load(folder)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("args.json", lambda a: a.pop("nlayers"), "lacks nlayers"),
        ("args.json", lambda a: a.update(nheads=7), "no sizes of a network"),
        ("args.json", lambda a: a.update(embsize="48"), "no sizes of a network"),
        ("args.json", lambda a: a.update(pre_norm=True), "pre_norm = True"),
        ("args.json", lambda a: a.update(input_emb_style="category"), "input_emb_style = 'category'"),
        ("vocab.json", lambda v: v.update(OTHER=500), "are not 0 to 199"),
        ("vocab.json", lambda v: v.update(OTHER="7"), "are not 0 to 199"),
    ],
)
def test_broken_descriptions_are_named(folder, name, change, words):
    edit(folder, name, change)
    with pytest.raises(ModelError, match=words):
        load(folder)


def test_fine_tuned_models_may_name_the_heads_otherwise(folder):
    edit(folder, "args.json", lambda a: a.update(nhead=a.pop("nheads")))
    assert load(folder).network.shape.heads == 6


def test_special_tokens_stand_where_the_file_puts_them_or_follow(folder):
    tokens = checkpoint.read_tokens(folder)
    assert [tokens.position[name] for name in checkpoint.SPECIAL_TOKENS] == [50, 91, 199]
    model = load(folder)
    assert model.ids(tokens.genes).tolist() == [i for i in range(199) if i not in (50, 91)]


def test_random_weights_have_the_shape_of_the_checkpoint_and_follow_the_seed(folder):
    real, one, same, other = (
        load(folder),
        *(load_model(folder, device="cpu", weights="random", seed=seed) for seed in (0, 0, 1)),
    )
    names = [model.network.decoder["fc"][0].weight for model in (real, one, same, other)]
    assert len({weight.shape for weight in names}) == 1
    assert torch.equal(names[1], names[2])
    assert not torch.equal(names[1], names[3])
    assert not torch.equal(names[0], names[1])
