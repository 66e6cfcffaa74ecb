"""Pre-training: the batches, the start, the course, the interruption, the export."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from grn_core.errors import Cancelled, ModelError
from grn_core.files import write_atomic
from grn_core.genes import human_tfs_of
from grn_core.models.compact import model as compact
from grn_core.models.compact.network import CompactNetwork, CompactShape
from grn_core.models.weights import network_digest
from grn_core.pretrain.batches import Batches, Recipe
from grn_core.pretrain.card import model_card
from grn_core.pretrain.export import export_model, gene_statistics, reconstruction
from grn_core.pretrain.start import covariances, start_from_data, svd_embedding
from grn_core.pretrain.train import learning_rate, masked_error, train, validate
from tests.pretrain.toy_corpus import TINY, toy_part, toy_vocabulary


def two_parts():
    """The second data set holds only genes 10 .. 29."""
    whole, few = toy_part(), toy_part(80, 20, seed=1, name="few")
    return [whole, replace(few, genes=np.arange(10, 30, dtype=np.int32))]


def same(one, other):
    assert one.keys() == other.keys()
    assert [name for name in one if not torch.equal(one[name], other[name])] == []


def test_learning_rate_by_hand():
    recipe = Recipe(steps=110, warmup=10, learning_rate=1.0)
    assert learning_rate(recipe, 0) == pytest.approx(0.1)
    assert learning_rate(recipe, 9) == pytest.approx(1.0)
    assert learning_rate(recipe, 10) == pytest.approx(1.0)
    assert learning_rate(recipe, 60) == pytest.approx(0.05 + 0.95 / 2)
    assert learning_rate(recipe, 110) == pytest.approx(0.05)
    assert learning_rate(recipe, 500) == pytest.approx(0.05)


@pytest.mark.parametrize("step", [0, 1, 17])
def test_a_batch_holds_training_cells_and_their_values(step):
    parts = two_parts()
    batch = Batches(parts, toy_vocabulary(), TINY).draw(step)
    assert batch.ids.dtype == batch.targets.dtype == torch.int64
    assert batch.ids.shape == batch.values.shape
    assert batch.truth.shape == batch.hidden.shape == (8, len(batch.targets))
    part = parts[0] if len(batch.targets) == 32 else parts[1]
    assert len(batch.targets) == len(set(batch.targets.tolist())) == min(32, len(part.genes))
    assert batch.condition in (None, parts.index(part))
    column = {int(gene): index for index, gene in enumerate(part.genes)}
    rows = part.values[part.training].astype(np.float32)
    shown = [column[gene] for gene in batch.targets.tolist()]
    for own, value, truth, hidden in zip(batch.ids.tolist(), batch.values, batch.truth, batch.hidden, strict=True):
        assert len(set(own)) == len(own), "a gene is drawn once a cell"
        wanted = (rows[:, [column[gene] for gene in own]] == value.numpy()).all(1)
        wanted &= (rows[:, shown] == truth.numpy()).all(1)
        assert wanted.any(), "some training cell has these values"
        assert [gene not in own for gene in batch.targets.tolist()] == hidden.tolist()
    assert 1 <= batch.ids.shape[1] <= len(part.genes) // 3


def fields_of(batch):
    return [value for value in vars(batch).values() if isinstance(value, torch.Tensor)]


def test_a_batch_depends_on_the_seed_and_its_step_only():
    parts, genes = two_parts(), toy_vocabulary()
    one, other = Batches(parts, genes, TINY), Batches(parts, genes, TINY)
    late = one.draw(5)
    for step in (0, 9):
        other.draw(step)
    for x, y in zip(fields_of(late), fields_of(other.draw(5)), strict=True):
        assert torch.equal(x, y)
    assert late.condition == other.draw(5).condition
    assert not torch.equal(late.targets, Batches(parts, genes, replace(TINY, seed=4)).draw(5).targets)
    assert not torch.equal(late.targets, one.draw(6).targets)


def test_cells_of_a_batch_have_genes_of_their_own():
    batch = Batches([toy_part()], toy_vocabulary(), replace(TINY, few_share=1.0)).draw(0)
    assert len({tuple(sorted(own)) for own in batch.ids.tolist()}) > 1


def test_how_many_genes_are_shown_and_how_often_the_data_set_is_told():
    recipe = replace(TINY, few_share=0.25, few_visible=2, most_visible=12, common_share=0.5)
    batches = Batches([toy_part()], toy_vocabulary(), recipe)
    drawn = [batches.draw(step) for step in range(400)]
    counts = np.array([batch.ids.shape[1] for batch in drawn])
    assert set(counts) == set(range(1, 13))
    # One gene: half of a quarter, and of the rest log(1.5) / log(12), which rounds to one.
    assert (counts == 1).mean() == pytest.approx(0.25 / 2 + 0.75 * math.log(1.5) / math.log(12), abs=0.07)
    assert np.mean([batch.condition is None for batch in drawn]) == pytest.approx(0.5, abs=0.08)


def test_tfs_and_often_detected_genes_are_drawn_more_often():
    tf = sorted(human_tfs_of("human"))[0]
    vocabulary = (tf, *toy_vocabulary(39))
    detected = np.full(40, 0.25, dtype=np.float32)
    detected[1] = 1.0
    part = replace(toy_part(), detected=detected)
    batches = Batches([part], vocabulary, replace(TINY, few_share=1.0, few_visible=4, tf_weight=2.0, batch=200))
    counts = sum(np.bincount(batches.draw(step).ids.ravel(), minlength=40) for step in range(40))
    usual = counts[2:].mean()
    assert 1.6 < counts[0] / usual < 2.4
    assert 1.6 < counts[1] / usual < 2.4


def test_data_sets_are_drawn_alike_unless_they_have_few_genes():
    parts = [toy_part(90, 4000), toy_part(900, 4000), toy_part(90, 1000)]
    assert Batches(parts, toy_vocabulary(4000), TINY).part_share.tolist() == pytest.approx([0.4, 0.4, 0.2])


def test_svd_embedding_spans_what_numpy_finds():
    parts = [toy_part(60, noise=0.3), two_parts()[1]]
    found = svd_embedding(parts, 40, 2).double().numpy()
    stacked = np.zeros((sum(len(part.training) for part in parts), 40))
    start = 0
    for part in parts:
        rows = part.values[part.training].astype(np.float64)
        stacked[start : start + len(rows), part.genes] = rows * len(rows) ** -0.5
        start += len(rows)
    _, strength, vectors = np.linalg.svd(stacked, full_matrices=False)
    expected = vectors[:2].T * np.sqrt(strength[:2])
    # Up to the sign of each component and one common factor.
    own, other = (gram / np.linalg.norm(gram) for gram in (found @ found.T, expected @ expected.T))
    np.testing.assert_allclose(own, other, atol=1e-5)
    assert np.sqrt(np.square(found).mean()) == pytest.approx(0.5, rel=1e-5)


def test_heavier_data_sets_say_more_in_the_start():
    """Two modules of genes; a weight is the same as that many copies of the data set."""
    one, other = toy_part(60), toy_part(60, seed=7, noise=2.0)
    weighed = svd_embedding([one, other], 40, 4, weights=[3.0, 1.0]).double().numpy()
    copied = svd_embedding([one, one, one, other], 40, 4).double().numpy()
    np.testing.assert_allclose(weighed @ weighed.T, copied @ copied.T, atol=1e-4)
    vectors = torch.nn.functional.normalize(torch.from_numpy(copied).float(), dim=-1)
    common = covariances([one, other], vectors, weights=[3.0, 1.0])[-1]
    torch.testing.assert_close(common, covariances([one, one, one, other], vectors)[-1], rtol=1e-5, atol=1e-6)


def test_svd_embedding_is_seeded_ignores_held_out_cells_and_pads():
    part = toy_part(30)
    changed = part.values.copy()
    changed[part.held_out] = 4.0
    assert torch.equal(svd_embedding([part], 40, 8), svd_embedding([replace(part, values=changed)], 40, 8))
    wide = svd_embedding([part], 40, 64)
    assert wide.shape == (40, 64)
    assert (wide[:, 27:] == 0).all(), "27 training cells have 27 components"


def test_covariances_are_those_of_the_cells_places():
    """With as many directions as genes and no noise to speak of, the places are the values themselves, shrunk alike."""
    part = toy_part(200, 4, noise=0.2)
    found = covariances([part], torch.eye(4))
    assert found.shape == (2, 4, 4)
    wanted = np.cov(part.values[part.training].astype(np.float64), rowvar=False)
    np.testing.assert_allclose(found[0].numpy(), wanted / np.diag(wanted).mean(), atol=1e-5)
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=0)


def test_the_start_is_a_factor_model_of_each_data_set():
    """Genes of one module point the same way, those of two at right angles; where modules move together, all do."""
    apart, together = toy_part(400, noise=0.1), toy_part(400, noise=0.1, seed=5)
    first = together.values[:, :1].astype(np.float32)
    together = replace(together, values=(first + 0.1 * together.values.astype(np.float32)).astype(np.float16))
    network = CompactNetwork(CompactShape(40, 2, width=8, heads=2, layers=1, feedforward=16)).eval()
    start_from_data(network, [apart, together])
    ids, values = torch.arange(40)[None], torch.full((1, 40), 2.0)
    visible = torch.zeros(1, 40, dtype=torch.bool)
    visible[0, 0] = True
    with torch.no_grad():
        one, two = (network(ids, values, visible=visible, condition=c, exact=True)["signal"][0] for c in (0, 1))
    assert one[1:20].min() > 1.8
    assert one[20:].abs().max() < 0.5
    assert two[20:].min() > 1.5


def test_masked_error_is_that_of_the_hidden_genes():
    class Zeros(torch.nn.Module):
        def forward(self, ids, values, *, visible, condition):
            return {"value": torch.zeros_like(values)}

    values = torch.tensor([[1.0, 2.0, 3.0]])
    visible = torch.tensor([[True, False, False]])
    assert float(masked_error(Zeros(), (torch.arange(3)[None], values, visible))) == pytest.approx(6.5)


def test_train_leaves_the_random_state_alone_and_says_what_it_does(tmp_path):
    told = []
    torch.manual_seed(1)
    before = torch.get_rng_state()
    network = train([toy_part()], toy_vocabulary(), TINY, tmp_path, save_every=4, progress=lambda *r: told.append(r))
    assert torch.equal(before, torch.get_rng_state())
    assert not network.training
    assert told == [("start", 0, 1), *(("train", step, 8) for step in range(1, 9))]
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["step"] for line in log] == [4, 8]
    assert sorted(log[0]) == ["loss", "relative_error_1", "seconds", "step"], "32 and 128 visible genes are too many"
    assert all(math.isfinite(value) for line in log for value in line.values())
    assert not list(tmp_path.glob(".*"))


def stop_at(step):
    def progress(stage, done, total):
        if (stage, done) == ("train", step):
            message = "stopped"
            raise Cancelled(message)

    return progress


@pytest.mark.parametrize("stop", [4, 6])
def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path, stop):
    """Interrupted right at a checkpoint (4) and two steps after it (6): those two are done again."""
    parts, genes = two_parts(), toy_vocabulary()
    whole = train(parts, genes, TINY, tmp_path / "whole", save_every=4)
    with pytest.raises(Cancelled):
        train(parts, genes, TINY, tmp_path / "parts", save_every=4, progress=stop_at(stop))
    told = []
    resumed = train(parts, genes, TINY, tmp_path / "parts", save_every=4, progress=lambda *r: told.append(r))
    assert told[0] == ("train", 5, 8)
    same(resumed.state_dict(), whole.state_dict())
    logs = [
        [
            {key: value for key, value in json.loads(line).items() if key != "seconds"}
            for line in (tmp_path / name / "log.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        for name in ("whole", "parts")
    ]
    assert logs[0] == logs[1]


@pytest.mark.parametrize("died", [2, 4])
def test_a_worker_that_dies_between_checkpoint_and_log_loses_no_line(tmp_path, monkeypatch, died):
    """Whichever of the two files was written last, at the first checkpoint or at the end."""
    parts, genes = two_parts(), toy_vocabulary()
    train(parts, genes, TINY, tmp_path / "whole", save_every=4)
    written = []

    def write(path, fill):
        if len(written) == died - 1:
            message = "killed"
            raise KeyboardInterrupt(message)
        written.append(path.name)
        write_atomic(path, fill)

    with monkeypatch.context() as patched:
        patched.setattr("grn_core.pretrain.train.write_atomic", write)
        patched.setattr("grn_core.models.training_state.write_atomic", write)
        with pytest.raises(KeyboardInterrupt):
            train(parts, genes, TINY, tmp_path / "parts", save_every=4)
    assert len(written) == died - 1
    resumed = train(parts, genes, TINY, tmp_path / "parts", save_every=4)
    card = export_model(resumed, parts, genes, TINY, work=tmp_path / "parts", folder=tmp_path / "model")
    assert [line["step"] for line in card["curve"]] == [4, 8]
    logs = [(tmp_path / name / "log.jsonl").read_text(encoding="utf-8").splitlines() for name in ("whole", "parts")]
    assert [json.loads(line)["loss"] for line in logs[0]] == [json.loads(line)["loss"] for line in logs[1]]


def test_a_checkpoint_of_the_last_step_without_a_log_is_exported(tmp_path):
    """As a worker of an earlier version left it that was killed just then, or in the middle of a line."""
    parts, genes = two_parts(), toy_vocabulary()
    network = train(parts, genes, TINY, tmp_path, save_every=4)
    log = tmp_path / "log.jsonl"
    log.write_text(log.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    cut = export_model(network, parts, genes, TINY, work=tmp_path, folder=tmp_path / "model")
    assert [line["step"] for line in cut["curve"]] == [4]
    log.unlink()
    card = export_model(network, parts, genes, TINY, work=tmp_path, folder=tmp_path / "model")
    assert (card["curve"], card["training_seconds"]) == ([], 0.0)


def test_a_finished_training_is_only_loaded(tmp_path):
    parts, genes = [toy_part()], toy_vocabulary()
    first = train(parts, genes, TINY, tmp_path)
    told = []
    again = train(parts, genes, TINY, tmp_path, progress=lambda *report: told.append(report))
    assert told == []
    same(first.state_dict(), again.state_dict())


def test_the_seed_decides_the_network(tmp_path):
    parts, genes = [toy_part()], toy_vocabulary()
    one, twin, other = (
        train(parts, genes, replace(TINY, steps=2, seed=seed), tmp_path / name)
        for name, seed in (("one", 0), ("twin", 0), ("other", 1))
    )
    same(one.state_dict(), twin.state_dict())
    assert not torch.equal(one.token_in.weight, other.token_in.weight)


@pytest.mark.parametrize("change", [{"steps": 9}, {"learning_rate": 1e-3}, {"seed": 0}])
def test_another_recipe_is_refused(tmp_path, change):
    parts, genes = [toy_part()], toy_vocabulary()
    train(parts, genes, replace(TINY, steps=1), tmp_path)
    with pytest.raises(
        ModelError, match=r"made by another recipe or vocabulary; needed: .*; what to do: choose an empty"
    ):
        train(parts, genes, replace(TINY, **{"steps": 1, **change}), tmp_path)


def test_another_vocabulary_is_refused(tmp_path):
    recipe = replace(TINY, steps=1)
    train([toy_part()], toy_vocabulary(), recipe, tmp_path)
    with pytest.raises(ModelError, match="another recipe or vocabulary"):
        train([toy_part()], toy_vocabulary()[::-1], recipe, tmp_path)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A network that saw two modules of genes 150 times."""
    folder = tmp_path_factory.mktemp("learnt")
    recipe = replace(TINY, steps=150, warmup=10, learning_rate=1e-2, batch=16, slow=1.0)
    parts = [toy_part(400, noise=0.3)]
    return train(parts, toy_vocabulary(), recipe, folder, save_every=150), parts, recipe, folder


