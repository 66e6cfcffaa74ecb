"""Matching gene names: which species and kind they are, what they become, what is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.errors import GeneError
from grn_core.genes import human_symbols, match_genes, meanings, ortholog_to_human
from grn_core.genes.tables import ensembl_to_symbol, human_aliases

HUMAN_GENES = ["GATA1", "MYC", "POU5F1", "HBA1", "TP53"]
MOUSE_GENES = ["Gata1", "Myc", "Pou5f1", "Hba-a1", "Trp53"]
HUMAN_IDS = ["ENSG00000102145", "ENSG00000136997", "ENSG00000141510"]
MOUSE_IDS = ["ENSMUSG00000031162", "ENSMUSG00000022346", "ENSMUSG00000069919", "ENSMUSG00000024406"]


def test_human_symbols_stay_as_they_are():
    match = match_genes(HUMAN_GENES)
    assert (match.species, match.id_type) == ("human", "symbol")
    assert match.names == match.symbols == match.own_symbols == tuple(HUMAN_GENES)
    assert (match.n_matched, match.n_unknown, match.n_without_ortholog) == (5, 0, 0)
    assert match.unmatched == ()
    assert match.converted == "Human symbols, used as they are: 5 of 5 matched, 0 not known."


def test_mouse_symbols_become_human_through_orthologs():
    match = match_genes(MOUSE_GENES)
    assert (match.species, match.id_type) == ("mouse", "symbol")
    assert match.symbols == tuple(HUMAN_GENES)
    assert match.own_symbols == tuple(MOUSE_GENES)


def test_mouse_genes_may_be_in_upper_case_where_the_species_is_given():
    match = match_genes(["GATA1", "MYC", "HBA-A1", "TRP53", "H2-K1"], species="mouse")
    assert match.own_symbols == ("Gata1", "Myc", "Hba-a1", "Trp53", "H2-K1")
    assert match.symbols == ("GATA1", "MYC", "HBA1", "TP53", None)


def test_upper_case_mouse_genes_are_recognised_by_those_that_only_mice_have():
    match = match_genes(["GATA1", "MYC", "TRP53", "HBA-A1", "H2-K1"])
    assert match.species == "mouse"
    assert match.symbols == ("GATA1", "MYC", "TP53", "HBA1", None)


def test_one_list_in_upper_case_that_fits_both_species_counts_as_human():
    assert match_genes(["GATA1", "MYC", "KIT"]).species == "human"
    assert match_genes(["Gata1", "Myc", "Kit"]).species == "mouse"


def test_a_mouse_gene_without_ortholog_is_lost_and_counted_not_upper_cased():
    match = match_genes(["Gata1", "H2-K1", "Xist", "Ly6a", "no such gene"])
    assert match.species == "mouse"
    assert match.symbols == ("GATA1", None, None, None, None)
    assert match.own_symbols == ("Gata1", "H2-K1", "Xist", "Ly6a", None)
    assert (match.n_matched, match.n_without_ortholog, match.n_unknown) == (1, 3, 1)
    assert match.unmatched == ("H2-K1", "Xist", "Ly6a", "no such gene")
    assert match.converted == (
        "Mouse genes were mapped to human through 1:1 orthologs: "
        "1 of 5 matched, 1 not known, 3 without a 1:1 human ortholog."
    )


def test_human_case_is_repaired_where_the_species_is_given():
    assert match_genes(["gata1", "Myc", "C1ORF43"], species="human").symbols == ("GATA1", "MYC", "C1orf43")


def test_an_alias_becomes_the_canonical_symbol():
    assert human_aliases()["AFG2A"] == "SPATA5"
    match = match_genes(["AFG2A", "GATA1"], species="human")
    assert match.symbols == ("SPATA5", "GATA1")
    assert match.names == ("AFG2A", "GATA1")


def test_older_human_symbols_are_read_and_counted():
    match = match_genes(["AES", "T", "ARNTL", "arntl", "GATA1", "gata1", "nobody"], species="human")
    assert match.symbols == ("TLE5", "TBXT", "BMAL1", "BMAL1", "GATA1", "GATA1", None)
    assert match.n_old_names == 4
    assert match.converted == "4 names were read as older or other names of known genes: 6 of 7 matched, 1 not known."


def test_older_mouse_symbols_reach_the_human_gene_in_either_case():
    match = match_genes(["Atp5b", "ATP5B", "March5", "Gata1", "HBA-A1"], species="mouse")
    assert match.own_symbols == ("Atp5f1b", "Atp5f1b", "Marchf5", "Gata1", "Hba-a1")
    assert match.symbols == ("ATP5F1B", "ATP5F1B", "MARCHF5", "GATA1", "HBA1")
    assert match.n_old_names == 3
    assert match.converted == (
        "3 names were read as older or other names of known genes and mouse genes were mapped to human through 1:1 "
        "orthologs: 5 of 5 matched, 0 not known, 0 without a 1:1 human ortholog."
    )


def test_one_older_symbol_is_told_in_the_singular():
    told = match_genes(["AES", "GATA1"], species="human").converted
    assert told == "1 name was read as an older or other name of a known gene: 2 of 2 matched, 0 not known."


def test_old_names_are_not_counted_among_ids():
    assert match_genes(HUMAN_IDS).n_old_names == 0


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_no_alias_hides_a_canonical_symbol(species):
    canonical = sorted(set(ensembl_to_symbol(species).values()))
    match = match_genes(canonical, species=species)
    assert match.own_symbols == tuple(canonical)
    assert match.n_old_names == 0


@pytest.mark.parametrize("version", ["", ".1", ".17"])
def test_human_ensembl_ids(version):
    match = match_genes([gene_id + version for gene_id in HUMAN_IDS])
    assert (match.species, match.id_type) == ("human", "ensembl")
    assert match.symbols == ("GATA1", "MYC", "TP53")
    assert match.names[0] == f"ENSG00000102145{version}"
    assert match.converted.startswith("Human Ensembl ids were converted to symbols: 3 of 3 matched")


@pytest.mark.parametrize("version", ["", ".4"])
def test_mouse_ensembl_ids(version):
    match = match_genes([gene_id + version for gene_id in MOUSE_IDS])
    assert (match.species, match.id_type) == ("mouse", "ensembl")
    assert match.own_symbols == ("Gata1", "Myc", "Hba-a1", "Pou5f1")
    assert match.symbols == ("GATA1", "MYC", "HBA1", "POU5F1")
    assert match.converted.startswith(
        "Mouse Ensembl ids were converted to symbols and mouse genes were mapped to human through 1:1 orthologs: 4 of 4"
    )


def test_ids_in_lower_case_are_ids_all_the_same():
    assert match_genes([gene_id.lower() for gene_id in HUMAN_IDS]).symbols == ("GATA1", "MYC", "TP53")


def test_unknown_names_among_ids_carry_nothing():
    match = match_genes([*HUMAN_IDS, "ERCC-00002", "ENSG00000999999"])
    assert match.id_type == "ensembl"
    assert match.symbols == ("GATA1", "MYC", "TP53", None, None)
    assert match.n_unknown == 2


def test_unknown_names_among_symbols_carry_nothing():
    match = match_genes(["ERCC-00002", "GATA1", "", "1-Mar", "nan"], species="human")
    assert match.symbols == (None, "GATA1", None, None, None)
    assert match.n_unknown == 4


MADE_UP = [f"ZQ{letter}X{number}" for letter in "ABCDEF" for number in range(7)]


@pytest.mark.parametrize(("names", "known"), [(MADE_UP, "0 of the 42"), ([*MADE_UP, "GATA1"], "1 of the 43")])
def test_names_that_are_hardly_known_are_of_no_species(names, known):
    match = match_genes(names)
    assert not match.recognised
    told = match.converted
    assert told.startswith(f"The gene names are not recognised: {known} names")
    assert "ZQAX0, ZQAX1, ZQAX2. Needed: human or mouse gene symbols or Ensembl gene ids. What to do: " in told
    assert "uman symbols" not in told


def test_one_known_name_in_four_is_enough():
    assert match_genes([*MADE_UP[:3], "GATA1"]).recognised
    assert not match_genes([*MADE_UP[:4], "GATA1"]).recognised
    assert match_genes(MOUSE_GENES).recognised


def test_the_given_species_outweighs_what_the_names_look_like():
    assert match_genes(MOUSE_IDS[:1], species="human").symbols == (None,)
    assert match_genes(["Gata1"], species="human").own_symbols == ("GATA1",)


def test_names_that_are_not_text_are_taken_as_text():
    assert match_genes([1, "GATA1"]).names == ("1", "GATA1")


@pytest.mark.parametrize("names", [[], ()])
def test_nothing_to_match_is_an_error(names):
    with pytest.raises(GeneError, match="no gene name to match; needed: at least one gene; what to do"):
        match_genes(names)


@pytest.mark.parametrize("names", [["GATA1"], HUMAN_IDS])
def test_an_unknown_species_is_an_error(names):
    with pytest.raises(GeneError, match="species 'rat' is not known; needed: human or mouse"):
        match_genes(names, species="rat")


POOL = [*HUMAN_GENES, *MOUSE_GENES, "H2-K1", "AFG2A", "nobody", "HBA-A1", *HUMAN_IDS[:1]]


@given(st.permutations(POOL), st.sampled_from(["human", "mouse"]))
def test_each_name_is_matched_alone(names, species):
    """Given the species, a name's symbol depends neither on the other names nor on their order."""
    together = match_genes(names, species=species)
    assert together.names == tuple(names)
    for name, symbol in zip(names, together.symbols, strict=True):
        if not name.startswith("ENS"):
            assert symbol == match_genes([name], species=species).symbols[0]


