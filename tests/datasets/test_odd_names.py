"""Names as programs write them, and genes of other species: read as the plain names, or refused by name."""

from __future__ import annotations

import numpy as np
import pytest

from grn_core.datasets import genes_only, read
from grn_core.errors import GeneError
from grn_core.genes import match_genes, tables
from tests.datasets.helpers import HUMAN, MOUSE, cells, counts, saved, table

pytestmark = pytest.mark.usefixtures("in_this_process")

ID_OF = {name: {symbol: gene for gene, symbol in tables.ensembl_to_symbol(name).items()} for name in tables.SPECIES}
NCBI_OF = {symbol: number for number, symbol in tables.ncbi_to_symbol("human").items()}
TRANSCRIPT_OF = {symbol: number for number, symbol in tables.transcript_to_symbol("human").items()}
WITH_HYPHENS = ("NKX2-5", "NKX2-1", "HLA-DRA", "HLA-DRB1", "MT-CO1", "RP11-34P13.7", *HUMAN)


def read_names(names, folder, **options):
    return read(saved(cells(counts(len(names)), genes=names), folder), **options)


@pytest.mark.parametrize(
    "spell",
    [
        "GRCh38_{}", "GRCh38---{}", "GRCh38premrna-{}", "hg19_{}", "GRCh38_______{}",
        "hg19_chr21_{}", "gene:{}", "rna-{}",
        ' "{}" ', "'{}'", "\ufeff{}", "{} ", "{}|12", "\xa0{}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("genes", [HUMAN, MOUSE])
def test_what_stands_around_a_symbol_is_taken_off(tmp_path, spell, genes):
    if "hg19" in spell or "GRCh" in spell:
        genes = HUMAN
    dataset = read_names([spell.format(name) for name in genes], tmp_path)
    assert dataset.labels == genes
    assert dataset.match.n_matched == len(genes)


@pytest.mark.parametrize(
    "join", ["{1}|{0}", "{0}_{1}", "{1}_{0}", "{0}-{1}", "{1}.7|{0}", "{0}|{1}.3", "{0} ({1})", "{1} [{0}]"]
)
@pytest.mark.parametrize(("genes", "species"), [(HUMAN, "human"), (MOUSE, "mouse")])
def test_joined_names(tmp_path, join, genes, species):
    dataset = read_names([join.format(name, ID_OF[species][name]) for name in genes], tmp_path)
    assert dataset.labels == genes
    assert dataset.match.own_symbols == genes
    assert any("joined of two" in note for note in dataset.notes)


def test_versions_and_the_second_copy_on_y(tmp_path):
    names = [f"{ID_OF['human'][name]}.4" for name in HUMAN] + ["ENSG00000182378.15_PAR_Y", "ENSG00000182378.15"]
    dataset = read_names(names, tmp_path)
    assert dataset.match.symbols[-2:] == ("PLCXD1", "PLCXD1")


def test_numbers_that_got_decimals_are_numbers():
    match = match_genes([f"{NCBI_OF[name]}.0" for name in HUMAN])
    assert (match.id_type, match.symbols) == ("ncbi", HUMAN)


@pytest.mark.parametrize(("ids", "id_type"), [(NCBI_OF, "ncbi"), (TRANSCRIPT_OF, "transcript")])
@pytest.mark.parametrize("in_rows", [True, False])
def test_numbers_of_ncbi_and_transcripts(tmp_path, ids, id_type, in_rows):
    frame = table(HUMAN).rename(columns=ids)
    (frame.T if in_rows else frame).to_csv(tmp_path / "cells.csv")
    dataset = read(tmp_path / "cells.csv")
    assert (dataset.match.id_type, dataset.labels) == (id_type, HUMAN)
    assert dataset.match.symbols == HUMAN
    assert dataset.ids == tuple(ids[name] for name in HUMAN)
    assert dataset.n_cells == 12


def test_cells_that_are_numbered_are_no_genes(tmp_path):
    for numbers in (range(12), range(1, 13), range(100, 172, 6)):
        table(MOUSE).set_axis([str(n) for n in numbers]).to_csv(tmp_path / "cells.csv")
        assert read(tmp_path / "cells.csv").genes == MOUSE


def test_dots_and_underscores_of_r(tmp_path):
    for old, new in (("-", "."), ("-", "_")):
        dataset = read_names([name.replace(old, new) for name in WITH_HYPHENS], tmp_path)
        assert dataset.labels[:5] == WITH_HYPHENS[:5]
        assert all(dataset.match.symbols[:5])
        assert any("were read as hyphens" in note for note in dataset.notes)
    assert (
        match_genes(["RP11.34P13.7", "AC000068.1", "HLA.DRA"]).symbols
        == match_genes(["RP11-34P13.7", "AC000068.1", "HLA-DRA"]).symbols
    )


def test_an_x_before_a_digit():
    assert match_genes(["X7SK", "XIST", "X5S_rRNA", *HUMAN], species="human").own_symbols[1] == "XIST"
    digits = next(name for name in sorted(tables.symbols("mouse")) if name[0].isdigit())
    assert match_genes([f"X{digits}", *MOUSE]).own_symbols[0] == digits


@pytest.mark.parametrize(
    ("date", "gene"),
    [("3-Mar", "MARCHF3"), ("Mar-03", "MARCHF3"), ("2021-09-06", "SEPTIN6"), ("9/Sep", "SEPTIN9"), ("01-Dec", "DELEC1"),
     ("43715", "SEPTIN7"), ("2-Sep", "SEPTIN2"),
     ("9/4/2022", "SEPTIN4"), ("04-09-22", "SEPTIN4"), ("3/9/2021", None),
     ("07. Sep", "SEPTIN7"), ("3. Mrz", "MARCHF3"), ("03.Mär", "MARCHF3"), ("01. Dez", "DELEC1"), ("3 mars", "MARCHF3"),
     ("7-set", "SEPTIN7"), ("1-déc.", "DELEC1"), ("6 sept.", "SEPTIN6"), ("1-dic", "DELEC1"), ("3 mrt", "MARCHF3"),
     ("7. Jan", None), ("1-Mar", None), ("2-Mar", None), ("30-Mar", None), ("3-Apr", None)],
)  # fmt: skip
def test_dates_of_a_spreadsheet(date, gene):
    match = match_genes([date, *HUMAN])
    assert match.symbols[0] == gene
    assert match.names[0] == (gene or date)
    if gene or date in ("1-Mar", "2-Mar"):
        assert any(date in note and "spreadsheet" in note for note in match.notes)


def test_mouse_dates_are_mouse_genes():
    own = match_genes(["3-Mar", "2-Sep", *MOUSE]).own_symbols[:2]
    assert [name.lower() for name in own] in (["marchf3", "septin2"], ["march3", "sept2"])


@pytest.mark.parametrize("column", ["features", "gene", "names", "SYMBOL", "hgnc_symbol", "GeneSymbol", "my own names"])
def test_names_in_any_column_of_text(tmp_path, column):
    data = cells(counts(len(MOUSE)), genes=[f"row {number}" for number in range(len(MOUSE))])
    data.var["biotype"] = "protein_coding"
    data.var[column] = list(MOUSE)
    assert read(saved(data, tmp_path)).genes == MOUSE


OTHER = {
    "rat": [f"ENSRNOG{n:011d}" for n in range(30)],
    "zebrafish": [f"ENSDARG{n:011d}.2".lower() for n in range(30)],
    "rhesus macaque": [*HUMAN, *(f"ENSMMUG{n:011d}" for n in range(3))],
    "crab-eating macaque": [*HUMAN, "Mafa-A1", "Mafa-DRA", "Mafa-B"],
    "pig": [*HUMAN, *(f"ENSSSCG{n:011d}" for n in range(4))],
    "cow": [*HUMAN, "BoLA-DRA", "BoLA-DQB", "BOLA-NC1"],
    "chicken": [f"ENSGALG{n:011d}" for n in range(30)],
    "fruit fly": [f"FBgn{n:07d}" for n in range(30)],
    "yeast": [f"YAL{n:03d}W" for n in range(30)],
    "Arabidopsis": [f"AT1G{n:05d}" for n in range(30)],
    "another species": [f"ENSABCG{n:011d}" for n in range(30)],
}
FISH = ["gata1a", "gata1b", "tbx3a", "tbx3b", "spi1a", "spi1b", "cebpa", "klf1", "tal1", "runx1", "egr1", "myca",
        "mycb", "jun", "fosab", "hbae1.1", "irf8", "lmo2"]  # fmt: skip


def test_mouse_symbols_with_the_first_letter_alone_in_capitals_are_no_rat():
    own = ["Gm10020", "0610009b22rik", "H2-aa", "Gm16519"]
    match = match_genes([*MOUSE, *own, "Mt-co1", "Mt-nd4l", "Mt-cyb"])
    assert (match.species, match.other_species) == ("mouse", "")
    assert match.symbols[: len(MOUSE)] == match_genes(MOUSE).symbols


@pytest.mark.parametrize(
    ("species", "names"),
    [*OTHER.items(), ("zebrafish", FISH), ("zebrafish", [*HUMAN, "si:dkey-1", "si:ch211-2", "zgc:12345"]),
     ("rat", [*MOUSE, "RT1-Da", "RT1-Bb", "RGD1559896", "AABR07000001.1"]),
     ("rat", [*MOUSE, "Mt-co1", "Mt-nd4l", "Mt-cyb"])],
)  # fmt: skip
def test_other_species_are_refused_by_name(tmp_path, species, names):
    with pytest.raises(GeneError, match=species) as caught:
        read_names(names, tmp_path)
    assert "orthologs" in caught.value.todo
    table(names).T.to_csv(tmp_path / "cells.csv")
    with pytest.raises(GeneError, match=species):
        read(tmp_path / "cells.csv")
    with pytest.raises(GeneError, match=species):
        genes_only(names)


def test_ids_of_another_species_beside_the_symbols_are_evidence(tmp_path):
    data = cells()
    data.var["gene_ids"] = [f"ENSSSCG{n:011d}" for n in range(len(HUMAN))]
    with pytest.raises(GeneError, match="genes of pig"):
        read(saved(data, tmp_path))


@pytest.mark.parametrize(("species", "names"), [("pig", OTHER["pig"]), ("zebrafish", FISH)])
def test_on_the_users_word_they_are_taken_with_a_warning_on_every_result(tmp_path, species, names):
    dataset = read_names(names, tmp_path, species="human")
    panel = dataset.panel(n_variable=5, tfs=["SPI1", "KLF1"])
    for notes in (dataset.notes, panel.notes, genes_only(names, species="human").notes):
        assert any(f"look like those of {species}" in note and "as asked" in note for note in notes)
    assert not any("look like" in note for note in read_names(HUMAN, tmp_path, species="human").panel().notes)


def test_human_and_mouse_in_lower_or_upper_case_are_themselves():
    for names in (
        HUMAN,
        MOUSE,
        tuple(sorted(tables.symbols("mouse"))[::7]),
        tuple(sorted(tables.symbols("human"))[::7]),
    ):
        for spelt in (names, [name.upper() for name in names], [name.lower() for name in names]):
            assert match_genes(spelt).other_species == ""
            assert match_genes(spelt).other_genome == ()


@pytest.mark.parametrize("prefixes", [("hg19_", "mm10_"), ("GRCh38_", "mm10___"), ("", "")])
@pytest.mark.parametrize("species", [None, "human", "mouse"])
def test_of_human_and_mouse_one_is_chosen_and_the_other_left_out(tmp_path, prefixes, species):
    names = [f"{prefixes[0]}{name}" for name in HUMAN] + [f"{prefixes[1]}{name}" for name in MOUSE]
    dataset = read_names(names, tmp_path, species=species)
    wanted = MOUSE if species == "mouse" else HUMAN
    assert dataset.genes == wanted
    assert {one.reason for one in dataset.left_out} == {"gene of another genome"}
    assert len(dataset.left_out) == len(names) - len(wanted)
    assert any("Human and mouse genes are mixed" in note for note in dataset.notes)
    place = len(HUMAN) if species == "mouse" else 0
    np.testing.assert_array_equal(dataset.matrix.toarray(), counts(len(names))[:, place : place + len(wanted)])


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([f"{n}_at" for n in range(1000, 1030)], "Affymetrix"),
        ([f"NM_{n:06d}.2" for n in range(30)], "RefSeq"),
        ([f"chr1:{n}00-{n}50" for n in range(1, 30)], "peaks"),
        ([str(n) for n in range(30)], "row numbers"),
    ],
)
def test_what_is_no_gene_is_named(tmp_path, names, words):
    with pytest.raises(GeneError, match=words):
        read_names(names, tmp_path)
