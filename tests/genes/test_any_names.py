"""Genes that a person names in several ways at once."""

from __future__ import annotations

import pytest

from grn_core.benchmark.references.gene_sets import enrich
from grn_core.errors import GeneError
from grn_core.genes import match_genes, symbols_of
from grn_core.genes.tables import ensembl_to_symbol
from grn_core.networks import GeneNames

IDS = {kind: {symbol: name for name, symbol in ensembl_to_symbol(kind).items()} for kind in ("human", "mouse")}
CHOSEN = ("KRT5", "KRT14", "KRT10", "KRT1", "IVL", "LOR", "TP63")
MOUSE = ("Krt5", "Krt14", "Krt10", "Krt1", "Ivl", "Loricrin", "Trp63")
UNIVERSE = tuple(sorted(IDS["human"]))[::4] + CHOSEN


def human(symbols) -> list[str]:
    return [IDS["human"][symbol] for symbol in symbols if symbol in IDS["human"]]


def test_every_name_is_taken_as_what_it_is_whatever_stands_beside_it():
    mixed = (IDS["human"]["KRT5"], f"{IDS['mouse']['Krt14']}.7", "KRT10", IDS["mouse"]["Trp63"].lower(), "nothing", "")
    assert symbols_of(mixed) == ("KRT5", "KRT14", "KRT10", "TP63", None, None)
    assert symbols_of(["OCT4"], common=True) == ("POU5F1",)
    assert symbols_of([]) == ()
    assert symbols_of(MOUSE) == match_genes(MOUSE).symbols


def test_a_mouse_symbol_is_found_among_human_ones_and_no_mouse_gene_by_its_spelling():
    assert symbols_of(["SPI1", "GATA1", "LYZ", "Trp63"]) == ("SPI1", "GATA1", "LYZ", "TP63")
    assert symbols_of(["Spi1", "Gata1", "Trp63", "Loricrin", "H2-K1"]) == ("SPI1", "GATA1", "TP63", None, None)


@pytest.mark.parametrize("universe", [UNIVERSE, tuple(human(UNIVERSE))], ids=["symbols", "ids"])
@pytest.mark.parametrize("chosen", [tuple(human(CHOSEN[:5])), CHOSEN[:5], MOUSE[:5]], ids=["ids", "symbols", "mouse"])
def test_genes_and_universe_are_the_same_by_any_name(chosen, universe):
    found = enrich(chosen, universe=universe)
    plain = enrich(CHOSEN[:5], universe=UNIVERSE)
    assert found.table["p"].tolist() == plain.table["p"].tolist()
    assert (found.n_chosen, found.n_universe) == (plain.n_chosen, plain.n_universe)


def test_a_few_ids_among_symbols_are_found_too():
    mixed = [IDS["mouse"]["Krt5"], *CHOSEN[1:4], IDS["human"]["IVL"]]
    assert enrich(mixed).table["genes"].tolist() == enrich(CHOSEN[:5]).table["genes"].tolist()


@pytest.mark.parametrize("universe", [["x", "ENSG99999999999"], []])
def test_a_universe_of_no_genes_is_refused_by_its_name(universe):
    with pytest.raises(GeneError, match="of the universe 0 of"):
        enrich(CHOSEN, universe=universe)
    with pytest.raises(GeneError, match="no gene was named"):
        enrich([])


def test_a_network_knows_its_genes_by_any_name():
    ids = (f"{IDS['mouse']['Krt5']}.3", IDS["mouse"]["Trp63"], "")
    names = GeneNames(("KRT5", "TP63", "SPI1"), ("Krt5", "Trp63", "PU.1, mine"), ids)
    asked = ("Krt5", IDS["mouse"]["Krt5"], ids[0], IDS["human"]["KRT5"], "krt5", "KRT5")
    assert names.labels_of(asked) == ("Krt5",) * len(asked)
    assert names.labels_of(["TP73L", "TP63", IDS["human"]["TP63"], "spi1", "GATA1", "?"]) == (
        *("Trp63",) * 3,
        "PU.1, mine",
        None,
        None,
    )
    swapped = GeneNames(("A", "B"), ("B", "A"), ("", ""))
    assert swapped.labels_of(["A", "B"]) == ("A", "B"), "what results show comes first"
