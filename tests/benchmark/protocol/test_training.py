"""What translators are trained on, and that controls are what they say."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.measuring import measure_method
from grn_core.benchmark.protocol.methods import ensemble_of, methods
from grn_core.benchmark.protocol.training import Training, seed_logits
from grn_core.errors import Cancelled, DataError, RequestError
from grn_core.extractors.engine import extract_features
from grn_core.translator import train
from grn_core.translator.terms import choose_weights
from tests.benchmark.protocol.toy_training import (
    GENES,
    MadeUpBench,
    handle_of,
    reference_of,
    some_edges,
    tiny_handle,
)
from tests.models.tiny import GRID, tiny_model

MANY = tuple(f"G{number:02d}" for number in range(60))
BY_NAME = {method.name: method for method in methods()}


@pytest.fixture
def tiny(tmp_path):
    return Bench(tiny_handle(), home=tmp_path)


def names_of(reference, pairs, label):
    rows = np.flatnonzero(pairs.label == label)
    return {(reference.genes[pairs.source[row]], reference.genes[pairs.target[row]]) for row in rows}


def test_every_edge_is_drawn_and_as_many_negatives(tiny):
    training = Training([reference_of(some_edges())], tiny, n_seeds=2)
    ((first, second),) = training.draws
    for one in (first, second):
        assert names_of(training.references[0], one, 1) == set(some_edges())
        assert len(names_of(training.references[0], one, 0)) == 24
        assert not names_of(training.references[0], one, 0) & set(some_edges())
    assert names_of(training.references[0], first, 0) != names_of(training.references[0], second, 0)


def test_a_training_is_stopped_in_the_middle(tmp_path, monkeypatch):
    """It takes minutes on a busy machine, and holds the place of the next run."""
    stop, heard = Event(), []

    def progress(stage, done, total):
        if stage == "train translator":
            heard.append((done, total))
            if len(heard) == 3:
                message = "stopped"
                raise Cancelled(message)

    monkeypatch.setattr(train, "train_translator", lambda *_args, **_named: stop.wait(5))
    bench = Bench(tiny_handle(), home=tmp_path, progress=progress)
    try:
        with pytest.raises(Cancelled):
            Training([reference_of(some_edges())], bench, n_seeds=1).trained("own", "vvp")
        assert heard == [(0, 1)] * 3
    finally:
        stop.set()


@pytest.mark.parametrize("readout", ["masked", "plain"])
def test_features_are_those_of_the_whole_extraction(tmp_path, readout):
    model = tiny_model(dtype=torch.float32)
    training = Training(
        [reference_of(some_edges())], Bench(handle_of(model), home=tmp_path), n_seeds=2, readout=readout
    )
    whole = extract_features(model, GENES, range(11), readout=readout, folder=tmp_path / "whole")
    for kind in ("gdt", "vvp"):
        found = training.features(training.references[0], training.draws[0], kind, "own")
        for pairs, features in zip(training.draws[0], found, strict=True):
            assert features.shape == (len(pairs), len(GRID))
            np.testing.assert_allclose(features, whole[kind][pairs.source, pairs.target], rtol=1e-4, atol=1e-5)


def test_genes_that_the_model_lacks_are_left_out(tiny):
    edges = [*some_edges(), ("G00", "unknown"), ("unknown", "G01")]
    training = Training([reference_of(edges, genes=(*GENES, "unknown"))], tiny, n_seeds=1)
    assert training.references[0].genes == GENES
    assert names_of(training.references[0], training.draws[0][0], 1) == set(some_edges())


def test_a_reference_without_known_edges_is_an_error(tiny):
    with pytest.raises(DataError, match="no edge between genes of the list"):
        len(Training([reference_of([("x", "y")], genes=("x", "y"))], tiny, n_seeds=1).draws)


def test_a_readout_that_there_is_not_is_refused(tiny):
    with pytest.raises(RequestError, match="tiny has no readout 'attn'; needed: one of conditions, masked, plain"):
        Training([reference_of(some_edges())], tiny, n_seeds=1, readout="attn")


@pytest.mark.parametrize("split", ["all", "unseen-target", "unseen-both"])
def test_what_training_has_shown_is_in_no_test(tiny, split):
    """In any split no pair of any training reference or draw is asked, be it an edge or a negative."""
    training = Training(
        [reference_of(some_edges(12, sources=GENES[:2])), reference_of(some_edges(9, seed=3, sources=GENES[2:4]))],
        tiny,
        n_seeds=3,
    )
    shown = set()
    for reference, draws in zip(training.references, training.draws, strict=True):
        for pairs in draws:
            shown |= names_of(reference, pairs, 0) | names_of(reference, pairs, 1)
    assert training.seen.pairs == shown
    test = HeldOut(training, training.known(reference_of(some_edges(40, seed=1))), split)
    if split == "all":
        for pairs in test.pairs:
            asked = names_of(test.reference, pairs, 0) | names_of(test.reference, pairs, 1)
            assert not asked & shown
            assert names_of(test.reference, pairs, 1) == set(some_edges(40, seed=1)) - shown
    else:
        genes = {gene for pair in shown for gene in pair}
        fresh = np.array([gene not in genes for gene in test.reference.genes])
        assert not test.allowed[:, ~fresh].any()
        assert split == "unseen-target" or not test.allowed[~fresh].any()


def test_a_test_that_was_wholly_seen_is_left_out_with_the_reason(tiny):
    training = Training([reference_of(some_edges())], tiny, n_seeds=1)
    test = HeldOut(training, training.known(reference_of(some_edges())))
    with pytest.raises(DataError, match="every edge of the reference is among the pairs seen before"):
        len(test.pairs)
    found = measure_method(test, BY_NAME["Degree only"])
    assert list(found) == ["note"]
    assert "toy, split all, is left out: every edge of the reference" in found["note"]


@pytest.fixture(scope="module")
def learnable():
    """A training on some TFs, a test on others; the truth shows in gdt."""
    learnt = some_edges(200, sources=MANY[:6], genes=MANY)
    asked = some_edges(200, seed=1, sources=MANY[6:12], genes=MANY)
    bench = MadeUpBench([*learnt, *asked])
    training = Training([reference_of(learnt, genes=MANY)], bench, n_seeds=3)
    return training, HeldOut(training, reference_of(asked, genes=MANY))


def test_what_can_be_learnt_is_learnt_and_controls_are_at_chance(learnable):
    """The shuffled labels are a control: were they not permuted, that row would equal the translator's own."""
    _, test = learnable
    found = {
        name: measure_method(test, BY_NAME[name])["row"]["auprc"]
        for name in ("GDT", "VVP", "Ensemble", "Shuffled labels", "Random weights")
    }
    assert found["GDT"] > 0.95
    assert 0.4 < found["VVP"] < 0.62
    assert found["VVP"] < found["Ensemble"]
    for name in ("Shuffled labels", "Random weights"):
        assert found[name] < found["Ensemble"] - 0.1, name


