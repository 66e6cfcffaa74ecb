"""What pages do with a table: offer it as a file, search it for a TF, and show no more of it than anybody reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import networks
from pages.components.shared.later import later
from pages.components.shared.messages import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

MOST_ROWS = 2000
"""Rows of a table that the browser is sent: more take seconds, and nobody reads them."""
FIXED = re.compile(r"%\+?\.(\d+)f")
"""How a column says that its numbers have so many decimals."""


def show_table(table: pd.DataFrame, *, column_config: Mapping[str, Any] | None = None, **options: Any) -> None:
    """Show a table as `streamlit.dataframe` does, with no number that would stand there as −0.00.

    Parameters
    ----------
    table
        Its values are left as they are.
    column_config, options
        As `streamlit.dataframe` takes them.
    """
    st.dataframe(without_minus_zero(table, column_config or {}), column_config=column_config, **options)


def without_minus_zero(table: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table whose numbers below zero that are shown as zero are zero: the browser would keep their minus."""
    zero = {}
    for name, column in columns.items():
        shown = FIXED.match(str((column.get("type_config") or {}).get("format"))) if isinstance(column, dict) else None
        if shown is None or name not in table or table[name].dtype.kind != "f":
            continue
        below = (table[name] <= 0) & table[name].round(int(shown[1])).eq(0)
        if below.any():
            zero[name] = table[name].mask(below, 0.0)
    return table.assign(**zero) if zero else table


def first_rows(table: pd.DataFrame, *, first: str, what: str, searched: bool = True) -> pd.DataFrame:
    """Return the rows of a table that are shown, the first `MOST_ROWS`; say so where there are more.

    Parameters
    ----------
    table
        In the order in which it is to be read.
    first
        What the first rows are, such as ``best`` or ``with the smallest q``.
    what
        What the rows are.
    searched
        Whether a search stands beside, which looks through all rows.
    """
    if len(table) > MOST_ROWS:
        where = "search goes over" if searched else "file has"
        st.caption(f"The {MOST_ROWS:,} {plain(first)} of {len(table):,} {plain(what)}; the {plain(where)} all.")
    return table.head(MOST_ROWS)


def download(label: str, table: pd.DataFrame | Callable[[], pd.DataFrame], name: str) -> None:
    """Offer a table as a file; one that takes time to make is given as what makes it, once it is asked for."""
    st.download_button(
        label,
        later(lambda: networks.table_tsv(table() if callable(table) else table)),
        f"grn-{name}.tsv",
        on_click="ignore",
        icon=":material/download:",
        key=f"download_{name}",
    )


def search_tfs(table: pd.DataFrame, *, key: str, place: Any = st) -> pd.DataFrame:
    """Return the rows whose ``source`` has what the user writes in its name, the first `MOST_ROWS`; say so if none has.

    Parameters
    ----------
    table
        One row for each TF.
    key
        Of the field.
    place
        Where the field is shown.
    """
    search = place.text_input("Search TFs", placeholder="Part of a name", key=key).strip()
    found = table[table["source"].str.contains(search, case=False, regex=False)] if search else table
    if found.empty:
        st.info(f"No TF has {plain(search)} in its name.")
    return found.head(MOST_ROWS)
