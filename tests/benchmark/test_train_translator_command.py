"""``python -m grn_core train-translator``: what it refuses before any work, warns of, and never writes over."""

from __future__ import annotations

import json

import pytest

from grn_core import cli
from grn_core.benchmark.protocol.enough import FEWEST_EDGES, TO_CALIBRATE
from grn_core.genes import human_symbols
from grn_core.models.load import load_model
from grn_core.models.record import WITHOUT_VALUES
from tests.benchmark.toy_references import random_edges
from tests.models.published import FIXTURES

MODEL = FIXTURES / "scgpt_inproj"

pytestmark = pytest.mark.usefixtures("runs_here")


@pytest.fixture
def reference(tmp_path):
    """Write so many edges, from so many TFs, between genes that the model knows; return the file."""
    genes = sorted(set(load_model(MODEL, device="cpu").vocabulary) & human_symbols())

    def write(n_edges, *, n_genes=30, n_sources=6):
        path = tmp_path / f"edges{n_edges}of{n_genes}.tsv"
        pairs = random_edges(genes[:n_genes], n_edges, n_sources=n_sources)
        path.write_text("".join(f"{s}\t{t}\n" for s, t in [("source", "target"), *pairs]), encoding="utf-8")
        return path

    return write


@pytest.fixture
def call(capsys):
    """Train on a reference; return exit code, stdout and stderr."""

    def run(reference, *arguments):
        given = ["--reference", reference, "--model", MODEL, "--name", "mine", "--seeds", 2, *arguments]
        try:
            code = cli.main(["train-translator", *map(str, given)])
        except SystemExit as leaving:
            code = leaving.code
        return (code, *capsys.readouterr())

    return run


def card_of(grn_home):
    return json.loads((grn_home / "translators" / "mine" / "card.json").read_text(encoding="utf-8"))


def test_few_edges_are_warned_of_and_stand_on_the_card(call, reference, grn_home):
    code, out, err = call(reference(20))
    warning = f"It learnt from 20 edges, fewer than {FEWEST_EDGES}: do not rely on its scores and probabilities."
    assert (code, out) == (0, "")
    assert f"note: {warning}" in err.splitlines()
    assert "not measured: name a reference with --test" in err
    assert card_of(grn_home)["limits"].endswith(warning)
    assert warning in (grn_home / "translators" / "mine" / "README.md").read_text(encoding="utf-8")

    code, out, err = call(reference(FEWEST_EDGES), "--replace", "--test", reference(25, n_genes=40))
    assert code == 0, err
    assert out.startswith("reference ")
    assert "fewer than" not in err + card_of(grn_home)["limits"]


def test_a_translator_is_not_written_over_unasked(call, reference, grn_home, tmp_path):
    given = reference(20)
    assert call(given)[0] == 0
    before = (grn_home / "translators" / "mine" / "translator.safetensors").stat().st_mtime_ns
    code, out, err = call(given)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert "mine holds a translator or a model; needed: a name or folder of its own; what to do:" in err
    assert "--replace" in err
    assert (grn_home / "translators" / "mine" / "translator.safetensors").stat().st_mtime_ns == before
    code, out, err = call(given, "--out", MODEL.parents[2] / "assets" / "models" / "compact")
    assert (code, out) == (2, "")
    assert call(given, "--replace")[0] == 0
    assert (grn_home / "translators" / "mine" / "translator.safetensors").stat().st_mtime_ns > before


def test_of_two_trainings_of_one_name_the_later_does_not_write_over_the_earlier(call, reference, grn_home, monkeypatch):
    """Both were asked for when the name was free; what was trained first is what networks may name by then."""
    from grn_core.benchmark.protocol import translator

    other = grn_home / "translators" / "mine" / "card.json"
    train = translator.train_and_measure

    def train_while_another_does(*given, **more):
        found = train(*given, **more)
        other.parent.mkdir(parents=True)
        other.write_text("{}", encoding="utf-8")
        return found

    monkeypatch.setattr(translator, "train_and_measure", train_while_another_does)
    given = reference(20)
    code, _, err = call(given)
    assert code != 0
    assert "mine holds a translator or a model" in err
    assert other.read_text(encoding="utf-8") == "{}"
    monkeypatch.setattr(translator, "train_and_measure", train)
    assert call(given, "--replace")[0] == 0, "and the run goes on as soon as that is said"
    assert card_of(grn_home)["name"] == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seeds", "0"], "0 seeds were asked for; needed: at least 1"),
        (["--seeds", "-2"], "-2 seeds were asked for; needed: at least 1"),
        (["--corpus", "/nowhere"], "there is no folder /nowhere; needed: a folder of count matrices"),
        (["--out", "/proc/nowhere"], "nothing can be written to the folder /proc/nowhere"),
        (["--test", "omnipathh"], "no reference network 'omnipathh'; needed: omnipath,"),
        (["--reference", "beeline:/nowhere:hESC:STRING"], "there is no folder /nowhere; needed: a folder with BEELINE"),
    ],
)
def test_a_mistake_is_one_line_before_the_model_is_loaded(call, reference, monkeypatch, arguments, said):
    given = reference(20)
    monkeypatch.setattr(
        "grn_core.benchmark.features.handle.load_model", lambda *_, **__: pytest.fail("the model was loaded")
    )
    code, out, err = call(given, *arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith("error: ")
    assert said in err
    assert "what to do: " in err


def test_too_few_edges_to_calibrate_are_refused(call, reference, grn_home):
    code, out, err = call(reference(3))
    assert (code, out) == (2, "")
    assert f"3 edges between genes that scgpt_inproj knows; needed: at least {TO_CALIBRATE}" in err
    code, out, err = call(reference(33, n_genes=12, n_sources=3))  # every TF regulates every gene: no negative is left
    assert (code, out) == (2, "")
    assert "no negative among the pairs that are held back" in err
    assert not (grn_home / "translators").exists()


def test_a_model_without_values_says_why(call, reference, monkeypatch):
    real = load_model

    def ranks_only(*given, **options):
        model = real(*given, **options)
        object.__setattr__(model.record, "offers", WITHOUT_VALUES)
        object.__setattr__(model.record, "unavailable", "it reads an order")
        return model

    given = reference(20)
    monkeypatch.setattr("grn_core.benchmark.features.handle.load_model", ranks_only)
    code, out, err = call(given)
    assert (code, out) == (2, "")
    assert "are not available with scgpt_inproj: it reads an order" in err