def test_learns_which_genes_vary_together(learnt):
    """A gene's module explains 92 % of its variance; one visible gene tells one of two modules."""
    network, parts, recipe, _ = learnt
    error = validate(network, parts, recipe, visible_counts=(1, 8))
    assert error["relative_error_1"] < 0.75
    assert error["relative_error_8"] < 0.35


def test_a_raised_gene_raises_its_module_only(learnt):
    network, *_ = learnt
    ids = torch.arange(40)[None]
    visible = torch.zeros(1, 40, dtype=torch.bool)
    visible[0, 0] = True
    with torch.no_grad():
        high, low = (network(ids, torch.full((1, 40), v), visible=visible)["value"][0] for v in (2.0, -2.0))
    change = high - low
    assert float(change[1:20].mean()) > 1.5
    assert float(change[20:].abs().mean()) < 0.5 * float(change[1:20].mean())


def test_validate_leaves_the_network_as_it_was(learnt):
    network, parts, recipe, _ = learnt
    network.train()
    validate(network, parts, recipe, visible_counts=(1,))
    assert network.training
    network.eval()
    validate(network, parts, recipe, visible_counts=(1,))
    assert not network.training


def test_validate_leaves_out_what_no_data_set_is_large_enough_for(learnt):
    network, parts, recipe, _ = learnt
    assert list(validate(network, parts, recipe, visible_counts=(2, 34, 128))) == ["relative_error_2"]
    nothing_held_out = [replace(parts[0], held_out=np.zeros(400, dtype=bool))]
    assert validate(network, nothing_held_out, recipe) == {}


