"""What a translator reaches, in one line: from its card alone, beside controls and chance."""

from __future__ import annotations

import pytest

from grn_core.benchmark.results.better import in_short, verdict
from grn_core.benchmark.results.card import translator_card
from grn_core.benchmark.results.of_cards import training_of
from grn_core.benchmark.results.tables import released, shipped
from grn_core.benchmark.results.tested import (
    beside_controls,
    every_test,
    in_one_line,
    of_scores,
    on_unchosen,
)
from grn_core.benchmark.results.view import Cut, transfer_table
from grn_core.benchmark.results.words import spelt_out
from grn_core.extractors import EXTRACTORS
from grn_core.plots.tested import dots
from grn_core.runs.finished import FinishedRun
from grn_core.runs.kinds.infer import InferRequest
from grn_core.translator import registry
from grn_core.translator.measured import WHOLE, called_together, measured
from tests.pages.fabricated_run import fabricate_run


def card(*rows: tuple[str, float, float | None]) -> dict:
    """A card of test sets: data set, its score, the best control's."""
    found = []
    for dataset, score, control in rows:
        row = {"dataset": dataset, "network": "STRING", "split": "left out", "sd": 0.01, "prevalence": 0.5}
        found.append(row | {"method": "Ensemble", "is_control": False, "mean": score})
        if control is not None:
            rivals = {"Degree only": control, "Shuffled labels": control - 0.1}
            found += [row | {"method": name, "is_control": True, "mean": mean} for name, mean in rivals.items()]
    return {"evaluation": found}


def test_the_line_has_means_over_the_test_sets_with_a_control():
    said = in_one_line(card(("a", 0.8, 0.6), ("b", 0.7, 0.7), ("c", 0.1, None)))
    assert said == "Tested on 2 reference sets: AUPRC 0.75; best simple control 0.65; chance 0.50."
    assert in_one_line(card(("c", 0.1, None))) == "Tested on 1 reference set: AUPRC 0.10; chance 0.50."
    assert in_one_line({}) == ""


def test_means_that_stand_side_by_side_are_of_the_same_test_sets():
    scores = every_test(card(("a", 0.8, 0.6), ("b", 0.7, 0.7), ("c", 0.1, None)))
    assert beside_controls(scores)["dataset"].tolist() == ["a", "b"]
    assert beside_controls(scores.tail(1))["dataset"].tolist() == ["c"]


@pytest.mark.parametrize("record", registry.records(), ids=lambda record: record.name)
def test_what_the_release_measured_of_the_same_training_counts_too(record):
    """No set is left out, whoever is ahead on it, and what card and release both measured is the same."""
    scores, own = every_test(record.card), measured(record.card)
    place = ["dataset", "network"]
    assert not scores.duplicated(place).any()
    both = own.merge(scores, on=place, suffixes=("", "_said"))
    assert len(both) == len(own)
    assert both["score"].equals(both["score_said"])
    (release,) = map(released, shipped())
    table = transfer_table(
        release.scores, Cut("transfer", training_of(record.card), "TFs+500", "all", "tf-restricted", "auprc")
    )
    table = table[(table["train"] == training_of(record.card)) & (table["method"] == called_together(record.ensemble))]
    if record.card["readout"] == "masked" and len(table):
        assert set(map(tuple, scores[place].to_numpy())) == set(map(tuple, table[place].to_numpy()))
        assert f"Tested on {len(table)} reference sets" in in_one_line(record.card)
    else:
        assert len(scores) == len(own)


def test_what_is_handed_out_is_the_callers_own():
    first = every_test(registry.records()[0].card)
    first["score"] = 0.0
    first.iloc[0, 0] = "another"
    again = every_test(registry.records()[0].card)
    assert again["score"].gt(0).all()
    assert "another" not in set(again["dataset"])


