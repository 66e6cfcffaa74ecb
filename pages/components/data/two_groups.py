"""Groups A and B as the address has them, else as they were last chosen for these cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.damaged_records import COLUMNS
from grn_core.datasets.annotations import column_title, why_lost
from grn_core.datasets.groups import MIN_CELLS, CellGroup, Groups, groups_of, why_no_groups
from pages.components.data.choices import groupings, values_of
from pages.components.shared.damaged import show_damaged
from pages.components.shared.messages import plain
from pages.components.shared.session import query, remember, unknown_in

if TYPE_CHECKING:
    from grn_core.datasets import Dataset


def chosen_groups(dataset: Dataset) -> Groups | None:
    """Return the two groups, and write them into the address so that a link keeps them; None where none are named."""
    columns, kept = groupings(dataset), groups_of(dataset.sha256)
    show_lost_groups(dataset)
    a = _group(dataset, columns, name="a", before=kept.a if kept else None)
    b = _group(dataset, columns, name="b", before=kept.b if kept else None)
    if a is None or b is None:
        return None
    usual = kept.donor if kept and kept.donor in columns else ""
    found = Groups(a, b, query("donor", usual, ["", *columns]))
    for name, group in (("a", a), ("b", b)):
        remember(f"{name}_by", group.column)
        remember(f"{name}_in", group.values)
    remember("donor", found.donor)
    return found


def show_lost_groups(dataset: Dataset) -> None:
    """Say so where the groups that were chosen for these cells, or a column that was made here, cannot be read."""
    if lost := why_no_groups(dataset.sha256):
        told = f"{lost[0][:1].upper()}{lost[0][1:]}: {lost[1]}."
        st.warning(plain(told), icon=":material/warning:")
    kept, there = groups_of(dataset.sha256), groupings(dataset)
    used = () if kept is None else dict.fromkeys((kept.a.column, kept.b.column, kept.donor))
    for column in (one for one in used if one not in there):
        if lost := why_lost(column, dataset.sha256):
            told = f"The column {column_title(column)} of the groups {lost[0]}: {lost[1]}."
            st.warning(plain(told), icon=":material/warning:")
    show_damaged(COLUMNS)


def donors_in_words(named: str, *, count: bool) -> str:
    """Say before there is a run whether donors are compared or cells, and why.

    Parameters
    ----------
    named
        Column of donors; empty where none is named.
    count
        Whether enough of them are in each group.
    """
    if not named:
        return "No donors are named: cells are compared."
    name = column_title(named)
    if count:
        return f"Donors: {name.rstrip('.')}."
    return f"Donors: {name} has too few (two in each group with {MIN_CELLS} cells are needed), so cells are compared."


def _group(dataset: Dataset, columns: list[str], *, name: str, before: CellGroup | None) -> CellGroup | None:
    by = query(f"{name}_by", before.column if before else "", columns)
    if by not in columns:
        return None
    values = values_of(dataset, by)
    usual = before.values if before is not None and before.column == by else ()
    if unknown := unknown_in(f"{name}_in", values):
        named = f"Group {name.upper()} of the address is not of these cells"
        st.warning(f"{plain(named)}, and nothing is compared: {plain(', '.join(unknown))}.")
        return None
    chosen = query(f"{name}_in", tuple(value for value in usual if value in values), values)
    if chosen:
        return CellGroup(by, chosen)
    if before is None or before.column not in columns:
        return None
    there = set(values_of(dataset, before.column))
    left = tuple(value for value in before.values if value in there)
    return CellGroup(before.column, left) if left else None
