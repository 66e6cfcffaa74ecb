"""The filters of the Network page: which edges of the run are drawn, and the rule that they follow in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import networks
from grn_core.networks.first_view import MOST, PER_TF, first_cut
from grn_core.settings import settings
from grn_core.translator import expected as precision
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.session import Between, linked, query, remember, unknown_in

if TYPE_CHECKING:
    import pandas as pd

    from pages.components.runs.view import RunView

SIGNS = {"both": None, "activation": 1, "repression": -1, "no sign": 0}
ALL = 0
LIMITS = (50, 100, 150, 300, 500, 1000)
PER_TFS = (1, 2, 3, 5, 10, 15, 20, 50, ALL)
NO_CUT = 0.0
NO_FIRST = "The first view is not cut: no expected precision above that of all pairs fills it."
CUTS = ("min_p", "min_ep", "min_pct")
IN_URL = (*CUTS, "top_k", "shown_tfs", "sign", "max_edges", "only", "also")


@dataclass(frozen=True)
class Chosen:
    """What the filters let through.

    Attributes
    ----------
    cut
        What is cut by, an option of `networks.build_graph`; "" where the edges have no scores.
    least
        The smallest value; None for no cut.
    per_tf
        Best edges of each TF; None for all.
    sources
        TFs; () for all.
    only
        Genes between which edges are shown; () for all.
    also
        Genes whose best edges are shown in any case.
    sign
        1, -1 or 0; None for all.
    max_edges
        At most so many.
    """

    cut: str
    least: float | None
    per_tf: int | None
    sources: tuple[str, ...]
    only: tuple[str, ...]
    also: tuple[str, ...]
    sign: int | None
    max_edges: int

    def rule(self, *, ordered: bool, directed: bool) -> str:
        """Say in a sentence which edges are drawn, of a run whose edges are ordered and have a direction, or not."""
        best = f"At most the {self.max_edges:,} {'best edges of the run' if ordered else 'first edges by name'}"
        parts = [] if self.per_tf is None else [f"{self.per_tf} of each TF"]
        if self.sources:
            parts.append(f"of {_few(self.sources)}")
        if self.only:
            parts.append(f"between {len(self.only)} chosen genes")
        if self.sign is not None:
            parts.append(f"read as {networks.read_as(self.sign, directed=directed)}")
        if self.least:
            parts.append(_cut_words(self.cut, self.least))
        if self.also:
            parts.append(f"with the best of {_few(self.also)}")
        return ", ".join([best, *parts]) + "."


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _cut_words(cut: str, least: float) -> str:
    if cut == "min_precision":
        return f"down to an expected precision of {least:z.1%}"
    if cut == "min_probability":
        return f"of a probability of {least:z.2f} or more"
    return f"from percentile {least:g} up"


def filters(run: RunView) -> Chosen:
    """Ask for the filters, one below the other."""
    cap = settings().max_graph_edges
    limits = sorted({n for n in LIMITS if n < cap} | {cap})
    cut, least = _cut(run)
    top_k = st.select_slider(
        "Targets per TF",
        PER_TFS,
        format_func=lambda k: "all" if k == ALL else str(k),
        help="Only the best so many edges of every TF, so that a few TFs do not take all the room.",
        **linked("top_k", PER_TF if run.scored else ALL, PER_TFS),
    )
    limit = st.select_slider(
        "Most edges",
        limits,
        help="The strongest so many are drawn; more make the drawing hard to read.",
        **linked("max_edges", MOST if MOST in limits else cap, limits),
    )
    sources = st.multiselect(
        "TFs",
        sorted(run.sources),
        placeholder="All TFs",
        format_func=told_apart(sorted(run.sources)),
        **linked("shown_tfs", (), run.sources),
    )
    sign = "both"
    if run.signed:
        said = networks.sign_words(directed=run.directed)
        words = {name: name if value is None else said[value] for name, value in SIGNS.items()}
        sign = st.selectbox(
            "Effect", list(SIGNS), format_func=lambda name: words[name].capitalize(), **linked("sign", "both", SIGNS)
        )
    genes = run.panel_genes
    return Chosen(
        cut=cut,
        least=least,
        per_tf=None if top_k == ALL else top_k,
        sources=tuple(sources),
        only=query("only", (), genes),
        also=query("also", (), genes),
        sign=SIGNS[sign],
        max_edges=limit,
    )


def say_absent_filters(run: RunView) -> None:
    """Say which genes of the filters in the address the run does not have, for which these are not applied."""
    lists = {"shown_tfs": run.sources, **dict.fromkeys(("only", "also"), run.panel_genes)}
    lost = {name: unknown for name, genes in lists.items() if (unknown := unknown_in(name, genes))}
    if not lost:
        return
    named = ", ".join(dict.fromkeys(gene for genes in lost.values() for gene in genes))
    what = "TFs" if "shown_tfs" in lost else "genes"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            plain(f"This filter of the address is not applied: {named} are no {what} of this run."), width="stretch"
        )
        st.button("Dismiss", on_click=_forget, args=(tuple(lost),), key="dismiss_filters", width="content")


def _forget(names: tuple[str, ...]) -> None:
    for name in names:
        remember(name, None)


def _cut(run: RunView) -> tuple[str, float | None]:
    """Ask for the smallest expected precision, probability or percentile; return its option and value."""
    if run.prior is not None:
        return "min_precision", _precision(run)
    if run.score is None:
        least = st.slider(
            "Smallest probability",
            0.0,
            1.0,
            step=0.01,
            help="Edges that are less probable are left out.",
            **linked("min_p", NO_CUT, Between(0.0, 1.0)),
        )
        return "min_probability", least or None
    if not run.scored:
        st.caption("The edges of this list have no scores: none comes before another.")
        return "", None
    least = st.slider(
        "Smallest percentile",
        0.0,
        100.0,
        step=0.5,
        format="%g",
        help="Percentile: the share of all edges of the run that rank lower. Edges below are left out.",
        **linked("min_pct", NO_CUT, Between(0.0, 100.0)),
    )
    return "min_percentile", least or None


def _precision(run: RunView) -> float | None:
    """Ask down to which expected precision edges are shown; None for all."""
    best, of_all = _likely(run.id, run.edges)
    levels = [NO_CUT, *(level for level in precision.LEVELS if of_all < level <= best)]
    first, named = _first_cut(run.id, tuple(levels[1:]), run.edges), query("shown_tfs", ()) or query("only", ())
    least: Any = st.select_slider(
        "Expected precision",
        levels,
        format_func=lambda level: f"{level:z.1%}" if level else "all",
        help="The best edges of the run of which this share is expected to stand in a reference network: the mean of "
        "their probabilities. A higher share leaves fewer edges. The first view begins at the highest that fills it; "
        "of chosen TFs or genes all edges are looked through.",
        **linked("min_ep", NO_CUT if named else first or NO_CUT, levels),
    )
    st.caption(_share(float(least), run))
    if not first:
        st.caption(NO_FIRST)
    return float(least) or None


@kept(max_entries=32)
def _likely(run_id: str, _edges: pd.DataFrame) -> tuple[float, float]:  # noqa: ARG001 - what the cache goes by
    """Return the probability of the best edge, and the mean of all: a cut lies between."""
    expected = _edges["probability"]
    return float(expected.head(1).sum()), float(expected.mean())


@kept(max_entries=32)
def _first_cut(run_id: str, levels: tuple[float, ...], _edges: pd.DataFrame) -> float | None:  # noqa: ARG001
    return first_cut(_edges, levels)


def _share(least: float, run: RunView) -> str:
    """Say what a cut means, in counts."""
    pairs = f"of 100 pairs about {100 * (run.prior or 0.0):z.2g}"
    if not least:
        return f"No cut: {pairs} are known edges."
    return f"Of 100 edges kept about {100 * least:g} are expected to be known edges, {pairs}."


def clear() -> None:
    """Take back every filter."""
    for name in IN_URL:
        remember(name, None)
