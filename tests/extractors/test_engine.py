"""VVP and GDT: their definitions by brute force, and the laws of the engine."""

from __future__ import annotations

import json
from functools import cache
from inspect import signature

import numpy as np
import pytest
import torch

from grn_core.datasets import GenePanel
from grn_core.errors import Cancelled, RequestError, RunError
from grn_core.executors.work import InThisProcess
from grn_core.extractors import engine
from grn_core.extractors.answers import Question
from grn_core.extractors.batches import Batch
from grn_core.extractors.engine import extract, extract_features
from grn_core.extractors.in_memory import extract_for_pairs, extract_rows
from tests.models.tiny import GRID, tiny_model
from tests.reverse_mode import slopes_by_reverse_mode

SOURCES = (1, 4, 7, 8, 10)
READOUTS = ("masked", "plain")


def brute_force(model, genes, sources, readout, levels=GRID, base=None):
    """Both features, one virtual cell at a time, as METHODS defines them; gradients by reverse mode."""
    n = len(genes)
    background = torch.zeros(n, dtype=model.dtype) if base is None else torch.as_tensor(base, dtype=model.dtype)
    vvp, gdt = np.full((len(sources), n, len(levels)), np.nan), np.full((len(sources), n, len(levels)), np.nan)
    for row, source in enumerate(sources):
        shown = torch.zeros(1, n, dtype=torch.bool)
        shown[0, source] = True
        options = {"readout": readout, "shown": shown if readout == "masked" else None}
        rest = model.predict(genes, background[None], **options)[0]
        for column, level in enumerate(levels):
            cell = background.clone()
            cell[source] = level
            vvp[row, :, column] = (model.predict(genes, cell[None], **options)[0] - rest).numpy()
            gdt[row, :, column] = slopes_by_reverse_mode(model, genes, cell[None], source, **options).numpy()
        vvp[row, source] = gdt[row, source] = np.nan
    return {"vvp": vvp, "gdt": gdt}


@cache
def by_definition(readout, *, levels=GRID, seed=0):
    """What `brute_force` finds of the tiny model, computed once for all tests that ask it."""
    model = tiny_model(seed=seed)
    return brute_force(model, model.vocabulary, SOURCES, readout, levels)


def assert_features(found, wanted, atol=1e-6):
    for kind, array in wanted.items():
        np.testing.assert_allclose(found[kind], array, rtol=0, atol=atol, equal_nan=True)


def question_of(model, base, readout, *, batch):
    size = Batch(batch, precision="float32", note=pytest.fail)
    return Question(model, model.vocabulary, base, readout=readout, levels=GRID, with_tangent=True, batch=size)


@pytest.mark.parametrize("readout", READOUTS)
def test_features_are_what_their_definition_says(readout):
    model = tiny_model()
    found = extract_features(model, model.vocabulary, SOURCES, readout=readout)
    assert_features(found, by_definition(readout))
    assert found["vvp"].dtype == np.float32
    assert found["vvp"].shape == (len(SOURCES), 11, len(GRID))


@pytest.mark.parametrize("readout", READOUTS)
def test_the_joint_pass_is_exact_before_it_is_stored(readout):
    """Stored features are float32; what the pass computes in float64 equals the reverse mode to 1e-9."""
    model = tiny_model()
    base = torch.zeros(11, dtype=torch.float64)
    question = question_of(model, base, readout, batch=3)
    own, grid = torch.tensor(SOURCES), torch.tensor(GRID, dtype=torch.float64)
    _, tangents = question.value_and_tangent(own.repeat_interleave(len(grid)), grid.repeat(len(own)))
    wanted = by_definition(readout)["gdt"].transpose(0, 2, 1)
    found = tangents.view(len(SOURCES), len(GRID), 11).numpy()
    np.testing.assert_allclose(np.where(np.isnan(wanted), 0, found - wanted), 0, rtol=0, atol=1e-9)


@pytest.mark.parametrize("readout", READOUTS)
def test_central_differences_of_the_response_are_the_slopes(readout):
    model = tiny_model()
    step, level = 1e-4, 0.7
    levels = (level - step, level, level + step)
    base = torch.zeros(11, dtype=torch.float64)
    question = question_of(model, base, readout, batch=64)
    own, grid = torch.tensor(SOURCES), torch.tensor(levels, dtype=torch.float64)
    values, tangents = question.value_and_tangent(own.repeat_interleave(3), grid.repeat(len(own)))
    values, tangents = values.view(-1, 3, 11), tangents.view(-1, 3, 11)
    slope = (values[:, 2] - values[:, 0]) / (2 * step)
    torch.testing.assert_close(slope, tangents[:, 1], rtol=0, atol=1e-7)