def test_gene_statistics_by_hand():
    """Cells weigh by the root of their number in training: 64 and 16 cells weigh 8 and 4. Gene 2 is never seen."""

    def part(n, genes, mean, sd):
        made = toy_part(n, 2)
        given = {"mean": np.float32(mean), "sd": np.float32(sd), "held_out": np.zeros(n, dtype=bool)}
        return replace(made, genes=np.array(genes, dtype=np.int32), **given)

    mean, sd = gene_statistics([part(64, [0, 1], [1.0, 2.0], [0.5, 0.1]), part(16, [1, 3], [5.0, 7.0], [0.4, 0.9])], 4)
    assert mean.dtype == sd.dtype == np.float32
    np.testing.assert_allclose(mean, [1.0, 3.0, 0.0, 7.0], rtol=1e-6)
    np.testing.assert_allclose(sd, [0.5, 0.2, 0.5, 0.9], rtol=1e-6)


def test_the_statistics_of_single_cells_go_before_those_of_averages():
    def part(kind, genes, mean):
        made = replace(toy_part(16, 2), kind=kind, held_out=np.zeros(16, dtype=bool))
        return replace(made, genes=np.array(genes, dtype=np.int32), mean=np.float32(mean), sd=np.float32([0.5, 0.5]))

    mean, _ = gene_statistics([part("profiles", [0, 1], [9.0, 8.0]), part("cells", [1, 2], [1.0, 2.0])], 3)
    np.testing.assert_allclose(mean, [9.0, 1.0, 2.0])