def test_shuffled_labels_are_the_same_labels_in_an_order_of_each_seed(learnable):
    training, _ = learnable
    for (own, held), (shuffled, also) in zip(training.labels("own"), training.labels("shuffled"), strict=True):
        assert torch.equal(held, also), "the same pairs are held back"
        assert own.sum() == shuffled.sum()
        agreeing = float((own == shuffled).float().mean())
        assert 0.35 < agreeing < 0.65, "half of the labels agree by chance"
    orders = [label for label, _ in training.labels("shuffled")]
    assert not torch.equal(orders[0], orders[1])
    assert all(torch.equal(one, again[0]) for one, again in zip(orders, training.labels("shuffled"), strict=True))


def test_measured_auprc_is_that_of_scikit_learn_on_the_mean_logit(learnable):
    training, test = learnable
    for name, kinds in (("VVP", ("vvp",)), ("GDT", ("gdt",)), ("Ensemble", ("gdt", "vvp"))):
        scores = []
        for seed, pairs in enumerate(test.pairs):
            logits = []
            for kind in kinds:
                (features,) = training.features(test.reference, [pairs], kind, "own")
                logits.append(training.trained("own", kind)[0](features[None])[seed])
            scores.append(average_precision_score(pairs.label, torch.stack(logits).mean(0)))
        row = measure_method(test, BY_NAME[name])["row"]
        assert row["auprc"] == pytest.approx(np.mean(scores), abs=1e-6)
        assert row["auprc_sd"] == pytest.approx(np.std(scores, ddof=1), abs=1e-6)
        assert row["n_seeds"] == 3


