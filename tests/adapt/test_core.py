"""The training loop: zero steps, early stopping, determinism, cancel and resume, an untouched base."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from grn_core.adapt.core import adapt, family_module, learning_rate
from grn_core.adapt.options import AdaptOptions
from grn_core.errors import Cancelled, ModelError
from tests.adapt.toy import FAST, same, states, toy_cells, toy_model


@pytest.fixture
def model():
    return toy_model()


def part_for(model, data=None, options=FAST):
    return family_module(model).cells_of(data or toy_cells(), model.vocabulary, options=options)


def stopper(at):
    def listen(stage, done, total):
        if done == at:
            message = "enough"
            raise Cancelled(message)

    return listen


def test_no_steps_are_the_base_bit_for_bit(model):
    found = adapt(model, part_for(model), replace(FAST, steps=0))
    assert same(found.tensors, states(model))
    assert not found.changed
    assert len(found.report["curve"]) == 1


def test_the_base_leaves_as_it_came(model):
    before = states(model)
    adapt(model, part_for(model), FAST)
    assert same(states(model), before)
    assert not model.network.training
    assert not any(parameter.requires_grad for parameter in model.network.parameters())


def test_it_learns_what_goes_together(model):
    found = adapt(model, part_for(model), replace(FAST, steps=300, check_every=30))
    assert found.changed
    assert found.report["error_kept"] < 0.95 * found.report["error_base"]
    assert found.report["error_kept"] == min(line["held_out"] for line in found.report["curve"])
    assert (found.report["n_cells"], found.report["n_held_out"], found.report["n_genes"]) == (120, 12, 30)


def test_steps_that_only_harm_are_thrown_away(model):
    trained = adapt(model, part_for(model), replace(FAST, steps=60, learning_rate=3e-3)).tensors
    model.network.load_state_dict(trained)
    noise = part_for(model, toy_cells(seed=5, related=False))
    found = adapt(model, noise, replace(FAST, steps=3, check_every=1, learning_rate=0.3))
    assert found.report["kept_step"] == 0
    assert same(found.tensors, trained)


def test_the_seed_decides_the_weights(model):
    part = part_for(model)
    one, again = (adapt(model, part, FAST) for _ in range(2))
    other = adapt(model, part, replace(FAST, seed=1))
    assert same(one.tensors, again.tensors)
    assert one.report == again.report
    assert not same(one.tensors, other.tensors)


def test_genes_that_were_not_measured_keep_their_embedding(model):
    part = part_for(model)
    found = adapt(model, part, FAST)
    rows = torch.ones(len(model.vocabulary), dtype=torch.bool)
    rows[part.genes.astype(int)] = False
    before, after = states(model)["embedding.weight"], found.tensors["embedding.weight"]
    assert rows.any()
    assert torch.equal(before[rows], after[rows])
    assert not torch.equal(before[~rows], after[~rows])


@pytest.mark.parametrize("at", [3, 4, *(pytest.param(one, marks=pytest.mark.thorough) for one in (0, 7, 11))])
def test_cancel_and_resume_equals_uninterrupted(model, tmp_path, at):
    part, path = part_for(model), tmp_path / "checkpoint.pt"
    whole = adapt(model, part, FAST)
    with pytest.raises(Cancelled):
        adapt(model, part, FAST, checkpoint=path, key="k", progress=stopper(at))
    steps = []
    rest = adapt(model, part, FAST, checkpoint=path, key="k", progress=lambda _, done, total: steps.append(done))
    assert same(rest.tensors, whole.tensors)
    assert [line["held_out"] for line in rest.report["curve"]] == [line["held_out"] for line in whole.report["curve"]]
    assert steps[0] == at // FAST.check_every * FAST.check_every
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [pytest.param(b"", marks=pytest.mark.thorough), b"torn", None])
def test_a_checkpoint_that_does_not_fit_is_passed_over(model, tmp_path, content):
    part, path = part_for(model), tmp_path / "checkpoint.pt"
    if content is None:
        with pytest.raises(Cancelled):
            adapt(model, part, FAST, checkpoint=path, key="another", progress=stopper(9))
    else:
        path.write_bytes(content)
    found = adapt(model, part, FAST, checkpoint=path, key="k")
    assert same(found.tensors, adapt(model, part, FAST).tensors)


def test_progress_counts_the_steps(model):
    seen = []
    adapt(model, part_for(model), FAST, progress=lambda *report: seen.append(report))
    assert seen == [("adapt", step, FAST.steps) for step in range(FAST.steps + 1)]


def test_the_learning_rate_rises_then_falls_to_zero():
    options = AdaptOptions(steps=100, learning_rate=1.0)
    rates = [learning_rate(options, step) for step in range(100)]
    assert rates[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 0.02


def test_a_model_of_another_family_is_refused(model):
    model.record = replace(model.record, family="scgpt")
    with pytest.raises(ModelError, match="'scgpt' cannot be adapted"):
        family_module(model)


def test_weights_that_run_away_are_an_error(model):
    part = part_for(model)
    with torch.no_grad():
        model.network.state_out.bias.fill_(float("inf"))
    with pytest.raises(ModelError, match="held-out error"):
        adapt(model, part, FAST)
