"""What a training is said to take, before it begins."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace

import pytest
import torch

from grn_core.cli import follow, main
from grn_core.costs import reference_speed
from grn_core.costs.foretell import IN_TRAINING, seconds_to_train
from grn_core.models.registry import record_of
from grn_core.runs import TrainTranslatorRequest
from grn_core.runs.foretold import foretell_training
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.train import TrainingOptions, TrainingSet
from grn_core.translator.train import train_translator as train

SLACK = 4.0


def said(edges=1000, sources=100, *, n_seeds=5, extractors=("gdt", "vvp"), readout="masked") -> float:
    options = {"extractors": extractors, "readout": readout, "n_seeds": n_seeds}
    return seconds_to_train(edges, sources, record_of("compact"), reference_speed(), **options)


def test_more_takes_longer():
    assert said() < said(2000) < said(2000, n_seeds=9) < said(2000, n_seeds=9, readout="conditions")
    assert said(extractors=("gdt",)) < said() == said(extractors=("gdt", "target", "vvp"))


def test_what_is_not_known_is_said():
    plain = foretell_training(TrainTranslatorRequest(name="mine"))
    assert re.match(r"about \d+ (seconds|minutes?)", plain)
    assert "on top" not in plain
    more = TrainTranslatorRequest(name="mine", extractors=("vvp", "target"), tests=("omnipath",))
    assert "the training of target and measuring and its controls come on top" in foretell_training(more)
    alike = TrainTranslatorRequest(name="mine", extractors=("vvp", "neighbours"))
    assert foretell_training(alike).endswith("come on top, minutes for neighbours")


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
    training = []
    for _ in range(3):
        with torch.no_grad():
            start = time.process_time()
            network(torch.zeros(40_000, width))
            scoring.append((time.process_time() - start) / (40_000 * n_seeds))
        start = time.process_time()
        train(sets, options=TrainingOptions(patience=99))
        training.append((time.process_time() - start) / (n * n_seeds))
    assert 1 / SLACK < min(training) / min(scoring) / IN_TRAINING < SLACK
