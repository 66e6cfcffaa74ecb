"""Gene lists without cells: read from any usual text, kept once, and every name accounted for."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.datasets import find_genes, list_genes, store_genes
from grn_core.datasets.gene_lists import IN_PLACE, names_in
from grn_core.datasets.gene_words import MAX_BYTES, _clean, names_of_text
from grn_core.errors import DataError, GeneError
from grn_core.genes import human_symbols, tables
from grn_core.settings import settings

NAMES = ("SPI1", "GATA1", "LYZ", "CD14")
SEPARATORS = ("\n", "\r\n", " ", ", ", "; ", ",", "\t", "\n\n")


@given(
    names=st.lists(st.sampled_from(sorted(human_symbols())), min_size=1, max_size=30, unique=True),
    between=st.sampled_from(SEPARATORS),
    end=st.sampled_from(("", "\n", "  ")),
    coding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "latin-1")),
)
def test_a_list_is_read_whatever_stands_between_its_names(names, between, end, coding):
    text = between.join(names) + end
    assert names_in(text) == tuple(names)
    assert names_in(text.encode(coding)) == tuple(names)


@pytest.mark.parametrize(
    "text",
    [
        "gene\nSPI1\nGATA1\nLYZ\nCD14\n",
        "# of the paper\nSPI1\nGATA1 # erythroid\nLYZ, CD14",
        '"Gene_Symbol"\n"SPI1"\n"GATA1"\n"LYZ"\n"CD14"',
        "gene,logFC,p\nSPI1,2.1,0.1\nGATA1,3,0.2\nLYZ,1,0.1\nCD14,1,1",
        "rank;name;words\n1;SPI1;an ETS factor\n2;GATA1;of red cells\n3;LYZ;\n4;CD14;a receptor",
        "ENSG1\tSPI1\nENSG2\tGATA1\nENSG3\tLYZ\nENSG4\tCD14",
        codecs.BOM_UTF8.decode() + "SPI1 GATA1\nLYZ CD14 SPI1",
    ],
)
def test_headers_comments_and_tables_are_no_genes(text):
    assert names_in(text) == NAMES


@pytest.mark.parametrize("text", ["", "  \n# nothing", b"\x00\x01PK", "x" * (MAX_BYTES + 1)])
def test_what_is_no_list_is_said(text):
    with pytest.raises(DataError) as error:
        names_in(text)
    assert error.value.todo


@pytest.mark.parametrize(
    "text",
    [
        "• SPI1\n• GATA1\n• LYZ\n• CD14",
        "1. SPI1\n2. GATA1\n3) LYZ\n4) CD14",
        "- SPI1\n- GATA1\n- LYZ\n- CD14",
        "“SPI1”, “GATA1”, ‘LYZ’, CD14.",
        '["SPI1", "GATA1", "LYZ", "CD14"]',
        'c("SPI1", "GATA1", "LYZ", "CD14")',
        "SPI1(+)\nGATA1(+)\nLYZ_(12g)\nCD14(-)",
        "SPI1_extended_(4g)\nGATA1_direct_+/-\nLYZ_regulon\nCD14_(+)",
        "*SPI1*, *GATA1*\n*LYZ* ＣＤ１４",
    ],
)
def test_what_papers_and_programs_put_around_names_is_taken_off(text):
    assert names_in(text) == NAMES


def test_hyphens_of_a_pdf_are_hyphens():
    assert names_in("HLA\u2011A HLA\u2013B\nNKX2\u22121") == ("HLA-A", "HLA-B", "NKX2-1")


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_no_name_of_a_gene_is_changed(species):
    names = sorted(tables.symbols(species))
    assert [name for name in names if _clean(name) != name] == []


def test_of_a_table_of_markers_the_genes_alone_are_taken():
    """Numbers of clusters are ids of genes by chance, and R numbers the names that come again."""
    rows = [f"{name}{'.1' if again else ''},0.0{again},{1 + again},{name}" for again in (0, 1) for name in NAMES]
    text = "\n".join([",p_val,cluster,gene", *rows])
    assert names_in(text) == NAMES


def test_of_a_list_of_edges_both_ends_are_taken_and_no_number():
    rows = [f"{tf},{gene},{score}" for tf in NAMES[:2] for gene in NAMES[2:] for score in (1, 2)]
    assert set(names_in("\n".join(["TF,target,importance", *rows]))) == set(NAMES)


def test_a_line_of_all_genes_is_a_list():
    names = sorted(human_symbols())[:25_000]
    for between in (",", " ", ", ", ";", "\t"):
        assert names_in(between.join(names).encode()) == tuple(names)
        assert names_of_text(between.join(names[:50]) + '\n"' + between.join(names[50:]))


@pytest.mark.parametrize("text", ["A,B\n", "SPI1,", "A\tB;C,D E\n", "hg38_", "A|"])
def test_what_is_long_is_split_in_the_reader(text, monkeypatch):
    monkeypatch.setattr("grn_core.datasets.gene_lists.names_apart", len)
    whole = text * (IN_PLACE // len(text))
    assert isinstance(names_in(whole), tuple)
    more = whole + text * 9
    assert names_in(more) == names_in(more.encode()) == len(more)


@given(st.binary(max_size=300))
def test_any_bytes_give_names_or_words(content):
    try:
        names = names_in(content)
    except DataError:
        return
    assert names
    assert all(name.strip() == name and name.isprintable() for name in names)


def test_a_list_is_kept_once_whatever_its_order():
    ref = store_genes(NAMES)
    assert store_genes(NAMES[::-1], title="again") == ref
    assert store_genes(NAMES, species="mouse") != ref
    assert [one.ref for one in list_genes() if one.species_given is None] == [ref]
    kept = find_genes(ref)
    assert (kept.names, kept.title) == (NAMES, "4 genes: SPI1, GATA1, LYZ ...")
    assert kept.panel().source_names == ("GATA1", "SPI1")


def test_every_name_that_is_not_understood_is_named_with_its_reason():
    names = ("SPI1", "LYZ", "Oct4", "nonsense", "SPI1-AS9", "MICAL5")
    lost = {one.name: one.words for one in find_genes(store_genes(names)).not_understood}
    assert set(lost) == {"nonsense", "SPI1-AS9", "MICAL5"}
    assert lost["nonsense"] == "nonsense (no known gene name)"
    mouse = find_genes(store_genes(("Spi1", "Gata1", "Cd14", "H2-K1", "Gm12345")))
    assert mouse.match.species == "mouse"
    assert {one.name: one.reason for one in mouse.not_understood}["H2-K1"] == "ortholog"


@pytest.mark.parametrize("names", [("x1y", "zz9"), ("SPI1",), ("SPI1", "nonsense")])
def test_what_gives_no_pair_is_not_kept(names):
    with pytest.raises(GeneError):
        store_genes(names)
    assert list_genes() == []


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"names": 3}', "null"])
def test_a_damaged_or_changed_record_is_no_list(damage):
    ref = store_genes(NAMES)
    path = settings().uploads / f"{ref}.json"
    whole = path.read_text()
    for text in (damage, whole.replace("GATA1", "GATA2")):
        path.write_text(text)
        assert find_genes(ref) is None
        assert list_genes() == []


@pytest.mark.parametrize("ref", ["genes", "genes-../../../etc", "pbmc68k", "genes-0123456789ab"])
def test_other_refs_are_no_lists(ref):
    assert find_genes(ref) is None


@pytest.mark.usefixtures("grn_home")
def test_genes_are_called_by_their_symbols_where_the_list_has_ids():
    listed = find_genes(store_genes(("ENSG00000066336", "ENSG00000105610")))
    assert listed is not None
    assert dict(zip(listed.names, listed.labels, strict=True)) == {"ENSG00000066336": "SPI1", "ENSG00000105610": "KLF1"}
