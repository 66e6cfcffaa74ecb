"""The curve that held-out data sets make of scores, and the uncertainty that they add."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.networks import expected_precision
from grn_core.networks.edge_table import ranked
from grn_core.runs import InferRequest
from grn_core.runs.finished import FinishedRun
from grn_core.runs.kinds.infer import score_of
from grn_core.translator.calibration import held_out, mark, prior, share_of_edges
from grn_core.translator.curves import FLATTEST, Calibration, Curve, as_told, fit_curve, knots_of
from grn_core.translator.registry import DEFAULT, record_for

BENT = Curve((0.0, 2.0), -3.0, (1.0, 0.5, 0.25))
TOLD = {"extractors": "gdt+vvp", "knots": [0.0, 2.0], "curve": as_told(BENT), "prior": 0.02}
CARD = {"prior": 0.5, "held_out": {**TOLD, "sets": [as_told(BENT)] * 2, "training": []}}


def drawn(curve: Curve, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and labels that are as likely as a curve says."""
    rng = np.random.default_rng(seed)
    score = rng.normal(0, 3, n)
    return score, rng.random(n) < curve.probability(score)


def test_a_curve_by_hand():
    np.testing.assert_allclose(BENT.log_odds(np.array([-2.0, 0.0, 1.0, 2.0, 6.0])), [-5.0, -3.0, -2.5, -2.0, -1.0])


def test_the_curve_that_drew_the_labels_is_found():
    found = fit_curve([drawn(BENT, 60_000, seed) for seed in range(2)], BENT.knots)
    assert found.start == pytest.approx(BENT.start, abs=0.15)
    np.testing.assert_allclose(found.slopes, BENT.slopes, atol=0.1)


@given(scores=st.lists(st.floats(-30, 30), min_size=2, max_size=30, unique=True), seed=st.integers(0, 5))
def test_no_curve_changes_an_order(scores, seed):
    """Not even one that was fitted to labels by chance, or to scores that are worth less the higher they are."""
    score, label = drawn(BENT, 300, seed)
    for curve in (fit_curve([(score, label)], knots_of([score])), fit_curve([(-score, label)], (0.0, 2.0))):
        assert min(curve.slopes) >= FLATTEST
        given_in_order = np.array(sorted(scores))
        assert (np.diff(curve.log_odds(given_in_order)) >= 0).all()


def test_a_data_set_weighs_as_much_as_another():
    few, many = drawn(BENT, 2_000, 0), drawn(Curve((0.0, 2.0), -1.0, (1.0, 0.5, 0.25)), 2_000, 1)
    twice = tuple(np.concatenate([one, one]) for one in many)
    assert fit_curve([few, many], (0.0, 2.0)).start == pytest.approx(
        fit_curve([few, twice], (0.0, 2.0)).start, abs=0.01
    )


def test_the_expected_precision_of_a_fitted_list_is_what_is_found():
    score, label = drawn(BENT, 60_000, 3)
    likely = fit_curve([(score, label)], knots_of([score])).probability(score)
    order = np.argsort(-score)
    edges = {"source": "A", "target": [f"G{i}" for i in range(len(score))], "score": score, "probability": likely}
    expected = expected_precision(ranked(pd.DataFrame(edges)))
    for n in (1_000, 10_000, 60_000):
        assert label[order][:n].mean() == pytest.approx(expected[n - 1], abs=0.02)


def test_uncertainty_only_grows_by_what_is_added():
    scores = np.random.default_rng(0).normal(0, 3, (4, 50))
    other = Curve(BENT.knots, -2.0, BENT.slopes)
    alone = Calibration(BENT, (), (), 0.02).uncertainty(scores)
    np.testing.assert_allclose(alone, BENT.probability(scores.ravel()).reshape(4, 50).std(0))
    sets = Calibration(BENT, (BENT, other), (), 0.02).uncertainty(scores)
    both = Calibration(BENT, (BENT, other), ((-5.0, 0.2), (0.0, 0.8)), 0.02).uncertainty(scores)
    assert (alone < sets).all()
    assert (sets < both).all()
    assert [Calibration(BENT, own, (), 0.02).spreads(n) for own in ((), (BENT,)) for n in (1, 2)] == [False, True] * 2
    assert Calibration(BENT, (BENT, other), (), 0.02).spreads(1)
    assert Calibration(BENT, (), ((0.0, 0.5),), 0.02).spreads(1)
    same = Calibration(BENT, (BENT, BENT), ((0.0, 0.0),), 0.02).uncertainty(scores)
    np.testing.assert_allclose(same, alone)


def test_it_holds_for_the_extractors_that_were_asked_and_no_others():
    assert Calibration.of(CARD, ("vvp", "gdt")) == Calibration(BENT, (BENT, BENT), (), 0.02)
    assert Calibration.of(CARD, ("gdt",)) is None
    assert Calibration.of({}, ("gdt",)) is None
    assert [share_of_edges(CARD, names) for names in (("gdt", "vvp"), ("gdt",))] == [0.02, 0.5]


def test_fewer_seeds_than_were_fitted_have_no_probability_of_it():
    """A mean of fewer spreads more widely than the one that the curves were fitted to."""
    card = {**CARD, "seeds": [0, 1, 2]}
    names = ("gdt", "vvp")
    assert Calibration.of(card, names, (2, 1, 0)) == Calibration.of(card, names) == Calibration.of(CARD, names)
    for fewer in ((0,), (0, 2)):
        assert Calibration.of(card, names, fewer) is None
        assert share_of_edges(card, names, fewer) == 0.5
        asked = InferRequest(
            dataset_ref="pbmc68k", extractors=record_for(DEFAULT, model="compact").ensemble, seeds=fewer
        )
        assert "held_out" not in json.loads(asked.hashes()["probe"])
        assert score_of(asked.plan())["prior"] == prior(asked.plan().translator.card)


def test_two_calibrations_are_told_apart():
    assert mark({}) == ""
    assert mark(TOLD) == mark(dict(reversed(TOLD.items())))
    assert mark(TOLD) != mark({**TOLD, "prior": 0.03})


def test_the_default_is_calibrated_on_data_sets_that_it_was_not_trained_on():
    record = record_for(DEFAULT, model="compact")
    found = Calibration.of(record.card, record.ensemble)
    assert found is not None
    assert len(found.of_sets) >= 4
    trained = {one["reference"].split()[0] for one in record.card["training"]}
    assert not trained & {one["test"] for one in held_out(record.card, record.ensemble)["sets"]}


def test_a_run_is_told_by_the_calibration_that_it_was_made_with():
    """One of before has none of held-out data sets, whatever the card says today."""
    probe = {"temperature": {}, "prior": 0.5}
    before, after = (
        FinishedRun("run", {"hashes": {"probe": json.dumps(one)}}) for one in (probe, {**probe, "held_out": TOLD})
    )
    assert before.calibration == FinishedRun("run", {}).calibration == ""
    assert after.calibration == mark(TOLD)


def test_only_the_extractors_that_were_calibrated_make_another_run():
    card = record_for(DEFAULT, model="compact").card
    whole, less = (
        InferRequest(dataset_ref="pbmc68k", extractors=names) for names in (card["ensemble"], ("gdt", "vvp"))
    )
    assert json.loads(whole.hashes()["probe"])["held_out"] == card["held_out"]
    assert "held_out" not in json.loads(less.hashes()["probe"])
