"""A finished inference at a glance: sizes, the most probable edges, the links that lead on, and its record."""

from __future__ import annotations

import streamlit as st

from grn_core import in_words
from pages.components.network.cell_evidence import no_probability
from pages.components.runs.command import command_line
from pages.components.runs.edge_rows import COLUMNS, edge_rows
from pages.components.runs.no_part import lost_in_run
from pages.components.runs.open_question import ask_open
from pages.components.runs.picker import readable
from pages.components.runs.score_column import choose_score_column
from pages.components.runs.view import BADGES, say_doubts, say_tested, say_versions, view
from pages.components.shared.links import NETWORK, result_links
from pages.components.shared.messages import plain
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import set_run
from pages.components.shared.shell import show_code
from pages.components.shared.tables import show_table

N_EDGES = 10
N_BEST = 100
UNCERTAIN = " Uncertainty: how far a probability may be off."
EXPECTED = (
    "The sum of their probabilities: so many are expected to be edges of a reference like the translator's. "
    "On the Network page it stands beside what was found on data sets held out."
)
LIKELY = (
    "The translator learnt from as many edges as negatives. Among all pairs edges are much rarer, so this is no "
    "count of true edges."
)


def run_summary(run_id: str) -> None:
    """Show the summary of the finished run `run_id`."""
    run = readable(run_id)
    if run is None:
        return
    edges, result = run.edges, run.record.get("result") or {}
    st.success("Finished. The network is ready.", icon=":material/check_circle:")
    say_versions(run)
    say_doubts(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if st.button("Show the network", type="primary", icon=":material/hub:", key="show_network"):
            st.switch_page(NETWORK, query_params={"run": run_id})
        result_links(run_id, network=False, proposes=run.score is None)
        if run.background:
            st.badge(run.background, icon=BADGES[run.background], color="gray")
    with st.container(horizontal=True, gap="small"):
        st.metric("TFs", f"{edges['source'].nunique():,}", border=True)
        st.metric("Genes", f"{len(run.panel_genes):,}", border=True)
        st.metric("Edges scored" if run.scored else "Edges", f"{len(edges):,}", border=True)
        if run.prior is not None:
            likeliest = edges["probability"].head(N_BEST)
            n_true = round(float(likeliest.sum()))
            hits = f"{n_true} edge{'' if n_true == 1 else 's'}"
            st.metric(f"Expected of the best {len(likeliest)}", hits, border=True, help=EXPECTED)
        elif run.score is None:
            likely = int((edges["probability"] >= 0.5).sum())
            st.metric("Probability of 0.5 or more", f"{likely:,}", border=True, help=LIKELY)
        elif "cells" in result:  # a consensus and an import have none
            st.metric("Cells", f"{result['cells']:,}", border=True)
        if result.get("wall_s"):
            st.metric("Read in" if run.imported else "Computed in", in_words.duration(result["wall_s"]), border=True)
    if (again := ask_open(run) or choose_score_column(run)) is not None:
        set_run(again)
        st.rerun()
    st.subheader("Most probable edges" if run.score is None else "Strongest edges" if run.scored else "Some edges")
    show_table(
        edge_rows(run, edges.head(N_EDGES)).drop(columns="rank", errors="ignore"),
        hide_index=True,
        key="top_edges",
        alt="The strongest edges of this run, best first",
        column_config=COLUMNS,
    )
    if run.prior is not None:
        meaning = f"Probabilities go by how rare edges are: {run.share_of_edges}."
    elif run.score is None:
        meaning = "Probabilities are calibrated on as many edges as negatives: read them as a ranking."
    else:
        meaning = f"{run.score['title']}: {run.score['unit']}.{f' {no_probability(run)}' if run.scored else ''}"
    uncertain = UNCERTAIN if run.score is None and "uncertainty" in edges else ""
    row = "one directed edge from a TF to a target" if run.directed else "one TF and one gene; edges have no direction"
    st.caption(f"Each row is {row}{', best first' if run.scored else ''}.{uncertain}")
    say_tested(run)
    how_to_read(plain(meaning), plain(run.about_signs))
    lost_in_run(run_id)


def run_record(run_id: str) -> None:
    """Show the record of a run, and the command that computes the same."""
    run = view(run_id)
    with st.popover("Record of this run, and the same as a command", icon=":material/receipt_long:"):
        st.caption("The command computes the same run (same inputs, same run id), e.g. on a cluster.")
        show_code(command_line(run.request))
        st.json(run.record, expanded=1)
