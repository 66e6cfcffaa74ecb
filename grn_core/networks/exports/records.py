"""What an export is: a network to be written, and the record of a format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import networkx as nx
import pandas as pd

from grn_core.networks.edge_columns import NAMES
from grn_core.networks.edge_table import DIRECTED, in_todays_columns, is_directed
from grn_core.networks.selection import sign_words


@dataclass(frozen=True, eq=False)
class Account:
    """What is known of the run that a network comes from, for a report.

    Attributes
    ----------
    title, run_id, created
        What the run is called, its id, the day on which it was asked.
    reading
        How its edges are to be read, a sentence each.
    methods
        How it was made, for the methods section of a paper.
    notes
        What came up while it was made.
    command
        The command line that computes the same; empty if not known.
    record
        ``run.json``.
    """

    title: str
    run_id: str
    created: str
    reading: tuple[str, ...]
    methods: str
    notes: tuple[str, ...]
    command: str
    record: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Network:
    """Edges that are written to a file.

    Attributes
    ----------
    edges
        In the columns of `grn_core.networks.edge_table`, best first.
    tfs
        Labels of the genes that are TFs, whether an edge of theirs is among these or not.
    positions
        Label -> (x, y) of a drawing; None without one.
    account
        What is known of the run; None of a bare table.
    shown
        Of the edges of a whole run those that its report draws, at `positions`; None for the best.
    """

    edges: pd.DataFrame
    tfs: frozenset[str]
    positions: Mapping[str, tuple[float, float]] | None = None
    account: Account | None = None
    shown: pd.DataFrame | None = None

    @property
    def directed(self) -> bool:
        """Whether the edges have a direction; see `grn_core.networks.edge_table.is_directed`."""
        return is_directed(self.edges)

    @property
    def table(self) -> pd.DataFrame:
        """The edges with ``interaction`` (a word of `sign_words`) and ``directed`` as last columns."""
        said = self.edges["sign"].map(sign_words(directed=self.directed))
        return self.edges.assign(interaction=said, **{DIRECTED: self.directed})

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """The network as a graph from TFs to targets with plain attributes, nodes in the order of their labels.

        Nodes, by label: ``symbol``, ``gene_id``, ``is_tf``, and ``x`` and ``y`` where there is a drawing. Edges: every
        number of the table, ``interaction`` and ``directed``.
        """
        found: dict[str, dict[str, Any]] = {}
        for end in ("source", "target"):
            ends = self.edges[[end, f"{end}_symbol", f"{end}_id"]].drop_duplicates(end)
            for label, symbol, gene_id in ends.itertuples(index=False):
                found[label] = {"symbol": symbol, "gene_id": gene_id, "is_tf": label in self.tfs}
        graph: nx.DiGraph[str] = nx.DiGraph()
        for label in sorted(found):
            place = {} if self.positions is None else dict(zip("xy", map(float, self.positions[label]), strict=True))
            graph.add_node(label, **found[label], **place)
        table = self.table
        kept = table[["source", "target", *(name for name in table if name not in NAMES)]]
        for row in kept.to_dict("records"):
            values = {str(name): value.item() if hasattr(value, "item") else value for name, value in row.items()}
            graph.add_edge(values.pop("source"), values.pop("target"), **values)
        return graph


def network_of(
    edges: pd.DataFrame,
    *,
    tfs: frozenset[str] | None = None,
    positions: Mapping[str, tuple[float, float]] | None = None,
    account: Account | None = None,
    shown: pd.DataFrame | None = None,
) -> Network:
    """Return edges as a network to be written; the TFs are its sources if not given."""
    table = in_todays_columns(edges)
    drawn = None if shown is None else in_todays_columns(shown)
    return Network(table, frozenset(table["source"]) if tfs is None else tfs, positions, account, drawn)


@dataclass(frozen=True)
class Export:
    """A format that a network can be written in.

    Attributes
    ----------
    name
        What it is asked for by.
    title
        For menus and docs: the format, and what reads it.
    ending
        Of the files, with its dot; the longest ending that fits a file's name decides its format.
    mime
        Media type.
    write
        ``write(network) -> bytes``; the same network, the same bytes.
    is_drawing
        Whether it shows the network rather than holds it: no more edges than a drawing takes, and none is read back.
    of_run
        Whether it tells a whole run: it is given all edges, and what is known of the run; a part of them is drawn.
    """

    name: str
    title: str
    ending: str
    mime: str
    write: Callable[[Network], bytes] = field(repr=False)
    is_drawing: bool = False
    of_run: bool = False
