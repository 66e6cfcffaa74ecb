"""The scores of one cut: the verdict in plain words, the heatmap beside the controls, and the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.benchmark.results.tested import HELPED
from grn_core.benchmark.results.verdict import better_alone, conclusion, judged, leads
from grn_core.benchmark.results.words import METRICS, NETWORKS, spelt_out, words
from grn_core.plots import benchmark as figures
from pages.components.compare.views import CONFIG
from pages.components.shared.kept import kept_of_release
from pages.components.shared.messages import plain
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import linked, one_of
from pages.components.shared.tables import download, show_table

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from grn_core.benchmark.results.tables import Results
    from grn_core.benchmark.results.verdict import Lead
    from grn_core.benchmark.results.view import Cut
    from pages.components.benchmark.first import Judged

SHADES = {"score": "Score", "lead": "Lead over the best control"}
COLUMNS = ("method", "dataset", "network", "mean", "lead", "best_control", "control", "chance", "sd", "kind")
KEPT = 32
UNIVERSE = ("positives", "sources", "targets", "prevalence", "seeds")


@dataclass(frozen=True)
class Verdict:
    """How the translator that is judged does beside the controls: `grn_core.benchmark.results.verdict`."""

    ours: str
    leads: tuple[Lead, ...]
    sentence: str = ""
    good: bool = False
    alone: str = ""


@kept_of_release(max_entries=KEPT)
def _verdict(results: str, cut: Cut, *, _table: pd.DataFrame) -> Verdict:  # noqa: ARG001 - both tell tables apart
    ours = judged(_table)
    found = tuple(leads(_table, ours=ours))
    if not found:
        return Verdict(ours, found)
    spelt = _table.assign(network=[words("network", one) for one in _table["network"]])
    sentence, good = conclusion(spelt, ours=ours)
    return Verdict(ours, found, sentence, good, better_alone(_table, metric=_metric(cut), ours=ours))


@kept_of_release(max_entries=KEPT)
def _heatmap(
    results: str,  # noqa: ARG001 - with cut and networks it tells tables apart
    cut: Cut,
    networks: tuple[str, ...],  # noqa: ARG001 - see above
    lead: bool,  # noqa: FBT001
    *,
    _table: pd.DataFrame,
) -> go.Figure:
    return figures.score_heatmap(spelt_out(_table), metric=_metric(cut), lead=lead)


def _metric(cut: Cut) -> str:
    return METRICS.get(cut.metric, cut.metric)


def verdict_box(results: Results, cut: Cut, table: pd.DataFrame, *, above: Judged) -> None:
    """Say in plain words whether what a translator says as a whole beats the controls, by the table of a cut.

    Of the training of the translator that is judged above it is not said again; other translators of that training,
    which know no edges beside, are told apart from it.
    """
    metric = _metric(cut)
    verdict = _verdict(results.name, cut, _table=table)
    ours, found = verdict.ours, verdict.leads
    if not found:
        return
    again = cut.train == above.training
    with st.container(border=True):
        if not again:
            icon = ":material/check_circle:" if verdict.good else ":material/info:"
            st.markdown(f"{icon} **In plain words.** {plain(verdict.sentence)} {plain(verdict.alone)}")
        elif above.beside:
            st.markdown(
                f":material/info: **Other translators than the one above.** These learnt from "
                f"{plain(words('train', cut.train))} alone, without the edges of {plain(above.beside)}: their scores "
                "differ."
            )
        with st.expander(f"Against each of {len(found)} controls", icon=":material/rule:"):
            if again:
                st.markdown(f"{plain(verdict.sentence)} {plain(verdict.alone)}")
            st.markdown("\n".join(f"- {lead.sentence(metric=metric, ours=ours)}" for lead in found))
        chosen_on = results.manifest.get("chosen_on", [])
        helped = [test for test in chosen_on if test in set(table["dataset"] + ":" + table["network"])]
        honest = f" {len(helped)} of these test sets {HELPED}: the others are the fair tests." if helped else ""
        named = plain("; ".join(words("train", test) for test in helped))
        st.caption(
            f"A difference within one standard deviation over the seeds counts as level.{honest}", help=named or None
        )


def heatmap(results: Results, cut: Cut, table: pd.DataFrame) -> None:
    """Draw the heatmap of the table of a cut, with the choice of networks and of what is coloured."""
    metric = _metric(cut)
    networks = sorted(table["network"].unique())
    with st.container(key="stacks_scores"):
        left, right = st.columns([1, 1], vertical_alignment="bottom")
    with left:
        shade = one_of("Colour", SHADES, "shade", "score")
    shown = right.pills(
        "Networks",
        networks,
        selection_mode="multi",
        format_func=lambda one: plain(words("network", one)),
        wrap=True,
        **linked("networks", tuple(networks), networks),
    )
    shown = shown or networks
    table = table[table["network"].isin(shown)]
    has_lead = bool(table["lead"].notna().any())
    if shade == "lead" and not has_lead:
        st.info("No control was measured with these choices, so that there is no lead to show.")
    lead = shade == "lead" and has_lead
    many = len(table[["network", "dataset"]].drop_duplicates()) > figures.MANY
    with st.container(key="many_columns_scores" if many else None):
        st.plotly_chart(
            _heatmap(results.name, cut, tuple(shown), lead, _table=table),
            key="scores_heatmap",
            alt=f"{metric} of each method and control on each data set; the table below holds the same numbers",
            config=CONFIG,
        )
    st.caption(_reading(metric=metric, lead=lead))
    how_to_read(_universe(table))


def _reading(*, metric: str, lead: bool) -> str:
    if lead:
        return "Blue: above the best control of the same test; orange: below it, nothing new was learnt."
    return f"{metric}: higher is better. Controls stand below the line, and a random guess last."


def _universe(table: pd.DataFrame) -> str:
    """Say among how many pairs each test was, without which a score says nothing."""
    low, high = table["positives"].min(), table["positives"].max()
    prevalence = table["prevalence"]
    share = f"{prevalence.min():z.3g}"
    if prevalence.max() - prevalence.min() > 5e-4:
        share = f"{share} to {prevalence.max():z.3g}"
    edges = f"{low:z,.0f}" if low == high else f"{low:z,.0f} to {high:z,.0f}"
    text = f"Each test has {edges} edges, {share} of the pairs that are asked; point at a cell for its own."
    codes = [f"{one}: {NETWORKS[one]}" for one in sorted(table["network"].unique()) if NETWORKS.get(one, one) != one]
    text += f" {'; '.join(codes)}." if codes else ""
    if len(table[["network", "dataset"]].drop_duplicates()) > figures.MANY:
        text += " Choose fewer networks for larger cells."
    return text


def scores_table(table: pd.DataFrame, results: Results) -> None:
    """Show every score of the cut with its universe."""
    number = st.column_config.NumberColumn
    show_table(
        spelt_out(table)[[*COLUMNS, *UNIVERSE]],
        hide_index=True,
        key="benchmark_scores",
        height=430,
        alt="Every score with its standard deviation, the best control of the same test, and the universe",
        column_config={
            "method": st.column_config.TextColumn("Method", width=200, pinned=True),
            "kind": "Kind",
            "network": st.column_config.TextColumn("Network", width=190),
            "dataset": st.column_config.TextColumn("Data set", width=210),
            "mean": number("Mean", format="%.3f"),
            "sd": number("SD over seeds", format="%.3f"),
            "lead": number("Lead", format="%+.3f", help="Mean minus the best control of the same test."),
            "best_control": "Best control",
            "control": number("Its mean", format="%.3f"),
            "chance": number("Random guess", format="%.3f"),
            "positives": number("Edges", format="localized"),
            "sources": number("TFs", format="localized"),
            "targets": number("Targets", format="localized"),
            "prevalence": number("Prevalence", format="%.4f"),
            "seeds": "Seeds",
        },
    )
    with st.container(horizontal=True):
        download("This table (TSV)", table, "benchmark-cut")
        download("Every score of these results (TSV)", results.scores, "benchmark-scores")