@pytest.mark.parametrize("readout", READOUTS)
def test_permuting_genes_permutes_the_features(readout):
    model = tiny_model()
    order = np.random.default_rng(0).permutation(11)
    position = {int(old): new for new, old in enumerate(order)}
    shuffled = [model.vocabulary[index] for index in order]
    straight = extract_features(model, model.vocabulary, SOURCES, readout=readout)
    other = extract_features(model, shuffled, [position[s] for s in SOURCES], readout=readout)
    assert_features(other, {kind: straight[kind][:, order] for kind in straight})


@pytest.mark.parametrize("readout", READOUTS)
def test_the_order_of_the_sources_is_the_order_of_the_rows(readout):
    model = tiny_model()
    straight = extract_features(model, model.vocabulary, SOURCES, readout=readout)
    reverse = extract_features(model, model.vocabulary, SOURCES[::-1], readout=readout)
    assert_features(reverse, {kind: straight[kind][::-1] for kind in straight})


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize(("batch", "chunk", "threads"), [(1, 1, 1), (7, 2, 2), (1000, 100, 2)])
def test_batches_chunks_and_threads_change_nothing(readout, batch, chunk, threads):
    model = tiny_model()
    before = torch.get_num_threads()
    usual = extract_features(model, model.vocabulary, SOURCES, readout=readout)
    try:
        torch.set_num_threads(threads)
        other = extract_features(model, model.vocabulary, SOURCES, readout=readout, batch=batch, chunk=chunk)
    finally:
        torch.set_num_threads(before)
    assert_features(other, dict(usual), atol=1e-7)


def test_in_the_masked_readout_the_panel_does_not_matter():
    model = tiny_model()
    whole = extract_features(model, model.vocabulary, SOURCES)
    few = [1, 4, 9]
    part = extract_features(model, [model.vocabulary[i] for i in few], (0, 1))
    assert_features(part, {kind: whole[kind][:2][:, few] for kind in whole}, atol=1e-7)


@pytest.mark.parametrize("kind", ["gdt", "vvp"])
@pytest.mark.parametrize("readout", READOUTS)
def test_one_extractor_alone_gives_the_same(kind, readout):
    model = tiny_model()
    both = extract_features(model, model.vocabulary, SOURCES, readout=readout)
    alone = extract_features(model, model.vocabulary, SOURCES, readout=readout, extractors=(kind,))
    assert set(alone) == {kind}
    assert_features(alone, {kind: both[kind]}, atol=1e-7)


@pytest.mark.parametrize("readout", READOUTS)
def test_features_of_pairs_are_those_of_the_panel(readout):
    model = tiny_model()
    whole = extract_features(model, model.vocabulary, SOURCES, readout=readout)
    pairs = np.array([[8, 2], [1, 0], [8, 10], [4, 5], [1, 9]])
    found = extract_for_pairs(model, model.vocabulary, pairs, readout=readout)
    rows = [SOURCES.index(source) for source in pairs[:, 0]]
    for kind, array in found.items():
        np.testing.assert_allclose(array, whole[kind][rows, pairs[:, 1]], rtol=0, atol=1e-6)


def test_pairs_meet_the_whole_panel_unless_the_model_says_it_does_not_matter(monkeypatch):
    model = tiny_model()
    monkeypatch.setattr(model, "ignores_the_panel", lambda readout: False)
    seen = []
    original = model.value_and_tangent
    monkeypatch.setattr(
        model, "value_and_tangent", lambda genes, *a, **k: seen.append(len(genes)) or original(genes, *a, **k)
    )
    extract_for_pairs(model, model.vocabulary, np.array([[8, 2]]))
    assert set(seen) == {len(model.vocabulary)}


def panel(model, mean, ref="own"):
    genes = model.vocabulary
    return GenePanel(genes, genes, SOURCES, np.asarray(mean, dtype=np.float32), ref, "0" * 64)


def test_context_background_puts_the_other_genes_at_their_means():
    model = tiny_model()
    mean = np.linspace(0.1, 1.2, 11)
    base = model.to_units(model.vocabulary, mean)
    found = extract(model, panel(model, mean), background="context", readout="plain")
    assert_features(found, brute_force(model, model.vocabulary, SOURCES, "plain", base=base))
    virtual = extract(model, panel(model, mean), readout="plain")
    assert not np.allclose(np.nan_to_num(found["gdt"]), np.nan_to_num(virtual["gdt"]))


def test_context_background_needs_cells_and_a_readout_that_sees_them():
    model = tiny_model()
    with pytest.raises(RequestError, match="hides every gene but the source"):
        extract(model, panel(model, np.ones(11)), background="context")
    with pytest.raises(RequestError, match="without the mean of each gene"):
        extract(model, panel(model, np.zeros(11), ref=""), background="context", readout="plain")
    with pytest.raises(RequestError, match="background 'wild'"):
        extract(model, panel(model, np.ones(11)), background="wild")


