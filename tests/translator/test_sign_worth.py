"""What the signs of a model are worth, as it is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.files import write_json
from grn_core.models.registry import weights_sha
from grn_core.translator import sign_worth
from scripts.measure_signs import right, signed_edges

SIGNS = st.sampled_from([-1, 1])


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A file in the place of the one that ships, and the memory of it emptied."""

    def write(content):
        write_json(tmp_path / "signs.json", content)
        monkeypatch.setattr(sign_worth, "asset", lambda name: tmp_path / name)
        sign_worth._measured.cache_clear()

    yield write
    sign_worth._measured.cache_clear()


def test_the_worth_is_that_of_the_weights(written):
    row = {"reference": "R", "n_edges": 1200, "n_sources": 9, "accuracy": 0.61, "balanced": 0.513, "commoner": 0.63}
    written({weights_sha("compact"): {"model": "compact", "signs": [row]}})
    assert sign_worth.in_words("compact") == (
        "Sign of the model's response, not learnt from known signs: of 1,200 edges of R 61% have the right sign "
        "(the commoner sign alone: 63%; balanced accuracy 0.51, a coin has 0.50)."
    )
    written({"another": {"model": "compact", "signs": [row]}})
    assert sign_worth.in_words("compact") == sign_worth.NOT_MEASURED
    assert sign_worth.in_words("no such model") == sign_worth.NOT_MEASURED


@pytest.mark.parametrize("balanced", [0.4, 0.513, 0.55, 0.8])
def test_of_a_curve_a_coin_is_named_where_its_direction_is_no_better(written, balanced):
    row = {"reference": "R", "n_edges": 9, "n_sources": 2, "accuracy": 0.6, "balanced": balanced, "commoner": 0.63}
    written({weights_sha("compact"): {"model": "compact", "signs": [row]}})
    said = sign_worth.of_curve("compact")
    assert ("hardly more often than a coin" in said) == (balanced <= sign_worth.HARDLY)
    assert f"{balanced:.2f}" in said
    written({})
    assert sign_worth.of_curve("compact") == sign_worth.NOT_MEASURED


def test_what_ships_is_readable():
    assert all(0 <= row.balanced <= 1 for rows in sign_worth._measured().values() for row in rows)


@given(st.lists(st.tuples(SIGNS, SIGNS), min_size=2).filter(lambda rows: len({truth for _, truth in rows}) == 2))
def test_one_sign_alone_and_a_turned_answer_have_their_balanced_accuracy(rows):
    said, truth = np.array(rows).T
    found, turned = right(said, truth), right(-said, truth)
    assert found["balanced"] + turned["balanced"] == pytest.approx(1, abs=2e-4)
    assert found["accuracy"] + turned["accuracy"] == pytest.approx(1, abs=2e-4)
    always = right(np.ones_like(truth), truth)
    assert always["balanced"] == 0.5
    assert max(always["accuracy"], 1 - always["accuracy"]) == pytest.approx(always["commoner"], abs=2e-4)


def test_edges_of_two_signs_of_themselves_or_of_unknown_genes_are_left_out():
    rows = [("A", "B", 1), ("A", "B", -1), ("A", "C", -1), ("A", "C", -1), ("B", "B", 1), ("A", "X", 1), ("B", "A", 0)]
    found = signed_edges(pd.DataFrame(rows, columns=["source", "target", "sign"]), frozenset("ABC"))
    assert found.values.tolist() == [["A", "C", -1]]
