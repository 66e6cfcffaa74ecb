"""Laws of a change that is passed on along a signed network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core.benchmark.perturbed.tables import Changes
from grn_core.errors import RequestError
from grn_core.experiments import propagation
from grn_core.experiments.propagation import (
    COLUMN,
    PASSED_ON,
    STEPS,
    passing_on,
    propagated,
    reached,
    with_propagation,
)
from scripts.measure_propagation import propagated as measured_as_shipped

GENES = tuple("ABCDEF")


def network(*edges: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(edges, columns=["source", "target", "sign"])
    return table.assign(source_symbol=table["source"], target_symbol=table["target"])


CHAIN = network(("A", "B", 1.0), ("B", "C", -1.0), ("F", "C", 1.0), ("D", "D", 1.0), ("A", "elsewhere", -1.0))


def test_a_chain_passes_half_on_in_each_step():
    """A raises B by half of its change; B, one of two regulators of C, lowers C by half of half of that."""
    found = propagated(np.array([1.0, 0, 0, 2.0, 0, 0]), passing_on(CHAIN, GENES))
    assert found == pytest.approx([1.0, PASSED_ON, -(PASSED_ON**2) / 2, 2.0, 0, 0])
    assert propagated(np.ones(6), passing_on(CHAIN, GENES), steps=0) == pytest.approx(np.ones(6))


def test_there_are_no_others_where_all_genes_are_reached():
    table = pd.DataFrame({"change": [1.0, 2.0], COLUMN: [0.5, 1.0]})
    assert reached(table) == "Propagated differs from Change in all 2 genes."
    assert "in 1 of 2 genes: no edge with a sign leads to the others" in reached(table.assign(change=[1.0, 1.0]))


edges = st.lists(
    st.tuples(st.sampled_from(GENES), st.sampled_from(GENES), st.sampled_from([1.0, -1.0])),
    max_size=20,
    unique_by=lambda edge: edge[:2],
)
changes = st.lists(st.floats(-5, 5), min_size=6, max_size=6).map(np.array)


@given(edges, changes, changes)
def test_it_is_linear_bounded_and_heeds_no_order(drawn, one, other):
    table = network(*drawn, ("A", "B", -1.0)).drop_duplicates(["source", "target"], keep="last")
    passed = passing_on(table, GENES)
    whole = propagated(one + other, passed)
    assert whole == pytest.approx(propagated(one, passed) + propagated(other, passed), abs=1e-9)
    most = sum(PASSED_ON**step for step in range(STEPS + 1))
    assert np.abs(propagated(one, passed)).max() <= most * np.abs(one).max() + 1e-9
    turned = propagated(one[::-1], passing_on(table[::-1], GENES[::-1]))
    assert turned[::-1] == pytest.approx(propagated(one, passed), abs=1e-12)


@given(edges, edges, changes)
def test_an_edge_without_a_sign_passes_on_nothing_and_counts_in_no_mean(signed, unsigned, change):
    with_sign = network(*signed, ("A", "B", -1.0)).drop_duplicates(["source", "target"], keep="last")
    without = network(*unsigned).assign(sign=0)
    beside = pd.concat([without, with_sign])  # a pair may stand in both: then its sign is known
    assert (passing_on(beside, GENES) != passing_on(with_sign, GENES)).nnz == 0
    one, other = (propagated(change, passing_on(edges, GENES)) for edges in (beside, with_sign))
    assert one.tolist() == other.tolist()


@given(changes)
@settings(max_examples=10)
def test_what_is_measured_is_what_is_shipped(change):
    """The changed TF is no gene of the table: it passes nothing on, and no mean counts it among the regulators."""
    plain = np.array([change, change[::-1]])
    genes = Changes("T", GENES, np.array([1, 4]), *(np.zeros((2, 6)) for _ in range(2)), np.zeros(2), np.zeros((2, 6)))
    found = measured_as_shipped(genes, plain, CHAIN)
    for row, tf in enumerate((1, 4)):
        others = [place for place in range(6) if place != tf]
        table = pd.DataFrame({"symbol": [GENES[place] for place in others], "change": plain[row, others]})
        assert found[row, others].tolist() == with_propagation(table, CHAIN)["propagated"].tolist()
        assert found[row, tf] == 0


def test_a_network_without_repression_is_refused_and_ranks_stay():
    with pytest.raises(RequestError, match="names no repression"):
        passing_on(network(("A", "B", 1.0)), GENES)
    with pytest.raises(RequestError, match="names no repression"):
        passing_on(network(("A", "B", 0.0)).drop(columns="sign"), GENES)
    table = pd.DataFrame({"rank": [1, 2], "symbol": ["A", "B"], "change": [1.0, 0.2]})
    found = with_propagation(table, network(("A", "B", -1.0)))
    assert found["propagated"].tolist() == pytest.approx([1.0, 0.2 - PASSED_ON])
    assert found[["rank", "symbol", "change"]].equals(table)


def test_what_it_is_worth_is_told_table_by_table(monkeypatch):
    rows = [
        {"table": "T", "network": "OmniPath", "n_tfs": 9, "plain": {"times": 1.2, "sign": 0.5}}
        | {"propagated": one, "another": {"times": 1.05}}
        for one in ({"times": 1.1, "sign": 0.51}, {"times": 1.3, "sign": 0.52})
    ]
    monkeypatch.setattr(propagation, "measured_propagation", lambda: rows)
    assert "on 2 tables of 9 perturbed TFs, it was better on 1." in propagation.worth_of_propagation()
    assert "T 1.20 without, 1.10 with it, 1.05 with another TF's" in propagation.worth_of_propagation()
    assert "Signs: 0.51 to 0.52 right" in propagation.worth_of_propagation()
    assert propagation.worth_of_propagation("omnipath") == propagation.worth_of_propagation()
    own = propagation.worth_of_propagation("0123456789abcdef")
    assert own.startswith("Along a network of yours this was not measured.")
    assert own.endswith(propagation.worth_of_propagation())
    monkeypatch.setattr(propagation, "measured_propagation", lambda: rows[:1])
    assert "it was better on none." in propagation.worth_of_propagation()
    monkeypatch.setattr(propagation, "measured_propagation", tuple)
    assert "not measured" in propagation.worth_of_propagation()
