"""Networks of other tools: what each file gives, and that our own exports are read back equal."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import anndata
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import grn_core as grn
from grn_core.errors import DataError, GrnError
from grn_core.genes import regulon
from grn_core.networks import is_directed, write_edges
from grn_core.networks.exports import EXPORTS, network_of
from grn_core.networks.gene_names import GeneNames
from grn_core.networks.imports import NETWORK_FORMATS, Imported, parse
from grn_core.networks.imports.matched import match
from tests.networks.test_edge_table import made, scored


def here(path: Path, **options) -> Imported:
    """Read a network in this process."""
    found, edges = parse(path)
    return match(edges, title=found.title, **options)


def rows(found: Imported) -> list[tuple]:
    """Source, target, score and sign, in the order of the table."""
    names = ["source", "target", "score", "sign"]
    return list(found.edges[names].itertuples(index=False, name=None))


ADJACENCIES = "TF\ttarget\timportance\nSPI1\tCD14\t3.5\nGATA1\tKLF1\t2\nSPI1\tLYZ\t9\n"
RANKED = [("SPI1", "LYZ", 9, 0), ("SPI1", "CD14", 3.5, 0), ("GATA1", "KLF1", 2, 0)]
LISTED = [("GATA1", "KLF1", 1, 0), ("SPI1", "CD14", 1, 0), ("SPI1", "LYZ", 1, 0)]
SIGNED = [("GATA1", "KLF1", 1, 1), ("SPI1", "CD14", 1, -1), ("SPI1", "LYZ", 1, 1)]
CTX = """,,Enrichment,Enrichment,Enrichment
,,AUC,Context,TargetGenes
TF,MotifID,,,
SPI1,m1,0.1,"frozenset({'activating', 'w'})","[('LYZ', 9.0), ('CD14', 3.5)]"
GATA1,m2,0.1,"frozenset({'activating', 'w'})","[('KLF1', 2.0)]"
"""
NDEX = [
    {"CXVersion": "2.0", "hasFragments": True},
    {"nodes": [{"id": 7, "v": {"name": "SPI1"}}, {"id": 8, "v": {"name": "LYZ"}}]},
    {"edges": [{"id": 0, "s": 7, "t": 8, "v": {"weight": 2.5}}]},
    {"nodes": [{"id": 9, "v": {"name": "CD14"}}]},
    {"edges": [{"id": 1, "s": 7, "t": 9, "v": {"weight": 1.5}}]},
    {"status": [{"success": True}]},
]
"""A CX2 of another program, in fragments."""
GRAPH = {
    "elements": {
        "nodes": [{"data": {"id": f"{n}", "name": name}} for n, name in enumerate(["SPI1", "LYZ", "CD14"])],
        "edges": [
            {"data": {"id": "9", "source": "0", "target": "1", "weight": 2.5}},
            {"data": {"id": "8", "source": "0", "target": "2", "weight": 1.5}},
        ],
    }
}
GEPHI = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" version="1.3"><graph defaultedgetype="directed">
<nodes><node id="0" label="SPI1"/><node id="1" label="LYZ"/><node id="2" label="CD14"/></nodes>
<edges><edge id="0" source="0" target="1" weight="2.5"/><edge id="1" source="0" target="2" weight="1.5"/></edges>
</graph></gexf>"""
OLD = "source\ttarget\tscore\tprobability\tsign\tsign_agreement\tspread\trank\tpercentile\n"
FILES = {
    "adjacencies.tsv": (ADJACENCIES, "adjacencies", RANKED),
    "commas.csv": (ADJACENCIES.replace("\t", ","), "adjacencies", RANKED),
    "no-header.tsv": (ADJACENCIES.partition("\n")[2], "table", RANKED),
    "numbered.csv": (",TF,target,importance\n0,SPI1,CD14,3.5\n1,GATA1,KLF1,2\n2,SPI1,LYZ,9\n", "adjacencies", RANKED),
    "genie3.txt": (
        '"regulatoryGene" "targetGene" "weight"\n"1" "SPI1" "LYZ" 9\n"2" "SPI1" "CD14" 3.5\n"3" "GATA1" "KLF1" 2\n',
        "genie3",
        RANKED,
    ),
    "links.csv": (
        ",source,target,coef_mean,coef_abs,p,-logp\n0,SPI1,LYZ,-9,9,0.01,2\n1,SPI1,CD14,3.5,3.5,0.5,0.3\n",
        "celloracle-links",
        [("SPI1", "LYZ", 9, -1), ("SPI1", "CD14", 3.5, 1)],
    ),
    "base.csv": (
        (",peak_id,gene_short_name,SPI1,GATA1\n0,chr1_1_2,LYZ,1.0,0.0\n1,chr1_3_4,CD14,1.0,0.0\n2,c,KLF1,0.0,1.0\n"
        "3,d,LYZ,1.0,0.0\n"),
        "celloracle-base",
        LISTED,
    ),
    "hdwgcna.csv": (
        "tf,gene,Gain,Cover,Frequency,Cor\nSPI1,LYZ,0.9,0.1,0.2,0.5\nGATA1,KLF1,0.2,0.1,0.2,-0.4\n",
        "hdwgcna",
        [("SPI1", "LYZ", 0.9, 1), ("GATA1", "KLF1", 0.2, -1)],
    ),
    "eregulons.tsv": (
        ("Region\tGene\timportance_R2G\tTF\teRegulon_name\timportance_TF2G\trho_TF2G\n"
        "chr1:1-2\tLYZ\t1\tSPI1\tSPI1_direct_+/+\t4\t0.5\nchr1:8-9\tLYZ\t1\tSPI1\tSPI1_direct_+/+\t5\t0.5\n"
        "chr2:1-2\tKLF1\t1\tGATA1\tGATA1_direct_-/+\t2\t-0.5\n"),
        "scenic-plus",
        [("SPI1", "LYZ", 5, 1), ("GATA1", "KLF1", 2, -1)],
    ),
    "trrust.tsv": (
        ("SPI1\tLYZ\tActivation\t1;2\nSPI1\tCD14\tRepression\t3\nGATA1\tKLF1\tActivation\t4\n"
        "SPI1\tKLF1\tActivation\t5\nSPI1\tKLF1\tRepression\t6\n"),
        "trrust",
        [*SIGNED[:2], ("SPI1", "KLF1", 1, 0), SIGNED[2]],
    ),
    "net.sif": ("SPI1 activates LYZ\nSPI1 represses CD14\nGATA1 activates KLF1\n", "sif", SIGNED),
    "sif.txt": ("SPI1\tpd\tLYZ\tCD14\nGATA1\tpd\tKLF1\n", None, LISTED),
    "regulons.gmt": ("SPI1(+)\tx\tLYZ\tCD14\nGATA1_(-)\tx\tKLF1\n", "gmt", [
        ("GATA1", "KLF1", 1, -1), ("SPI1", "CD14", 1, 1), ("SPI1", "LYZ", 1, 1)
    ]),
    "ctx.csv": (CTX, "regulons", [(*edge[:3], 1) for edge in RANKED]),
    "decoupler.csv": ("source,target,weight\nSPI1,LYZ,1\nSPI1,CD14,-1\nGATA1,KLF1,1\n", "table", SIGNED),
    "two-columns.txt": ("SPI1 LYZ\nSPI1 CD14\nGATA1 KLF1\n", "table", LISTED),
    "semicolons.csv": ("Regulator;Target;p-value;correlation\nSPI1;LYZ;0,01;-0,9\nGATA1;KLF1;0,2;0,5\n", "table", [
        ("SPI1", "LYZ", 0.9, -1), ("GATA1", "KLF1", 0.5, 1)
    ]),
    "p-values.tsv": ("tf\ttarget\tpval\tpadj\nSPI1\tLYZ\t0\t.01\nSPI1\tCD14\t0\t.001\nGATA1\tKLF1\t0\t1\n", "table", [
        ("SPI1", "CD14", 3, 0), ("SPI1", "LYZ", 2, 0)
    ]),
    "ranks.tsv": ("# made by hand\nrank\tTF\tgene\n2\tSPI1\tCD14\n1\tSPI1\tLYZ\n3\tGATA1\tKLF1\n", "table", [
        ("SPI1", "LYZ", -1, 0), ("SPI1", "CD14", -2, 0), ("GATA1", "KLF1", -3, 0)
    ]),
    "beeline.csv": ("Gene1\tGene2\tEdgeWeight\nSPI1\tLYZ\t9\nSPI1\tCD14\t3.5\nGATA1\tKLF1\t2\n", "table", RANKED),
    "cytoscape.cyjs": (json.dumps(GRAPH), "cyjs", [("SPI1", "LYZ", 2.5, 0), ("SPI1", "CD14", 1.5, 0)]),
    "gephi.gexf": (GEPHI, "gexf", [("SPI1", "LYZ", 2.5, 0), ("SPI1", "CD14", 1.5, 0)]),
    "ndex.cx2": (json.dumps(NDEX, indent=1), "cx2", [("SPI1", "LYZ", 2.5, 0), ("SPI1", "CD14", 1.5, 0)]),
    "old.tsv": (OLD + "SPI1\tLYZ\t2\t0.9\t1\t1.0\t0.01\t1\t100\nSPI1\tCD14\t1\t0.6\t-1\t0.9\t0.02\t2\t0\n", "edges", [
        ("SPI1", "LYZ", 2, 1), ("SPI1", "CD14", 1, -1)
    ]),
}  # fmt: skip
"""File -> its text, its format (None: any), and its edges."""


