"""The edge that is picked on Compare, in every network, with the way to its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from grn_core import networks
from grn_core.runs import RunStore
from pages.components.network.panel import pick, picked_in_url
from pages.components.network.told import Picked
from pages.components.shared.links import TARGETS
from pages.components.shared.messages import plain
from pages.components.shared.session import remember
from pages.components.shared.tables import show_table

if TYPE_CHECKING:
    from grn_core.networks.matched import Matched
    from pages.components.compare.runs import Compared


def picked_edge(compared: Compared) -> None:
    """Show the picked edge in every network, with the way to its evidence; of a picked gene only its name."""
    picked = picked_in_url()
    if picked == Picked():
        return
    between = f" {networks.BETWEEN[any(compared.directed.values())]} "
    title = between.join(plain(gene) for gene in picked.edge or (picked.gene,))
    heading, close = st.columns([5, 1], vertical_alignment="center")
    heading.header(title, anchor=False)
    close.button("Close", on_click=pick, args=(Picked(),), width="stretch", key="close_picked")
    if not picked.edge:
        return
    rows = edge_in_all(compared, picked.edge)
    if not rows:
        st.caption("Not all of the chosen runs scored this pair.")
        return
    show_table(
        pd.DataFrame(rows),
        hide_index=True,
        key="picked_edge",
        alt=f"Score, rank, probability and effect of {' to '.join(picked.edge)} in each network",
        column_config={
            "network": "Network",
            "score": st.column_config.NumberColumn("Score", format="%.3f"),
            "rank": st.column_config.NumberColumn("Rank among the common pairs", format="%.0f"),
            "probability": st.column_config.NumberColumn("Probability", format="%.3f"),
            "effect": "Effect",
        },
    )
    with st.container(horizontal=True):
        for run_id, name in compared.names.items():
            tf, target = (_label(run_id, gene, compared.matched) for gene in picked.edge)
            st.page_link(
                TARGETS,
                label=f"Evidence in {name[0]}",
                icon=":material/show_chart:",
                query_params={"run": run_id, "tf": tf, "target": target},
            )


def edge_in_all(compared: Compared, edge: tuple[str, str]) -> list[dict[str, Any]]:
    """Return one row per network on an edge; none where it is no common pair."""
    matched = compared.matched
    rows = ((matched.source == edge[0]) & (matched.target == edge[1])).nonzero()[0]
    if not len(rows):
        return []
    likely = [not np.isnan(own).all() for own in matched.probability.T]
    signed = [bool(own.any()) for own in matched.sign.T]
    return [
        {
            "network": name,
            "score": matched.score[rows[0], place],
            "rank": matched.rank[rows[0], place],
            **({"probability": matched.probability[rows[0], place]} if likely[place] else {}),
            **({"effect": _effect(compared, rows[0], place)} if signed[place] else {}),
        }
        for place, name in enumerate(matched.names)
    ]


def _effect(compared: Compared, row: int, place: int) -> str:
    """Return what the sign of a pair says in one of the networks."""
    matched = compared.matched
    words = networks.sign_words(directed=compared.directed[matched.names[place]])
    return words[int(matched.sign[row, place])]


def _label(run_id: str, gene: str, matched: Matched) -> str:
    """Return the name that a run has for the gene that is called `gene` here."""
    symbol = dict(zip(matched.genes.labels, matched.genes.symbols, strict=True)).get(gene, gene)
    own = RunStore().gene_names(run_id)
    return dict(zip(own.symbols, own.labels, strict=True)).get(symbol, gene)


def choose_from_scatter(key: str) -> None:
    """Pick the pair of the point that was clicked."""
    points = st.session_state[key].selection.points
    if points and points[0].get("customdata"):
        source, target = points[0]["customdata"][:2]
        remember("gene", None)
        remember("edge", (str(source), str(target)))
