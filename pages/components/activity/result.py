"""What a run of TF activity found: a TF on the map of the cells, TFs beside groups, A against B, and files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from grn_core import plots
from grn_core.datasets.closer import shown_cells
from grn_core.networks.activity import METHODS, beside_all_cells, shifted_tfs, specific_tfs
from grn_core.networks.activity.groups import PAIR
from grn_core.networks.activity.writing import write_h5ad, write_table
from grn_core.runs import ActivityRequest, RunStore, UmapRequest, manager
from grn_core.runs.damage import DOWNLOAD
from pages.components.runs.view import say_tested, view
from pages.components.shared.kept import kept as kept_here
from pages.components.shared.later import later
from pages.components.shared.links import DATASET
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import linked, one_of, query, remember
from pages.components.shared.tables import download, first_rows, show_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader
    from pathlib import Path

    import plotly.graph_objects as go

    from grn_core.datasets import Dataset
    from grn_core.networks.activity.kept import KeptActivity
    from grn_core.runs import Request

OF_CELLS = (
    ("Activity of every cell (.h5ad, obsm)", write_h5ad, ".h5ad", "application/x-hdf5"),
    ("Activity of every cell (TSV)", write_table, ".tsv", "text/plain"),
)
PER_GROUP, MOST = 5, 30
MOST_OF_TWO = 20
FARTHEST = "whose two means are farthest apart"
VIEWS = {"mean": "Mean activity", "rss": "Specificity (RSS)"}
FEW_DONORS = 10
NORMAL = "A t-test takes donors to vary normally, which so few cannot show: its p may be too small."
column = st.column_config
DIFFERENCES = {
    "tf": column.TextColumn("TF"),
    "difference": column.NumberColumn("A minus B", format="%.3f"),
    "mean_a": column.NumberColumn("Mean of A", format="%.3f"),
    "mean_b": column.NumberColumn("Mean of B", format="%.3f"),
    "p_adjusted": column.NumberColumn("Adjusted p", format="%.2g", help="Benjamini-Hochberg over all TFs."),
}


def activity_result(run_id: str, dataset: Dataset | None) -> None:
    """Show a finished run; without its cells, as in a copy of another's run, what it holds of them."""
    store = RunStore()
    kept, record = store.activity(run_id), store.record(run_id)
    result = record["result"]
    order = kept.overview()["tf"].tolist()
    groups = None if kept.groups is None else beside_all_cells(kept.groups, kept.overview())
    apart, why = ([], "") if groups is None else _apart(groups, kept.differences, RunStore().request(run_id))
    _headline(kept, result)
    say_tested(view(run_id))
    for text in result.get("of_cells", ()):
        st.caption(plain(text))
    with st.container(key="stacks_activity"):
        left, right = st.columns([1, 1], gap="large")
    with left:
        if dataset is None:
            _all_tfs(kept)
        else:
            _map(kept, dataset, first=(apart or order)[0])
    with right:
        if groups is None or not apart:
            two = "A and B are compared below. " if kept.differences is not None else ""
            st.info(f"{two}With a column of groups, the TFs that are active in each stand here.")
        else:
            _groups(run_id, groups, apart, why=why)
    if (table := kept.differences) is not None:
        st.header("A against B", anchor=False)
        activity_differences(run_id, table, result["differences"])
    _files(kept, dataset, run_id)
    if left_out := kept.facts["left_out"]:
        with st.expander(f"{len(left_out):,} TFs with too few targets in these cells", icon=":material/block:"):
            st.markdown(plain(", ".join(left_out)))


def _headline(kept: KeptActivity, result: dict[str, Any]) -> None:
    method = METHODS[kept.facts["method"]]
    st.markdown(
        f"**{len(kept.tfs):,} TFs** in **{len(kept.cells):,} cells**, from {result['targets']:,} targets among "
        f"{result['genes']:,} expressed genes."
    )
    how_to_read(
        f"{plain(method.meaning)} It is read from the targets, not from the TF's own expression, and is worth as much "
        "as the network that names them.",
        f"**Values**: {method.unit}.",
        "**Specificity (RSS)**: 1 where a TF is active in all cells of one group and in no other.",
    )


