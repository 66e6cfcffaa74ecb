"""Graphs: GraphML, GEXF, the JSON of Cytoscape and CX2. Nodes and edges become a table, read as any other is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from grn_core.datasets.formats.unpacked import content_of
from grn_core.errors import DataError
from grn_core.genes import match_genes
from grn_core.networks.imports import ours
from grn_core.networks.imports.columns import MOST_EDGES, columns_of, edges_of
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.records import EdgeList, NetworkFormat
from grn_core.networks.imports.tables import InMemory

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAMES = ("name", "label", "shared_name", "shared name", "gene", "gene_name", "symbol")
"""Attributes that may hold the name of a node whose id is none."""


def fits_graphml(content: Content) -> bool:
    """Whether it is XML of GraphML."""
    return _is_xml(content, "<graphml")


def _is_xml(content: Content, root: str) -> bool:
    """Whether it begins as XML does, and soon with this element; a gene of a table may be called so."""
    begins = next((line for line in content.lines if line.strip()), "").lstrip("\ufeff").lstrip().startswith("<")
    return begins and any(root in line for line in content.lines[:10])


def read_graphml(content: Content) -> EdgeList:
    """Read nodes, edges and their attributes."""
    import networkx as nx

    return _graph(content, nx.read_graphml(content_of(content.path)))


def fits_gexf(content: Content) -> bool:
    """Whether it is XML of GEXF."""
    return _is_xml(content, "<gexf")


def read_gexf(content: Content) -> EdgeList:
    """Read nodes, edges and their attributes; a node is called by its ``label`` where its id is a number."""
    import networkx as nx

    return _graph(content, nx.read_gexf(content_of(content.path)))


def _graph(content: Content, graph: Any) -> EdgeList:
    nodes = {str(node): dict(data) for node, data in graph.nodes(data=True)}
    edges = [(str(one), str(other), dict(data)) for one, other, data in graph.edges(data=True)]
    return _read(content, nodes, edges, directed=bool(graph.is_directed()))


def fits_cytoscape(content: Content) -> bool:
    """Whether it is JSON with elements."""
    return bool(content.lines) and content.lines[0].lstrip().startswith("{") and _has(content, '"elements"', ".cyjs")


def _has(content: Content, word: str, ending: str) -> bool:
    return content.name.endswith((ending, ".json")) or any(word in line for line in content.lines)


def _json(content: Content) -> Any:
    source = content_of(content.path)
    return json.loads(source.read_bytes() if not hasattr(source, "getvalue") else source.getvalue())


def read_cytoscape(content: Content) -> EdgeList:
    """Read the elements, as one list or as nodes and edges apart."""
    try:
        elements = _json(content)["elements"]
        listed = elements if isinstance(elements, list) else [*elements.get("nodes", []), *elements.get("edges", [])]
        data = [dict(one["data"]) for one in listed]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{content.path.name} holds no elements of Cytoscape ({type(error).__name__})"
        todo = "export it as .cyjs or GraphML (networkx: write_graphml), or as a table of edges"
        raise DataError(message, needed="JSON of Cytoscape, with elements, or CX2", todo=todo) from error
    nodes = {str(one.get("id")): one for one in data if "source" not in one}
    edges = [
        (str(one.pop("source")), str(one.pop("target")), one) for one in data if "source" in one and "target" in one
    ]
    return _read(content, nodes, edges, directed=True)


def fits_cx2(content: Content) -> bool:
    """Whether it is JSON that says that it is CX2."""
    lines = content.lines[:10]
    return bool(lines) and lines[0].lstrip().startswith("[") and any('"CXVersion"' in line for line in lines)


def read_cx2(content: Content) -> EdgeList:
    """Read the aspects nodes and edges, each in one piece or in several; a node is called by its ``name``."""
    try:
        aspects: dict[str, list[dict[str, Any]]] = {}
        for piece in _json(content):
            for name, elements in piece.items():
                aspects.setdefault(name, []).extend(elements if isinstance(elements, list) else [])
        nodes = {one["id"]: dict(one.get("v", {})) for one in aspects.get("nodes", [])}
        own: dict[str, Any] = next(iter(aspects.get("networkAttributes", [])), {})
        called = {number: str(values.get("name", number)) for number, values in nodes.items()}
        if len(set(called.values())) < len(called):
            called = {number: str(number) for number in nodes}
        edges = [(called[one["s"]], called[one["t"]], dict(one.get("v", {}))) for one in aspects.get("edges", [])]
        named = {called[number]: values for number, values in nodes.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{content.path.name} holds no nodes and edges of CX2 ({type(error).__name__})"
        raise DataError(message, needed="the aspects nodes and edges", todo="export the network again") from error
    return _read(content, named, edges, directed=bool(own.get("directed", True)))


def _read(
    content: Content,
    nodes: Mapping[str, dict[str, Any]],
    edges: list[tuple[str, str, dict[str, Any]]],
    *,
    directed: bool,
) -> EdgeList:
    if not edges:
        message = f"{content.path.name} holds {len(nodes):,} nodes and no edge"
        raise DataError(message, needed="edges", todo="export the network again")
    if len(edges) > MOST_EDGES:
        message = f"the network has {len(edges):,} edges"
        raise DataError(message, needed=f"at most {MOST_EDGES:,}", todo="keep the best of them")
    ends = {end for one, other, _ in edges for end in (one, other)}
    is_ours = all("symbol" in nodes.get(end, {}) and "gene_id" in nodes.get(end, {}) for end in ends)
    called = dict(zip(ends, ends, strict=True)) if is_ours else _names(nodes, ends)
    frame = pd.DataFrame([data for *_, data in edges])
    frame = frame.drop(columns=[name for name in ("id", "key", "source", "target") if name in frame])
    frame.insert(0, "target", [called[other] for _, other, _ in edges])
    frame.insert(0, "source", [called[one] for one, *_ in edges])
    if is_ours:
        for end, genes in (("source", [one for one, *_ in edges]), ("target", [other for _, other, _ in edges])):
            for column, what in ((f"{end}_symbol", "symbol"), (f"{end}_id", "gene_id")):
                frame[column] = [str(nodes[gene][what]) for gene in genes]
    table = InMemory(frame)
    table.asked = content.score
    if ours.is_ours(table):
        return ours.read_table(table)
    found = columns_of(table)
    if found is None:
        message = f"the nodes of {content.path.name} have no names of genes"
        raise DataError(message, needed="names of genes", todo="name the nodes by their genes")
    return replace(edges_of(table, found), directed=directed)


def _names(nodes: Mapping[str, dict[str, Any]], ends: Iterable[str]) -> dict[str, str]:
    """Return the name of each node: its id, or the attribute that names more genes; of ids that are numbers any."""
    known = sorted(ends)
    offered = {"": {end: end for end in known}}
    for one in NAMES:
        if all(nodes.get(end, {}).get(one) for end in known):
            offered[one] = {end: str(nodes[end][one]) for end in known}
    genes = {one: _n_genes(list(names.values())) for one, names in offered.items()}
    best = max(genes, key=lambda one: genes[one])  # of several the first, which is the id
    if not genes[best] and all(end.lstrip("n").isdigit() for end in known):
        best = next((one for one in offered if one), "")
    return offered[best]


def _n_genes(names: Sequence[str]) -> int:
    """Return how many of some names are genes, of a name that several nodes have one."""
    found = match_genes(sorted(set(names)))
    return len(found.names) - found.n_unknown


GRAPHML = NetworkFormat(
    name="graphml",
    title="Graph (GraphML: Cytoscape, Gephi, igraph)",
    columns="nodes and edges; weight, score, sign or interaction as attributes of the edges",
    endings=(".graphml", ".xml"),
    fits=fits_graphml,
    read=read_graphml,
)
GEXF = NetworkFormat(
    name="gexf",
    title="Graph (GEXF: Gephi)",
    columns="nodes and edges; weight, score, sign or interaction as attributes of the edges",
    endings=(".gexf", ".xml"),
    fits=fits_gexf,
    read=read_gexf,
)
CYTOSCAPE = NetworkFormat(
    name="cyjs",
    title="Graph (Cytoscape JSON)",
    columns="elements with nodes and edges",
    endings=(".cyjs", ".json"),
    fits=fits_cytoscape,
    read=read_cytoscape,
)
CX2 = NetworkFormat(
    name="cx2",
    title="Graph (CX2: Cytoscape, NDEx)",
    columns="the aspects nodes and edges; the name of a node is its gene",
    endings=(".cx2",),
    fits=fits_cx2,
    read=read_cx2,
)