def test_export_and_load_round_trip(learnt, tmp_path):
    network, parts, recipe, work = learnt
    genes = toy_vocabulary()
    card = export_model(network, parts, genes, recipe, work=work, folder=tmp_path / "model")
    assert json.loads((tmp_path / "model" / "card.json").read_text(encoding="utf-8")) == card
    assert card["recipe"] == asdict(recipe)
    assert card["n_parameters"] == sum(parameter.numel() for parameter in network.parameters())
    first = {"name": "toy", "species": "human", "cells": 400, "held_out": 40, "genes": 40, "sha256": "0" * 64}
    said = {"kind": "cells", "study": "", "repository": "", "source_licence": "not stated"}
    assert card["training_data"] == [{**first, **said}]
    assert card["curve"][-1]["step"] == 150
    assert card["reconstruction"] == {"relative_error_gene_mean": 1.0, "n_visible": 64, "n_data_sets": 0}

    model = compact.load(tmp_path / "model")
    assert model.vocabulary == genes
    same(model.network.state_dict(), network.state_dict())
    name = f"compact:{network_digest(model)[:12]}"
    assert (model.record.name, model.record.conditions, len(model.record.grid)) == (name, ("toy",), 8)
    units = model.to_units(genes[:1], np.array([[1.0], [2.0], [99.0]]))
    np.testing.assert_allclose(units.ravel(), [0.0, 2.0, 5.0], atol=1e-5)
    values = torch.full((1, 40), 0.5)
    predicted = model.predict(genes, values, readout="plain")
    with torch.no_grad():
        torch.testing.assert_close(predicted, network(torch.arange(40)[None], values)["signal"], rtol=0, atol=0)


