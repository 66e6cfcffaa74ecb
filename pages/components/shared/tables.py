"""What pages do with a table: offer it as a file, and search it for a TF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import networks
from pages.components.shared.later import later
from pages.components.shared.messages import plain

if TYPE_CHECKING:
    import pandas as pd


def download(label: str, table: pd.DataFrame, name: str) -> None:
    """Offer a table as a file."""
    st.download_button(
        label,
        later(lambda: networks.table_tsv(table)),
        f"grn-{name}.tsv",
        on_click="ignore",
        icon=":material/download:",
        key=f"download_{name}",
    )


def search_tfs(table: pd.DataFrame, *, key: str, place: Any = st) -> pd.DataFrame:
    """Return the rows whose ``source`` has what the user writes in its name; say so where there are none.

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
    return found
