from __future__ import annotations

import pandas as pd
import pytest

from grn_core.benchmark.references.leakage import seen_edges, training_parts
from grn_core.benchmark.references.reference import read_reference
from grn_core.translator.registry import records
from tests.benchmark.toy_references import GENES, write_network

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
    asked = pd.DataFrame({"source": ["GATA1", "GATA1", "SPI1"], "target": [GENES[0], "ZZZ", GENES[8]]})
    assert seen_edges(parts, asked) == 1
    assert seen_edges((), asked) == 0


def test_a_reference_that_is_not_here_is_named(tmp_path):
    assert training_parts(CARD, folder=None) == ((), ("hONE NET TFs+500",))
    assert training_parts(CARD, folder=tmp_path) == ((), ("hONE NET TFs+500",))


def test_the_bundled_translator_has_seen_omnipath():
    card = next(record.card for record in records() if record.name == "omnipath")
    (part,), missing = training_parts(card)
    assert missing == ()
    assert len(part.edges) == card["training"][0]["n_positives"]
    edges = read_reference("omnipath").edges
    assert seen_edges((part,), edges) == len(part.edges)
