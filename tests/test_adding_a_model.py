"""The example of a further foundation model in docs/adding-a-model.md, taken from there and run."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

import grn_core as grn
from grn_core.errors import ModelError
from grn_core.models import families
from grn_core.models.record import ModelRecord
from grn_core.translator.registry import own_folder
from grn_core.translator.train import TrainingOptions, TrainingSet, train_translator
from grn_core.translator.translator import Translator

ROOT = Path(__file__).resolve().parents[1]
MODULE = "grn_core.models.tiny"
TFS = ("GATA1", "IRF8", "MYC", "SPI1", "STAT1", "TP53")
GENES = tuple(f"CD{number}" for number in (2, 4, 5, 6, 7, 14, 19, 22, 27, 28, 33, 34, 36, 37, 38, 40, 44, 46, 47, 48))
GENES += tuple(f"CD{number}" for number in (52, 53, 55, 58, 63, 68, 69, 70, 72, 74, 80, 81, 82, 83))
SEEDS = (0, 1)


def blocks() -> SimpleNamespace:
    """The example's three pieces of code, by what they are."""
    text = (ROOT / "docs" / "adding-a-model.md").read_text(encoding="utf-8")
    code = re.findall(r"```(\w+)\n(.*?)```", text, flags=re.DOTALL)
    assert [language for language, _ in code] == ["python", "python", "json"]
    return SimpleNamespace(module=code[0][1], record=code[1][1], card=code[2][1])


def write_folder(folder: Path, network: torch.nn.Module) -> Path:
    """Write a checkpoint of the example's format, with the weights of `network`."""
    folder.mkdir()
    (folder / "card.json").write_text(blocks().card, encoding="utf-8")
    (folder / "vocabulary.txt").write_text("\n".join(sorted(TFS + GENES)), encoding="utf-8")
    save_file(network.state_dict(), folder / "model.safetensors")
    return folder


def seeded_network(module: ModuleType) -> torch.nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        return module.TinyNetwork(len(TFS + GENES))


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The document's module under its name, its record entered in the registry as the document does."""
    path = tmp_path / "tiny.py"
    path.write_text(blocks().module, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(MODULE, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    monkeypatch.setitem(sys.modules, MODULE, loaded)
    monkeypatch.setattr(families, "_FAMILIES", dict(families._FAMILIES))
    exec(blocks().record, {"register": families.register, "Family": families.Family})
    return loaded


@pytest.fixture
def folder(tmp_path, module):
    return write_folder(tmp_path / "checkpoint", seeded_network(module))


@pytest.fixture
def panel():
    return grn.genes_only(sorted(TFS + GENES), tfs=TFS, species="human")


def trained_on(features, folder: Path) -> Path:
    """Train a translator to tell strong answers from weak ones; write it and return its folder."""
    spec = features.spec
    rows, targets = np.nonzero(np.arange(len(spec.genes))[None] != np.array(spec.sources)[:, None])
    parts = {kind: torch.from_numpy(np.array(features[kind][rows, targets])) for kind in ("vvp", "gdt")}
    strength = parts["gdt"].abs().mean(dim=-1)
    label = (strength > strength.median()).float()
    sets = [TrainingSet(parts, label, torch.arange(len(label)) % 5 == seed) for seed in SEEDS]
    networks = train_translator(sets, options=TrainingOptions(hidden=(8,)), seed=0)
    card = {"name": "mine", "title": "Mine", "description": "", "kinds": ["gdt", "vvp"], "seeds": list(SEEDS)}
    card |= {"model": spec.model, "model_sha": spec.model_sha, "readout": spec.readout, "grid": list(spec.levels)}
    card |= {"hidden": [8], "temperature": dict.fromkeys(("gdt", "vvp", "gdt+vvp"), 1.0), "prior": 0.02}
    Translator(networks, card).save(folder)
    return folder


def test_the_example_is_short_and_the_card_is_true(module, folder):
    assert len([line for line in blocks().module.splitlines() if line.strip()]) <= 40
    model = grn.load_model(folder, device="cpu")
    assert type(model).__name__ == "TinyModel"
    assert model.record == ModelRecord.from_card(json.loads(blocks().card))
    assert model.record.n_genes == len(model.vocabulary)
    assert model.record.n_parameters == sum(one.numel() for one in model.network.parameters())
    values = torch.rand(3, 7)
    weights = model.attend(model.vocabulary[:7], values)
    assert weights.shape == (3, 1, 1, 7, 7)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(3, 1, 1, 7))
    assert model.embed(model.vocabulary[:7]).shape == (7, 16)


def test_padding_of_the_example_is_never_read(module):
    network, ids = seeded_network(module), torch.arange(5)[None]
    values = torch.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]])
    padding = torch.tensor([[False, False, False, True, True]])
    short = network(ids[:, :3], values[:, :3])["value"]
    torch.testing.assert_close(network(ids, values, padding)["value"][:, :3], short)


