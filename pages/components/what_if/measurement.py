"""The measurement that a prediction is set beside: one that comes with the software, or a table of the user's."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.errors import DataError
from grn_core.experiments.bundled import bundled, bundled_of, told_of
from grn_core.experiments.matching import check_fit
from grn_core.experiments.named import read_named
from grn_core.experiments.uploads import store_measured, stored_measured
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.session import linked, query, remember
from pages.components.shared.uploads import stored_upload

if TYPE_CHECKING:
    from collections.abc import Sequence

NONE = ""
MOST_SAID = 400


def pick_measurement(tfs: Sequence[str], *, genes: tuple[str, ...], change: str) -> str:
    """Ask for a table of measured changes, and say how many of the genes are in it; return its name, empty for none.

    Parameters
    ----------
    tfs
        Canonical symbols of the TFs that are changed.
    genes
        Canonical symbols of the genes that are asked.
    change
        What is done to the TFs.
    """
    with st.expander("Beside a measurement", icon=":material/compare:", expanded=bool(query("beside", NONE))):
        given = stored_upload(
            "Upload measured changes",
            key="measured_changes",
            about="A gene and its log fold change a row, as DESeq2, edgeR, limma, scanpy or Seurat write them; with "
            "p-values if known. It stays on this machine.",
            store=store_measured,
        )
        if given is not None:
            remember("beside", given)
            st.rerun()
        titles = {NONE: "None", **bundled_of(tfs), **stored_measured()}
        chosen: str = st.selectbox(
            "Table",
            list(titles),
            format_func=told_apart(titles, titles.__getitem__),
            **linked("beside", NONE, titles),
            help=f"Measured perturbations come with the software for {plain(_tfs())}.",
        )
        if chosen and tfs:
            for text in told_of(chosen, tfs=tfs, change=change):
                st.markdown(plain(text))
            _say_fit(chosen, tuple(tfs), genes)
    return chosen


def _tfs() -> str:
    return ", ".join(sorted({one.tf for one in bundled().values()}))


def _say_fit(name: str, tfs: tuple[str, ...], genes: tuple[str, ...]) -> None:
    fits, told = _fit(name, tfs, genes)
    if fits:
        st.markdown(plain(shorten(told, MOST_SAID, placeholder=" ...")))
    else:
        st.warning(
            f"It will not be compared, and the prediction is shown without it: {plain(told)}.",
            icon=":material/warning:",
        )


@kept(max_entries=16)
def _fit(name: str, tfs: tuple[str, ...], genes: tuple[str, ...]) -> tuple[bool, str]:
    """Return whether a table can be compared, and how many genes are in it, or what is wrong; kept in both cases."""
    try:
        return True, check_fit(read_named(name), symbols=genes, tfs=tfs)
    except DataError as error:
        return False, str(error)
