"""A translator is measured as it ships: where its card has a score, the same score is found again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grn_core.benchmark.features import handle
from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.measuring import measure_method
from grn_core.benchmark.protocol.methods import Method
from grn_core.benchmark.protocol.translator import TranslatorOptions, train_and_measure
from grn_core.benchmark.references.reference import read_reference
from scripts import measure_translator
from scripts.measure_translator import CUTS, Shipped, Way, rows_of
from tests.benchmark.toy_references import tiny_handle, write_toy

OPTIONS = TranslatorOptions(name="toy", title="Toy", model="tiny", n_seeds=2)


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    """A translator that knows a network beside and was trained without a third, all read of its card."""
    made = {"pretrained": tiny_handle(0), "random": tiny_handle(1)}
    monkeypatch.setattr(handle, "load_model", lambda name, weights="pretrained": made[weights].load())
    monkeypatch.setattr(measure_translator, "DATASETS", ("hTWO",))
    monkeypatch.setattr(measure_translator, "UNTRAINED_CONTROLS", measure_translator.UNTRAINED_CONTROLS[:1])
    monkeypatch.setitem(CUTS, "toy", Way("NET"))
    monkeypatch.setitem(CUTS, "toy natural", Way("NET", negatives="natural"))
    folder = tmp_path / "references"
    folder.mkdir()
    write_toy(folder)
    one, test, beside = (read_reference(f"beeline:{folder}:{name}") for name in ("hONE:NET", "hTWO:NET", "hTWO:OTHER"))
    options = replace(OPTIONS, extractors=("vvp", "gdt", "source", "target"))
    translator = train_and_measure(options, [one], [test], beside=[beside], without=[test], home=tmp_path / "home")
    return Shipped.of(translator, folder, Bench(made["pretrained"], made["random"], home=tmp_path / "home")), folder


@pytest.mark.thorough
def test_what_ships_is_found_as_its_card_says(shipped, tmp_path):
    training, folder = shipped
    rows = {row["method"]: row for row in rows_of("toy", training, folder, tmp_path)}
    told = {row["method"].partition(": ")[0]: row for row in training.translator.card["evaluation"]}
    assert set(rows) == {"Ensemble", "Ensemble + gene terms", "Random weights", "Shuffled labels", "Degree only"}
    for name, row in rows.items():
        assert row["auprc"] == pytest.approx(told[name]["mean"], abs=1e-4)
        assert row["sd"] == pytest.approx(told[name]["sd"], abs=1e-4)
        assert row["n_positives"] == told[name]["n_positives"]
        assert row["guess"] == pytest.approx(told[name]["prevalence"], abs=1e-4)


@pytest.mark.thorough
def test_edges_are_as_rare_as_they_are_where_that_is_asked(shipped, tmp_path):
    training, folder = shipped
    rows = {row["method"]: row for row in rows_of("toy natural", training, folder, tmp_path)}
    test = HeldOut(training, training.known(read_reference(f"beeline:{folder}:hTWO:NET")))
    wanted = measure_method(test, Method("Degree only", "control", score="degree"))["row"]
    assert rows["Degree only"]["auprc"] == pytest.approx(wanted["auprc_natural"], abs=1e-4)
    assert rows["Degree only"]["guess"] == pytest.approx(wanted["natural_prevalence"], abs=1e-4)
