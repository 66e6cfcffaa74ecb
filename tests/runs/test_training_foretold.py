"""What a training is said to take, before it begins."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace

import pytest
import torch

from grn_core.cli import follow, main
from grn_core.costs import reference_speed, training
from grn_core.costs.training import IN_TRAINING, STEPS, Known, seconds_to_train
from grn_core.models.registry import record_of
from grn_core.runs import TrainTranslatorRequest
from grn_core.runs.foretold import foretell_training
from grn_core.translator import neighbours
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.train import TrainingOptions, TrainingSet
from grn_core.translator.train import train_translator as train

SLACK = 4.0
MEASURED = {1: 51.0, 3: 90.0}
"""Seeds -> seconds that the work took, measured with one thread."""


def said(edges=1000, sources=100, *, n_seeds=5, extractors=("gdt", "vvp"), readout="masked", beside=None) -> float:
    options = {"extractors": extractors, "readout": readout, "n_seeds": n_seeds, "beside": beside}
    return seconds_to_train(Known(edges, sources, 400), record_of("compact"), reference_speed(), **options)


def test_more_takes_longer():
    assert said() < said(2000) < said(2000, n_seeds=9) < said(2000, n_seeds=9, readout="conditions")
    assert said(extractors=("gdt",)) < said() < said(extractors=("gdt", "target", "vvp"))


def test_every_stage_is_in_it():
    """The term of neighbours takes longest, and what is known beside as long as what is learnt from."""
    alike = ("gdt", "neighbours", "vvp")
    assert said(9000, extractors=alike) > 2 * said(9000)
    assert said(9000, extractors=alike, beside=Known(9000, 100, 400)) > 1.5 * said(9000, extractors=alike)
    assert said(20_000, extractors=alike) - said(20_000) == pytest.approx(
        said(9000, extractors=alike) - said(9000), rel=0.5
    )
    plain = foretell_training(TrainTranslatorRequest(name="mine"))
    assert re.match(r"about (\d+ (seconds|minutes?|hours?)( and )?)+ on one core", plain)
    assert "on top" not in plain
    assert foretell_training(TrainTranslatorRequest(name="mine", tests=("omnipath",))).endswith(
        "; measuring and its controls come on top"
    )


def test_a_training_is_foretold_by_how_its_terms_are_found():
    assert (training.MOST_PAIRS, training.FOLDS) == (neighbours.MOST_PAIRS, neighbours.FOLDS)
    assert len(neighbours.PENALTIES) == training.PENALTIES


def test_the_training_that_was_measured_is_foretold_within_a_factor_of_two():
    """OmniPath, the extractors of the default."""
    of_default = ("gdt", "neighbours", "source", "target", "vvp")
    for n_seeds, took in MEASURED.items():
        options = {"extractors": of_default, "readout": "masked", "n_seeds": n_seeds}
        told = seconds_to_train(Known(7642, 595, 1916), record_of("compact"), reference_speed(), **options)
        assert took / 2 < told < took * 2


def test_the_command_says_it_before_anything_is_computed(monkeypatch, capsys):
    class Stopped(Exception):
        pass

    def stop(_):
        raise Stopped

    monkeypatch.setattr(follow.manager, "submit", lambda request: request.run_id())
    monkeypatch.setattr(follow.manager, "status", lambda _: SimpleNamespace(state="queued"))
    monkeypatch.setattr(follow, "follow", stop)
    with pytest.raises(Stopped):
        main(["train-translator", "--reference", "omnipath", "--name", "mine"])
    assert re.search(r"translator mine: about \d+ ", capsys.readouterr().err)


@pytest.mark.performance
def test_a_pair_in_training_takes_as_many_scorings_as_is_said():
    """To the last epoch, within a factor of four; both on one thread, the shortest of several."""
    torch.set_num_threads(1)
    draws = torch.Generator().manual_seed(0)
    n, n_seeds, width = 2000, 5, 8
    features, label = torch.randn(n, width, generator=draws), torch.rand(n, generator=draws) > 0.5
    held = torch.rand(n, generator=draws) < 0.15
    sets = [TrainingSet({"vvp": features}, label.float(), held)] * n_seeds
    scoring, network = [], TranslatorMLP(n_seeds, width, (64, 64)).eval()
    trained = []
    for _ in range(3):
        with torch.no_grad():
            start = time.process_time()
            network(torch.zeros(40_000, width))
            scoring.append((time.process_time() - start) / (40_000 * n_seeds))
        start = time.process_time()
        train(sets, options=TrainingOptions(patience=99))
        trained.append((time.process_time() - start) / (n * n_seeds))
    assert 1 / SLACK < min(trained) / min(scoring) / (STEPS / n_seeds + IN_TRAINING) < SLACK