def _all_tfs(kept: KeptActivity) -> None:
    st.info("The cells are not here: a TF on their map, and files by cell, need them.", icon=":material/info:")
    shown = first_rows(kept.overview(), first="first", what="TFs", searched=False)
    show_table(shown, hide_index=True, height=400, key="activity_overview")


def _map(kept: KeptActivity, dataset: Dataset, *, first: str) -> None:
    tfs = sorted(kept.tfs)
    wanted = query("tf", first)
    same = {name.upper(): name for name in tfs}
    if wanted not in tfs and wanted.upper() in same:
        remember("tf", same[wanted.upper()])
    tf = st.selectbox("TF", tfs, format_func=told_apart(tfs), accept_new_options=True, **linked("tf", first, tfs))
    if wanted.upper() not in same:
        left_out = wanted.upper() in {name.upper() for name in kept.facts["left_out"]}
        why = "has too few targets in these cells" if left_out else "is no TF of the network that names the targets"
        st.info(f"{plain(wanted)} {why}. Shown is {plain(tf)}.")
    points = _points(dataset)
    values = kept.of_tf(tf)
    if points is None:
        st.info("There is no map (UMAP) of these cells yet: compute it under Dataset.")
        st.page_link(DATASET, label="Compute map and clusters", icon=":material/scatter_plot:")
        return
    shown = shown_cells(len(kept.cells))
    colour = pd.Series(values[shown].astype(float), name=f"activity of {tf}")
    known = values[np.isfinite(values)]
    usual = float(np.mean(known)) if len(known) else None
    figure = plots.embedding(points[kept.cells[shown]], colour, usual=usual)
    st.plotly_chart(figure, key="activity_map", alt=f"Activity of {tf} in {len(shown):,} cells on their map.")
    some = f" {len(shown):,} of {len(kept.cells):,} cells are drawn." if len(shown) < len(kept.cells) else ""
    st.caption(
        f"Each point is a cell, coloured by the activity of {plain(tf)}: blue above its mean, orange below.{some}"
    )


def _points(dataset: Dataset) -> np.ndarray | None:
    """Return the map of the cells: that of the data, or one that was computed under Dataset."""
    if dataset.embedding is not None:
        return np.asarray(dataset.embedding)
    for resolution in (1.0, None):
        run_id = UmapRequest(
            dataset_ref=dataset.ref, dataset_sha=dataset.sha256, resolution=resolution, seed=0
        ).run_id()
        status = manager.status_if_known(run_id)
        if status is not None and status.state == "done":
            return RunStore().embedding(run_id)
    return None


@kept_here(max_entries=8)
def _heatmap(run_id: str, _table: pd.DataFrame, tfs: list[str], *, rss: bool) -> go.Figure:  # noqa: ARG001
    """Return the picture of the groups; a page only sends it, and changes nothing in it."""
    return plots.activity_heatmap(_table, tfs, rss=rss)


@kept_here(max_entries=8)
def _volcano(run_id: str, _table: pd.DataFrame) -> go.Figure:  # noqa: ARG001
    """Return the picture of what differs, as `_heatmap` does."""
    return plots.difference_volcano(_table, a="A", b="B")


def _apart(groups: pd.DataFrame, tested: pd.DataFrame | None, asked: Request) -> tuple[list[str], str]:
    """Return the TFs whose means differ most between the groups, and how they were chosen, in words."""
    names = set(groups["group"])
    if len(names) != PAIR:
        return shifted_tfs(groups, per_group=PER_GROUP, most=MOST), "highest in some group"
    if tested is not None and isinstance(asked, ActivityRequest) and asked.compares(asked.group, names):
        known = tested.dropna(subset=["p_adjusted"])["tf"].head(MOST_OF_TWO).tolist()
        if known:
            return known, "with the smallest adjusted p (below)"
    return shifted_tfs(groups, per_group=PER_GROUP, most=MOST_OF_TWO), FARTHEST