@pytest.mark.parametrize("name", FILES)
def test_what_each_file_gives(tmp_path, name):
    text, form, expected = FILES[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    if form is not None:
        assert parse(tmp_path / name)[0].name == form
    found = here(tmp_path / name)
    assert rows(found) == expected
    assert found.scored == (len({score for _, _, score, _ in expected}) > 1)
    assert found.species == "human"
    if name != "old.tsv":
        assert "probability" not in found.edges
        assert not {"uncertainty", "sign_agreement"} & set(found.edges)


def test_a_table_of_one_seed_has_probabilities_and_no_uncertainty(tmp_path):
    path = tmp_path / "own.tsv"
    lines = ["SPI1\tLYZ\t2\t0.9\t0\t0\t\t1\t100", "SPI1\tCD14\t1\t0.5\t0\t0\t\t2\t0"]
    path.write_text(OLD + "\n".join(lines) + "\n", encoding="utf-8")
    edges = here(path).edges
    assert edges["probability"].tolist() == pytest.approx([0.9, 0.5])
    assert "uncertainty" not in edges


def test_every_format_has_a_file():
    assert {form for _, form, _ in FILES.values()} | {"graphml", "h5ad", "scenic-plus-0"} >= set(NETWORK_FORMATS)


def test_cells_are_no_network(tmp_path):
    anndata.AnnData(np.ones((2, 3), dtype=np.float32)).write_h5ad(tmp_path / "cells.h5ad")
    with pytest.raises(DataError, match=r"no network of this program in uns\['regulons'\]"):
        parse(tmp_path / "cells.h5ad")


@pytest.mark.parametrize("name", ["a.tsv.gz", "a.tsv.bz2", "bom.tsv", "utf16.tsv", "a.xlsx", "a.parquet"])
def test_packed_marked_and_typed_files(tmp_path, name):
    path = tmp_path / name
    frame = pd.DataFrame(
        [line.split("\t") for line in ADJACENCIES.splitlines()[1:]], columns=["TF", "target", "importance"]
    )
    frame["importance"] = frame["importance"].astype(float)
    if name.endswith("xlsx"):
        frame.to_excel(path, index=False)
    elif name.endswith("parquet"):
        frame.to_parquet(path)
    else:
        pack = {"gz": gzip.compress, "z2": bz2.compress}.get(name[-2:], bytes)
        encoding = {"bom.tsv": "utf-8-sig", "utf16.tsv": "utf-16"}.get(name, "utf-8")
        path.write_bytes(pack(ADJACENCIES.encode(encoding)))
    assert rows(here(path)) == RANKED


def plain_names(genes: GeneNames) -> GeneNames:
    """The same genes by names that every format can hold, as a panel has them: no two labels alike, none empty."""

    def plain(name: str) -> str:
        return "".join(one for one in name if one.isprintable()).strip()

    symbols, labels = (
        tuple(f"{plain(one)}{n}" for n, one in enumerate(names)) for names in (genes.symbols, genes.labels)
    )
    return GeneNames(symbols, labels, tuple(map(plain, genes.ids)))


@pytest.mark.parametrize(
    "name", sorted({name for name, one in EXPORTS.items() if not one.is_drawing} - {"sif", "pyscenic", "gmt"})
)
@given(case=scored(), likely=st.booleans(), directed=st.booleans())
def test_our_own_exports_are_read_back_equal(name, case, likely, directed):
    genes, pairs, values = case
    table = made(plain_names(genes), pairs, values, likely=likely)
    table.attrs["directed"] = directed
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"edges{EXPORTS[name].ending}"
        path.write_bytes(EXPORTS[name].write(network_of(table)))
        if not len(table):
            with pytest.raises(GrnError):
                here(path)
            return
        again = here(path)
    assert_frame_equal(again.edges, table, check_exact=False, rtol=1e-5, atol=1e-12)
    assert is_directed(again.edges) == directed


@pytest.mark.parametrize("name", ["<gexf", "<graphml", "elements", "{", "["])
def test_a_gene_may_be_called_as_another_format_begins(tmp_path, name):
    path = tmp_path / "edges.tsv"
    path.write_text(f"source\ttarget\tscore\nSPI1\t{name}\t0.5\nSPI1\tLYZ\t0.25\n")
    edges = here(path).edges
    assert edges["target"].tolist() == [name, "LYZ"]


@given(case=scored())
def test_the_edges_of_a_run_are_read_back_as_they_are(case):
    genes, pairs, values = case
    table = made(plain_names(genes), pairs, values)
    if not len(table):
        return
    with TemporaryDirectory() as folder:
        write_edges(table, path := Path(folder) / "edges.parquet")
        again = here(path).edges
    assert_frame_equal(again, table)


@pytest.mark.parametrize("name", ["sif", "pyscenic"])
def test_exports_without_every_column_keep_what_they_have(tmp_path, name):
    genes = GeneNames.plain(["=SPI1", "@CD14", "LYZ", "GATA1"])
    table = made(genes, [(0, 1), (0, 2), (3, 2)], [(3.0, 0.9, 1, 1.0), (2.0, 0.8, -1, 1.0), (1.0, 0.7, 0, 0.0)])
    path = tmp_path / f"edges{EXPORTS[name].ending}"
    path.write_bytes(EXPORTS[name].write(network_of(table)))
    again = here(path, ranked=name == "sif")
    assert again.edges[["source", "target"]].equals(table[["source", "target"]])
    if name == "sif":
        assert again.edges["sign"].tolist() == table["sign"].tolist()
        assert {score for *_, score, _ in rows(here(path))} == {1.0}
    else:
        np.testing.assert_allclose(again.edges["score"], table["probability"])
        assert "probability" not in again.edges


def test_names_are_matched_as_those_of_cells_are(tmp_path):
    text = "source\ttarget\tscore\nENSG00000066336\tENSG00000090382.6\t2\nENSG00000102145\tENSG00000105610\t1\n"
    (tmp_path / "ids.tsv").write_text(text, encoding="utf-8")
    found = here(tmp_path / "ids.tsv").edges
    assert found["source"].tolist() == ["SPI1", "GATA1"]
    assert found["target_id"].tolist() == ["ENSG00000090382.6", "ENSG00000105610"]
    (tmp_path / "mouse.tsv").write_text("tf\tgene\nSpi1\tCd14\nGata1\tKlf1\nGata1\tH2-K1\n", encoding="utf-8")
    mouse = here(tmp_path / "mouse.tsv")
    assert mouse.species == "mouse"
    named = dict(zip(mouse.edges["target"], mouse.edges["target_symbol"], strict=True))
    assert named == {"Cd14": "CD14", "Klf1": "KLF1", "H2-K1": "H2-K1"}
    assert any("keep the name of the file, e.g. H2-K1" in note for note in mouse.notes)


def test_the_word_of_the_user_counts(tmp_path):
    (tmp_path / "a.tsv").write_text("tf\tgene\tweight\nSPI1\tLYZ\t-3\nSPI1\tCD14\t2\n", encoding="utf-8")
    assert rows(here(tmp_path / "a.tsv")) == [("SPI1", "CD14", 2, 0), ("SPI1", "LYZ", -3, 0)]
    assert any("below zero" in note for note in here(tmp_path / "a.tsv").notes)
    assert rows(here(tmp_path / "a.tsv", signed=True)) == [("SPI1", "LYZ", 3, -1), ("SPI1", "CD14", 2, 1)]


def test_what_is_no_edge_is_left_out_and_counted(tmp_path):
    text = "tf\ttarget\tscore\nSPI1\tLYZ\t3\nSPI1\tSPI1\t9\nSPI1\t\t9\nGATA1\tKLF1\tNA\nSPI1\tLYZ\t4\nGATA1\tLYZ\t1\n"
    (tmp_path / "a.tsv").write_text(text, encoding="utf-8")
    found = here(tmp_path / "a.tsv")
    assert rows(found) == [("SPI1", "LYZ", 4, 0), ("GATA1", "LYZ", 1, 0)]
    told = " ".join(found.notes)
    for words in ("1 of 6 edges lack", "1 of 6 edges lead", "1 of 6 edges have no score", "1 line names a pair"):
        assert words in told


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.tsv", "a\tb\n1\t2\n", "has the columns a, b"),
        ("a.tsv", "tf\ttarget\tscore\nSPI1\tLYZ\t1\nSPI1\tCD14\tmuch\n", "holds 'much' in row 2"),
        ("a.tsv", "tf\ttarget\nSPI1\tSPI1\n", "no edge between two genes"),
        ("a.txt", "SPI1\nLYZ\n", "no network of a known format"),
        ("a.graphml", "<graphml", "cannot be read as network"),
        ("a.cyjs", '{"elements": 3}', "no elements of Cytoscape"),
        ("a.cx2", '[{"CXVersion": "2.0"}, {"nodes": 3}]', "holds 0 nodes and no edge"),
        (
            "a.cx2",
            '[{"CXVersion": "2.0"}, {"nodes": [{"id": 1}]}, {"edges": [{"s": 1, "t": 2}]}]',
            "nodes and edges of CX2",
        ),
        ("a.sif", "SPI1 activates\n", "no target"),
        ("a.tsv", "", "is empty"),
        ("a.parquet", "PAR1", "cannot be read as network"),
    ],
)
def test_what_is_no_network_is_said_in_words(tmp_path, name, text, words):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words) as caught:
        here(tmp_path / name)
    assert caught.value.todo


