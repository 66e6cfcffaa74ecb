"""Which cells: those drawn or in a range, labels of the user's own, and two groups, A and B, to be compared."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from grn_core.datasets.annotations import SELECTED, column_title, mark
from grn_core.datasets.apart import quality
from grn_core.datasets.cell_labels import label_cells
from grn_core.datasets.closer import FIGURES
from grn_core.datasets.columns_said import likely_donor
from grn_core.datasets.groups import CellGroup, Groups, groups_of, keep_groups
from grn_core.datasets.large import LARGE
from grn_core.errors import GrnError
from grn_core.spreadsheets import lines_of
from pages.components.data.choices import groupings, values_of
from pages.components.data.two_groups import show_lost_groups
from pages.components.shared.kept import copied
from pages.components.shared.links import CHOOSE_GROUPS, GROUPS
from pages.components.shared.messages import plain, show_error, show_problem, told_apart
from pages.components.shared.session import linked, query, remember
from pages.components.shared.top import from_here

if TYPE_CHECKING:
    from grn_core.datasets import Dataset

LABELS_MB = 50
NOWHERE = ""
TWO_GROUPS = "two_groups"


def cell_tools(dataset: Dataset, drawn: np.ndarray | None) -> None:
    """Show what can be done with the cells that were drawn round, and the other ways to choose cells."""
    if drawn is not None:
        n_cells = int(drawn.sum())
        _use(dataset, drawn, title=f"{n_cells:,} drawn cells", key="drawn")
    asked = CHOOSE_GROUPS in st.query_params
    title = "Two groups to compare, A and B"
    with st.container(key=TWO_GROUPS), st.expander(title, icon=":material/compare_arrows:", expanded=asked):
        _groups(dataset)
    if asked:
        from_here(TWO_GROUPS)
    with st.expander("Choose cells by a number", icon=":material/tune:"):
        _range(dataset)
    with st.expander("Labels of my own", icon=":material/label:"):
        _labels(dataset)


def _use(dataset: Dataset, cells: np.ndarray, *, title: str, key: str) -> None:
    """Show what chosen cells can be used for."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(title)}**")
        only = st.button("Use only these", key=f"only_{key}", help="The panel and the network are of these cells.")
        a = st.button("Group A", key=f"a_{key}")
        b = st.button("Group B", key=f"b_{key}")
    if not (only or a or b):
        return
    ref = mark(dataset.sha256, cells, title=title)
    name = "cells" if only else "a" if a else "b"
    remember(f"{name}_by", ref)
    remember(f"{name}_in", (SELECTED,))
    st.rerun()


def _groups(dataset: Dataset) -> None:
    show_lost_groups(dataset)
    columns = groupings(dataset)
    if not columns:
        st.caption("These cells have no labels yet. Compute clusters, draw round cells, or upload labels.")
        return
    kept = groups_of(dataset.sha256)
    left, right = st.columns(2)
    with left:
        a = _group(dataset, columns, name="a", before=kept.a if kept else None)
    with right:
        b = _group(dataset, columns, name="b", before=kept.b if kept else None)
    taken = {group.column for group in (a, b) if group is not None}  # A and B are told apart by it, not donors
    donors = [NOWHERE, *(column for column in columns if column not in taken)]
    usual = _likely_donor(dataset, a, b, donors) if kept is None else kept.donor if kept.donor in donors else NOWHERE
    donor = st.selectbox(
        "Donor or batch",
        donors,
        format_func=told_apart(donors, lambda name: column_title(name) if name else "Not named"),
        **linked("donor", usual, donors),
        help="The column that tells donors or batches apart: whole donors are compared then. One that is called so and "
        "has two or more in each group is proposed; 'Not named' compares cells.",
    )
    if a is None or b is None:
        st.caption("Choose values for A and for B.")
        return
    chosen = Groups(a, b, donor)
    try:
        masks = chosen.masks(dataset)
        if chosen != kept:
            keep_groups(dataset, chosen)
    except GrnError as error:
        show_error(error)
        return
    n_a, n_b = (int(mask.sum()) for mask in masks)
    st.success(f"A: {n_a:,} cells ({plain(a.title)}). B: {n_b:,} cells ({plain(b.title)}). Kept for comparisons.")
    st.page_link(GROUPS, label="Compare A and B", icon=":material/difference:")


