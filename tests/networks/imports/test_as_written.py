"""However other tools write a network, its edges keep their direction, their signs and the order of their scores."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import grn_core as grn
from grn_core.errors import DataError
from tests.networks.imports.test_odd_networks import PAIRS, read

MORE_FIELDS = {
    "a delimiter at the end": "TF,target,importance\nSPI1,LYZ,9,\nGATA1,HBB,3,\n",
    "and in the header": "TF,target,importance,\nSPI1,LYZ,9,\nGATA1,HBB,3,\n",
    "in the header alone": "TF,target,importance,\nSPI1,LYZ,9\nGATA1,HBB,3\n",
    "numbers of rows": "TF,target,importance\n1,SPI1,LYZ,9\n2,GATA1,HBB,3\n",
    "names of rows": "TF,target,importance\na_b,SPI1,LYZ,9\nc_d,GATA1,HBB,3\n",
}


@pytest.mark.parametrize("text", MORE_FIELDS.values(), ids=MORE_FIELDS)
def test_no_column_moves_where_rows_have_one_field_more_or_less_than_the_header(tmp_path, text):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    found = read(tmp_path / "a.csv")
    assert "pySCENIC" in found.title
    table = found.edges
    assert list(zip(table["source"], table["target"], table["score"], strict=True)) == [
        ("SPI1", "LYZ", 9.0),
        ("GATA1", "HBB", 3.0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "TF,target\nSPI1,LYZ,CD14\nGATA1,HBB,HBA1\n",
        "source,target\nSPI1,LYZ,9\n",
        "TF,target,importance\nSPI1,LYZ,9,2\nGATA1,HBB,3,1\n",
    ],
)
def test_a_column_without_a_name_is_no_reason_to_move_the_others(tmp_path, text):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="as many names as fields"):
        read(tmp_path / "a.csv")


SIGNS = {
    "pySCENIC with correlations": (
        "TF\ttarget\timportance\tregulation\trho\nSPI1\tLYZ\t9\t-1\t-0.5\nGATA1\tHBB\t3\t1\t0.4\n", [-1, 1]),
    "correlations alone": ("TF\ttarget\timportance\trho\nSPI1\tLYZ\t9\t-0.5\nGATA1\tHBB\t3\t0.4\n", [-1, 1]),
    "decimal commas": ("regulator;target;mor;likelihood\nSPI1;LYZ;-0,8;0,9\nGATA1;HBB;0,5;0,4\n", [-1, 1]),
    "codes": ("source,target,type,score\nSPI1,LYZ,1,9\nGATA1,HBB,2,3\n", [0, 0]),
    "one code": ("source,target,type,score\nSPI1,LYZ,1,9\nGATA1,HBB,1,3\n", [0, 0]),
    "blanks": ("tf,target,regulation,score\nSPI1,LYZ,-,9\nGATA1,HBB,-,3\n", [0, 0]),
    "blanks beside words": ("tf,target,regulation,score\nSPI1,LYZ,activation,9\nGATA1,HBB,-,3\n", [1, 0]),
    "plus and minus": ("tf,target,regulation,score\nSPI1,LYZ,+,9\nGATA1,HBB,-,3\n", [1, -1]),
    "OmniPath": (
        ("source_genesymbol,target_genesymbol,is_directed,is_stimulation,is_inhibition,consensus_direction,score\n"
        "SPI1,LYZ,1,0,1,1,9\nGATA1,HBB,1,True,False,1,3\n"), [-1, 1]),
    "words": ("source,target,effect,score\nSPI1,LYZ,down-regulates,9\nGATA1,HBB,up regulates,3\n", [-1, 1]),
}  # fmt: skip


@pytest.mark.parametrize("what", SIGNS)
def test_signs_are_neither_lost_nor_made_of_codes_and_blanks(tmp_path, what):
    text, signs = SIGNS[what]
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    found = read(tmp_path / "a.csv")
    assert found.edges["source"].tolist() == ["SPI1", "GATA1"]
    assert found.edges["sign"].tolist() == signs
    assert bool(found.doubts) == ("code" in what or "blanks" in what)


def test_sizes_of_effects_are_scores(tmp_path):
    (tmp_path / "a.csv").write_text("source,target,effect\nSPI1,LYZ,0.9\nSPI1,CD14,-3\nGATA1,HBB,0.2\n")
    table = read(tmp_path / "a.csv").edges
    assert table[["target", "score", "sign"]].to_numpy().tolist() == [["CD14", 3, -1], ["LYZ", 0.9, 1], ["HBB", 0.2, 1]]


class Refused(Exception):
    """A number can be read in two ways."""


def read_or_refused(path):
    try:
        return read(path)
    except DataError as error:
        if "can be read in one way" in str(error):
            raise Refused from error
        raise


def styled(number, style):
    """Return a number as a program of some language writes it."""
    text = repr(number)
    if style == "thousands":
        return f'"{number:,}"'
    if style == "comma":
        return text.replace(".", ",")
    return f"{number:,}".replace(",", " ").replace(".", ",").replace(" ", ".") if style == "german" else text


@given(
    values=st.lists(
        st.tuples(st.sampled_from(PAIRS), st.floats(0.001, 5e6).map(lambda one: round(one, 4)), st.booleans()),
        min_size=2,
        max_size=8,
        unique_by=lambda one: one[0],
    ),
    style=st.sampled_from(("point", "thousands", "comma", "german")),
    delimiter=st.sampled_from("\t;,"),
    quoted=st.booleans(),
    ends=st.sampled_from(("", "trailing", "rows")),
    signs=st.sampled_from((("1", "-1"), ("+", "-"), ("activation", "repression"), ("1,0", "-1,0"))),
)
def test_a_network_by_any_writer_is_read_back_or_refused(values, style, delimiter, quoted, ends, signs):
    def field(text):
        return f'"{text}"' if (quoted or delimiter in text) and not text.startswith('"') else text

    lines = [["TF", "target", "importance", "regulation"]]
    lines += [[tf, gene, styled(score, style), signs[not up]] for (tf, gene), score, up in values]
    rows = [delimiter.join(map(field, line)) for line in lines]
    if ends == "trailing":
        rows[1:] = [row + delimiter for row in rows[1:]]
    elif ends == "rows":
        rows[1:] = [f"{number}{delimiter}{row}" for number, row in enumerate(rows[1:], start=1)]
    with TemporaryDirectory() as folder:
        (path := Path(folder) / "net.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
        found = None
        with suppress(Refused):
            found = read_or_refused(path)
    if found is None:
        return
    table = found.edges
    told = dict(zip(zip(table["source"], table["target"], strict=True), table["score"], strict=True))
    assert told == {pair: score for pair, score, _ in values}
    said = dict(zip(zip(table["source"], table["target"], strict=True), table["sign"], strict=True))
    if found.doubts:
        assert signs[1] == "-"
        assert not any(up for *_, up in values)
        assert set(said.values()) == {0}
    else:
        assert said == {pair: 1 if up else -1 for pair, _, up in values}


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (('"1,234"', "567"), [1234, 567]),
        (('"1,234.5"', '"2,001"'), [2001, 1234.5]),
        (("1.5", "inf"), "infinite"),
        (("1.5", "-Infinity"), "infinite"),
        (("1.5", "high"), "no number"),
    ],
)
def test_scores_as_they_are_written(tmp_path, numbers, expected):
    (tmp_path / "a.csv").write_text(f"TF,target,importance\nSPI1,LYZ,{numbers[0]}\nSPI1,CD14,{numbers[1]}\n")
    if isinstance(expected, str):
        with pytest.raises(DataError, match=expected):
            read(tmp_path / "a.csv")
    else:
        assert read(tmp_path / "a.csv").edges["score"].tolist() == expected


@pytest.mark.parametrize("numbers", [("1,234", "567"), ("1.234", "12")])
@pytest.mark.parametrize("delimiter", ";\t")
def test_numbers_that_can_be_read_in_two_ways_are_refused(tmp_path, numbers, delimiter):
    lines = [("TF", "target", "importance"), ("SPI1", "LYZ", numbers[0]), ("SPI1", "CD14", numbers[1])]
    (tmp_path / "a.csv").write_text("\n".join(map(delimiter.join, lines)) + "\n")
    with pytest.raises(DataError, match=r"which is 1234 or 1\.234"):
        read(tmp_path / "a.csv")


GMTS = {
    "commas": ("SPI1(+)\tx\tLYZ,CD14,KLF1\n", {"LYZ": 1, "CD14": 1, "KLF1": 1}),
    "weights": ("SPI1(+)\tx\tLYZ,2.5\tCD14,1.0\n", {"LYZ": 2.5, "CD14": 1.0}),
    "some weights": ("SPI1(+)\tx\tLYZ,2.5\tCD14\n", {"LYZ": 1, "CD14": 1}),
    "weights in one field": ("SPI1(+)\tx\tLYZ,2,CD14,1\n", None),
    "decimal commas": ("SPI1(+)\tx\tLYZ,2,5\tCD14,1,0\n", None),
}


@pytest.mark.parametrize("what", GMTS)
def test_no_target_and_no_weight_of_a_gene_set_is_lost(tmp_path, what):
    text, targets = GMTS[what]
    (tmp_path / "a.gmt").write_text(text)
    if targets is None:
        with pytest.raises(DataError, match="the targets of SPI1 hold"):
            read(tmp_path / "a.gmt")
    else:
        table = read(tmp_path / "a.gmt").edges
        assert dict(zip(table["target"], table["score"], strict=True)) == targets


def test_regulons_that_numpy_2_wrote(tmp_path):
    pairs = "[('LYZ', np.float64(9.0)), ('CD14', np.float64(3.5))]"
    head = ",,Enrichment,Enrichment,Enrichment\n,,AUC,Context,TargetGenes\nTF,MotifID,,,\n"
    (tmp_path / "reg.csv").write_text(f"""{head}SPI1,m1,0.1,"frozenset({{'activating'}})","{pairs}"\n""")
    assert read(tmp_path / "reg.csv").edges["score"].tolist() == [9.0, 3.5]


def test_nodes_are_called_by_what_names_genes(tmp_path):
    graph = nx.DiGraph()
    for node, name in (("g1", "SPI1"), ("g2", "LYZ"), ("g3", "CD14")):
        graph.add_node(node, label=name)
    graph.add_edge("g1", "g2", weight=2.0)
    graph.add_edge("g1", "g3", weight=1.0)
    nx.write_graphml(graph, tmp_path / "a.graphml")
    assert read(tmp_path / "a.graphml").edges["target"].tolist() == ["LYZ", "CD14"]


def test_a_base_network_has_tfs_alone_as_sources(tmp_path):
    text = "peak_id,gene_short_name,SPI1,GATA1,score,chr,extra\nc1,LYZ,1,0,0.5,1,0.5\nc2,HBB,0,1,0.5,2,0.1\n"
    (tmp_path / "a.csv").write_text(text)
    found = read(tmp_path / "a.csv")
    assert set(found.edges["source"]) == {"SPI1", "GATA1"}
    assert "Left out, no TFs of the base network: score, chr, extra." in found.notes


def test_an_edge_behind_the_sign_of_a_remark_is_left_out_and_said(tmp_path):
    (tmp_path / "a.csv").write_text("TF,target,importance\nSPI1,LYZ,9\n#GATA1,HBB,3\nSPI1,CD14,2\n")
    found = read(tmp_path / "a.csv")
    assert found.edges["target"].tolist() == ["LYZ", "CD14"]
    assert "1 of 3 edges begin with #, as remarks do: left out." in found.notes


def test_numbers_are_no_targets(tmp_path):
    (tmp_path / "a.csv").write_text("source,target\nSPI1,9.5\nGATA1,3.2\nCEBPA,1.1\n")
    with pytest.raises(DataError, match="3 of 3 targets are numbers"):
        read(tmp_path / "a.csv")


def test_python_tells_what_the_command_tells(tmp_path):
    (tmp_path / "a.csv").write_text("TF,target,importance\nSPI1,LYZ,9\nSPI1,ODD-X,-5\n")
    notes = grn.read_network(tmp_path / "a.csv").attrs["notes"]
    assert notes == list(read(tmp_path / "a.csv").notes)
    assert any("rank last" in one for one in notes)
