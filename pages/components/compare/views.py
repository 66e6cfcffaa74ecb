"""What two or more runs have in common in numbers: overlap, correlation, scores, TFs, and their consensus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from grn_core import runs
from grn_core.genes.usual import BORDA, JOININGS
from grn_core.networks.agreement import in_words
from grn_core.networks.calibrated_mean import uncalibrated
from grn_core.networks.compare import overlap_at_k, per_tf, rank_correlation, sample_pairs, sign_agreement
from grn_core.networks.consensus import CONSENSUSES
from grn_core.plots import compare as figures
from grn_core.runs import manager
from grn_core.runs.finished import FinishedRun
from grn_core.runs.matched import identical_by_construction, same_scores
from pages.components.compare.picked import choose_from_scatter, picked_edge
from pages.components.network.panel import picked_in_url
from pages.components.runs.progress import watch_run
from pages.components.runs.view import TESTED
from pages.components.shared.links import result_links
from pages.components.shared.messages import errors_shown, plain
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import one_of
from pages.components.shared.tables import download, search_tfs, show_table

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.networks.matched import Matched
    from pages.components.compare.runs import Compared

N_POINTS = 4000
BEST = 10
AXES = {"score": "Scores", "rank": "Ranks"}
CONFIG = {"displaylogo": False}
OVER_RUNS = "Standard deviation of the score over the runs."


def headline(matched: Matched, *, a: str, b: str, k: int) -> None:
    """Show, in four numbers and one sentence, how far two networks agree."""
    matched = matched.once
    place = matched.names.index(a), matched.names.index(b)
    correlation = float(rank_correlation(matched).to_numpy()[place])
    signs = float(sign_agreement(matched).to_numpy()[place])
    overlap = overlap_at_k(matched, ks=(k,))
    row = overlap[(overlap["a"] == a) & (overlap["b"] == b)].iloc[0]
    with st.container(horizontal=True, gap="small"):
        st.metric("Common pairs", f"{len(matched):,}", border=True, help="Scored by all chosen runs.")
        if correlation == correlation:  # NaN where a run ranks nothing
            st.metric("Rank correlation", f"{correlation:z.2f}", border=True, help="Spearman, common pairs.")
        st.metric(f"In common, best {k:,}", f"{row['share']:z.0%}", border=True, help=f"{row['shared']:z,.6g} edges.")
        if signs == signs:  # NaN where a run has no signs
            st.metric("Same sign", f"{signs:z.0%}", border=True, help="Share of the common pairs.")
    if flat := [name[0] for name in (a, b) if name in matched.unranked]:
        st.info(
            f"{' and '.join(flat)} {'has' if len(flat) == 1 else 'have'} no scores that differ: the best {k:,} are the "
            "first by name, not a ranking.",
            icon=":material/sort_by_alpha:",
        )
    else:
        ties = {name[0]: matched.places[matched.names.index(name)].cut_at(k) for name in (a, b)}
        if told := "; ".join(f"{n:,} of {letter}" for letter, n in ties.items() if n):
            st.caption(
                f"Pairs around place {k:,} have equal scores ({plain(told)}), so that their order is open: those first "
                "by name are shown, and the number in common is a mean over random orders."
            )
    lost = [
        f"{size - len(matched):,} of {size:,} of {name[0]}"
        for name, size in zip(matched.names, matched.sizes, strict=True)
        if size > len(matched)
    ]
    left = f" Pairs that not all runs scored are left out: {'; '.join(lost)}." if lost else ""
    told = in_words(float(row["shared"]), k=k, by_chance=k * float(row["expected"]))
    once = "" if matched.directed else " Two TFs are one pair: no run here has a direction."
    st.caption(f"{a[0]} and {b[0]}: {plain(told)} (of {len(matched):,} common pairs).{once}{left}")


def versions(compared: Compared) -> None:
    """Say which runs other versions computed than those that are here."""
    for text, letters in _said_of(compared, lambda run: run.differs):
        st.caption(plain(f"{letters}: {text}"))


def tested(compared: Compared) -> None:
    """Say what the scores of the runs reach on test sets."""
    said = _said_of(compared, lambda run: run.tested)
    for text, letters in said:
        st.caption(plain(f"{letters}: {text}"), help=TESTED)
    if len(said) > 1:
        st.caption("Each line is of other sets: read a figure beside the control of its own line.")


def _said_of(compared: Compared, what: Callable[[FinishedRun], str]) -> list[tuple[str, str]]:
    """Return each text that is said of a run, and the letters of the runs of which it is said."""
    said: dict[str, list[str]] = {}
    for run_id, name in compared.names.items():
        if text := what(FinishedRun.of(run_id)):
            said.setdefault(text, []).append(name[0])
    return [(text, ", ".join(letters)) for text, letters in said.items()]


def by_construction(compared: Compared, *, a: str, b: str) -> None:
    """Say so where two networks do not differ, and where they cannot: because no measured cell takes part in either."""
    one, other = (info.request for info in compared.infos if compared.names[info.run_id] in (a, b))
    if identical_by_construction(compared.matched, (one, other), names=(a, b)):
        st.info(
            f"{a[0]} and {b[0]} are identical by construction: no measured cell takes part in their scores. To compare "
            "cells, choose the background of your cells or an adaptation on Infer, or co-expression.",
            icon=":material/drag_handle:",
        )
    elif same_scores(compared.matched, names=(a, b)):
        st.info(
            f"{a[0]} and {b[0]} are identical: every common pair has the same score in both.",
            icon=":material/drag_handle:",
        )


def agreement(compared: Compared) -> None:
    """Show overlap at k and rank correlation of all chosen networks."""
    matched = compared.matched
    overlap, matrix = overlap_at_k(matched), rank_correlation(matched)
    with st.container(key="stacks_agreement"):
        left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown("**Overlap of the best k edges**")
        short = overlap.assign(a=overlap["a"].map(compared.letters), b=overlap["b"].map(compared.letters))
        st.plotly_chart(
            figures.overlap_curves(short),
            key="overlap",
            alt="Share of the best k edges that every two networks have in common, over k, and what chance would give",
            config=CONFIG,
        )
        st.caption("Far above the dashed line: the same edges come first. On it: no more in common than by chance.")
    with right:
        st.markdown("**Rank correlation of all common pairs**")
        st.plotly_chart(
            figures.correlation_heatmap(matrix, short=compared.letters),
            key="correlation",
            alt="Spearman correlation of every two networks: " + _pairs_in_words(matrix),
            config=CONFIG,
        )
        st.caption("1: the same order; 0: no relation; −1: reversed. It weighs the many unlikely pairs like the best.")
    st.caption(" · ".join(plain(name) for name in compared.names.values()))
    table = (100 * short.pivot_table(index=["a", "b"], columns="k", values="share")).reset_index()
    table.columns = [str(column) for column in table.columns]
    show_table(
        table,
        hide_index=True,
        key="overlap_table",
        alt="Share of the best k edges in common, one row for every two networks",
        column_config={
            "a": "One",
            "b": "Other",
            **{c: st.column_config.NumberColumn(f"best {int(c):,}", format="%.0f %%") for c in table.columns[2:]},
        },
    )
    with st.container(horizontal=True):
        download("Overlap at k (TSV)", overlap, "compare-overlap")
        download("Rank correlation (TSV)", matrix.rename_axis("network").reset_index(), "compare-correlation")


def _pairs_in_words(matrix: pd.DataFrame) -> str:
    names = list(matrix.index)
    pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    found = {pair: float(matrix.loc[pair]) for pair in pairs}
    said = {pair: f"{value:z.2f}" if value == value else "none" for pair, value in found.items()}
    return "; ".join(f"{one[0]} and {other[0]} {said[one, other]}" for one, other in pairs)


def scores(compared: Compared, *, a: str, b: str) -> None:
    """Show the scores of two networks against each other; a click picks a pair everywhere on the page."""
    axes = one_of("Axes", AXES, "axes", "score")
    matched = compared.matched.once
    sample = sample_pairs(matched, a=a, b=b, n=N_POINTS)
    key = f"scatter_{axes}_{a[0]}{b[0]}"
    st.plotly_chart(
        figures.score_scatter(
            sample,
            a=a,
            b=b,
            ranks=axes == "rank",
            picked=picked_in_url().edge,
            directed=any(compared.directed[name] for name in (a, b)),
        ),
        key=key,
        on_select=lambda: choose_from_scatter(key),
        selection_mode="points",
        alt=f"Scatter of {len(sample)} pairs: {AXES[axes].lower()} in {a} against {b}",
        config=CONFIG,
    )
    drawn = "all" if len(sample) == len(matched) else "drawn at random from"
    st.caption(
        f"Each point is one pair of a TF and a target: {len(sample):,} points, {drawn} {len(matched):,} common pairs. "
        "Click one to see it in both runs and networks."
    )
    how_to_read(
        "Points far from the diagonal of the cloud are where the two disagree.",
        "Scores of different methods have scales of their own: compare their order.",
    )
    picked_edge(compared)
    download("These points (TSV)", sample, "compare-scores")


def tfs(compared: Compared, *, a: str, b: str) -> None:
    """Show how far two networks agree on each TF."""
    table = per_tf(compared.matched, a=a, b=b, k=BEST)
    found = search_tfs(table, key="compare_tf_search")
    if found.empty:
        return
    number = st.column_config.NumberColumn
    show_table(
        found,
        key="compare_tfs",
        hide_index=True,
        height=430,
        alt="Each TF: rank correlation of its targets in the two networks and its best targets in common",
        column_config={
            "source": "TF",
            "targets": number("Common targets", format="localized"),
            "correlation": number("Rank correlation", format="%.2f"),
            "shared": number(f"Shared of the best {BEST}", format="%.3g"),
            "of": None,
            "first_a": f"Best target in {a[0]}",
            "first_b": f"Best target in {b[0]}",
        },
    )
    st.caption(
        f"{len(found):,} of {len(table):,} TFs, those on which A and B differ most first. Click a heading to sort."
    )
    download("All TFs (TSV)", table, "compare-tfs")


def consensus(compared: Compared) -> None:
    """Offer a consensus of the chosen runs as a run of its own, and show its progress or the way to it."""
    method = one_of("How", {way.name: way.title for way in CONSENSUSES.values()}, "how", BORDA)
    way, without = CONSENSUSES[method], uncalibrated(compared.matched)
    st.markdown(f"{plain(way.description)} The sign is that of the majority. {plain(way.limits)}")
    if way.likely and without:
        st.info(
            f"No calibrated probability: {plain('; '.join(without))}. Take those out above, or take the Borda "
            "consensus, which needs an order alone.",
            icon=":material/percent:",
        )
        return
    title = " and ".join(name.partition(": ")[2] for name in compared.names.values())  # its letter is of this page
    request = runs.ConsensusRequest(runs=tuple(compared.ids), method=method, title=title)
    run_id = request.run_id()
    before = manager.status_if_known(run_id)
    if before is None:
        if st.button("Save the consensus as a new run", type="primary", icon=":material/merge:", key="save_consensus"):
            with errors_shown():
                runs.submit(request)
                st.rerun()
        return
    with errors_shown():
        status = watch_run(run_id)
        if status.state == "done":
            st.success(f"The consensus is saved as run {run_id[:6]}: choose it in every list of runs.")
            result_links(run_id)
            _best_of_consensus(FinishedRun.of(run_id), JOININGS[method].score)


def _best_of_consensus(run: FinishedRun, score: str) -> None:
    best, number = runs.RunStore().edges(run.id), st.column_config.NumberColumn
    signs = ["sign_agreement"] if (best["sign"] != 0).any() else []
    more = [name for name in ("uncertainty", *signs) if name in best]
    show_table(
        best.head(20)[["source", "target", "score", *more]],
        hide_index=True,
        key="consensus_edges",
        alt="The best twenty edges of the consensus",
        column_config={
            "source": "TF",
            "target": "Target",
            "score": st.column_config.ProgressColumn(score, min_value=0, max_value=1, format="%.3f"),
            "uncertainty": number("Uncertainty", format="%.3f", help=run.uncertainty or OVER_RUNS),
            "sign_agreement": number("Runs with this sign", format="percent"),
        },
    )
    download("All edges of the consensus (TSV)", best, "consensus")
