"""Numbers behind names: taken off where the gene itself is not there, and left unknown beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.genes import match_genes
from grn_core.genes.copies import original_of

HUMAN = ("SPI1", "GATA1", "CEBPA", "JUN", "NKX2-1", "HLA-DRA", "CD14", "LYZ")
MOUSE = ("Spi1", "Gata1", "Cebpa", "Jun", "Cd14", "Lyz2")


@given(
    names=st.sampled_from([HUMAN, MOUSE]),
    mark=st.sampled_from("-._"),
    number=st.integers(1, 20),
    every=st.booleans(),
)
def test_a_copy_without_its_gene_is_the_gene(names, mark, number, every):
    copied = [name if place % 2 and not every else f"{name}{mark}{number}" for place, name in enumerate(names)]
    plain, found = match_genes(names), match_genes(copied)
    assert (found.symbols, found.species) == (plain.symbols, plain.species)
    assert "as of copies" in " ".join(found.notes)


def test_a_copy_beside_its_gene_stays_unknown_and_is_said():
    found = match_genes([*HUMAN, "SPI1-1", "CD14.1"])
    assert found.symbols[-2:] == (None, None)
    assert "2 names are numbered copies of a gene that is there, too (SPI1-1, CD14.1)" in " ".join(found.notes)


@pytest.mark.parametrize(
    "name", ["NKX2-1", "NKX2.1", "HLA-DRB1", "RP11-34P13.7", "AC004381.6", "MT-CO1", "ZQX-1", "IL-1"]
)
def test_names_that_end_in_a_number_by_themselves_are_no_copies(name):
    assert original_of(name) == ""
