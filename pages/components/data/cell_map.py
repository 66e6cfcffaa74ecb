"""The cells on a plane, coloured by a column, a gene or a quality figure; cells are chosen by drawing on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from grn_core.datasets.annotations import column_title
from grn_core.datasets.closer import FIGURES, shown_cells
from grn_core.datasets.drawn import within
from grn_core.datasets.embedding import MOST_MAPPED
from grn_core.errors import GrnError
from grn_core.runs import RunStore, UmapRequest, manager
from pages.components.data.choices import groupings
from pages.components.runs.progress import watch_run
from pages.components.shared.messages import errors_shown, show_error, told_apart
from pages.components.shared.session import linked, query

if TYPE_CHECKING:
    import numpy as np

    from grn_core.datasets import Dataset
    from grn_core.datasets.closer import CloserLook

SEED, RESOLUTION = 0, 1.0
A_GENE = "A gene"
MOST_LISTED = 5000
"""Genes that a menu offers; of more the name is typed."""
MAP = "cell_map"


def cell_map(dataset: Dataset) -> np.ndarray | None:
    """Show the map of the cells, or offer to compute it; return which cells are drawn round, None for none."""
    look = _closer_look(dataset)
    points = dataset.embedding
    if points is None:
        points = None if look is None else look.points
    if points is None:
        return None
    shown = shown_cells(dataset.n_cells, seed=SEED)
    colour = _colour(dataset, look, shown)
    from grn_core import plots

    figure = plots.embedding(points[shown], colour, numbers=shown)
    words = f"UMAP of {len(shown):,} cells" + ("" if colour is None else f", coloured by {colour.name}")
    draws = st.toggle("Draw on the map", key="map_draws", help="Off, a finger on the map scrolls the page.")
    with st.container(key=f"cell_map_{'drawn' if draws else 'still'}"):
        drawn = st.plotly_chart(
            figure,
            key=MAP,
            alt=words,
            config={"displaylogo": False},
            on_select="rerun",
            selection_mode=("lasso", "box"),
        )
    some = f" {len(shown):,} of {dataset.n_cells:,} cells are drawn." if len(shown) < dataset.n_cells else ""
    if dataset.embedding is None and dataset.n_cells > MOST_MAPPED:
        some += (
            f" Map and clusters are those of {MOST_MAPPED:,} cells drawn at random; others join the nearest of them."
        )
    st.caption(
        "Each point is a cell; near ones have similar expression, far distances mean little. Draw round cells to "
        f"choose them. The map takes no part in the inference.{some}"
    )
    return chosen_on_map(drawn, points, n_shown=len(shown))


def chosen_on_map(drawn: Any, points: np.ndarray, *, n_shown: int) -> np.ndarray | None:
    """Return which cells a selection of the map holds, (n_cells,) bool; None for no cell.

    Where all cells are drawn, these are the points that the browser names, so that hidden ones stay out; where a part
    of them is drawn, all cells within what was drawn.
    """
    found = drawn.get("selection", {}) if drawn else {}
    shapes = {
        "lassos": [(one["x"], one["y"]) for one in found.get("lasso", ())],
        "boxes": [(one["x"], one["y"]) for one in found.get("box", ())],
    }
    inside = within(points, lassos=shapes["lassos"], boxes=shapes["boxes"])
    if n_shown == len(points):
        inside[:] = False
        numbers = [_number(one.get("customdata")) for one in found.get("points", ())]
        inside[[number for number in numbers if 0 <= number < len(points)]] = True
    return inside if inside.any() else None


def _number(custom: Any) -> int:
    first = custom[0] if isinstance(custom, list | tuple) and custom else custom
    return int(first) if isinstance(first, int | float) else -1


def _colour(dataset: Dataset, look: CloserLook | None, shown: np.ndarray) -> pd.Series | None:
    """Show the menu of colours; return a value for each shown cell, named for the legend."""
    columns = [*groupings(dataset), *(str(name) for name in dataset.obs.columns)]
    figures: list[str] = [] if look is None else [name for name in map(str, look.figures) if name not in columns]
    options: list[str] = list(dict.fromkeys([*columns, *figures, *([] if look is None else [A_GENE])]))
    if not options:
        return None
    menu, beside = st.columns([1, 1], vertical_alignment="bottom")
    with menu:
        by: str = st.selectbox(
            "Colour the cells by",
            options,
            format_func=told_apart(options, lambda name: FIGURES.get(name) or column_title(name)),
            **linked("colour", options[0], options),
        )
    if by == A_GENE and look is not None:
        with beside:
            return _gene(look)
    if by in figures and look is not None:
        return look.figures[by].iloc[shown].rename(FIGURES[by])
    try:
        return dataset.column(by).iloc[shown]
    except GrnError as error:
        show_error(error)
        return None


def _gene(look: CloserLook) -> pd.Series | None:
    """Show the choice of a gene; return its expression in the shown cells."""
    if len(look.genes) <= MOST_LISTED:
        genes = sorted(look.genes)
        gene = st.selectbox("Gene", genes, format_func=told_apart(genes), **linked("gene_shown", genes[0], genes))
    else:
        gene = st.text_input("Gene", **linked("gene_shown", ""), placeholder="SPI1").strip()
        same = {name.upper(): name for name in look.genes}
        gene = same.get(gene.upper(), gene)
    if not gene:
        return None
    try:
        return pd.Series(look.expression(gene), name=gene)
    except GrnError as error:
        show_error(error)
        return None


def _closer_look(dataset: Dataset) -> CloserLook | None:
    """Return what a worker has found of the cells; None, with the offer or the progress on the page, until it has."""
    request = UmapRequest(
        dataset_ref=dataset.ref,
        dataset_sha=dataset.sha256,
        title=dataset.title,
        resolution=query("resolution", RESOLUTION),
        seed=SEED,
    )
    run_id = request.run_id()
    if manager.status_if_known(run_id) is None:
        has_map = dataset.embedding is not None
        label = "Find clusters, colour by any gene" if has_map else "Compute map and clusters"
        if not has_map:
            st.info(
                "There is no map (UMAP) of these cells yet. The inference does not need one.",
                icon=":material/scatter_plot:",
            )
        if st.button(label, icon=":material/scatter_plot:", key="compute_umap"):
            with errors_shown():
                manager.submit(request)
                st.rerun()
        return None
    if watch_run(run_id).state != "done":
        return None
    with errors_shown():
        return RunStore().closer_look(run_id)
    return None