def test_the_public_function_reads_in_a_process_of_its_own(tmp_path, monkeypatch):
    (tmp_path / "adj.tsv").write_text(ADJACENCIES, encoding="utf-8")
    monkeypatch.setattr("grn_core.networks.imports.handed.parse", lambda path: pytest.fail("parsed in this process"))
    found = grn.read_network(str(tmp_path / "adj.tsv"))
    assert list(found[["source", "target", "score"]].itertuples(index=False, name=None)) == [one[:3] for one in RANKED]
    with pytest.raises(DataError, match="there is no file"):
        grn.read_network(tmp_path / "absent.tsv")
    (tmp_path / "bad.tsv").write_text("a\tb\n1\t2\n", encoding="utf-8")
    with pytest.raises(DataError, match="has the columns a, b; needed: a column source"):
        grn.read_network(tmp_path / "bad.tsv")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SPI1(+)", ("SPI1", 1)),
        ("SPI1_(-)", ("SPI1", -1)),
        ("SPI1 (120g)", ("SPI1", 0)),
        ("SPI1_direct_+/+_(12g)", ("SPI1", 1)),
        ("SPI1_extended_-_+_(9g)", ("SPI1", -1)),
        ("SPI1_extended (20g)", ("SPI1", 0)),
        ("NKX2-1", ("NKX2-1", 0)),
        ("SPI1 targets", ("SPI1", 0)),
    ],
)
def test_a_regulon_is_called_after_its_tf(name, expected):
    assert regulon(name) == expected


