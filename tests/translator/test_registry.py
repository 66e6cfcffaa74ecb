"""Which translators there are."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

import pytest

from grn_core.errors import TranslatorError
from grn_core.settings import at_home
from grn_core.translator import calibration, registry
from grn_core.translator.calibration import uncalibrated
from grn_core.translator.card import MOST_BYTES
from grn_core.translator.entries import ENTRIES
from grn_core.translator.record import record_in
from grn_core.translator.whole import SUMS, write_sums
from tests.translator.toy_features import make_spec, random_translator

SAID = ("", calibration.NO_CONTEXT, calibration.NO_TEMPERATURE, calibration.NO_PRIOR)


@pytest.fixture
def assets(tmp_path, monkeypatch):
    """A folder of assets with one translator, in place of the bundled ones."""
    random_translator(make_spec(("A", "B"), (0,), model_sha="tiny")).save(tmp_path / "translators" / "toy")
    (tmp_path / "translators" / "toy" / SUMS).unlink()  # those that ship have theirs elsewhere
    monkeypatch.setattr(registry, "asset", tmp_path.joinpath)
    registry._bundled.cache_clear()
    yield tmp_path
    registry._bundled.cache_clear()


def test_records_come_from_the_cards(assets):
    (record,) = registry.records()
    assert (record.name, record.title, record.model, record.readout) == ("toy", "Toy", "tiny", "masked")
    assert (record.extractors, record.seeds) == (("gdt", "vvp"), (0, 1, 2))
    assert record.card["hidden"] == [6, 5]


def test_load_by_name_and_by_folder(assets):
    for name in ("toy", str(assets / "translators" / "toy")):
        assert registry.load_translator(name).card["name"] == "toy"


def test_the_digest_is_that_of_the_weights(assets):
    content = (assets / "translators" / "toy" / "translator.safetensors").read_bytes()
    assert registry.translator_sha("toy") == hashlib.sha256(content).hexdigest()


def test_an_unknown_name_is_an_error(assets):
    with pytest.raises(TranslatorError, match="no translator 'nobody'; needed: one of toy; what to do: train one"):
        registry.load_translator("nobody")


# --- those that were trained here ----------------------------------------------------------------------------------


def train(name, *, model="tiny"):
    translator = random_translator(make_spec(("A", "B"), (0,), model=model, model_sha=model))
    translator.save(registry.own_folder(name))


def test_a_translator_that_was_trained_here_is_found_by_its_name(assets):
    train("mine")
    assert [record.name for record in registry.records()] == ["toy", "mine"]
    assert registry.load_translator("mine").card["model"] == "tiny"
    assert registry.translator_sha("mine") == registry.translator_sha(str(registry.own_folder("mine")))


def test_a_translator_that_was_trained_anew_is_read_anew(assets):
    train("mine")
    before = registry.translator_sha("mine"), registry.records()[1].model
    other = random_translator(make_spec(("A", "B"), (0,), model="other"), hidden=(3,))
    other.save(registry.own_folder("mine"))
    assert registry.translator_sha("mine") != before[0]
    assert (before[1], registry.records()[1].model) == ("tiny", "other")


@pytest.mark.parametrize("name", ["toy", "", "../mine", "a b", ".hidden"])
def test_names_that_are_taken_or_are_none_are_refused(assets, name):
    with pytest.raises(TranslatorError, match="choose another name") as caught:
        registry.own_folder(name)
    assert caught.value.needed == "letters, digits, dots, dashes and underscores, at most 64, and no bundled name"


def test_the_digest_is_that_of_the_file_as_it_is_now(assets):
    """Neither another size at the same time nor another time at the same size is passed over."""
    weights = assets / "translators" / "toy" / "translator.safetensors"

    def digest(content, time):
        weights.write_bytes(content)
        os.utime(weights, ns=(time, time))
        return registry.translator_sha("toy")

    for content, time in ((b"one", 10**18), (b"other", 10**18), (b"third", 10**18 + 1000)):
        assert digest(content, time) == hashlib.sha256(content).hexdigest()


def test_a_card_that_says_otherwise_is_told_apart_though_the_weights_are_as_they_were(assets):
    path = assets / "translators" / "toy" / "card.json"
    seen = {registry.sha_with_card("toy")}
    for change in ({"weights": {"target": 0.5}}, {"weights": {"target": 0.25}}, {"temperature": {"gdt+vvp": 2.0}}):
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
        seen.add(registry.sha_with_card("toy"))
    assert len(seen) == 4
    assert len({one.split(":")[0] for one in seen}) == 1


def test_what_a_card_says_of_a_translator_is_in_its_record(assets):
    path = assets / "translators" / "toy" / "card.json"
    card = json.loads(path.read_text(encoding="utf-8")) | {"description": "Made for a test."}
    path.write_text(json.dumps(card), encoding="utf-8")
    assert registry.records()[0].description == "Made for a test."


def test_a_translator_is_found_by_its_folder(assets, tmp_path, monkeypatch):
    monkeypatch.setattr("grn_core.models.registry.network_sha", {"blood": "scgpt:0123"}.get)
    random_translator(make_spec(("A", "B"), (0,), model="scgpt:0123", model_sha="scgpt:0123")).save(
        tmp_path / "elsewhere"
    )
    record = registry.record_for(str(tmp_path / "elsewhere"), model="blood")
    assert (record.name, record.model) == (str(tmp_path / "elsewhere"), "scgpt:0123")


def test_what_is_needed_is_said_where_no_translator_fits(assets):
    with pytest.raises(TranslatorError) as caught:
        registry.default_for("scgpt:0123")
    assert caught.value.found == "there is no translator for the model 'scgpt:0123'"
    assert caught.value.needed == "one that was trained on it"
    with pytest.raises(TranslatorError) as caught:
        registry.default_for("tiny", model="/a", readouts=("plain", "pooled"))
    assert caught.value.found == "there is no translator for the model '/a' that reads plain or pooled"
    assert caught.value.needed == "one that was trained on it" + registry.SHOWING


def test_the_command_that_trains_one_is_whole():
    whole = "python -m grn_core train-translator --model {} --name mine"
    assert registry.training_command("") == whole.format("FOLDER")
    assert registry.training_command("/a b") == whole.format("'/a b'")
    assert registry.training_command("x", readout="plain") == whole.format("x --readout plain")


def test_a_damaged_one_does_not_hide_the_others(assets):
    train("mine")
    (registry.own_folder("mine") / "card.json").write_text("{")
    assert [record.name for record in registry.records()] == ["toy"]


def test_one_of_a_newer_version_says_so_and_does_not_hide_the_others(assets):
    train("mine")
    card = registry.own_folder("mine") / "card.json"
    card.write_text(json.dumps({"record_format": 2, "seeds": "as nobody knows yet"}), encoding="utf-8")
    write_sums(card.parent)
    assert [record.name for record in registry.records()] == ["toy"]
    for ask in (registry.load_translator, lambda name: registry.record_for(name, model="compact")):
        with pytest.raises(TranslatorError, match=r"newer GRN Studio \(format 2; this one reads 1\).*update"):
            ask("mine")
    assert "newer GRN Studio" in str(registry.damaged()[0])


def test_what_one_is_called_is_asked_of_no_other(assets, monkeypatch):
    """Every name of a run asks for it, in every list of runs: what the others are is not looked at."""
    train("mine")
    train("other")
    (registry.own_folder("other") / "card.json").write_text("{")
    title = next(record.title for record in registry.records() if record.name == "mine")
    monkeypatch.setattr(registry, "records", lambda: pytest.fail("all were read"))
    assert registry.title_of_translator("mine") == title
    assert registry.title_of_translator("toy") == "Toy"
    for name in ("gone", "other", "/somewhere/gone", "../mine", ".."):
        assert registry.title_of_translator(name) == Path(name).name
    with at_home(assets / "elsewhere"):
        assert registry.title_of_translator("mine") == "mine"


@pytest.mark.parametrize("content", ["{", "[]", '{"title": "x"}'])
def test_a_damaged_one_that_is_named_is_an_error_of_ours(assets, content):
    train("mine")
    (registry.own_folder("mine") / "card.json").write_text(content)
    (registry.own_folder("mine") / SUMS).unlink(missing_ok=True)  # as earlier versions wrote it
    with pytest.raises(TranslatorError, match=r"card of the translator 'mine' cannot be read.*needed.*what to do"):
        registry.record_for("mine", model="compact")


ODD = ("", "x", 7, 1.5, True, None, [], [1], ["x"], [[1]], [{}], {}, {"gdt": "x"}, {"gdt": [1]}, {"gdt": None})


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_of_another_type_is_an_error_of_ours_and_hides_no_other(assets, name):
    train("mine")
    place = registry.own_folder("mine")
    (place / SUMS).unlink()  # as earlier versions wrote it
    card = json.loads((place / "card.json").read_text(encoding="utf-8"))
    refused = 0
    for number, odd in enumerate(ODD):
        (place / "card.json").write_text(json.dumps({**card, name: odd}), encoding="utf-8")
        os.utime(place / "card.json", ns=(number, number))  # read anew, however coarse the clock
        assert "toy" in [record.name for record in registry.records()]
        try:
            record = record_in(place, "mine")
        except TranslatorError:
            refused += 1
        else:
            assert uncalibrated(record.card, extractors=record.ensemble, background="virtual", adapted=False) in SAID
        with suppress(TranslatorError):
            registry.load_translator("mine")
    assert refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"prior": Infinity}', "it says Infinity for a number"),
        ('{"weights": {"target": NaN}}', "it says NaN for a number"),
        ("[" * 100_000, "too deep"),
        ('{"seeds": [0], "title": 3}', "its entry title is '3'"),
        (" " * (MOST_BYTES + 1), "more than 16 MB"),
    ],
)
def test_what_is_no_card_is_said(assets, text, said):
    train("mine")
    place = registry.own_folder("mine")
    (place / SUMS).unlink()
    (place / "card.json").write_text(text, encoding="utf-8")
    for read in (lambda: record_in(place, "mine"), lambda: registry.load_translator("mine")):
        with pytest.raises(TranslatorError, match=said):
            read()
    assert [record.name for record in registry.records()] == ["toy"]


def test_those_that_fit_a_model_are_known_by_its_content(assets, monkeypatch):
    train("mine", model="scgpt:0123")
    train("second", model="scgpt:0123")
    monkeypatch.setattr("grn_core.models.registry.network_sha", {"blood": "scgpt:0123", "compact": "tiny"}.get)
    assert [record.name for record in registry.fitting("blood")] == ["mine", "second"]
    assert registry.record_for("mine", model="blood").name == "mine"
    with pytest.raises(TranslatorError, match=r"'toy' was trained on the model 'tiny'.*needed: mine, second"):
        registry.record_for("toy", model="blood")


def test_the_default_fits_the_model_or_says_how_to_train_one(assets):
    train("omnipath-2", model="tiny")
    assert registry.default_for("tiny") == "toy"
    train(registry.DEFAULT, model="tiny")
    assert registry.default_for("tiny") == registry.DEFAULT
    with pytest.raises(TranslatorError, match=r"train-translator --model '/a b' --name mine"):
        registry.default_for("scgpt:0123", model="/a b")


def test_a_path_is_made_absolute_and_a_name_stays(assets, monkeypatch):
    monkeypatch.chdir(assets / "translators")
    assert registry.located("toy") == "toy"
    assert registry.located("./toy") == str(assets / "translators" / "toy")
