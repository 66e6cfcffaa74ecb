"""Reading reference networks."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

from grn_core.benchmark.features.degree import degree_score
from grn_core.benchmark.references.leakage import overlaps
from grn_core.benchmark.references.reference import (
    Reference,
    read_edges,
    read_own,
    read_panel,
    read_reference,
    restrict,
    to_human,
)
from grn_core.errors import DataError
from grn_core.genes import human_symbols
from grn_core.networks.imports import read_network


def pairs_of(edges):
    return list(zip(edges["source"], edges["target"], strict=True))


def edge_list(path, text):
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def gzipped(path, rows, header="tf\ttarget"):
    return edge_list(path, "\n".join([header, *("\t".join(row) for row in rows)]) + "\n")


@pytest.mark.parametrize(
    "header", ["source,target", "tf,target", "Gene1,Gene2", "FROM,TO", "Regulator,Target", "sign,tf,x,target"]
)
def test_column_names(tmp_path, header):
    columns = header.lower().split(",")
    ends = {"source": "A", "tf": "A", "gene1": "A", "from": "A", "regulator": "A"}
    ends |= {"target": "B", "gene2": "B", "to": "B"}
    row = ",".join(ends.get(column, "0") for column in columns)
    edges = read_edges(edge_list(tmp_path / "edges.csv", f"{header}\n{row}\n"))
    assert list(edges.columns) == ["source", "target"]
    assert pairs_of(edges) == [("A", "B")]


def test_an_edge_of_a_gene_with_itself_is_none_wherever_it_comes_from(tmp_path):
    """Neither where it is counted, nor in degrees and overlaps; AFG2A is another name of SPATA5."""
    plain = [("SPI1", "CSF1R"), ("GATA1", "SPATA5")]
    loops = [("SPI1", "SPI1"), ("AFG2A", "SPATA5"), ("KLF1", "KLF1")]
    with_loops = gzipped(tmp_path / "loops.tsv.gz", [*plain, *loops])
    for found in (read_reference(str(with_loops)), read_own(with_loops)):
        assert pairs_of(found.edges) == plain
        assert "3 edges of genes with themselves are left out." in found.notes
        degree = degree_score([found], ["KLF1", "SPATA5", "SPI1"])
        assert degree(np.array([0, 2, 1]), np.array([1, 0, 2])).tolist() == [0.75, 0.75, 0.25]
    alone = [read_reference(str(gzipped(tmp_path / f"{name}.tsv.gz", loops))) for name in "ab"]
    assert overlaps(alone)[0]["shared"] == 0
    with pytest.raises(DataError, match="no edge"):
        read_own(gzipped(tmp_path / "alone.tsv.gz", loops))


@pytest.mark.parametrize(
    ("name", "separator"), [("e.csv", ","), ("e.csv.gz", ","), ("e.tsv", "\t"), ("e.tsv.gz", "\t")]
)
def test_separators_and_compression(tmp_path, name, separator):
    text = f"source{separator}target\nA{separator}B\nA{separator}\n1{separator}C\n"
    edges = read_edges(edge_list(tmp_path / name, text))
    assert pairs_of(edges) == [("A", "B"), ("1", "C")], "rows that lack an end are dropped; names stay text"


def test_columns_that_name_no_end_are_an_error(tmp_path):
    path = edge_list(tmp_path / "edges.tsv", "one\tother\nA\tB\n")
    with pytest.raises(DataError, match=r"edges\.tsv has the columns one, other; needed: a column source .* target"):
        read_edges(path)


@pytest.mark.parametrize("content", [None, b"", b"\x1f\x8b", b"\x1f\x8bnot gzip at all"])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path, content):
    path = tmp_path / "edges.tsv.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(
        DataError, match=r"cannot be read as network|there is no file|is empty|packed twice, or damaged"
    ):
        read_edges(path)


def test_to_human_drops_what_has_no_counterpart():
    edges = pd.DataFrame(
        [("Gata1", "Myc"), ("Gata1", "H2-K1"), ("Myc", "Kit"), ("Gata1", "Myc")], columns=["source", "target"]
    )
    mapped, genes, note = to_human(edges, {"Gata1", "Myc", "H2-K1", "Kit", "Trp53"})
    assert pairs_of(mapped) == [("GATA1", "MYC"), ("MYC", "KIT")]
    assert genes == {"GATA1", "MYC", "KIT", "TP53"}
    assert note.startswith("Mouse genes were mapped to human through 1:1 orthologs: 4 of 5 matched")


def test_omnipath_is_bundled():
    reference = read_reference("omnipath")
    assert len(reference.edges) > 5000
    assert reference.genes == tuple(sorted(reference.genes))
    ends = set(reference.edges["source"]) | set(reference.edges["target"])
    assert ends == set(reference.genes)
    assert ends <= human_symbols()
    assert not reference.edges.duplicated().any()
    assert (reference.edges["source"] != reference.edges["target"]).all()


def test_an_own_file_of_mouse_genes(tmp_path):
    path = edge_list(tmp_path / "own.csv", "tf,target\nGata1,Myc\nMyc,H2-K1\nMyc,Kit\n")
    reference = read_reference(str(path))
    assert (reference.name, reference.network) == ("own.csv", "own")
    assert reference.genes == ("GATA1", "KIT", "MYC")
    assert pairs_of(reference.edges) == [("GATA1", "MYC"), ("MYC", "KIT")]
    assert "1:1 orthologs: 3 of 4 matched" in reference.notes[0]


@pytest.fixture
def beeline(tmp_path):
    """Mouse names in upper case, as BEELINE writes them."""
    gzipped(tmp_path / "STRING_mTOY_TFsplus500.tsv.gz", [("GATA1", "MYC"), ("GATA1", "H2-K1"), ("MYC", "TRP53")])
    gzipped(tmp_path / "Non-Specific_mTOY_TFsplus500.tsv.gz", [("KIT", "HBA-A1")])
    gzipped(tmp_path / "STRING_mTOY_TFsplus1000.tsv.gz", [("GATA1", "SPI1")])
    gzipped(tmp_path / "STRING_hTOY_TFsplus500.tsv.gz", [("GATA1", "TP53"), ("GATA1", "TRP53")])
    return tmp_path


def test_beeline_maps_mouse_genes_and_takes_all_networks_as_universe(beeline):
    reference = read_reference(f"beeline:{beeline}:mTOY:STRING")
    assert (reference.name, reference.dataset, reference.network) == ("mTOY STRING TFs+500", "mTOY", "STRING")
    assert pairs_of(reference.edges) == [("GATA1", "MYC"), ("MYC", "TP53")]
    assert reference.genes == ("GATA1", "HBA1", "KIT", "MYC", "TP53")
    assert "5 of 6 matched, 0 not known, 1 without a 1:1 human ortholog" in reference.notes[0]


def test_beeline_sizes_and_human_sets(beeline):
    assert read_reference(f"beeline:{beeline}:mTOY:STRING:1000").genes == ("GATA1", "SPI1")
    human = read_reference(f"beeline:{beeline}:hTOY:STRING:500")
    assert pairs_of(human.edges) == [("GATA1", "TP53")], "TRP53 is no human gene"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "{}:mTOY:Lofgof",
            "no network Lofgof of mTOY, TFs.500; needed: one of Non-Specific, STRING; what to do: check",
        ),
        ("{}:mNONE:STRING", "no network STRING of mNONE, TFs.500; needed: one of the data sets hTOY, mTOY;"),
        ("{}:mNONE:STRING:1000", "no network STRING of mNONE, TFs.1000; needed: one of the data sets mTOY;"),
        ("{}/nowhere:mTOY:STRING", "there is no folder .*/nowhere; needed: a folder with"),
        ("{}:mTOY:STRING:700", "no network STRING of mTOY, TFs.700; needed: TFs.500 or TFs.1000"),
        ("{}:mTOY", "names no network; needed: beeline:FOLDER:DATASET:NETWORK"),
        (
            "{}:mTOY:STRING:500:more",
            "there is no folder .*:mTOY:STRING; needed: .* as in beeline:FOLDER:DATASET:NETWORK",
        ),
        ("", "names no folder and no data set and no network; needed: beeline:FOLDER:DATASET:NETWORK"),
        (" ", "names no folder and no data set and no network"),
        ("/", "names no data set and no network"),
        ("{}/..", "names no data set and no network"),
        ("::", "names no folder and no data set and no network"),
        (":mTOY:STRING", "names no folder;"),
        ("{}:mTOY:", "names no network;"),
        ("{}::STRING", "names no data set;"),
        ("{}:*:STRING", "no network STRING of ., TFs.500; needed: one of the data sets"),
    ],
)
def test_beeline_networks_that_are_not_there(beeline, text, said):
    with pytest.raises(DataError, match=said):
        read_reference("beeline:" + text.format(beeline))


def test_a_reference_that_is_not_there_says_what_one_can_be(tmp_path):
    with pytest.raises(DataError, match=r"no reference network 'omnipathh'; needed: omnipath, .* beeline:FOLDER:"):
        read_reference("omnipathh")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="needed: files called NETWORK_DATASET_TFsplus500"):
        read_reference(f"beeline:{tmp_path / 'empty'}:mTOY:STRING")


def test_restrict_keeps_what_the_model_knows():
    edges = pd.DataFrame([("A", "B"), ("A", "X"), ("X", "B"), ("B", "C")], columns=["source", "target"])
    whole = Reference("toy", "set", "net", ("A", "B", "C", "X"), edges, ("before",))
    part = restrict(whole, frozenset({"A", "B", "C", "other"}))
    assert part.genes == ("A", "B", "C")
    assert pairs_of(part.edges) == [("A", "B"), ("B", "C")]
    assert part.notes == ("before", "3 of 4 genes are in the model's vocabulary.")
    assert (part.name, part.dataset, part.network) == ("toy", "set", "net")


def test_signs_in_any_words(tmp_path):
    rows = [("+", 1), ("-1", -1), ("Activation", 1), ("represses", -1), ("0", 0), ("", 0), ("maybe", 0)]
    text = "source\ttarget\tSign\n" + "".join(f"A\tB{number}\t{word}\n" for number, (word, _) in enumerate(rows))
    path = edge_list(tmp_path / "edges.tsv", text)
    assert read_edges(path, signed=True)["sign"].tolist() == [sign for _, sign in rows]
    assert list(read_edges(path).columns) == ["source", "target"]


def test_a_users_own_reference_and_panel(tmp_path):
    """Mouse names become human; KIT is not in the panel; a sign that is contradicted says nothing."""
    rows = ["Gata1\tHbb-y\t+", "Gata1\tMyc\t+", "Gata1\tMyc\t-", "Spi1\tMyc\t-", "Gata1\tKit\t+"]
    path = edge_list(tmp_path / "mine.edges.tsv", "\n".join(["source\ttarget\tsign", *rows]) + "\n")
    panel = edge_list(tmp_path / "panel.txt", "Gata1\nMyc\n\nSpi1\tanything\nJun\n")
    reference = read_own(path, genes=read_panel(panel))
    assert reference.genes == ("GATA1", "JUN", "MYC", "SPI1")
    assert (reference.dataset, reference.network) == ("mine", "truth")
    signs = {(s, t): sign for s, t, sign in reference.edges.itertuples(index=False)}
    assert signs == {("GATA1", "MYC"): 0, ("SPI1", "MYC"): -1}
    assert ("GATA1", "KIT") in pairs_of(read_own(path).edges), "without a panel: every gene of the network"


def test_own_references_that_say_nothing(tmp_path):
    path = edge_list(tmp_path / "mine.tsv", "source\ttarget\nGATA1\tMYC\n")
    panel = edge_list(tmp_path / "panel.txt", "TP53\nMDM2\n")
    with pytest.raises(DataError, match=r"no edge of mine\.tsv is between two of the 2 genes"):
        read_own(path, genes=read_panel(panel))
    with pytest.raises(DataError, match="cannot be read as a gene list"):
        read_panel(tmp_path / "none.txt")


@pytest.mark.shared_data
def test_real_beeline_networks(shared_data):
    """999 upper-case mouse names in the networks of TFs+500, nearly all of which have a human counterpart."""
    folder = shared_data / "data" / "beeline" / "networks"
    reference = read_reference(f"beeline:{folder}:mESC:STRING")
    assert 0.9 * 999 < len(reference.genes) < 999
    assert "of 999 matched" in reference.notes[0]
    assert {"POU5F1", "MYC"} <= set(reference.genes)
    assert len(reference.edges) > 1000


LABELLED = [("STAT1", "IRF1", 1), ("STAT1", "OAS1", 0), ("SPI1", "CEBPA", 1), ("SPI1", "KLF1", 0)]


@pytest.mark.parametrize(
    "header",
    [*(f"tf\ttarget\t{name}\n" for name in ("label", "score", "sign", "mor", "interaction", "Type", "regulation")), ""],
)
def test_pairs_that_a_gold_standard_labels_zero_are_no_edges_and_their_genes_are_asked(tmp_path, header):
    """As DREAM has them: every pair, 1 or 0, with a header or none."""
    path = edge_list(tmp_path / "gold.tsv", header + "".join(f"{a}\t{b}\t{label}\n" for a, b, label in LABELLED))
    for found in (read_own(path), read_reference(str(path))):
        assert sorted(pairs_of(found.edges)) == [("SPI1", "CEBPA"), ("STAT1", "IRF1")]
        assert found.genes == ("CEBPA", "IRF1", "KLF1", "OAS1", "SPI1", "STAT1")
        assert any("2 of 4 rows have the score 0" in note for note in found.notes)


@pytest.mark.parametrize(("yes", "no"), [("True", "False"), ("yes", "no"), ("T", "F")])
@pytest.mark.parametrize("name", ["edge", "interaction", "is_true"])
def test_pairs_that_are_no_edges_in_words_are_none(tmp_path, name, yes, no):
    rows = "".join(f"{a}\t{b}\t{yes if label else no}\n" for a, b, label in LABELLED)
    found = read_edges(edge_list(tmp_path / "gold.tsv", f"tf\ttarget\t{name}\n{rows}"))
    assert sorted(pairs_of(found)) == [("SPI1", "CEBPA"), ("STAT1", "IRF1")]
    assert len(found.attrs["genes"]) == 6
    assert "no edges" in found.attrs["notes"][0]


def test_of_a_reference_of_p_values_alone_the_small_ones_are_edges(tmp_path):
    """The adjusted ones where there are both; a p of 0 is the smallest, and no score of 0."""
    rows = zip(LABELLED, (0.01, 0.02, 0, 0.04), (0.04, 0.06, 0, 0.9), strict=True)
    text = "".join(f"{a}\t{b}\t{p}\t{adjusted}\n" for (a, b, _), p, adjusted in rows)
    found = read_reference(str(edge_list(tmp_path / "p.tsv", f"tf\ttarget\tpval\tpadj\n{text}")))
    assert sorted(pairs_of(found.edges)) == [("SPI1", "CEBPA"), ("STAT1", "IRF1")]
    assert len(found.genes) == 6
    assert any("of 4 rows the 2 with a p below 0.05 are edges" in note for note in found.notes)
    network = read_network(tmp_path / "p.tsv")
    assert network["source"].tolist() == ["SPI1", "STAT1"], "the smallest p first"
    edge_list(tmp_path / "none.tsv", "tf\ttarget\tpval\nSTAT1\tIRF1\t0.5\nSTAT1\tOAS1\t0.9\n")
    with pytest.raises(DataError, match="none of 2 rows have a pval below"):
        read_edges(tmp_path / "none.tsv")
    edge_list(tmp_path / "no.tsv", "tf\ttarget\tpval\n" + "STAT1\tIRF1\t0.5\n" * 150 + "STAT1\tOAS1\t7\n")
    with pytest.raises(DataError, match="holds 7, which is no p-value"):
        read_edges(tmp_path / "no.tsv")


@pytest.mark.parametrize(
    ("header", "rows", "signs"),
    [
        ("activating", ["True", "False", "", "true"], [1, -1, 0, 1]),
        ("is_repressor", ["1", "0", "0", "1"], [-1, 1, 1, -1]),
        ("activating\trepressing", ["True\tFalse", "False\tTrue", "True\tTrue", "False\tFalse"], [1, -1, 0, 0]),
        ("is_stimulation\tis_inhibition", ["1\t0", "0\t1", "1\t1", "0\t0"], [1, -1, 0, 0]),
    ],
)
def test_what_does_not_activate_represses_where_one_column_tells_it(tmp_path, header, rows, signs):
    text = "".join(f"{a}\t{b}\t{row}\n" for (a, b, _), row in zip(LABELLED, rows, strict=True))
    found = read_edges(edge_list(tmp_path / "signed.tsv", f"tf\ttarget\t{header}\n{text}"), signed=True)
    assert found["sign"].tolist() == signs
    assert any("alone tells signs" in note for note in found.attrs["notes"]) == ("\t" not in header)


def test_scores_of_a_reference_are_not_read_and_that_is_said(tmp_path):
    path = edge_list(tmp_path / "scored.tsv", "tf\ttarget\tscore\nSTAT1\tIRF1\t0.9\nSTAT1\tOAS1\t0.001\n")
    assert len(read_own(path).edges) == 2
    assert any("Every row is an edge, whatever its score" in note for note in read_own(path).notes)
    edge_list(path, "tf\ttarget\tscore\nSTAT1\tIRF1\t0\nSTAT1\tOAS1\t0\n")
    assert len(read_own(path).edges) == 2, "where all are 0 it labels nothing"


def test_a_third_column_of_signs_is_still_one(tmp_path):
    path = edge_list(tmp_path / "signed.tsv", "STAT1\tIRF1\t1\nSTAT1\tOAS1\t-1\nSPI1\tCEBPA\t0\n")
    assert read_edges(path, signed=True)["sign"].tolist() == [1, -1, 0]
