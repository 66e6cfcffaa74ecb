"""From a score to the probability of an edge in a network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.networks import expected_precision, select_edges
from grn_core.networks.edge_table import ranked
from grn_core.translator.calibration import (
    NO_ADAPTED,
    NO_COEXPRESSION,
    NO_CONTEXT,
    NO_PRIOR,
    NO_TEMPERATURE,
    prior,
    shift,
    uncalibrated,
)

CARD = {"temperature": {"gdt": 1.0}, "prior": 0.01}
PART = {"n_sources": 10, "n_targets": 50, "n_positives": 5}
SHARES = st.floats(0.001, 0.999)


@pytest.mark.parametrize(
    ("change", "asked", "why"),
    [
        ({}, {}, ""),
        ({}, {"background": "context"}, NO_CONTEXT),
        ({"background": "context"}, {"background": "context"}, ""),
        ({}, {"adapted": True}, NO_ADAPTED),
        ({}, {"with_coexpression": True}, NO_COEXPRESSION),
        ({}, {"extractors": ("vvp",)}, NO_TEMPERATURE),
        ({"temperature": {}}, {}, NO_TEMPERATURE),
        ({"prior": None}, {}, NO_PRIOR),
    ],
)
def test_where_there_is_a_probability_and_why_not(change, asked, why):
    given = {"extractors": ("gdt",), "background": "virtual", "adapted": False, **asked}
    assert uncalibrated({**CARD, **change}, **given) == why


def test_a_card_of_before_gives_its_prior_by_what_it_was_trained_on():
    assert prior({"training": [PART]}) == pytest.approx(0.01)
    assert prior({"training": [PART, {**PART, "n_positives": 15}]}) == pytest.approx(0.02)
    assert prior({"training": [PART], "prior": 0.03}) == 0.03
    assert prior({}) is None


@given(rare=SHARES, balanced=SHARES, share=SHARES)
def test_the_shift_is_that_of_bayes(rare, balanced, share):
    """Pairs of two kinds, `share` of the edges and `1 - share` of the others: their odds under the new prior."""
    seen = balanced * share / (balanced * share + (1 - balanced) * (1 - share))
    true = rare * share / (rare * share + (1 - rare) * (1 - share))
    moved = np.log(seen / (1 - seen)) + shift({"prior": rare, "calibrated_to": balanced})
    assert 1 / (1 + np.exp(-moved)) == pytest.approx(true, rel=1e-6)


@given(likely=st.lists(st.floats(0, 1), min_size=1, max_size=30), least=st.floats(0, 1))
def test_the_cut_by_expected_precision_keeps_the_longest_list_that_reaches_it(likely, least):
    edges = pd.DataFrame({"source": "A", "target": [f"G{place}" for place in range(len(likely))], "score": likely})
    table = ranked(edges.assign(probability=likely))
    kept = select_edges(table.sample(frac=1, random_state=1), min_precision=least, max_edges=30).edges
    means = [table["probability"].astype(float).head(n).mean() for n in range(1, len(table) + 1)]
    longest = max((n for n, mean in enumerate(means, 1) if mean >= least + 1e-9), default=0)
    assert len(kept) >= longest
    assert len(kept) <= max((n for n, mean in enumerate(means, 1) if mean >= least - 1e-9), default=0)
    expected = expected_precision(table)
    np.testing.assert_allclose(expected, means)