@given(
    values=st.lists(st.tuples(*[st.integers(-99, 99)] * 3), min_size=3, max_size=3, unique=True),
    place=st.integers(0, 2),
    names=st.sampled_from([("pval", "weight", "n refs"), ("rank", "score", "sign"), ("cor", "padj", "coef_abs"), None]),
    form=st.sampled_from(["tsv", "parquet", "graphml"]),
)
def test_any_column_can_be_named_for_the_scores(values, place, names, form):
    edges = [("SPI1", "LYZ"), ("Gata1", "Klf1"), ("ENSG00000141510", "CDKN1A")]
    header = list("345") if names is None else list(names)
    frame = pd.DataFrame(values, columns=header).astype(float)
    with TemporaryDirectory() as folder:
        path = Path(folder, f"net.{form}")
        if form == "graphml":
            graph = nx.DiGraph()
            for pair, (_, row) in zip(edges, frame.iterrows(), strict=True):
                graph.add_edge(*pair, **row.to_dict())
            nx.write_graphml(graph, path)
        else:
            frame.insert(0, "to", [b for _, b in edges])
            frame.insert(0, "from", [a for a, _ in edges])
            if form == "parquet":
                frame.to_parquet(path, index=False)
            else:
                frame.to_csv(path, sep="\t", index=False, header=names is not None)
        _, read = parse(path, score=header[place])
        with pytest.raises(DataError, match="no column is called 'absent'"):
            parse(path, score="absent")
    expected = dict(zip([a for a, _ in edges], [row[place] for row in values], strict=True))
    assert {read.names[at]: score for at, score in zip(read.source, read.score, strict=True)} == expected


