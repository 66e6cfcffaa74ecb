"""What is known of a pair: the bundled references, and what a translator was shown in training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grn_core.benchmark.references.known import (
    digests,
    known_in,
    known_networks,
    left_out_of_training,
    n_known,
    seen_in_training,
    write_seen,
)
from grn_core.benchmark.references.leakage import training_parts
from grn_core.benchmark.references.reference import read_reference
from grn_core.genes.pages import gene_pages
from grn_core.models.registry import vocabulary
from grn_core.translator import registry


def test_every_edge_of_a_reference_is_known_in_it_and_counted():
    for one in known_networks():
        pairs = list(one.edges)[:40]
        assert (n_known(pairs) >= 1).all()
        for source, target in pairs:
            (said,) = [known for known in known_in(source, target) if known.title == one.title]
            assert said.found
    assert len(known_networks()) == 5


def test_the_counts_agree_with_what_is_said_of_each_pair():
    genes = sorted(known_networks()[1].genes)
    pairs = [(source, target) for source in genes[:12] for target in genes[:12]]
    assert n_known(pairs).tolist() == [sum(one.found for one in known_in(*pair)) for pair in pairs]


def test_of_genes_that_no_reference_holds_nothing_is_said():
    assert known_in("NOBODY", "NOTHING") == ()
    assert n_known([("NOBODY", "NOTHING")]).tolist() == [0]
    assert n_known([]).tolist() == []


def test_what_omnipath_showed_is_seen_and_turned_round_it_is_another_pair():
    (part,), missing = training_parts(registry.record_for("omnipath", model="compact").card)
    assert not missing
    pairs = sorted(part.edges)[:200]
    assert seen_in_training("omnipath", pairs).all()
    unseen = [pair for pair in ((target, source) for source, target in pairs) if pair not in part.edges]
    assert not seen_in_training("omnipath", unseen).any()


@pytest.mark.parametrize("name", [record.name for record in registry.records()])
def test_every_bundled_translator_knows_as_many_edges_as_its_card_says(name):
    card = registry.record_for(name, model="compact").card
    kept = np.load(registry.folder_of(name) / "seen.npy", allow_pickle=False)
    parts = [one["n_positives"] for one in card["training"]]
    shared = 10 if name == "beeline-hesc-string-omnipath" else 0  # edges that are in both of its references
    assert len(kept) == sum(parts) - shared
    assert (np.diff(kept.astype(object)) > 0).all()


def test_a_translator_that_is_gone_or_kept_nothing_says_nothing(tmp_path):
    assert seen_in_training("no-such-translator", [("A", "B")]) is None
    (tmp_path / "card.json").write_text("{}", encoding="utf-8")
    assert seen_in_training(str(tmp_path), [("A", "B")]) is None
    write_seen(Path(tmp_path), [("A", "B"), ("A", "B")])
    assert seen_in_training(str(tmp_path), [("A", "B"), ("B", "A")]).tolist() == [True, False]


@pytest.mark.parametrize("name", [record.name for record in registry.records()])
def test_an_edge_of_omnipath_is_seen_or_left_out_where_a_translator_learnt_from_it(name):
    """Of what says that it knows OmniPath's edges, no edge of OmniPath is merely "not seen"."""
    record = registry.record_for(name, model="compact")
    learnt = any("OmniPath" in one["reference"] for one in record.card["training"])
    known = frozenset(vocabulary("compact"))
    every = [pair for pair in known_networks()[0].edges if known.issuperset(pair) and pair[0] != pair[1]]
    pairs = sorted(every)[::20]
    seen = seen_in_training(name, pairs)
    left_out = [left_out_of_training(name, pair) for pair in pairs]
    assert not (seen & left_out).any()
    if learnt:
        assert (seen | left_out).all()
    else:
        assert not any(left_out)
    assert any(left_out) == (learnt and record.tests_left_out > 0)
    assert not left_out_of_training(name, ("NOBODY", "NOTHING"))


def test_names_of_pairs_do_not_run_into_each_other():
    assert len(set(digests([("AB", "C"), ("A", "BC"), ("A", "B"), ("B", "A")]).tolist())) == 4


def test_the_references_are_the_ones_that_the_benchmark_reads():
    edges = read_reference("omnipath").edges
    assert set(zip(edges["source"], edges["target"], strict=True)) == set(known_networks()[0].edges)


@pytest.mark.parametrize("symbol", ["SPI1", "HLA-A", "a b", '"><script>', "../x?y#z&g=1"])
def test_addresses_of_genes_stay_one_address(symbol):
    for address in gene_pages(symbol).values():
        assert address.startswith("https://")
        assert not set(' "<>#') & set(address)
        assert address.count("&") == 0
