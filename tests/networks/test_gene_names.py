"""One label for a gene that several networks call by different names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grn_core.networks.gene_names import GeneNames, shared_labels


def test_the_label_of_most_networks_is_shown():
    old, new = {"MACROH2A1": "H2AFY"}, {"MACROH2A1": "MACROH2A1"}
    assert shared_labels([old, old]) == {"MACROH2A1": "H2AFY"}
    assert shared_labels([old, new, old]) == {"MACROH2A1": "H2AFY"}
    assert shared_labels([old, new]) == {"MACROH2A1": "MACROH2A1"}  # a draw: the canonical symbol
    assert shared_labels([{"SPI1": "Spi1"}, {"SPI1": "PU.1"}]) == {"SPI1": "PU.1"}  # none: the first in the alphabet


def test_two_genes_never_share_a_label():
    assert shared_labels([{"A": "x", "B": "b"}, {"A": "a", "B": "x"}, {"A": "x", "B": "x"}]) == {"A": "A", "B": "B"}
    assert shared_labels([{"A": "B", "B": "B", "C": "A"}]) == {"A": "A", "B": "B", "C": "C"}


networks = st.lists(
    st.dictionaries(st.sampled_from("ABCD"), st.sampled_from(["A", "B", "C", "D", "x", "y"]), max_size=4), max_size=4
)


@given(networks, st.randoms(use_true_random=False))
def test_laws(given_labels, random):
    chosen = shared_labels(given_labels)
    assert chosen.keys() == {symbol for labels in given_labels for symbol in labels}
    assert len(set(chosen.values())) == len(chosen)
    shuffled = list(given_labels)
    random.shuffle(shuffled)
    assert shared_labels(shuffled) == chosen
    for symbol, label in chosen.items():
        assert label == symbol or label in {labels.get(symbol) for labels in given_labels}


def test_names_of_a_panel_that_an_earlier_version_wrote():
    assert GeneNames.of_record({"labels": ["a"], "genes": ["A"]}) == GeneNames(("A",), ("a",), ("",))
    assert GeneNames.of_record({"labels": ["a"]}) == GeneNames.plain(["a"])
    assert GeneNames.of_record({}) == GeneNames((), (), ())
