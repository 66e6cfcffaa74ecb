"""Two networks with one layout: the edges of both, and those of one alone; what is clicked in one is lit in both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import streamlit as st

from grn_core import networks, plots
from grn_core.networks.compare import COMMON, edge_sets
from grn_core.plots import compare as figures
from pages.components.compare.picked import picked_edge
from pages.components.network.panel import pick, picked_in_url
from pages.components.network.told import Picked
from pages.components.network.view import drawn, network_view
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain
from pages.components.shared.reading import how_to_read
from pages.components.shared.tables import download, show_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from grn_core.networks.matched import Matched
    from pages.components.compare.runs import Compared

SAME, UNTESTED = "same", "untested"
Told = str
"""Of a pair: the letter of the network in which it is surely stronger, `SAME` or `UNTESTED`."""


@kept(max_entries=8, show_spinner="Laying out the networks")
def drawings(
    key: tuple[str, ...],  # noqa: ARG001 - what the cache goes by
    a: str,
    b: str,
    k: int,
    _matched: Matched,
    _directed: Mapping[str, bool],
) -> tuple[dict[str, nx.DiGraph[str]], dict[str, tuple[float, float]]]:
    """Return the graphs of two networks over the genes of both, and one position for every gene."""
    table = edge_sets(_matched, a=a, b=b, k=k)
    either = table.assign(score=-table[["rank_a", "rank_b"]].min(axis=1), sign=0)
    whole = networks.build_graph(either, max_edges=2 * k)
    tfs = dict.fromkeys(whole, False) | dict.fromkeys(set(_matched.source) & set(whole), True)
    graphs = {}
    for letter, name in (("a", a), ("b", b)):
        own = table[table["found"].isin([COMMON, name])]
        graphs[name] = networks.build_graph(_drawable(own, letter), max_edges=k, directed=_directed[name])
        graphs[name].add_nodes_from(sorted(whole))
    for graph in (whole, *graphs.values()):
        nx.set_node_attributes(graph, tfs, "is_tf")
    return graphs, networks.layout(whole)


def _drawable(table: pd.DataFrame, letter: str) -> pd.DataFrame:
    """Return edges with the score, sign and, where there is one, probability of one of the two networks."""
    own = {f"{column}_{letter}": column for column in ("score", "probability", "sign")}
    drawn = table.rename(columns=own)[["source", "target", *own.values(), "found"]]
    return drawn.dropna(axis="columns", how="all")


def linked_networks(compared: Compared, *, a: str, b: str, k: int) -> None:
    """Draw the best k edges of two networks side by side, and list them below."""
    names = list(compared.names.values())
    table = side_by_side(compared.ids, compared.matched, compared.directed, a=a, b=b, k=k, names=names)
    picked_edge(compared)
    _edges_table(table, compared.directed, a=a, b=b)


def side_by_side(
    key: tuple[str, ...],
    matched: Matched,
    directed: Mapping[str, bool],
    *,
    a: str,
    b: str,
    k: int,
    names: Sequence[str],
    told: Mapping[tuple[str, str], Told] | None = None,
) -> pd.DataFrame:
    """Draw the best k edges of two networks with one layout and one selection; return the edges drawn.

    Parameters
    ----------
    key
        What a cache may go by.
    matched
        Their common pairs.
    directed
        Name -> whether its method tells source -> target from target -> source.
    a, b
        The two networks, by their names, which begin with a letter of their own.
    k
        Edges of each.
    names
        Of all networks, in the order of their colours.
    told
        What was found of each pair; None where edges that one of the two alone has are what is shown.
    """
    graphs, positions = drawings(key, a, b, k, matched, directed)
    table = edge_sets(matched, a=a, b=b, k=k)
    colours = figures.colours_of(list(names))
    picked, signed = picked_in_url(), bool(table[["sign_a", "sign_b"]].any(axis=None))
    with st.container(key="stacks_networks"):
        columns = st.columns(2, gap="medium")
    for column, name in zip(columns, (a, b), strict=True):
        graph = graphs[name]
        painting, said = _alone(graph, name, colours) if told is None else _by_test(graph, told, colours)
        with column:
            st.markdown(f"**{plain(name)}**")
            network_view(
                graph,
                drawn(
                    graph,
                    positions,
                    version=f"{key} {name} {k}",
                    painting=painting,
                    faint=[gene for gene in graph if not graph.degree(gene)],
                ),
                picked=picked.inside(graph),
                on_pick=pick,
                key=f"compare_{name[0]}",
                library=name == a,
            )
            st.caption(plain(said))
    st.caption(
        "Every gene has the same place in both drawings; genes without an edge here are faint. Click a gene or an edge "
        "to light it up in both."
    )
    how_to_read(_heads(directed[a], directed[b], signed=signed), title="What the ends of the lines say")
    return table


def _alone(graph: nx.DiGraph[str], name: str, colours: Mapping[str, str]) -> tuple[networks.Painting, str]:
    """Colour the edges that a network alone has among its best; return what that says, too."""
    found = {(source, target): data["found"] for source, target, data in graph.edges(data=True)}
    alone = sum(own == name for own in found.values())
    said = (
        f"In colour: the {alone} of these {len(found)} edges that {name[0]} alone has. "
        f"Grey: the {len(found) - alone} that are in both."
    )
    return networks.Painting(
        edges={edge: plots.NEUTRAL if own == COMMON else colours[name] for edge, own in found.items()}
    ), said


def _by_test(
    graph: nx.DiGraph[str], told: Mapping[tuple[str, str], Told], colours: Mapping[str, str]
) -> tuple[networks.Painting, str]:
    """Colour the edges that are sure to differ by where they are stronger; those that were not tested are pale."""
    either = graph.graph.get("directed", True) is False  # then a pair of TFs is drawn in one order and tested in one
    found = {edge: told.get(edge) or told.get(edge[::-1] if either else edge, UNTESTED) for edge in graph.edges}
    paint = {UNTESTED: plots.NEUTRAL, SAME: plots.NEUTRAL} | {name[0]: colour for name, colour in colours.items()}
    n = {one: sum(own == one for own in found.values()) for one in paint}
    a, b = (name[0] for name in colours)
    parts = [f"grey: {n[SAME]} tested, not sure to differ"]
    if n[a] + n[b]:
        parts.insert(0, f"in colour: {n[a] + n[b]} sure to differ ({n[a]} stronger in {a}, {n[b]} in {b})")
    if n[UNTESTED]:
        parts.append(f"pale: {n[UNTESTED]} not tested")
    said = f"Of {len(found)} edges, {'; '.join(parts)}."
    entries = tuple(("line", colours[name], f"stronger in {name[0]}") for name in colours if n[name[0]])
    entries += (("line faint", plots.NEUTRAL, "not tested"),) if n[UNTESTED] else ()
    painting = networks.Painting(
        edges={edge: paint[own] for edge, own in found.items()},
        faint=frozenset(edge for edge, own in found.items() if own == UNTESTED),
        entries=entries,
    )
    return painting, said


def _heads(*directed: bool, signed: bool) -> str:
    """Return what the ends of the lines say."""
    words = (
        ("Arrow: activates; bar: represses; dot: no sign." if signed else "Arrow: the target.") if any(directed) else ""
    )
    if not all(directed):
        words += " Without a head: the method is symmetric; dashed: one gene rises as the other falls."
    return words.strip()


def _edges_table(table: pd.DataFrame, directed: Mapping[str, bool], *, a: str, b: str) -> None:
    words = [networks.sign_words(directed=directed[name]) for name in (a, b)]
    shown = table.drop(columns=["score_a", "score_b"])
    shown = shown.assign(sign_a=table["sign_a"].map(words[0]), sign_b=table["sign_b"].map(words[1]))
    unsigned = [f"sign_{letter}" for letter in "ab" if (table[f"sign_{letter}"] == 0).all()]
    shown = shown.drop(columns=unsigned).dropna(axis="columns", how="all")  # co-expression has no probabilities
    edges = list(zip(table["source"], table["target"], strict=True))

    def choose() -> None:
        rows = st.session_state["compared_edges"].selection.rows
        if rows and rows[0] < len(edges):
            pick(Picked(edge=edges[rows[0]]))

    number = st.column_config.NumberColumn
    show_table(
        shown,
        key="compared_edges",
        hide_index=True,
        height=380,
        on_select=choose,
        selection_mode="single-row",
        alt="The best edges of both networks: in which of them each one is, with rank, probability and effect in both",
        column_config={
            "source": "TF",
            "target": "Target",
            "found": st.column_config.TextColumn("Among the best of"),
            "rank_a": number(f"Rank in {a[0]}", format="%.0f", help="Among the common pairs."),
            "rank_b": number(f"Rank in {b[0]}", format="%.0f", help="Among the common pairs."),
            "probability_a": number(f"Probability in {a[0]}", format="%.3f"),
            "probability_b": number(f"Probability in {b[0]}", format="%.3f"),
            "sign_a": f"Effect in {a[0]}",
            "sign_b": f"Effect in {b[0]}",
        },
    )
    download("Common and different edges (TSV)", table, "compare-edges")