def test_references_are_put_together(learnable):
    training, _ = learnable
    more = reference_of(some_edges(120, seed=5, sources=MANY[20:24], genes=MANY), genes=MANY, name="more")
    both = Training([*training.references, more], training.bench, n_seeds=3)
    assert len(both.draws) == 2
    label, held = both.labels("own")[1]
    assert len(label) == len(held) == len(training.draws[0][1]) + len(both.draws[1][1])
    assert torch.equal(label[: len(training.draws[0][1])], torch.from_numpy(training.draws[0][1].label))
    assert both.seen.pairs > training.seen.pairs
    one, two = both.trained("own", "gdt")[0], training.trained("own", "gdt")[0]
    assert not torch.equal(one.mean, two.mean)


def test_the_same_training_twice_is_the_same(learnable):
    training, _ = learnable
    again = Training(training.references, training.bench, n_seeds=3)
    for kind in ("gdt", "vvp"):
        one, two = training.trained("own", kind), again.trained("own", kind)
        assert torch.equal(one[0].weights[0], two[0].weights[0])
        assert torch.equal(one[1], two[1])


def test_the_temperature_is_that_of_held_back_pairs(learnable):
    training, _ = learnable
    logits, kept = [], []
    for seed, (label, held) in enumerate(training.labels("own")):
        features = training.features(training.references[0], training.draws[0], "gdt", "own")
        logits.append(seed_logits(training.trained("own", "gdt")[0], features)[seed][held])
        kept.append(label[held])
    assert torch.equal(training.trained("own", "gdt")[1], torch.cat(logits))
    from grn_core.translator.train import fit_temperature

    assert training.temperature(BY_NAME["GDT"]) == fit_temperature(torch.cat(logits), torch.cat(kept))


def test_the_temperature_of_an_ensemble_is_that_of_the_mean_of_its_logits(learnable):
    from grn_core.translator.train import fit_temperature

    training, _ = learnable
    gdt, vvp = (training.trained("own", name)[1] for name in ("gdt", "vvp"))
    label = torch.cat([label[held] for label, held in training.labels("own")])
    found = training.temperature(BY_NAME["Ensemble"])
    assert found == pytest.approx(fit_temperature((gdt + vvp) / 2, label), rel=1e-4)
    assert found != pytest.approx(fit_temperature(gdt + vvp, label), rel=1e-4)


@given(st.integers(0, 2**32 - 1), st.floats(0, 3))
def test_what_is_known_beside_decides_no_weight(seed, tells):
    """Weights are those that the held-back pairs choose among all that are tried, whatever edges are known beside."""
    train, more = reference_of(some_edges()), reference_of(some_edges(seed=2), name="more")
    alone, both = (Training([train], MadeUpBench([]), n_seeds=1, beside=some) for some in ((), (more,)))
    label = torch.cat([label[held] for label, held in alone.labels("own")])
    noise = torch.from_numpy(np.random.default_rng(seed).normal(size=(3, len(label)))).float()
    logits = {"vvp": noise[0], "source": tells * label + noise[1], "target": noise[2]}
    for one in (alone, both):
        one.trained = lambda _, extractors: (None, logits[extractors])
    wanted = choose_weights(logits, label)
    assert [one.weights(ensemble_of(logits)) for one in (alone, both)] == [wanted, wanted]
