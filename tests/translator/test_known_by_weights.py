"""A translator fits a model by the weights that it was trained on, whatever either of them is called."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from grn_core.assets import asset
from grn_core.benchmark.features.handle import model_handle
from grn_core.benchmark.results.tested import every_test
from grn_core.cli import main
from grn_core.errors import TranslatorError
from grn_core.models.load import load_model
from grn_core.models.registry import network_sha, record_of
from grn_core.models.weights import base_digest, network_digest
from grn_core.planning import plan, translators_for
from grn_core.translator import registry
from grn_core.translator.registry import DEFAULT, fitting, own_folder, record_for

COPIED = ("card.json", "vocabulary.txt", "model.safetensors")


def folder_like_the_bundled(folder: Path, *, shifted: bool) -> str:
    """A user's folder whose card says the bundled name; its weights are the bundled ones, or none of them."""
    folder.mkdir()
    for name in COPIED:
        shutil.copy(asset("models", "compact") / name, folder / name)
    if shifted:
        tensors = load_file(folder / "model.safetensors")
        first = min(name for name in tensors if name.endswith("weight"))
        save_file(tensors | {first: tensors[first] + 0.01}, folder / "model.safetensors")
    assert json.loads((folder / "card.json").read_text(encoding="utf-8"))["name"] == "compact"
    return str(folder)


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    return folder_like_the_bundled(tmp_path_factory.mktemp("models") / "mine", shifted=True)


def trained_on(model: str, name: str) -> None:
    """Put a translator among those trained here whose card says that it was trained on a model called compact."""
    shutil.copytree(asset("translators", DEFAULT), own_folder(name))
    path = own_folder(name) / "card.json"
    card = json.loads(path.read_text(encoding="utf-8")) | {"name": name, "model": "compact"}
    path.write_text(json.dumps(card | {"model_sha": network_sha(model)}), encoding="utf-8")


def test_the_digest_that_is_known_without_torch_is_that_of_the_network(mine):
    for model in ("compact", mine):
        assert network_sha(model) == network_digest(load_model(model, device="cpu"))


def test_a_name_that_is_the_bundled_one_s_is_that_of_its_weights(mine, tmp_path):
    assert record_of(mine).name == f"compact:{network_sha(mine)[:12]}"
    same = folder_like_the_bundled(tmp_path / "same", shifted=False)
    assert record_of(same).name == "compact"
    assert fitting(same) == fitting("compact")


def test_no_translator_of_the_bundled_model_is_taken_for_another_that_has_its_name(mine):
    command = re.escape(registry.training_command(mine))
    for asked in ({}, {"translator": DEFAULT}, {"background": "context"}):
        with pytest.raises(TranslatorError, match=rf"train one: .*--model {re.escape(mine)} ") as caught:
            plan(mine, **asked)
        assert asked.get("background") or re.search(command, caught.value.todo)
    assert translators_for(mine) == ()
    loaded = load_model(mine, device="cpu")
    with pytest.raises(TranslatorError, match="no translator for the model"):
        plan(loaded.record, network=base_digest(loaded))
    with pytest.raises(TranslatorError, match="cannot read"):
        record_for(DEFAULT, model=mine, sha=model_handle(mine).network_sha)


def test_the_command_refuses_before_anything_is_computed_and_says_what_helps(mine, capsys):
    assert main(["infer", "pbmc68k", "--model", mine, "-o", str(Path(mine).parent / "edges.tsv")]) != 0
    assert registry.training_command(mine) in capsys.readouterr().err


def test_translators_that_were_trained_on_a_folder_are_found_for_it_alone(mine):
    before = fitting("compact")
    trained_on(mine, "ours")
    assert [one.name for one in fitting(mine)] == ["ours"]
    assert plan(mine).translator.name == "ours"
    assert fitting("compact") == before
    with pytest.raises(TranslatorError, match="trained on the model 'other weights of compact'"):
        plan("compact", translator="ours")


def test_what_the_release_measured_of_the_bundled_model_is_told_of_no_other(mine):
    card = record_for(DEFAULT, model="compact").card
    assert every_test(dict(card))["chosen"].any()
    assert not every_test({**card, "chosen_on": [], "model_sha": network_sha(mine)})["chosen"].any()