def test_export_writes_the_same_bytes_again(learnt, tmp_path):
    network, parts, recipe, work = learnt
    for name in ("one", "two"):
        export_model(network, parts, toy_vocabulary(), recipe, work=work, folder=tmp_path / name)
    for file in ("model.safetensors", "vocabulary.txt", "card.json", "README.md"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert {"reference_mean", "reference_sd"} <= load_file(tmp_path / "one" / "model.safetensors").keys()


def test_the_card_says_where_nothing_could_be_measured(learnt, tmp_path):
    """The toy corpus has 40 genes, and the measurement asks for 256."""
    network, parts, recipe, work = learnt
    card = export_model(network, parts, toy_vocabulary(), recipe, work=work, folder=tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "No data set has enough genes and held-out cells" in text
    row = "| toy | cells | human | 400 | 40 | not stated | not stated | not stated | `000000000000` |"
    assert row in text
    assert "| 150 |" in text, "the last line of the curve"
    measured = {"relative_error_network": 0.81, "relative_error_ridge": 0.7, "n_visible": 64, "n_data_sets": 3}
    assert "**0.8100**" in model_card({**card, "reconstruction": measured})


def test_reconstruction_beside_a_ridge():
    """Two states explain the genes: 64 visible genes tell a ridge nearly all; an untrained network knows nothing."""
    part = toy_part(200, 300, noise=0.3)
    torch.manual_seed(0)
    network = CompactNetwork(CompactShape(300, 2, width=16, heads=2, layers=1, feedforward=32)).eval()
    found = reconstruction(network, [part, toy_part(60, 40)], TINY)
    assert found["n_data_sets"] == 1, "the second has too few genes"
    assert found["relative_error_ridge"] < 0.2
    assert found["relative_error_network"] > 0.8
