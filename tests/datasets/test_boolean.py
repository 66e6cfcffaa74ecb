from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.datasets import boolean, load
from grn_core.datasets.curated import MODELS, BooleanModel

TOY = BooleanModel(
    ref="toy",
    title="toy",
    species="human",
    reference="",
    rules={"A": "A", "B": "A and not C", "C": "A or (A and B)", "D": "(A and not B) or (B and not A)"},
    initial={"A": 1.0},
    symbols={"D": ""},
)


def test_truth_table_keeps_only_inputs_that_act():
    inputs, table = boolean.truth_table("A or (A and B)")
    assert inputs == ("A",)
    assert table.tolist() == [0.0, 1.0]
    inputs, table = boolean.truth_table("C and not A")
    assert inputs == ("A", "C")
    assert table.tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_signs_follow_monotonicity():
    edges = boolean.node_edges(TOY).set_index(["source", "target"])["sign"].to_dict()
    assert edges == {("A", "A"): 1, ("A", "B"): 1, ("C", "B"): -1, ("A", "C"): 1, ("A", "D"): 0, ("B", "D"): 0}
    assert boolean.silent_inputs(TOY) == [("B", "C")]
    assert boolean.gene_edges(TOY).to_numpy().tolist() == [["A", "B", 1], ["A", "C", 1], ["C", "B", -1]]


def test_a_rule_holds_no_code():
    with pytest.raises(ValueError, match="only names"):
        boolean.truth_table("A and open(B)")


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_activity_is_the_probability_that_the_rule_is_true(levels):
    rules = {"A": "(B or D) and not C", "B": "A", "C": "not A and (B or C)", "D": "not B"}
    model = replace(TOY, rules=rules)
    hill, found = np.array(levels)[:, None], np.empty((4, 1))
    for alike in boolean._alike_rules(model):
        found[alike.nodes] = alike.activity(hill)
    for place, rule in enumerate(rules.values()):
        inputs, table = boolean.truth_table(rule)
        on = [levels[list(rules).index(name)] for name in inputs]
        by_hand = sum(
            table[state] * np.prod([h if one else 1 - h for one, h in zip(state, on, strict=True)])
            for state in product((0, 1), repeat=len(inputs))
        )
        assert found[place, 0] == pytest.approx(by_hand, abs=1e-12)


def test_the_seed_decides_everything():
    options = {"n_cells": 60, "n_trajectories": 20}
    one, again, other = (boolean.simulate(MODELS["mCAD"], seed=seed, **options) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one[0], again[0])
    np.testing.assert_array_equal(one[1], again[1])
    assert not np.array_equal(one[0], other[0])


def test_without_noise_the_steady_state_is_the_rules():
    mrna, times = boolean.simulate(TOY, n_cells=200, n_trajectories=5, noise=0.0)
    assert mrna.min() >= 0
    np.testing.assert_allclose(mrna[times > 0.9].mean(axis=0), [2, 0, 2, 2], atol=0.02)


@pytest.mark.parametrize(
    "model",
    [pytest.param(one, id=name, marks=() if name == "GSD" else pytest.mark.thorough) for name, one in MODELS.items()],
)
def test_every_cell_ends_in_a_state_that_the_rules_keep(model):
    """Late cells, cut at half level, are fixed points of the Boolean rules, and several fates are reached."""
    mrna, times = boolean.simulate(model, n_cells=400, n_trajectories=400)
    states = (mrna[times > 0.85] > 1.0).astype(int)
    nodes = list(model.rules)
    kept = []
    for state in states:
        on = dict(zip(nodes, state, strict=True))
        tables = [boolean.truth_table(rule) for rule in model.rules.values()]
        kept.append([int(table[tuple(on[name] for name in inputs)]) for inputs, table in tables] == state.tolist())
    assert np.mean(kept) > 0.8
    assert len(np.unique(states[kept], axis=0)) >= {"GSD": 2, "HSC": 4, "VSC": 3, "mCAD": 2}[model.ref]


@pytest.mark.shared_data
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_edges_are_those_that_beeline_publishes(model, shared_data):
    published = pd.read_csv(shared_data / f"data/curated/{model.ref}/GroundTruth.csv")
    published.columns = ["source", "target", "sign"]
    published["sign"] = published["sign"].map({"+": 1, "-": -1, 1: 1, -1: -1})
    signed = set(published.itertuples(index=False, name=None))
    edges = set(boolean.node_edges(model).itertuples(index=False, name=None))
    silent = set(boolean.silent_inputs(model))
    assert edges <= signed
    assert {(source, target) for source, target, _ in signed - edges} == silent


@pytest.mark.parametrize("ref", MODELS)
def test_built_in_models(ref):
    dataset = load(ref)
    assert dataset.n_cells == 1000
    assert dataset.match.unmatched == ()
    assert dataset.matrix.data.min() > 0
    assert dataset.truth["sign"].isin([1, -1]).all()
    assert {*dataset.truth["source"], *dataset.truth["target"]} <= set(dataset.genes)
    panel = dataset.panel()
    assert set(panel.labels) == set(dataset.genes)
    assert set(panel.source_names) == set(dataset.truth["source"])
    assert dataset.value_kind == "lognorm"
    assert any("Simulated" in note for note in dataset.notes)


def test_products_of_one_gene_and_nodes_that_are_no_gene():
    dataset = load("GSD")
    assert "WT1" in dataset.genes
    assert not {"WT1mKTS", "UGR"} & set(dataset.genes)
    assert any("UGR" in note for note in dataset.notes)
