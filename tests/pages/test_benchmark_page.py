from __future__ import annotations

import pandas as pd
import pytest

from grn_core.translator import registry as translators
from pages.components.verdict import verdicts, with_controls
from tests.pages.app import open_page, text_of
from tests.pages.conftest import evaluation

PAGE = "pages/evaluate/benchmark.py"


@pytest.mark.usefixtures("paper_models")
def test_shows_scores_with_their_universe_and_the_controls():
    app = open_page(PAGE)
    table = app.dataframe[0].value
    assert {"mean", "sd", "prevalence", "n_positives", "n_sources", "n_targets"} <= set(table.columns)
    assert set(table[table["is_control"]]["method"]) == {"Random weights: Ensemble", "Corpus correlation"}
    assert app.get("plotly_chart")
    assert "Ensemble beats the best control" in text_of(app)


@pytest.mark.usefixtures("paper_models")
def test_says_so_when_a_control_does_as_well():
    app = open_page(PAGE, scored_translator="string-hesc")
    assert "a control does better" in text_of(app)
    assert "nothing is shown to be learnt" in text_of(app)


def test_without_scores_it_says_so(monkeypatch):
    monkeypatch.setattr(translators, "records", lambda: ())
    assert "no measured scores yet" in text_of(open_page(PAGE))


@pytest.mark.parametrize(
    ("ours", "words"), [(0.66, "beats"), (0.608, "does as well"), (0.595, "does as well"), (0.55, "does better")]
)
def test_a_lead_within_the_spread_counts_as_none(ours, words):
    table = pd.DataFrame(evaluation({"Ensemble": ours, "Corpus correlation": 0.60}))
    assert all(words in sentence for sentence in verdicts(table))


def test_methods_come_before_controls():
    marked = with_controls(pd.DataFrame(evaluation({})))
    assert list(marked["is_control"]) == sorted(marked["is_control"])