@given(st.permutations(MOUSE_GENES))
def test_the_order_of_names_decides_nothing(names):
    match = match_genes(names)
    assert match.species == "mouse"
    assert match.symbols == tuple(ortholog_to_human()[name] for name in names)


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("p53", "TP53"),
        ("OCT4", "POU5F1"),
        ("Oct-4", "POU5F1"),
        ("HER2", "ERBB2"),
        ("her-2", "ERBB2"),
        ("c-Myc", "MYC"),
        ("PU.1", "SPI1"),
        ("SOX-2", "SOX2"),
        ("NKX21", "NKX2-1"),
        ("beta catenin", "CTNNB1"),
    ],
)
def test_a_common_name_that_a_person_writes_is_understood(name, symbol):
    assert match_genes([name], species="human", common=True).symbols == (symbol,)
    assert match_genes([name], species="mouse", common=True).symbols == (symbol,)
    assert match_genes([name], species="human").symbols == (None,)  # in a file it may be an antibody


def test_a_common_name_of_several_genes_means_none():
    match = match_genes(["p65", "p63", "P21"], species="human", common=True)
    assert match.symbols == (None, None, None)
    assert set(meanings("p65")) == {"GORASP1", "RELA", "SYT1"}
    assert meanings("no gene") == ()


def test_a_symbol_comes_before_a_common_name():
    """TTF1 is a gene of its own, and what many call NKX2-1."""
    assert match_genes(["TTF1", "T", "CAD"], species="human", common=True).symbols == ("TTF1", "TBXT", "CAD")


@given(st.sampled_from(sorted(human_symbols())))
def test_common_names_change_no_symbol(symbol):
    assert match_genes([symbol], species="human", common=True).symbols == (symbol,)


def test_ids_and_symbols_may_stand_in_one_list():
    match = match_genes(["SPI1", HUMAN_IDS[0], "GATA2"])
    assert (match.id_type, match.species) == ("symbol", "human")
    assert None not in match.symbols