@pytest.mark.parametrize("name", ["net.sif", "regulons.gmt", "base.csv", "ctx.csv"])
def test_a_format_without_columns_of_scores_refuses_one(name, tmp_path):
    path = tmp_path / name
    path.write_text(FILES[name][0])
    with pytest.raises(DataError, match="no columns of scores"):
        parse(path, score="weight")


@pytest.mark.parametrize("ending", ["(+)", "_(6g)", "_extended", "_extended (20g)", "_direct_-/+_(9g)", "(-)"])
@pytest.mark.parametrize("form", ["a.csv", "a.tsv", "a.sif"])
def test_the_sources_of_a_table_may_be_regulons_and_their_sign_counts(tmp_path, ending, form):
    edges = [("SPI1", "LYZ"), ("SPI1", "CD14"), ("GATA1", "KLF1"), ("GATA1", "LYZ")]
    sign = {"(+)": 1, "(-)": -1, "_direct_-/+_(9g)": -1}.get(ending, 0)
    between = {"a.csv": ",", "a.tsv": "\t", "a.sif": "\tregulates\t"}[form]
    head = "" if form == "a.sif" else f"TF{between}target\n"
    lines = "".join(f"{tf}{ending}{between}{target}\n" for tf, target in edges)
    (tmp_path / form).write_text(head + lines, encoding="utf-8")
    found = here(tmp_path / form)
    assert sorted(zip(found.edges["source"], found.edges["target"], strict=True)) == sorted(edges)
    assert set(found.edges["sign"]) == {sign}
    assert any("2 sources are regulons" in note for note in found.notes)


