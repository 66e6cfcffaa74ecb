"""The paper's figures beside ours: which stand side by side, and what the open points change."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

from grn_core.benchmark.pairs.negatives import NEGATIVES as DRAWN
from grn_core.benchmark.pairs.splits import SPLITS as KNOWN
from grn_core.benchmark.pairs.splits import STRICT
from grn_core.benchmark.protocol.protocol import parts_of
from grn_core.benchmark.results.published import (
    NEGATIVES,
    SPLITS,
    SWITCHES,
    TRAIN,
    beside_published,
    published,
    what_switches_change,
)

TESTS = [("STRING", "hHEP"), ("STRING", "mHSC-E")]
WORTH = {"tf-restricted": 0.6, "all-pairs": 0.7, "all": 0.0, "kept": 0.02}


def table_of(*methods: str, train: str = "hESC:STRING", genes: str = "TFs+500", more: float = 0) -> list[pd.DataFrame]:
    """A table for each kind of negatives; scores are sums of `WORTH`, so that each switch changes what is known."""
    found = []
    for negatives in NEGATIVES:
        rows = [
            {
                "network": network,
                "dataset": dataset,
                "method": method,
                "train": train,
                "genes": genes,
                "is_control": method == "Random weights",
                "negatives": negatives,
                "split": split,
                "auprc": WORTH[negatives] + WORTH[split] + more,
            }
            for (network, dataset), split, method in product(TESTS, SPLITS, methods)
        ]
        found.append(pd.DataFrame(rows))
    return found


def test_the_switches_are_what_is_measured():
    assert set(SWITCHES) == set(product(NEGATIVES, SPLITS))
    assert set(NEGATIVES) <= set(DRAWN)
    assert set(KNOWN) - set(STRICT) == set(SPLITS) - set(STRICT) == {"kept"}
    assert {network for _, network in map(parts_of, TRAIN)} == set(published()["network"])


def test_only_the_same_test_and_method_stand_side_by_side():
    found = beside_published(table_of("Ensemble", "Mine", "Random weights"))
    assert found[["dataset", "method"]].values.tolist() == [
        ["hHEP", "Ensemble"],
        ["hHEP", "Mine"],
        ["mHSC-E", "Ensemble"],
        ["mHSC-E", "Mine"],
    ]
    assert found["published"].tolist()[0] == 0.909
    assert found["published"].isna().tolist() == [False, True, True, True]


@pytest.mark.parametrize("other", [{"train": "mDC:STRING"}, {"genes": "TFs+1000"}])
def test_two_trainings_and_two_gene_sets_stand_apart(other):
    """The paper trains on one data set and asks one gene set: what was measured otherwise has no figure beside it."""
    found = beside_published([*table_of("Ensemble"), *table_of("Ensemble", more=0.1, **other)])
    assert len(found) == 2 * len(TESTS)
    for (train, genes), part in found.groupby(["train", "genes"]):
        usual = (train, genes) == ("hESC:STRING", "TFs+500")
        assert part["published"].notna().any() == usual
        for (negatives, split), words in SWITCHES.items():
            wanted = WORTH[negatives] + WORTH[split] + (0 if usual else 0.1)
            assert part[words].tolist() == pytest.approx([wanted] * len(TESTS))


def test_what_a_switch_changes_is_the_mean_of_its_steps():
    tables = table_of("Ensemble")
    assert what_switches_change(beside_published(tables)) == [
        "Ensemble, all pairs in place of TF-restricted ones: +0.100 AUPRC",
        "Ensemble, seen pairs kept in place of left out: +0.020 AUPRC",
    ]
    assert what_switches_change(beside_published(tables), method="GDT") == []
    assert what_switches_change(beside_published(tables[:1])) == []


@pytest.mark.parametrize("negatives", NEGATIVES)
def test_measured_universes_of_fewer_genes_are_left_out(negatives):
    tables = [one[one["negatives"] == negatives] for one in table_of("Ensemble")]
    less = [one.assign(genes="TFs+500 (measured)", auprc=0.0) for one in tables]
    found = beside_published([*less, *tables])
    assert (found[[words for (kind, _), words in SWITCHES.items() if kind == negatives]] > 0.5).all(axis=None)