def test_unknown_extractor_is_refused():
    model = tiny_model()
    with pytest.raises(RequestError, match="vvq"):
        extract_features(model, model.vocabulary, SOURCES, extractors=("vvq",))


# --- chunks on disk ------------------------------------------------------------------------------------------------


class CountingModel:
    """Counts the joint passes of a model."""

    def __init__(self, model):
        self.model, self.rows = model, 0
        original = model.value_and_tangent

        def counted(genes, values, *args, **kwargs):
            self.rows += len(values)
            return original(genes, values, *args, **kwargs)

        model.value_and_tangent = counted


def cancel_at(step):
    def progress(stage, done, total):
        assert stage == "extract"
        assert total == len(SOURCES)
        if done >= step:
            message = "stopped"
            raise Cancelled(message)

    return progress


def test_a_cancelled_extraction_goes_on_from_its_finished_chunks(tmp_path):
    model = tiny_model()
    wanted = extract_features(model, model.vocabulary, SOURCES)
    with pytest.raises(Cancelled):
        extract_features(model, model.vocabulary, SOURCES, folder=tmp_path, chunk=2, progress=cancel_at(4))
    assert json.loads((tmp_path / "chunks.json").read_text())["done"] == [0, 1]
    counter = CountingModel(model)
    found = extract_features(model, model.vocabulary, SOURCES, folder=tmp_path, chunk=2)
    assert counter.rows == len(GRID)  # one source was left
    assert_features(found, dict(wanted), atol=1e-7)
    extract_features(model, model.vocabulary, SOURCES, folder=tmp_path, chunk=2)
    assert counter.rows == len(GRID)  # and now none


@pytest.mark.parametrize("change", ["weights", "levels", "readout", "sources", "broken", "missing"])
def test_chunks_of_something_else_are_not_reused(tmp_path, change):
    options = {"folder": tmp_path, "chunk": 2}
    extract_features(tiny_model(), tiny_model().vocabulary, SOURCES, **options)
    model, sources = tiny_model(seed=int(change == "weights")), SOURCES[:-1] if change == "sources" else SOURCES
    if change == "levels":
        options["levels"] = (-1.0, 1.0)
    if change == "readout":
        options["readout"] = "plain"
    if change == "broken":
        (tmp_path / "chunks.json").write_text("{")
    if change == "missing":
        (tmp_path / "gdt.npy").unlink()
    counter = CountingModel(model)
    found = extract_features(model, model.vocabulary, sources, **options)
    assert counter.rows == len(sources) * len(options.get("levels", GRID))
    asked = {"levels": options.get("levels", GRID), "seed": int(change == "weights")}
    wanted = by_definition(options.get("readout", "masked"), **asked)
    wanted = {kind: array[: len(sources)] for kind, array in wanted.items()}
    assert_features(found, wanted)


