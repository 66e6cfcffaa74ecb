"""The chosen dataset for pages that need one, and the way to another where there is none to read."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.errors import GrnError
from pages.components.data.choices import chosen_dataset, is_gene_list
from pages.components.shared.links import DATASET
from pages.components.shared.messages import plain, show_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grn_core.datasets import Dataset


@contextmanager
def another_offered() -> Iterator[None]:
    """Show a `GrnError` of the block with the way to another dataset, and go on after it."""
    try:
        yield
    except GrnError as error:
        show_error(error)
        st.page_link(DATASET, label="Choose another dataset", icon=":material/dataset:")


def chosen_cells(*, needs: str) -> Dataset | None:
    """Return the chosen dataset and say which it is; None, with what to do on the page, where it has no cells to read.

    Parameters
    ----------
    needs
        What cells are needed for: the beginning of the sentence that says so.
    """
    with another_offered():
        dataset = chosen_dataset()
        if not is_gene_list(dataset):
            st.markdown(f"**{plain(dataset.title)}**: {dataset.n_cells:,} cells")
            return dataset
        st.info(f"{plain(needs)}, and a gene list has none. Choose a dataset with cells.")
        st.page_link(DATASET, label="Choose cells", icon=":material/dataset:")
    return None