def test_vvp_and_gdt_ask_the_example(module, folder, panel, tmp_path):
    """Against a loop over single virtual cells, and a derivative by reverse mode, of the example's own network."""
    model = grn.load_model(folder, device="cpu")
    features = grn.extract(model, panel, folder=tmp_path / "features")
    record, ids = model.record, model.ids(panel.genes)[None]
    assert features["vvp"].shape == features["gdt"].shape == (len(TFS), len(TFS + GENES), len(record.grid))
    base = torch.full((1, len(panel.genes)), record.background)
    row, source = 2, int(panel.sources[2])
    for place, level in enumerate(record.grid):
        cell = base.clone()
        cell[0, source] = level

        def answer(values):
            return model.network(ids, values)["value"][0]

        slope = torch.autograd.functional.jacobian(answer, cell)[:, 0, source]
        for kind, direct in (("vvp", answer(cell) - answer(base)), ("gdt", slope)):
            others = np.delete(features[kind][row, :, place], source)
            np.testing.assert_allclose(others, np.delete(direct.numpy(), source), rtol=1e-4, atol=1e-5)
            assert np.ptp(others) > 0.01


def test_infer_runs_on_the_example(module, folder, panel, tmp_path):
    model = grn.load_model(folder, device="cpu")
    translator = trained_on(grn.extract(model, panel, folder=tmp_path / "features"), tmp_path / "translator")
    edges = grn.infer(panel, model=str(folder), translator=str(translator), device="cpu")
    assert len(edges) == len(TFS) * (len(TFS + GENES) - 1)
    assert set(edges["source"]) == set(TFS)
    assert edges["probability"].between(0, 1).all()
    assert edges["score"].std() > 0
    for method in ("vvp", "gdt"):
        assert len(grn.infer(panel, model=model, translator=str(translator), methods=(method,))) == len(edges)


def test_a_folder_of_a_family_that_nobody_registered_is_refused(tmp_path):
    (tmp_path / "card.json").write_text(blocks().card, encoding="utf-8")
    with pytest.raises(ModelError, match=r"is of the family 'tiny'; needed: one of compact, scgpt, "):
        grn.load_model(tmp_path, device="cpu")


def test_the_first_family_that_recognises_a_folder_reads_it(tmp_path, module, monkeypatch):
    family = families.Family("late", "Late", MODULE, "a.late", recognises=lambda folder: (folder / "a.late").is_file())
    families.register(family)
    (tmp_path / "a.late").touch()
    assert families.family_of(tmp_path) == family
    (tmp_path / "models.ckpt").touch()
    assert families.family_of(tmp_path).name == "scfoundation"
    assert families.families()[-1] == family


@pytest.mark.thorough
def test_a_module_and_a_record_are_all_that_it_takes(tmp_path, module, panel):
    """In a copy of the package: the document's two pieces put where it says, and the command line, worker included."""
    shutil.copytree(ROOT / "grn_core", tmp_path / "grn_core")  # with what is compiled, which is most of the time
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    (tmp_path / "grn_core" / "models" / "tiny.py").write_text(blocks().module, encoding="utf-8")
    with (tmp_path / "grn_core" / "models" / "families.py").open("a", encoding="utf-8") as stream:
        stream.write(blocks().record)
    folder = write_folder(tmp_path / "checkpoint", seeded_network(module))
    model = grn.load_model(folder, device="cpu")
    trained_on(grn.extract(model, panel, folder=tmp_path / "features"), own_folder("mine"))
    (tmp_path / "genes.txt").write_text("\n".join(TFS + GENES), encoding="utf-8")
    (tmp_path / "tfs.txt").write_text("\n".join(TFS), encoding="utf-8")
    asked = ["--genes", "genes.txt", "--tfs", "tfs.txt", "--model", str(folder), "--translator", "mine"]
    command = [sys.executable, "-m", "grn_core", "infer", *asked, "--seeds", "0,1", "-o", "edges.tsv"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = pd.read_csv(tmp_path / "edges.tsv", sep="\t")
    here = grn.infer(panel, model=model, translator="mine")
    assert found[["source", "target"]].equals(here[["source", "target"]])
    np.testing.assert_allclose(found["score"], here["score"], rtol=1e-4)