def test_an_error_in_the_middle_keeps_finished_chunks_and_the_model(tmp_path, monkeypatch):
    model = tiny_model()
    model.network.train()
    original, calls = model.value_and_tangent, []

    def fails_third_time(*args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            message = "out of memory"
            raise RuntimeError(message)
        return original(*args, **kwargs)

    monkeypatch.setattr(model, "value_and_tangent", fails_third_time)
    with pytest.raises(RuntimeError, match="out of memory"):
        extract_features(model, model.vocabulary, SOURCES, folder=tmp_path, chunk=1, batch=1000)
    assert json.loads((tmp_path / "chunks.json").read_text())["done"] == [0, 1]
    assert all(module.training for module in model.network.modules())


def test_values_that_are_not_finite_are_an_error():
    model = tiny_model()
    model.network.state_out.bias.fill_(float("nan"))
    with pytest.raises(RunError, match="not finite"):
        extract_features(model, model.vocabulary, SOURCES)
    with pytest.raises(RunError, match="not finite"):
        extract_for_pairs(model, model.vocabulary, np.array([[0, 1]]))
    with pytest.raises(RunError, match="not finite"):
        extract_rows(model, model.vocabulary, [0], extractors="vvp")


def test_temporary_features_vanish_with_their_last_reader():
    model = tiny_model()
    features = extract_features(model, model.vocabulary, SOURCES)
    folder = features.folder
    assert folder.is_dir()
    del features
    assert not folder.exists()


def test_the_digest_follows_the_weights():
    assert engine.network_digest(tiny_model()) == engine.network_digest(tiny_model())
    assert engine.network_digest(tiny_model()) != engine.network_digest(tiny_model(seed=1))


# --- measured cells ------------------------------------------------------------------------------------------------


def test_pert_is_its_definition_at_the_mean_of_the_cells():
    model = tiny_model()
    mean = np.linspace(0.1, 1.2, 11)
    found = extract(model, panel(model, mean), extractors="pert")["pert"]
    cell = torch.from_numpy(model.to_units(model.vocabulary, mean)).double()
    zeros = model.to_units(model.vocabulary, np.zeros(11))
    whole = model.predict(model.vocabulary, cell[None], readout="plain")[0]
    for row, source in enumerate(SOURCES):
        without = cell.clone()
        without[source] = float(zeros[source])
        wanted = (whole - model.predict(model.vocabulary, without[None], readout="plain")[0]).numpy()
        np.testing.assert_allclose(np.delete(found[row, :, 0], source), np.delete(wanted, source), atol=1e-6)
    again = extract(model, panel(model, mean), extractors="pert", background="context", readout="plain")
    np.testing.assert_array_equal(again["pert"], found)


def test_attn_is_read_on_the_background():
    model = tiny_model()
    mean = np.linspace(0.1, 1.2, 11)
    for background, cell in (("virtual", np.zeros(11)), ("context", model.to_units(model.vocabulary, mean))):
        found = extract(model, panel(model, mean), extractors="attn", background=background)["attn"][..., 0]
        weights = model.attend(model.vocabulary, torch.from_numpy(cell)[None])[0, -2:].mean((0, 1)).T.numpy()
        wanted = weights[list(SOURCES)]
        np.testing.assert_allclose(np.nan_to_num(found), np.where(np.isnan(found), 0, wanted), atol=1e-6)


def test_a_gene_list_has_no_pert():
    model = tiny_model()
    with pytest.raises(RequestError, match="Perturbation of the mean cell: read at the mean of measured cells"):
        extract(model, panel(model, np.zeros(11), ref=""), extractors=("vvp", "pert"))


def test_the_measured_cell_decides_what_is_kept_only_where_it_takes_part(tmp_path):
    model = tiny_model()

    def digest(mean, **options):
        return extract(model, panel(model, mean), **options).spec.digest()

    ones, twos = np.ones(11), np.full(11, 2.0)
    assert digest(ones) == digest(twos)
    assert digest(ones, extractors=("vvp", "attn", "emb")) == digest(twos, extractors=("vvp", "attn", "emb"))
    assert digest(ones, extractors=("vvp", "pert")) != digest(twos, extractors=("vvp", "pert"))
    assert digest(ones, background="context", readout="plain") != digest(twos, background="context", readout="plain")


def test_the_mean_of_other_genes_is_refused():
    model = tiny_model()
    with pytest.raises(RequestError, match="the mean of 3 genes was given for 11"):
        extract_features(model, model.vocabulary, SOURCES, extractors="pert", context=np.zeros(3))


def test_other_extractors_empty_the_folder(tmp_path):
    model = tiny_model()
    extract_features(model, model.vocabulary, SOURCES, folder=tmp_path, extractors=("emb",))
    assert json.loads((tmp_path / "chunks.json").read_text())["lengths"] == {"emb": 16}
    counter = CountingModel(model)
    found = extract_features(model, model.vocabulary, SOURCES, folder=tmp_path, extractors=("emb", "gdt"))
    assert set(found) == {"emb", "gdt"}
    assert counter.rows == len(SOURCES) * len(GRID)


def test_a_panel_hands_on_everything_that_it_is_given(monkeypatch, tmp_path):
    given = {
        "extractors": ("gdt",),
        "readout": "plain",
        "background": "context",
        "levels": (0.0, 1.0),
        "folder": tmp_path,
        "chunk": 3,
        "batch": 5,
        "block": 7,
        "seed": 11,
        "precision": "bfloat16",
        "progress": lambda *_: None,
        "note": lambda _: None,
        "executor": InThisProcess(),
        "called": "compact",
    }
    model = tiny_model()
    genes = tuple(sorted(model.vocabulary[:4]))
    panel = GenePanel(genes, genes, sources=(1, 3), mean=np.ones(4, dtype=np.float32), dataset_ref="mine")
    taken = {}

    def take(*places, context, **options):
        taken.update(options, places=places, context=context)

    monkeypatch.setattr(engine, "extract_features", take)
    extract(model, panel, **given)
    assert taken.pop("places") == (model, genes, (1, 3))
    np.testing.assert_array_equal(taken.pop("context"), model.to_units(genes, panel.mean))
    assert taken == given
    extract(model, GenePanel(genes, genes, (1, 3), panel.mean), **given)
    assert taken["context"] is None, "a gene list has no means"
    extract(model, panel)
    usual = signature(extract_features).parameters
    assert {name: taken[name] for name in given} == {name: usual[name].default for name in given}


def test_progress_of_pairs_is_told_by_source():
    model, heard = tiny_model(), []
    pairs = np.array([[4, 1], [2, 0], [4, 2]])
    extract_for_pairs(model, model.vocabulary, pairs, progress=lambda *step: heard.append(step))
    assert heard == [("extract", 0, 2), ("extract", 1, 2), ("extract", 2, 2)]
