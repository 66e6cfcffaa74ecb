from __future__ import annotations

import pandas as pd
import pytest

from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.protocol.training import Training
from grn_core.benchmark.references.leakage import (
    overlaps,
    removed_pairs,
    seen_edges,
    training_is_there,
    training_of_card,
    training_parts,
)
from grn_core.benchmark.references.reference import Reference, read_reference
from grn_core.errors import DataError
from grn_core.translator.registry import records
from tests.benchmark.toy_references import GENES, tiny_handle, write_network

CARD = {
    "model": "compact",
    "seeds": [0, 1, 2],
    "training": [{"reference": "hONE NET TFs+500", "universe": "tf-restricted"}],
}


@pytest.fixture
def parts(tmp_path):
    write_network(tmp_path, "hONE:NET", [("GATA1", gene) for gene in GENES[:6] if gene != "GATA1"])
    write_network(tmp_path, "hONE:OTHER", [("SPI1", gene) for gene in GENES[6:20] if gene != "SPI1"])
    found, missing = training_parts(CARD, folder=tmp_path)
    assert missing == ()
    return found


def test_what_was_shown_of_a_pair(parts):
    (part,) = parts
    row = part.of_pair("GATA1", GENES[0])
    assert row["pair"] == "as an edge"
    assert row["edges_of_tf"] == len(part.edges)
    assert row["edges_of_target"] == 1
    assert part.of_pair("SPI1", "GATA1")["pair"] == "not at all"


def test_non_edges_are_those_of_the_seeds(parts):
    (part,) = parts
    assert part.drawn
    assert not set(part.drawn) & part.edges
    assert all(1 <= n <= 3 for n in part.drawn.values())
    assert sum(part.drawn.values()) == 3 * len(part.edges)
    pair, n = next(iter(part.drawn.items()))
    assert part.of_pair(*pair)["pair"] == f"as a negative, in {n} of 3 draws"


def test_edges_are_counted(parts):
    asked = [("GATA1", GENES[0]), ("GATA1", "ZZZ"), ("SPI1", GENES[8])]
    assert seen_edges(parts, asked).sum() == 1
    assert not seen_edges((), asked).any()


def test_a_reference_that_is_not_here_is_named(tmp_path):
    assert training_parts(CARD, folder=None) == ((), ("hONE NET TFs+500",))
    assert training_parts(CARD, folder=tmp_path) == ((), ("hONE NET TFs+500",))


def test_the_bundled_translator_has_seen_omnipath():
    card = next(record.card for record in records() if record.name == "omnipath")
    (part,), missing = training_parts(card)
    assert missing == ()
    assert len(part.edges) == card["training"][0]["n_positives"]
    edges = read_reference("omnipath").edges
    assert seen_edges((part,), list(zip(edges["source"], edges["target"], strict=True))).sum() == len(part.edges)


def test_what_was_left_out_was_not_shown(tmp_path, monkeypatch):
    """As the training drew it: the edges of the other network are neither edges nor negatives."""
    write_network(tmp_path, "hONE:NET", [("GATA1", gene) for gene in GENES[:9] if gene != "GATA1"])
    write_network(tmp_path, "hTWO:NET", [("GATA1", gene) for gene in (*GENES[5:9], *GENES[12:20]) if gene != "GATA1"])
    card = {**CARD, "without": [{"reference": "hTWO NET TFs+500", "edges": 4}]}
    (part,), missing = training_parts(card, folder=tmp_path)
    assert missing == ()
    one, other = (read_reference(f"beeline:{tmp_path}:{name}:NET") for name in ("hONE", "hTWO"))
    gone = removed_pairs([other])
    assert part.edges == removed_pairs([one]) - gone
    assert part.edges
    assert not set(part.drawn) & gone
    model = tiny_handle(0)
    monkeypatch.setattr("grn_core.benchmark.references.leakage.vocabulary", lambda _: model.vocabulary)
    (part,), _ = training_parts(card, folder=tmp_path)
    training = Training([one], Bench(model), n_seeds=3, withheld=gone)
    genes = training.references[0].genes
    shown = {
        (genes[s], genes[t]) for pairs in training.draws[0] for s, t in zip(pairs.source, pairs.target, strict=True)
    }
    assert shown == part.edges | set(part.drawn)
    assert training_parts({**card, "without": [{"reference": "hX NET TFs+500"}]}, folder=tmp_path)[1] == (
        "hX NET TFs+500",
    )


def test_a_training_is_there_by_its_files_where_it_can_be_read(tmp_path):
    write_network(tmp_path, "hONE:NET", [("GATA1", "KLF1"), ("SPI1", "CD14")])
    for names in (["hONE NET TFs+500"], ["OmniPath, two"], ["hONE NET TFs+500", "hTWO NET TFs+500"], ["mine"]):
        card = {"training": [{"reference": name} for name in names]}
        there = training_is_there(card, tmp_path)
        try:
            training_of_card(card, folder=tmp_path)
        except DataError:
            assert not there
        else:
            assert there
        assert not training_is_there(card, None)
    assert not training_is_there({}, tmp_path)
    left_out = {"training": [{"reference": "hONE NET TFs+500"}], "without": [{"reference": "hTWO NET TFs+500"}]}
    assert not training_is_there(left_out, tmp_path)


def test_a_training_is_read_as_its_card_says(tmp_path):
    """What is known beside is no training reference, and what was left out is told by its pairs."""
    write_network(tmp_path, "hONE:NET", [("GATA1", "KLF1"), ("SPI1", "CD14")])
    write_network(tmp_path, "hTWO:NET", [("SPI1", "CD14")])
    parts = [{"reference": "hONE NET TFs+500"}, {"reference": "OmniPath, two references or more", "beside": True}]
    known = training_of_card({"training": parts, "without": [{"reference": "hTWO NET TFs+500"}]}, folder=tmp_path)
    assert [one.name for one in known.references] == ["hONE NET TFs+500"]
    assert [one.name for one in known.beside] == [read_reference("omnipath").name]
    assert known.withheld == {("SPI1", "CD14")}


def reference_of(name, edges, network="net"):
    return Reference(name, "set", network, tuple("ABCD"), pd.DataFrame(edges, columns=["source", "target"]))


def test_overlaps_by_hand():
    one = reference_of("one", [("A", "B"), ("A", "C"), ("B", "C"), ("C", "A")])
    two = reference_of("two", [("A", "B"), ("C", "B")])
    none = reference_of("none", [("D", "A")])
    assert overlaps([one, two, none]) == [
        {"one": "one", "other": "two", "shared": 1, "of_one": 0.25, "of_other": 0.5},
        {"one": "one", "other": "none", "shared": 0, "of_one": 0.0, "of_other": 0.0},
        {"one": "two", "other": "none", "shared": 0, "of_one": 0.0, "of_other": 0.0},
    ]