def _groups(run_id: str, table: pd.DataFrame, apart: list[str], *, why: str) -> None:
    view = one_of("Colour", VIEWS, "heat", "mean", label_visibility="collapsed")
    rss = view == "rss"
    tfs = specific_tfs(table, per_group=PER_GROUP, most=MOST) if rss else apart
    n_groups = table["group"].nunique()
    st.plotly_chart(
        _heatmap(run_id, table, tfs, rss=rss),
        key="activity_groups",
        alt=f"{VIEWS[view]} of {len(tfs)} TFs in {n_groups} groups of cells.",
    )
    if rss:
        st.caption(f"The {len(tfs)} TFs most specific for some group, 0 to 1.")
        return
    st.caption(
        f"The {len(tfs)} TFs {plain(why)}: blue above the mean of all cells, orange below, in standard deviations."
    )
    if why == FARTHEST:
        st.caption("For an adjusted p, name the two groups A and B under Dataset.")


def activity_differences(run_id: str, table: pd.DataFrame, told: dict[str, Any]) -> None:
    """Show which TFs differ in activity between two groups: a sentence, a picture and a table."""
    n_sure = int((table["p_adjusted"] < 0.05).sum())
    n_a, n_b = told["n"]
    compared = f"{n_a:,} donors, each in both" if told["unit"] == "pairs" else f"{n_a:,} and {n_b:,} {told['unit']}"
    st.markdown(
        f"**{n_sure:,} of {len(table):,} TFs** differ (adjusted p below 0.05) between A, {plain(told['a'])}, and B, "
        f"{plain(told['b'])}: {plain(compared)}."
    )
    words = plain(told.get("words", ""))
    st.warning(words, icon=":material/help:") if told["unit"] == "cells" else st.caption(words)
    if told["unit"] != "cells" and min(n_a, n_b) < FEW_DONORS:
        st.caption(NORMAL)
    with st.container(key="stacks_activity_differences"):
        left, right = st.columns([1, 1], gap="large")
    with left:
        st.plotly_chart(
            _volcano(run_id, table), key="activity_volcano", alt=f"Difference and adjusted p of {len(table):,} TFs."
        )
        st.caption("Right: more active in A. Higher: smaller adjusted p. Dashed: adjusted p of 0.05.")
    with right:
        shown = first_rows(table, first="with the smallest adjusted p", what="TFs", searched=False)
        show_table(shown[list(DIFFERENCES)], hide_index=True, column_config=DIFFERENCES, height=400)


def _files(kept: KeptActivity, dataset: Dataset | None, run_id: str) -> None:
    start = run_id[:8]
    with st.popover("Download", icon=":material/download:"):
        if dataset is None:
            download("All TFs (TSV)", kept.overview(), f"{start}-activity")
        else:
            _files_of_cells(kept, dataset, start)
        if kept.groups is not None:
            download("Groups of cells (TSV)", kept.groups, f"{start}-groups")
        if kept.differences is not None:
            download("A against B (TSV)", kept.differences, f"{start}-differences")


def _files_of_cells(kept: KeptActivity, dataset: Dataset, start: str) -> None:
    for label, write, ending, mime in OF_CELLS:
        st.download_button(
            label,
            later(partial(_written, write, kept, dataset, ending=ending)),
            f"grn-{start}-activity{ending}",
            mime,
            on_click="ignore",
            icon=":material/download:",
            key=f"activity_file{ending}",
        )


def _written(
    write: Callable[[KeptActivity, Dataset, Path], None], kept: KeptActivity, dataset: Dataset, *, ending: str
) -> BufferedReader:
    """Open the file of a run, which is written when it is first asked for and kept beside the run's scores."""
    path = kept.folder / f"{DOWNLOAD}{ending}"
    if not path.is_file():
        write(kept, dataset, path)
    return path.open("rb")
