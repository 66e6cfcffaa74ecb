"""What a card says of the measured scores: whatever the translator reads, and whenever the card was written."""

from __future__ import annotations

import pytest

from grn_core.translator.measured import measured


def row(method, mean, *, dataset="mDC", is_control=None, prevalence=0.5):
    told = {} if is_control is None else {"is_control": is_control}
    where = {"dataset": dataset, "network": "STRING", "split": "pairs of the training set left out"}
    return {**where, "method": method, "mean": mean, "prevalence": prevalence, **told}


def test_a_translator_of_one_extractor_has_its_score():
    rows = [row("Pert", 0.61, is_control=False), row("Degree only", 0.55, is_control=True)]
    (found,) = measured({"evaluation": rows}).itertuples()
    assert (found.score, found.control, found.best_control, found.prevalence) == (0.61, 0.55, "Degree only", 0.5)


@pytest.mark.parametrize("says", [True, False], ids=["says which are controls", "an older card"])
def test_of_several_extractors_the_ensemble_counts_beside_the_best_control_of_each_test(says):
    rows = [
        row(method, mean + shift, dataset=dataset, is_control=control if says else None)
        for dataset, shift in (("mESC", 0.1), ("hHEP", 0.0))
        for method, mean, control in (
            ("VVP", 0.70, False),
            ("Ensemble", 0.65, False),
            ("Random weights: Ensemble", 0.52, True),
            ("SVD cosine", 0.60 - 3 * shift, True),
        )
    ]
    found = measured({"evaluation": rows})
    assert found["dataset"].tolist() == ["hHEP", "mESC"]
    assert found["score"].tolist() == pytest.approx([0.65, 0.75])
    assert found["best_control"].tolist() == ["SVD cosine", "Random weights: Ensemble"]
    assert found["control"].tolist() == pytest.approx([0.60, 0.62])


def test_without_controls_or_measurements_nothing_is_made_up():
    (found,) = measured({"evaluation": [row("GDT", 0.6, is_control=False)]}).itertuples()
    assert found.score == 0.6
    assert found.control != found.control
    assert measured({}).empty
    assert measured({"evaluation": []}).empty