def _likely_donor(dataset: Dataset, a: CellGroup | None, b: CellGroup | None, columns: list[str]) -> str:
    """Return the column that is proposed as that of the donors, once both groups are named."""
    if a is None or b is None:
        return NOWHERE
    try:
        masks = Groups(a, b).masks(dataset)
    except GrnError:  # said below
        return NOWHERE
    return likely_donor(dataset, *masks, columns=columns[1:]) or NOWHERE


def _group(dataset: Dataset, columns: list[str], *, name: str, before: CellGroup | None) -> CellGroup | None:
    """Show the choice of one group; None until it has a value."""
    usual = before if before is not None and before.column in columns else CellGroup(columns[0], ())
    by = st.selectbox(
        f"Group {name.upper()} by",
        columns,
        format_func=told_apart(columns, column_title),
        **linked(f"{name}_by", usual.column, columns),
    )
    values = values_of(dataset, by)
    usual_in = tuple(value for value in usual.values if value in values) if by == usual.column else ()
    st.multiselect(
        f"Values of group {name.upper()}",
        values,
        format_func=told_apart(values),
        **linked(f"{name}_in", usual_in, values),
        placeholder="One or more",
    )
    chosen = query(f"{name}_in", usual_in, values)
    return CellGroup(by, chosen) if chosen else None


def _range(dataset: Dataset) -> None:
    numbers = _numbers(dataset)
    if not numbers:
        st.caption(
            "The cells have no column of numbers, and are too many to be counted here: compute map and clusters."
        )
        return
    by = st.selectbox(
        "Number", list(numbers), format_func=told_apart(numbers, lambda name: FIGURES.get(name, name)), key="range_by"
    )
    values = numbers[by]
    low, high = float(values.min()), float(values.max())
    from_, to = st.slider("Between", low, high, (low, high), key=f"range_{by}")
    inside = values.between(from_, to).to_numpy()
    if inside.all() or not inside.any():
        st.caption("Narrow the range to choose cells.")
        return
    _use(
        dataset,
        inside,
        title=f"{FIGURES.get(by, by)} {from_:z.4g} to {to:z.4g}, {int(inside.sum()):,} cells",
        key="range",
    )


def _numbers(dataset: Dataset) -> dict[str, pd.Series]:
    """Return the numbers that the cells differ in: columns of the file, and the quality figures that these lack."""
    found = {str(name): column for name, column in dataset.obs.items() if column.dtype.kind in "iuf"}
    if dataset.n_values <= LARGE:
        figures = _quality(dataset.sha256, _dataset=dataset)
        found |= {str(name): column for name, column in figures.items() if str(name) not in dataset.obs}
    numbers = {name: column.astype(float) for name, column in found.items()}
    return {name: column for name, column in numbers.items() if np.isfinite(column).all() and column.nunique() > 1}


@copied(max_entries=4, show_spinner="Counting genes per cell")
def _quality(sha256: str, *, _dataset: Dataset) -> pd.DataFrame:  # noqa: ARG001 - with it a changed dataset is counted anew
    values = quality(_dataset)
    return pd.DataFrame(values, index=_dataset.obs.index, columns=list(FIGURES))


def _labels(dataset: Dataset) -> None:
    file = st.file_uploader(
        "Table of cells and labels",
        key="labels_file",
        max_upload_size=LABELS_MB,
        help="Two columns, .csv or .tsv: the name of a cell (barcode) and its label, with or without header.",
    )
    if file is None:
        st.caption(f"Cells are called like {plain(dataset.obs.index[0])} here.")
        return
    asked = f"{file.file_id} {dataset.sha256}"
    known = st.session_state.get("labels_found")
    if known is None or known[0] != asked:
        try:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "labels.txt"
                path.write_bytes(file.getvalue())
                found = label_cells(dataset, path, title=Path(file.name).stem or "Labels")
        except GrnError as error:
            show_problem(f"the labels were not taken: {error.found}", needed=error.needed, todo=error.todo)
            return
        st.session_state["labels_found"] = known = (asked, found)
        remember("colour", found.ref)
        st.rerun()
    st.success(plain(known[1].words))
    if known[1].unmatched:
        st.download_button(
            "Names that are no cells here",
            lines_of(known[1].unmatched),
            file_name="unmatched.txt",
            icon=":material/download:",
            key="unmatched_cells",
        )