def test_a_sign_that_the_file_says_itself_is_kept_and_two_regulons_of_one_tf_are_one_source(tmp_path):
    text = "source,target,sign\nSPI1(+),LYZ,-\nSPI1(+),CD14,+\nSPI1(-),KLF1,-\nGATA1,KLF1,+\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    edges = here(tmp_path / "a.csv").edges
    signs = {(one.source, one.target): one.sign for one in edges.itertuples()}
    assert signs == {("SPI1", "LYZ"): -1, ("SPI1", "CD14"): 1, ("SPI1", "KLF1"): -1, ("GATA1", "KLF1"): 1}


def test_ranks_are_no_scores_below_zero_and_percents_are_refused(tmp_path):
    edges = pd.DataFrame({"source": "STAT1", "target": ["IRF1", "ISG15", "OAS1"]})
    edges.assign(rank=[2, 1, 3]).to_csv(tmp_path / "ranks.tsv", sep="\t", index=False)
    notes = grn.read_network(tmp_path / "ranks.tsv").attrs["notes"]
    assert any("1 is the best" in note for note in notes)
    assert not any("below zero" in note for note in notes)
    edges.assign(weight=["45.3%", "12 %", "7%"]).to_csv(tmp_path / "percents.tsv", sep="\t", index=False)
    with pytest.raises(DataError, match=r"'weight' holds '45\.3%'"):
        grn.read_network(tmp_path / "percents.tsv")
