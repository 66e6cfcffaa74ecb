"""TF targets: the ranked targets of one TF, and the evidence behind the selected edge."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks, plots
from grn_core.runs import enriched
from pages.components.network.cell_evidence import UNDIRECTED, no_probability
from pages.components.network.edge_evidence import edge_evidence
from pages.components.runs.absent_genes import gene_of
from pages.components.runs.enrichment import enrichment_view, of_tf
from pages.components.runs.picker import pick_run
from pages.components.runs.view import BADGES, RunView, say_tested
from pages.components.shared.links import ACTIVITY, NETWORK, WHAT_IF
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.session import linked, one_of, query, remember, session, url_list
from pages.components.targets.find import find_gene
from pages.components.targets.table import SIZES, downloads, ranked_targets, targets_table

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

N_BARS = 14
SHOWN = {"table": "Table", "chart": "Chart", "enrichment": "Enrichment"}


def _reading(run: RunView) -> str:
    """Return how to read the scores of a run."""
    seeds = "**Uncertainty** is the standard deviation of the probability; where it is wide, so is the order."
    if "uncertainty" not in run.edges:
        seeds = "One seed has no **uncertainty**: it differs from none." if run.asks_model else ""
    strength = seeds if run.score is None else plain(no_probability(run))
    known = (
        "**Known** counts the bundled references that have the edge. **Seen**: the translator learnt from it, so that "
        "its score is partly memory."
    )
    chart = f"In the chart, hatched: {networks.sign_words(directed=run.directed)[-1]}; dotted: no sign."
    chart = chart if run.signed else ""
    directed = "" if run.directed else UNDIRECTED
    return "\n\n".join(part for part in (strength, known, chart, plain(run.about_signs), directed) if part)


def _chart(run: RunView, table: pd.DataFrame, tf: str) -> None:
    n = min(N_BARS, len(table))
    st.plotly_chart(
        plots.top_targets(
            table, source=tf, n=N_BARS, unit=run.score["unit"] if run.score else "", directed=run.directed
        ),
        key="top_targets",
        alt=f"Bars of the {n} strongest targets of {tf}.",
    )
    uncertain = run.score is None and "uncertainty" in table
    whiskers = " Whiskers: uncertainty of the probability." if uncertain else ""
    st.caption(f"The {n} strongest targets of {plain(tf)}.{whiskers}")


def _enrichment(run: RunView, tf: str, *, n_targets: int) -> None:
    """Show what the best targets of a TF share."""
    listed = [] if enriched.universe_of(run.id) is None else [n_targets]  # its targets are not all that it was asked
    sizes = [size for size in SIZES if size < n_targets] + listed
    if not sizes:
        st.info(f"{plain(tf)} has {n_targets} targets: too few to tell its best ones from the others.")
        return
    best = sizes[0]
    if len(sizes) > 1:
        first = enriched.BEST if enriched.BEST in sizes else sizes[-1]
        best = st.select_slider("Best targets", sizes, **linked("tested", first, sizes))
    enrichment_view(partial(of_tf, run.id, tf, best), key=f"{run.id[:8]}-targets-enriched")


def take_the_picked(sources: Collection[str]) -> None:
    """Show the TF, or the edge, that was picked in a drawing since this page was left, where the address names none."""
    tf, target = (*session().picked, "", "")[:2]
    session().picked = ()
    if tf in sources and "tf" not in st.query_params and not session().back:
        remember("tf", tf)
        remember("target", target or None)


def page() -> None:
    """Lay out the page."""
    title, choice = st.columns([3, 5], vertical_alignment="bottom", gap="medium")
    title.title("TF targets", icon=":material/format_list_numbered:", anchor=False)
    run: RunView | None = pick_run(choice)
    if run is None:
        return
    edges = run.edges
    if edges.empty:
        st.info("This run has no edges. Choose another run, or infer a network with more genes.")
        return
    sources = sorted(edges["source"].unique())
    with st.container(key="stacks_targets"):
        left, right = st.columns([5, 4], gap="medium")
    with left:
        ask_tf, ask_gene = st.columns([1, 1], vertical_alignment="bottom")
        take_the_picked(sources)
        named, why = gene_of(run, query("tf", ""), sources, what="those with edges")
        if named:
            remember("tf", named)
        tf = ask_tf.selectbox(
            "TF",
            sources,
            format_func=told_apart(sources),
            accept_new_options=True,
            help="Every TF of the run, the one with the strongest edge first; of a gene that is none it says why.",
            **linked("tf", edges["source"].iloc[0], sources),
        )
        if why:
            st.info(f"{plain(why)} Shown is {plain(tf)}.")
        find_gene(run, edges, place=ask_gene)
        table = ranked_targets(run, edges, tf)
        target, why = gene_of(run, query("target", ""), run.panel_genes, what="its genes")
        if why:
            st.info(f"{plain(why)} Shown is the best target.")
        target = target if target in set(table["target"]) else table["target"].iloc[0]
        shown = "table"
        if run.scored:
            shown = one_of("Show", SHOWN, "shown", "table", label_visibility="collapsed")
        if shown == "chart":
            _chart(run, table, tf)
        elif shown == "enrichment":
            _enrichment(run, tf, n_targets=len(table))
        else:
            targets_table(run, table, tf=tf, chosen=target)
        with st.container(horizontal=True, vertical_alignment="center"):
            downloads(run, table, tf=tf)
            with st.popover("How to read this", icon=":material/menu_book:"):
                st.markdown(_reading(run))
            st.page_link(
                ACTIVITY, label="Activity in cells", icon=":material/bolt:", query_params={"network": run.id, "tf": tf}
            )
            st.page_link(
                WHAT_IF,
                label="What if",
                icon=":material/science:",
                query_params={"run": run.id, "changed": url_list(tf)},
            )
        say_tested(run)
    with right, st.container(key="targets_evidence"):
        heading, link = st.columns([4, 3], vertical_alignment="center")
        heading.header(f"{plain(tf)} {networks.BETWEEN[run.directed]} {plain(target)}", anchor=False)
        if run.background:
            heading.badge(run.background, icon=BADGES[run.background], color="gray")
        link.page_link(
            NETWORK,
            label="In the network",
            icon=":material/hub:",
            query_params={"run": run.id, "gene": tf},
        )
        edge_evidence(run, edges, (tf, target))


page()
