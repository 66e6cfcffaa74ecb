"""Every checkpoint that gives gene values: features, a translator of its own, and edges made with it."""

from __future__ import annotations

import numpy as np
import pytest

import grn_core as grn
from grn_core import cli
from grn_core.genes import human_symbols
from grn_core.hub.check import add, check
from grn_core.models.load import load_model
from grn_core.models.weights import network_digest
from grn_core.translator.registry import fitting, own_folder, records
from tests.benchmark.toy_references import random_edges
from tests.models.published import FIXTURES

VALUE_MODELS = (
    "scbenchmark_small",
    "scfoundation_small",
    "scgpt_bn_batch",
    "scgpt_flash_pad",
    "scgpt_impl_zeroprob",
    "scgpt_inproj",
)
FURTHER = ("scgpt_bn_batch", "scgpt_impl_zeroprob", "scgpt_inproj")
"""More ways in which checkpoints of one family are written."""
UNDER_A_NAME = ("scfoundation_small", "scgpt_flash_pad", "scgpt_inproj")
"""They are asked by a name that was given to their folder, the others by the folder."""


@pytest.mark.usefixtures("runs_here")
@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.thorough if one in FURTHER else ()) for one in VALUE_MODELS]
)
def test_extract_train_and_infer(name, tmp_path, capsys):
    model = load_model(FIXTURES / name, device="cpu")
    genes = sorted(set(model.vocabulary) & human_symbols())[:14]
    features = grn.extract(model, grn.genes_only(genes, tfs=genes[:2]))
    for kind in ("vvp", "gdt"):
        own = np.isnan(features[kind]).any(-1)
        assert own.sum() == len(features.spec.sources), "a source has no feature of itself, and of every other gene one"

    edges = tmp_path / "edges.tsv"
    pairs = random_edges(genes, 20, n_sources=4)
    edges.write_text("".join(f"{s}\t{t}\n" for s, t in [("source", "target"), *pairs]), encoding="utf-8")
    asked = add(FIXTURES / name, name="ours").name if name in UNDER_A_NAME else FIXTURES / name
    given = ["--reference", edges, "--model", asked, "--name", "mine", "--seeds", 1]
    assert cli.main(["train-translator", *map(str, given)]) == 0, capsys.readouterr().err
    (record,) = (record for record in records() if record.name == "mine")
    assert (record.model, record.card["model_sha"]) == (model.record.name, network_digest(model))
    assert (own_folder("mine") / "README.md").is_file()
    assert fitting(str(FIXTURES / name)) == (record,), "found for the model, whatever it was called in the training"

    panel = grn.genes_only(genes, tfs=genes[:2])
    found = grn.infer(panel, model=model, translator="mine")
    assert len(found) == 2 * (len(genes) - 1)
    assert np.isfinite(found["score"]).all()


def test_a_checkpoint_with_batch_labels_says_which_batch_its_cells_are_said_to_be_of():
    assert "of the first batch" in check(FIXTURES / "scgpt_bn_batch").record.limits


def test_the_digest_of_the_bundled_model_is_the_one_on_the_cards():
    digest = network_digest(load_model("compact", device="cpu"))
    cards = [record.card["model_sha"] for record in records()]
    assert len(cards) >= 2
    assert set(cards) == {digest}
