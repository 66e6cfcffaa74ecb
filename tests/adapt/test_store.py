"""Adapted models on disk: computed once, keyed by content, the base untouched, its translators still served."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from grn_core import caches
from grn_core.adapt import Adaptation, store
from grn_core.adapt.export import export_adapted
from grn_core.adapt.options import AdaptOptions
from grn_core.adapt.store import adapted_handle, adapted_model, report_in_words
from grn_core.errors import Cancelled, TranslatorError
from grn_core.extractors.engine import extract_features, network_digest
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.translator import Translator
from tests.adapt.toy import FAST, dataset_of, same, states, toy_cells, toy_model
from tests.models.tiny import GRID


@pytest.fixture
def model():
    return toy_model()


@pytest.fixture
def computed(monkeypatch):
    """Count the adaptations that are computed."""
    calls = []

    def counted(*given, **options):
        calls.append(options["key"])
        return original(*given, **options)

    original = store.adapt
    monkeypatch.setattr(store, "adapt", counted)
    return calls


def cached(grn_home):
    return sorted(path for path in (grn_home / "adapted").iterdir())


def test_the_second_time_nothing_is_computed(model, computed, grn_home):
    wanted = Adaptation(toy_cells(), options=FAST)
    one, report = adapted_model(model, wanted)
    seen = []
    other, again = adapted_model(model, wanted, progress=lambda *step: seen.append(step))
    assert len(computed) == 1
    assert same(states(one), states(other))
    assert report == again
    assert seen == [("adapt", FAST.steps, FAST.steps)]
    assert [path.name for path in sorted(cached(grn_home)[0].iterdir())] == ["model.safetensors", "report.json"]


def test_the_same_cells_in_another_file_are_the_same_work(model, computed):
    data = toy_cells()
    order = np.random.default_rng(0).permutation(data.n_cells)
    shuffled = dataset_of(data.matrix.toarray()[order], data.genes, cells=data.obs.index[order])
    one, _ = adapted_model(model, Adaptation(data, options=FAST))
    other, _ = adapted_model(model, Adaptation(shuffled, options=FAST))
    assert len(computed) == 1
    assert same(states(one), states(other))


def test_whatever_decides_the_result_decides_the_key(model, computed, monkeypatch):
    data = toy_cells(160)
    short = replace(FAST, steps=1)
    adapted_model(model, Adaptation(data, options=short))
    adapted_model(model, Adaptation(data, options=replace(short, steps=2)))
    adapted_model(model, Adaptation(data, options=replace(short, seed=1)))
    adapted_model(model, Adaptation(data, data.cells_where("half", ["low"]), short))
    adapted_model(model, Adaptation(toy_cells(160, seed=1), options=short))
    adapted_model(toy_model(seed=1), Adaptation(data, options=short))
    monkeypatch.setattr("grn_core.adapt.options.VERSION", 0)
    adapted_model(model, Adaptation(data, options=short))
    assert len(set(computed)) == len(computed) == 7


def test_the_base_is_not_touched(model):
    before, digest = states(model), network_digest(model)
    adapted, report = adapted_model(model, Adaptation(toy_cells(), options=FAST))
    assert report["kept_step"] > 0
    assert same(states(model), before)
    assert model.adapted_from == ""
    assert adapted.adapted_from == digest != network_digest(adapted)
    assert adapted.record is model.record
    assert not adapted.network.training
    assert not any(parameter.requires_grad for parameter in adapted.network.parameters())


def test_no_steps_give_the_base_itself(model):
    adapted, report = adapted_model(model, Adaptation(toy_cells(), options=replace(FAST, steps=0)))
    assert adapted is model
    assert "base weights" in report_in_words(report)


def test_the_words_say_what_was_gained(model):
    _, report = adapted_model(model, Adaptation(toy_cells(), options=FAST))
    words = report_in_words(report)
    for part in ("120 cells", "30 genes", "12 held-out", f"{report['error_base']:.3f}", f"{report['error_kept']:.3f}"):
        assert part in words


@pytest.mark.parametrize("name", ["model.safetensors", "report.json"])
def test_a_damaged_cache_is_computed_anew(model, computed, grn_home, name):
    wanted = Adaptation(toy_cells(), options=FAST)
    one, _ = adapted_model(model, wanted)
    (cached(grn_home)[0] / name).write_bytes(b"torn")
    other, _ = adapted_model(model, wanted)
    assert len(computed) == 2
    assert same(states(one), states(other))


def test_a_cancelled_adaptation_goes_on_from_its_checkpoint(model, grn_home):
    def listen(stage, done, total):
        if done == 9:
            message = "enough"
            raise Cancelled(message)

    wanted, steps = Adaptation(toy_cells(), options=FAST), []
    with pytest.raises(Cancelled):
        adapted_model(model, wanted, progress=listen)
    assert [path.name for path in cached(grn_home)[0].iterdir()] == ["checkpoint.pt"]
    rest, _ = adapted_model(model, wanted, progress=lambda _, done, total: steps.append(done))
    assert steps[0] == 8
    whole, _ = adapted_model(model, wanted, home=grn_home / "elsewhere")
    assert same(states(rest), states(whole))


def test_an_adapted_model_is_a_cache_entry_in_use(model, grn_home):
    adapted_model(model, Adaptation(toy_cells(), options=FAST))
    (folder,) = cached(grn_home)
    assert [entry.path for entry in caches.entries(caches.find_cache("adapted"))] == [folder]
    assert folder in caches.in_use()


@dataclass(frozen=True)
class Handle:
    """What `grn_core.benchmark.features.handle.ModelHandle` has, with a model from memory."""

    record: Any
    vocabulary: tuple[str, ...]
    sha: str
    load: Any


def test_a_handle_trains_nothing_before_it_is_loaded(model, computed):
    handle = Handle(model.record, model.vocabulary, "base", lambda: model)
    wanted = Adaptation(toy_cells(), options=FAST)
    adapted = adapted_handle(handle, wanted)
    assert not computed
    assert (adapted.record, adapted.vocabulary) == (handle.record, handle.vocabulary)
    assert adapted.sha.startswith("adapted-")
    assert adapted.sha == adapted_handle(handle, wanted).sha
    assert adapted.sha != adapted_handle(handle, replace(wanted, options=replace(FAST, seed=1))).sha
    assert adapted.sha != adapted_handle(replace(handle, sha="other"), wanted).sha
    loaded = adapted.load()
    assert loaded is adapted.load()
    assert same(states(loaded), states(adapted_model(model, wanted)[0]))
    assert len(computed) == 1


def translator_of(model) -> Translator:
    networks = {"gdt": TranslatorMLP(1, len(GRID), (4,)).eval()}
    words = {"name": "toy", "model": "tiny", "model_sha": network_digest(model), "readout": "masked"}
    card = {**words, "grid": list(GRID), "kinds": ["gdt"], "seeds": [0], "hidden": [4], "temperature": {"gdt": 1.0}}
    return Translator(networks, card)


def test_translators_of_the_base_read_the_adapted_model_and_no_others_do(model):
    adapted, _ = adapted_model(model, Adaptation(toy_cells(), options=FAST))
    genes = model.vocabulary[:8]
    base, other = (extract_features(one, genes, [0, 1], extractors=("gdt",)) for one in (model, adapted))
    assert not np.array_equal(base["gdt"], other["gdt"], equal_nan=True)
    assert base.spec.digest() != other.spec.digest()
    translator_of(model).check(other, ("gdt",))
    with pytest.raises(TranslatorError, match="weights"):
        translator_of(toy_model(seed=1)).check(other, ("gdt",))
    with pytest.raises(TranslatorError, match="weights"):
        translator_of(adapted).check(base, ("gdt",))


def test_an_adapted_model_of_the_bundled_one_can_be_written_and_loaded(tmp_path, grn_home):
    import grn_core as grn
    from grn_core.models import registry

    source = registry.folder_of("compact")
    before = {path.name: path.read_bytes() for path in source.iterdir()}
    base = grn.load_model("compact", device="cpu")
    options = AdaptOptions(steps=4, batch=16, genes_per_cell=64, check_every=1)
    adapted, report = adapted_model(base, Adaptation(grn.demo("pbmc68k"), options=options))
    assert report["kept_step"] > 0, "four steps on these cells lower the error, so that there is something to write"
    card = export_adapted(adapted, report, options, base="compact", folder=tmp_path / "mine", title="Mine")
    assert {path.name: path.read_bytes() for path in source.iterdir()} == before
    loaded = grn.load_model(tmp_path / "mine", device="cpu")
    assert same(states(loaded), states(adapted))
    assert (loaded.record.name, loaded.record.title) == (f"compact:{network_digest(loaded)[:12]}", "Mine")
    assert loaded.adapted_from == network_digest(base)
    assert json.loads((tmp_path / "mine" / "card.json").read_text())["adapted"]["report"] == report
    assert "held-out" in (tmp_path / "mine" / "README.md").read_text()
    assert {"curve", "reconstruction", "training_seconds"}.isdisjoint(card)

    panel = grn.genes_only(["SPI1", "CEBPA", "CD14", "LYZ", "ACTB"])
    notes = []
    wanted = Adaptation(grn.demo("pbmc68k"), options=options)
    edges = grn.infer(panel, model=base, adapt=wanted, note=notes.append)
    from_folder = grn.infer(panel, model=loaded)
    assert edges["score"].tolist() == from_folder["score"].tolist()
    assert edges["score"].tolist() != grn.infer(panel, model=base)["score"].tolist()
    assert any("adapted to 700 cells" in text for text in notes)