def test_a_lead_within_the_deviation_over_the_seeds_counts_as_level():
    said, told = verdict(every_test(card(("a", 0.8, 0.6), ("b", 0.705, 0.7), ("c", 0.5, 0.7), ("d", 0.9, None))))
    assert said == "On data it has not seen, this translator is no better than a simple rule."
    means = "AUPRC 0.67, the best simple control 0.67, a random guess 0.50"
    assert told == f"On the 3 test sets, it is ahead on 1, level on 1 and behind on 1: {means}."
    said, told = verdict(every_test(card(("a", 0.8, 0.6), ("b", 0.8, 0.6))))
    assert said == "On data it has not seen, this translator is better than a simple rule."
    assert told.startswith("On the 2 test sets, it is ahead on all 2: AUPRC 0.80, the best simple control 0.60")
    assert verdict(every_test(card(("d", 0.9, None))))[0] == "Whether it is better than a simple rule was not measured."
    assert verdict(every_test({})) == ("", "")


@pytest.mark.parametrize("n_ahead", range(6))
def test_it_is_better_only_where_it_is_ahead_on_more_than_half_of_what_it_has_not_seen(n_ahead):
    """Whatever it does on the sets on which it was chosen."""
    rows = [(str(n), 0.8 if n < n_ahead else 0.6, 0.7) for n in range(5)]
    scores = every_test(card(*rows, *((f"seen {n}", 0.9, 0.1) for n in range(9))))
    scores["chosen"] = scores["dataset"].str.startswith("seen")
    said, told = verdict(scores)
    assert ("no better" in said) == (n_ahead <= 2)
    assert "On the 5 test sets that took no part in making it" in told
    assert "On all 14, 9 of which helped to choose how it is made, it is ahead on " in told
    said, told = verdict(scores[scores["chosen"]])
    assert said == "How it does on data that it has not seen is not known: no such test set is left."
    assert told.startswith("On the 9 test sets that helped to choose how it is made, it is ahead on all 9: AUPRC 0.90")


def test_sets_on_which_choices_were_made_are_counted_apart():
    """How the default's model is made was chosen on some of its 15 sets, what it knows beside on others."""
    card = next(one for one in registry.records() if one.name == registry.DEFAULT).card
    scores = every_test(card)
    (release,) = map(released, shipped())
    tests = scores["dataset"] + ":" + scores["network"]
    assert set(tests[scores["chosen"]]) == {*release.manifest["chosen_on"], *card["chosen_on"]} & set(tests)
    assert len(scores) - scores["chosen"].sum() == 9
    apart = scores[~scores["chosen"]]
    ahead = (apart["score"] - apart["control"] > apart[["sd", "control_sd"]].max(axis=1)).sum()
    behind = (apart["control"] - apart["score"] > apart[["sd", "control_sd"]].max(axis=1)).sum()
    own, control = f"{apart['score'].mean():.2f}", f"{apart['control'].mean():.2f}"
    said, told = verdict(scores)
    assert ("no better" in said) == (2 * ahead <= len(apart))
    counts = f"it is ahead on {ahead} and behind on {behind}"
    assert f"{len(apart)} test sets that took no part in making it, {counts}: AUPRC" in told
    assert f"AUPRC {own}, the best simple control {control}, " in told
    assert on_unchosen(scores) == f"On the {len(apart)} that took no part in making it: {own} against {control}."
    assert (
        on_unchosen(scores) in in_one_line(registry.records()[0].card) or registry.records()[0].name != registry.DEFAULT
    )
    assert not on_unchosen(scores.assign(chosen=False))
    assert on_unchosen(scores.assign(chosen=True)) == "Each of them helped to choose how it is made."
    assert on_unchosen(scores.head(1).assign(chosen=True)) == "It helped to choose how it is made."
    alone = scores.head(2).assign(chosen=[True, False], control=[0.6, None])
    assert not on_unchosen(alone), "the other has no control, so nothing is known of it"


