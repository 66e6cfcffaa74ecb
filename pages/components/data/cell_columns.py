"""The columns of the cells, with what each of them holds: read before groups are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.datasets.annotations import annotations_of
from grn_core.datasets.columns_said import SaidColumn, said_columns
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain

if TYPE_CHECKING:
    from grn_core.datasets import Dataset

LONG = 10
"""Columns from which on the table scrolls."""


def cell_columns(dataset: Dataset) -> None:
    """List the columns of the cells: what each holds, its values with their cells, and which values no cell has."""
    made = tuple(one.ref for one in annotations_of(dataset.sha256))
    every = _said(dataset.sha256, made, dataset)
    n = sum(one.sorts for one in every)
    if not every:
        st.caption("The cells have no columns: compute clusters, draw round cells, or upload labels.")
        return
    title = f"Columns of the cells: {n:,} sort them into groups, {len(every) - n:,} do not"
    with st.expander(title, icon=":material/view_column:"):
        st.table(
            {
                "Column": [plain(one.title) for one in every],
                "What it holds": [plain(one.kind) for one in every],
                "Values (cells)": [plain(one.values) for one in every],
            },
            height=400 if len(every) > LONG else "content",
            alt="Columns of the cells, what each holds, and its values with the number of their cells",
        )


@kept(max_entries=8, show_spinner="Looking through the columns of the cells")
def _said(sha256: str, made: tuple[str, ...], _dataset: Dataset) -> tuple[SaidColumn, ...]:  # noqa: ARG001
    return tuple(said_columns(_dataset))
