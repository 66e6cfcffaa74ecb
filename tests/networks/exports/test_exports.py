"""Every format keeps every edge and both its ends, whatever the genes are called; a new format is seen everywhere."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import anndata
import h5py
import networkx as nx
import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from hypothesis import given

import grn_core as grn
from grn_core.cli import main
from grn_core.errors import DataError, RequestError
from grn_core.networks import build_graph, graph_edges, is_directed, layout, read_edges, sign_words
from grn_core.networks.edge_columns import COLUMNS
from grn_core.networks.exports import EXPORTS, Export, Network, export, export_of, network_of
from grn_core.networks.imports.words import sign_of
from grn_core.runs import RunStore
from grn_core.spreadsheets import unguarded
from tests.networks.test_edge_table import made, scored
from tests.networks.toy import scored_edges, toy_edges
from tests.pages.app import open_page
from tests.pages.fabricated_run import fabricate_run


def rows(content: bytes, *, delimiter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), delimiter=delimiter))


def graphml(content: bytes) -> nx.DiGraph:
    return nx.read_graphml(io.BytesIO(content))


def cyjs(content: bytes) -> nx.DiGraph:
    return nx.cytoscape_graph(json.loads(content))


CX2_KINDS = {"string": str, "boolean": bool, "integer": int, "double": (int, float)}
CX2_ELEMENTS = {
    "nodes": ({"id": int}, {"x": float, "y": float, "z": float, "v": dict}),
    "edges": ({"id": int, "s": int, "t": int}, {"v": dict}),
}
"""Aspect -> the fields that an element must and may have, as the specification of CX2 says."""


def no_constant(text: str) -> float:
    message = f"{text} is no JSON"
    raise ValueError(message)


def cx2(content: bytes) -> nx.DiGraph:
    """Read CX2, and check by hand all that its specification demands of the aspects that are here."""
    first, *parts, last = json.loads(content, parse_constant=no_constant)
    assert first == {"CXVersion": "2.0", "hasFragments": False}
    assert last == {"status": [{"success": True}]}
    assert all(len(part) == 1 for part in parts)
    aspects = {name: elements for part in parts for name, elements in part.items()}
    assert list(aspects) == ["metaData", "attributeDeclarations", "networkAttributes", "nodes", "edges"], "in one part"
    counts = {one["name"]: one["elementCount"] for one in aspects.pop("metaData")}
    assert counts == {name: len(elements) for name, elements in aspects.items()}
    (declared,) = aspects["attributeDeclarations"]
    (own,) = aspects["networkAttributes"]
    given = {"networkAttributes": [own], **{name: [one["v"] for one in aspects[name]] for name in CX2_ELEMENTS}}
    for name, values in given.items():
        for one in values:
            for attribute, value in one.items():
                kind = declared[name][attribute]["d"]
                assert isinstance(value, CX2_KINDS[kind]), f"{attribute} is no {kind}"
                assert kind == "boolean" or not isinstance(value, bool)
    for name, (must, may) in CX2_ELEMENTS.items():
        assert len({one["id"] for one in aspects[name]}) == len(aspects[name])
        for one in aspects[name]:
            assert must.keys() <= one.keys() <= (must | may).keys()
            assert all(isinstance(value, (must | may)[field]) for field, value in one.items())
    graph, labels = nx.DiGraph(**own), {one["id"]: one["v"]["name"] for one in aspects["nodes"]}
    for one in aspects["nodes"]:
        place = {"x": one["x"] / 100, "y": -one["y"] / 100} if "x" in one else {}
        graph.add_node(one["v"]["name"], **one["v"], **place)
    for one in aspects["edges"]:
        graph.add_edge(labels[one["s"]], labels[one["t"]], **one["v"])
    return graph


def gexf(content: bytes) -> nx.DiGraph:
    return nx.read_gexf(io.BytesIO(content))


def parquet(content: bytes) -> pd.DataFrame:
    return pyarrow.parquet.read_table(io.BytesIO(content)).to_pandas()


def h5ad(content: bytes) -> anndata.AnnData:
    with h5py.File(io.BytesIO(content)) as file:
        return anndata.io.read_elem(file["/"])


def held_in_varp(content: bytes) -> list[tuple[str, str]]:
    """The pairs of the matrix of scores, which are those of every other matrix and of the regulons."""
    found = h5ad(content)
    cells = found.varp["grn_score"].tocoo()
    for matrix in found.varp.values():
        assert (matrix.tocoo().row == cells.row).all()
        assert (matrix.tocoo().col == cells.col).all()
    pairs = list(zip(found.var_names[cells.row], found.var_names[cells.col], strict=True))
    regulons = found.uns["regulons"]
    assert sorted(zip(regulons["source"], regulons["target"], strict=True)) == sorted(pairs)
    return pairs


def regulons(content: bytes) -> list[tuple[str, str]]:
    lines = [line.split("\t") for line in content.decode("utf-8").splitlines()]
    assert all(fields[1] == f"{(n := len(fields) - 2)} target{'s' if n > 1 else ''}" for fields in lines)
    return [(fields[0].removesuffix("(+)").removesuffix("(-)"), target) for fields in lines for target in fields[2:]]


def ends(found, *, source: str = "source") -> list[tuple[str, str]]:
    """The pairs of a table, names that a spreadsheet would take for a formula without their apostrophe."""
    return [(unguarded(row[source]), unguarded(row["target"])) for row in found]


READERS = {
    "tsv": lambda content: ends(rows(content, delimiter="\t")),
    "csv": lambda content: ends(rows(content, delimiter=",")),
    "pyscenic": lambda content: ends(rows(content, delimiter="\t"), source="TF"),
    "graphml": lambda content: list(graphml(content).edges),
    "gexf": lambda content: list(gexf(content).edges),
    "parquet": lambda content: parquet(content)[["source", "target"]].itertuples(index=False, name=None),
    "h5ad": held_in_varp,
    "gmt": regulons,
    "cyjs": lambda content: list(cyjs(content).edges),
    "cx2": lambda content: list(cx2(content).edges),
    "sif": lambda content: [(line.split("\t")[0], line.split("\t")[2]) for line in content.decode().splitlines()],
}
"""Format -> the pairs in a file, read by a program that is not ours."""

TOY = Export(
    "toy",
    "Toy format",
    ".toy",
    "text/plain",
    lambda network: json.dumps(network.edges[["source", "target"]].to_numpy().tolist()).encode(),
)


@pytest.fixture
def store(grn_home) -> RunStore:
    return RunStore()


@pytest.fixture
def toy_format(monkeypatch):
    """A format that is one record, and nothing else."""
    monkeypatch.setitem(EXPORTS, TOY.name, TOY)
    monkeypatch.setitem(READERS, TOY.name, lambda content: [tuple(pair) for pair in json.loads(content)])


def keeps_every_edge(name: str, table: pd.DataFrame) -> None:
    record = EXPORTS[name]
    content = record.write(network_of(table))
    assert content == record.write(network_of(table))
    pairs = list(zip(table["source"], table["target"], strict=True))
    assert sorted(map(tuple, READERS[name](content))) == sorted(pairs)


def with_own_labels(case) -> pd.DataFrame:
    """The table of a case in which no two genes share a label, as in a panel."""
    genes, pairs, values = case
    labels = tuple(f"{label.strip() or 'g'}{place}" for place, label in enumerate(genes.labels))
    return made(type(genes)(genes.symbols, labels, genes.ids), pairs, values)


HOLDING = [name for name, record in EXPORTS.items() if not record.is_drawing]


@pytest.mark.parametrize("name", HOLDING)
@given(case=scored())
def test_every_format_keeps_every_edge(name, case):
    assert set(READERS) >= {*HOLDING}, "a format without a reader here is not tested"
    keeps_every_edge(name, with_own_labels(case))


NAMES = ["HLA-A,B", 'P"53"', "R&D <1>", "TGFβ1", "基因", "it's", "NA", "ENSG00000113648.17", "H2A FY"]


@pytest.mark.parametrize("name", HOLDING)
def test_names_that_break_formats(name):
    table = pd.DataFrame([(a, b) for a in NAMES for b in NAMES if a != b], columns=["source", "target"])
    keeps_every_edge(name, table.assign(score=1.0, sign=1))


def test_names_that_xml_cannot_hold_lose_those_characters():
    edges = toy_edges().replace({"source": {"A": "A<&\x00>"}, "target": {"A": "A<&\x00>"}})
    assert ("A<&>", "x") in graphml(EXPORTS["graphml"].write(network_of(edges))).edges


def named_edges() -> pd.DataFrame:
    ends = {
        f"{end}_{what}": toy_edges()[end].map(f"{what} of {{}}".format)
        for end in ("source", "target")
        for what in ("id", "symbol")
    }
    return toy_edges().assign(**ends, sign=[1, -1, 0, -1, 1, 1, -1])


@pytest.mark.parametrize("directed", [True, False])
def test_graphs_hold_names_signs_directions_and_places(directed):
    edges = named_edges()
    edges.attrs["directed"] = directed
    places = layout(build_graph(edges))
    network = network_of(edges, tfs=frozenset("ABCx"), positions=places)
    for name, read in (("graphml", graphml), ("gexf", gexf), ("cyjs", cyjs), ("cx2", cx2)):
        back = read(EXPORTS[name].write(network))
        assert back.is_directed()  # both ends stay what they are: the attribute says whether that is a direction
        assert {data["directed"] for *_, data in back.edges(data=True)} == {directed}
        assert back.edges["A", "y"]["interaction"] == sign_words(directed=directed)[-1]
        assert back.edges["B", "x"]["interaction"] == "no sign"
        assert back.edges["A", "y"]["sign"] == -1
        assert back.edges["A", "y"]["probability"] == pytest.approx(0.8)
        assert back.edges["A", "y"]["rank"] == 2
        node = {name: back.nodes["A"][name] for name in ("symbol", "gene_id", "is_tf", "x", "y")}
        assert node == {
            "symbol": "symbol of A",
            "gene_id": "id of A",
            "is_tf": True,
            "x": pytest.approx(places["A"][0]),
            "y": pytest.approx(places["A"][1]),
        }
        assert (back.nodes["x"]["is_tf"], back.nodes["y"]["is_tf"]) == (True, False)
    position = json.loads(EXPORTS["cyjs"].write(network))["elements"]["nodes"][0]["position"]
    assert position == {"x": 100 * places["A"][0], "y": -100 * places["A"][1]}
    assert cx2(EXPORTS["cx2"].write(network)).graph == {"name": "Gene regulatory network", "directed": directed}
    bare = network_of(edges)
    assert "x" not in cx2(EXPORTS["cx2"].write(bare)).nodes["A"]
    assert "x" not in graphml(EXPORTS["graphml"].write(bare)).nodes["A"]
    assert "position" not in json.loads(EXPORTS["cyjs"].write(bare))["elements"]["nodes"][0]


@pytest.mark.parametrize("directed", [True, False])
def test_ndex_reads_cx2_as_we_wrote_it(directed):
    from ndex2.cx2 import RawCX2NetworkFactory  # takes a second, and no other test needs it

    edges = named_edges()
    edges.attrs["directed"] = directed
    content = EXPORTS["cx2"].write(network_of(edges))
    read, ours = RawCX2NetworkFactory().get_cx2network(json.loads(content)), cx2(content)
    nodes = {number: node["v"] for number, node in read.get_nodes().items()}
    assert {node["name"]: node for node in nodes.values()} == {
        name: {"name": name, **data} for name, data in ours.nodes(data=True)
    }
    found = {(nodes[one["s"]]["name"], nodes[one["t"]]["name"]): one["v"] for one in read.get_edges().values()}
    assert found == {(source, target): data for source, target, data in ours.edges(data=True)}


@pytest.mark.parametrize("name", ["tsv", "csv", "graphml", "gexf", "cyjs", "cx2", "sif"])
def test_what_has_no_direction_activates_nothing(name):
    """A correlation says that two genes rise together or apart, in every format, and is read back with its sign."""
    edges = scored_edges()
    edges.attrs["directed"] = False
    network = network_of(edges)
    assert set(network.table["interaction"]) <= {"rise together", "one rises, one falls", "no sign"}
    said = network.table["interaction"].map(sign_of)
    np.testing.assert_array_equal(said, network.table["sign"])
    content = EXPORTS[name].write(network)
    assert b"activation" not in content
    assert b"repression" not in content


def test_a_number_that_json_lacks_is_left_out_of_cx2():
    edges = toy_edges()
    edges.loc[1, "probability"] = np.nan
    back = cx2(EXPORTS["cx2"].write(network_of(edges)))
    at = edges.loc[1, ["source", "target"]]
    assert "probability" not in back.edges[tuple(at)]
    assert sum("probability" in data for *_, data in back.edges(data=True)) == len(edges) - 1


def test_tables_hold_every_column():
    table = network_of(named_edges()).edges
    (first, *_) = rows(EXPORTS["csv"].write(network_of(table)), delimiter=",")
    assert list(first) == [*(name for name in COLUMNS if name in table), "interaction", "directed"]
    assert (first["source_id"], first["target_symbol"]) == ("id of A", "symbol of x")
    assert (first["interaction"], first["directed"]) == ("activation", "True")


def test_adjacencies_as_pyscenic_reads_them():
    best = graph_edges(build_graph(toy_edges(), max_edges=2))
    expected = "TF\ttarget\timportance\nA\tx\t0.9\nA\ty\t0.8\n"
    assert EXPORTS["pyscenic"].write(network_of(best)).decode() == expected
    without = scored_edges().head(2)
    assert EXPORTS["pyscenic"].write(network_of(without)).decode() == expected


def test_simple_interactions_by_hand():
    content = EXPORTS["sif"].write(network_of(named_edges().head(3))).decode()
    assert content == "A\tactivation\tx\nA\trepression\ty\nB\tno sign\tx\n"


def test_the_public_function_writes_by_ending_or_by_name(tmp_path):
    edges = named_edges()
    edges.attrs["directed"] = False
    grn.export(edges, str(tmp_path / "network.TSV"))
    again = read_edges(tmp_path / "network.TSV")
    assert again["score"].tolist() == edges["score"].tolist()
    assert not is_directed(again)
    grn.export(edges, tmp_path / "network", format="graphml")
    assert graphml((tmp_path / "network").read_bytes()).size() == 7
    assert export_of(Path("a.adjacencies.tsv")).name == "pyscenic"
    assert export_of(Path("a.tsv")).name == "tsv"
    with pytest.raises(RequestError, match=r"'network\.xlsx' stands for no format.*\.graphml \(graphml\)"):
        export(edges, "network.xlsx")
    with pytest.raises(RequestError, match="no export format 'excel'"):
        export(edges, "network.tsv", format="excel")
    with pytest.raises(DataError, match="no column score"):
        export(edges[["source", "target"]], tmp_path / "network.tsv")


def test_the_command_writes_a_run(store, tmp_path, capsys):
    run = fabricate_run(seed=3)
    assert main(["export", run, "-o", str(tmp_path / "n.graphml"), "--top", "5"]) == 0
    back = graphml((tmp_path / "n.graphml").read_bytes())
    best = store.edges(run).head(5)
    assert set(back.edges) == set(zip(best["source"], best["target"], strict=True))
    tfs = {gene for gene, is_tf in back.nodes(data="is_tf") if is_tf}
    assert tfs == set(back) & {f"G0{place}" for place in range(6)}
    assert "5 edges of run" in capsys.readouterr().err
    assert main(["export", run, "-o", str(tmp_path / "n.txt"), "--format", "tsv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["edges"] == 174
    pd.testing.assert_frame_equal(read_edges(tmp_path / "n.txt"), store.edges(run), rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "{folder}"], "cannot be written"),
        (["-o", "{folder}/no/n.tsv"], "cannot be written"),
        (["-o", "{folder}/n.xyz"], "stands for no format"),
        (["-o", "{folder}/n.tsv", "--top", "0"], "--top is 0"),
    ],
)
def test_what_cannot_be_exported_is_one_line(store, tmp_path, capsys, options, words):
    run = fabricate_run(seed=3)
    assert main(["export", run, *(option.format(folder=tmp_path) for option in options)]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.glob("n*"))


def test_a_format_added_in_one_place_is_seen_everywhere(toy_format, store, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "Toy format, .toy" in told
    run = fabricate_run(seed=4)
    app = open_page("pages/explore/network.py", run=run)
    assert "Toy format" in app.selectbox(key="format").options
    app.selectbox(key="format").set_value("toy").run()
    assert not app.exception
    grn.export(store.edges(run), tmp_path / "n.toy")
    assert len(json.loads((tmp_path / "n.toy").read_bytes())) == 174
    keeps_every_edge("toy", toy_edges())


def test_a_network_without_edges():
    empty = Network(network_of(toy_edges()).edges.iloc[:0], frozenset())
    for name, record in ((name, EXPORTS[name]) for name in HOLDING):
        assert list(READERS[name](record.write(empty))) == []
    np.testing.assert_array_equal(empty.graph.nodes, [])