def test_a_card_says_on_which_tests_choices_were_made_beside_the_release():
    card = {**registry.records()[0].card, "chosen_on": ["mDC:Non-Specific"]}
    before, scores = every_test(registry.records()[0].card), every_test(card)
    tests = scores["dataset"] + ":" + scores["network"]
    assert set(tests[scores["chosen"]]) == set(tests[before["chosen"]]) | {"mDC:Non-Specific"}
    assert "How it is made was chosen on mDC Non-Specific: " in translator_card(card)
    assert "was chosen on" not in translator_card(registry.records()[0].card)


def test_a_run_says_it_only_where_its_scores_are_those_that_were_measured():
    record = registry.records()[0]
    sha = registry.translator_sha(record.name)
    how = {part: record.card[part] for part in ("background", "readout", "weights")}
    assert of_scores(record.name, extractors=record.ensemble, sha=sha, asked=how) == in_one_line(record.card) != ""
    assert not of_scores(record.name, extractors=record.ensemble, sha="another", asked=how)
    assert not of_scores(record.name, extractors=("vvp",), sha=sha, asked=how)
    assert not of_scores("gone", extractors=record.ensemble, sha=sha, asked=how)
    for other in ({"background": "context"}, {"readout": "plain"}, {"weights": {"source": 1.0}}):
        assert not of_scores(record.name, extractors=record.ensemble, sha=sha, asked=how | other)
    assert not FinishedRun.of(fabricate_run()).tested, "a run of two extractors, whose weights are not known"


@pytest.mark.parametrize(
    ("otherwise", "says"),
    [({}, True), ({"background": "context"}, False), ({"readout": "plain"}, False), ({"adapt": 50}, False)],
)
def test_a_finished_run_says_it_of_what_the_request_was_measured_with(otherwise, says):
    own = {"extractors": tuple(registry.record_of(registry.DEFAULT).ensemble), **otherwise}
    asked = InferRequest(dataset_ref="any", dataset_sha="0", title="Any", **own)
    run = FinishedRun("0" * 16, {"request": asked.to_json(), "hashes": asked.hashes()})
    assert bool(run.tested) == says


@pytest.mark.parametrize("name", [record.name for record in registry.records()])
def test_the_short_word_on_a_translator_is_the_verdict_with_its_figures(name):
    of = next(one.card for one in registry.records() if one.name == name)
    said, told = verdict(every_test(of))
    short = in_short(of)
    assert short.startswith(said.rstrip("."))
    figures = [word.strip(".,;:") for word in short.removeprefix(said.rstrip(".")).split() if word[0] == "0"]
    assert figures
    assert all(figure in told for figure in figures)
    assert in_short({}) == ""


def test_every_bundled_translator_is_called_as_in_the_tables():
    for record in registry.records():
        assert called_together(record.ensemble) in WHOLE
    for name in EXTRACTORS:
        if not EXTRACTORS[name].is_term:
            assert called_together([name]) == EXTRACTORS[name].label


@pytest.mark.parametrize("name", [record.name for record in registry.records()])
def test_every_test_set_has_its_row_in_the_picture(name):
    scores = every_test(next(one.card for one in registry.records() if one.name == name))
    figure = dots(spelt_out(scores))
    for trace, column in zip(figure.data, ("prevalence", "control", "score"), strict=True):
        assert sorted(trace.x) == sorted(scores[column])
        assert len(set(trace.y)) == len(scores)
    parted = 0 < scores["chosen"].sum() < len(scores)
    assert [line.y0 for line in figure.layout.shapes] == ([scores["chosen"].sum() - 0.5] if parted else [])
    shown = set("".join(figure.data[0].y).replace("</b>", "<br><b>").split("<br><b>"))
    assert shown - {""} == set(spelt_out(scores)[["dataset", "network"]].to_numpy().ravel())
    assert shown.isdisjoint({"hESC", "Lofgof", "Specific", "Non-Specific"})
