"""The bundled gene tables: what they promise to everybody who reads them."""

from __future__ import annotations

import gzip

import pytest

from grn_core.assets import asset
from grn_core.errors import GeneError
from grn_core.genes import human_symbols, match_genes, ortholog_to_human
from grn_core.genes.tables import (
    SPECIES,
    aliases,
    aliases_by_upper_case,
    by_upper_case,
    check_species,
    ensembl_to_symbol,
    human_aliases,
    symbols,
)

OLD_HUMAN = {"T": "TBXT", "ARNTL": "BMAL1", "AES": "TLE5", "SEPT7": "SEPTIN7", "QARS": "QARS1", "SELT": "SELENOT"}
OLD_MOUSE = {"Atp5b": "Atp5f1b", "March4": "Marchf4", "Arntl": "Bmal1", "Fam49b": "Cyrib"}
MOUSE_TO_HUMAN = {"Gata1": "GATA1", "Myc": "MYC", "Pou5f1": "POU5F1", "Nanog": "NANOG", "Trp53": "TP53"}


def lines_of(name):
    with gzip.open(asset("genes", name), "rt", encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("human.tsv.gz", ["ensembl", "symbol"]),
        ("mouse.tsv.gz", ["ensembl", "symbol"]),
        ("human_aliases.tsv.gz", ["alias", "symbol"]),
        ("mouse_aliases.tsv.gz", ["alias", "symbol"]),
        ("orthologs.tsv.gz", ["mouse", "human", "source"]),
    ],
)
def test_a_table_is_a_map_in_sorted_order(name, header):
    first, *rows = lines_of(name)
    assert first == header
    assert rows == sorted(rows)
    assert len({row[0] for row in rows}) == len(rows), "one row for each name"
    assert all(cell and cell == cell.strip() for row in rows for cell in row)


@pytest.mark.parametrize(("species", "prefix", "least"), [("human", "ENSG", 40_000), ("mouse", "ENSMUSG", 50_000)])
def test_ensembl_ids_have_no_version_and_their_species_prefix(species, prefix, least):
    table = ensembl_to_symbol(species)
    assert len(table) > least
    assert all(key.startswith(prefix) and len(key) == len(prefix) + 11 for key in table)


def test_orthologs_are_unique_on_both_sides():
    pairs = ortholog_to_human()
    assert len(pairs) > 15_000
    assert len(set(pairs.values())) == len(pairs)
    assert set(pairs.values()) <= human_symbols()


def test_well_known_orthologs():
    assert {mouse: ortholog_to_human().get(mouse) for mouse in MOUSE_TO_HUMAN} == MOUSE_TO_HUMAN
    assert not {"H2-K1", "Xist", "Ly6a"} & ortholog_to_human().keys()


@pytest.mark.parametrize(("species", "least"), [("human", 20_000), ("mouse", 3_000)])
def test_aliases_lead_to_canonical_symbols_and_hide_none(species, least):
    table = aliases(species)
    assert len(table) > least
    assert set(table.values()) <= symbols(species)
    today = {symbol.upper() for symbol in symbols(species)}
    assert not [name for name in table if name.upper() in today]


@pytest.mark.parametrize(("species", "old"), [("human", OLD_HUMAN), ("mouse", OLD_MOUSE)])
def test_well_known_old_symbols(species, old):
    assert {name: aliases(species).get(name) for name in old} == old


def test_a_name_of_another_gene_is_no_alias():
    """HGNC approves the first four for genes of their own; the others stood beside the symbol in an Ensembl release."""
    assert not {"DLEU1-AS1", "CYP17A1-AS1", "LHX4-AS1", "LINC01590"} & human_aliases().keys()
    assert not {"HNRNPU-AS1", "RPS17L", "TM4SF2", "ASAH2C"} & human_aliases().keys()


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_aliases_in_upper_case_mean_one_gene(species):
    table = aliases_by_upper_case(species)
    means = {}
    for name, symbol in aliases(species).items():
        means.setdefault(name.upper(), set()).add(symbol)
    assert table == {name: next(iter(found)) for name, found in means.items() if len(found) == 1}


@pytest.mark.parametrize("species", SPECIES)
@pytest.mark.parametrize("nothing", ["NA", "na", "NaN", "None", "NULL", "N/A", "#N/A", "unknown"])
def test_a_name_that_is_missing_is_no_gene(species, nothing):
    """R writes NA where there is none, and XK was called NA once."""
    assert match_genes([nothing, "SPI1", "GATA1"], species=species).symbols[0] is None


def test_the_alias_tables_are_small():
    assert sum(asset("genes", f"{species}_aliases.tsv.gz").stat().st_size for species in SPECIES) < 500_000


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_upper_case_leads_back_to_the_one_symbol(species):
    symbols = set(ensembl_to_symbol(species).values())
    table = by_upper_case(species)
    assert set(table.values()) <= symbols
    assert all(symbol.upper() == key for key, symbol in table.items())
    collided = [symbol for symbol in symbols if symbol.upper() not in table]
    assert all(sum(other.upper() == symbol.upper() for other in symbols) > 1 for symbol in collided[:20])


@pytest.mark.parametrize("function", [check_species, ensembl_to_symbol])
def test_an_unknown_species_is_an_error(function):
    with pytest.raises(GeneError, match="species 'fly' is not known; needed: human or mouse; what to do: map"):
        function("fly")


def test_provenance_names_every_file_and_a_licence():
    text = asset("genes", "PROVENANCE.md").read_text(encoding="utf-8")
    files = {path.name for path in asset("genes").iterdir()} - {"PROVENANCE.md"}
    files |= {f"../networks/{path.name}" for path in asset("networks").iterdir()}
    assert not [name for name in files if f"`{name}`" not in text]
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert all(row.split("|")[-2].strip() for row in rows), "a row without a licence"
