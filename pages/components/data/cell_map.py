"""The cells on a plane, coloured by any column; computed by a worker where the file brought no such map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.runs import RunStore, UmapRequest, manager
from pages.components.data.choices import groupings
from pages.components.runs.progress import watch_run
from pages.components.shared.messages import errors_shown
from pages.components.shared.session import linked

if TYPE_CHECKING:
    import numpy as np

    from grn_core.datasets import Dataset

SEED = 0


def cell_map(dataset: Dataset) -> None:
    """Show the dataset's UMAP, or offer to compute one."""
    points = dataset.embedding
    if points is None:
        points = _computed(dataset)
    if points is None:
        return
    columns = [str(name) for name in dataset.obs.columns]
    colour = None
    if columns:
        first = groupings(dataset)
        default = first[0] if first else columns[0]
        colour = st.selectbox("Colour the cells by", columns, **linked("colour", default, columns))
    from grn_core import plots

    figure = plots.embedding(points, None if colour is None else dataset.obs[colour])
    words = f"UMAP of {len(points):,} cells" + (f", coloured by {colour}" if colour else "")
    st.plotly_chart(figure, key="cell_map", alt=words, config={"displaylogo": False})
    st.caption(
        "Each point is one cell; cells that lie close together have similar expression. Distances between far "
        "groups mean little. The map only shows the data: it takes no part in the inference."
    )


def _computed(dataset: Dataset) -> np.ndarray | None:
    """Return the UMAP that a worker has computed; None, with the offer or the progress on the page, until it has."""
    request = UmapRequest(dataset_ref=dataset.ref, dataset_sha=dataset.sha256, title=dataset.title, seed=SEED)
    run_id = request.run_id()
    known = manager.status_if_known(run_id)
    if known is None:
        st.info(
            "There is no map (UMAP) of these cells yet. The inference does not need one.",
            icon=":material/scatter_plot:",
        )
        if st.button("Compute the map of the cells", icon=":material/scatter_plot:", key="compute_umap"):
            with errors_shown():
                manager.submit(request)
                st.rerun()
        return None
    if watch_run(run_id).state != "done":
        return None
    with errors_shown():
        return RunStore().embedding(run_id)
    return None
