"""A network of genes alone: paste or upload their names, and see which of them were understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.errors import GrnError
from grn_core.genes.tables import SPECIES
from grn_core.spreadsheets import lines_of
from pages.components.shared.messages import plain, show_error, show_problem
from pages.components.shared.session import set_dataset

if TYPE_CHECKING:
    from collections.abc import Collection

    from grn_core.datasets import GeneList

PASTED = "genes_text"
PLACEHOLDER = "SPI1 GATA1 CEBPA CD14 LYZ MPO"
HELP = (
    "Symbols, Ensembl ids or common names that mean one gene (p53, OCT4), human or mouse, separated by spaces, commas "
    "or lines. The TFs among them are the sources of edges, all of them are targets."
)
MOST_SHOWN = 200
MOST_PASTED = 500_000
MOST_MB = 2


def genes_field(*, height: int = 132) -> str:
    """Show the field for pasted gene names; return its text."""
    return (
        st.text_area("Gene names", key=PASTED, height=height, placeholder=PLACEHOLDER, max_chars=MOST_PASTED, help=HELP)
        or ""
    )


def genes_box() -> None:
    """Show the ways to give a gene list; a good one becomes the chosen dataset, a bad one is explained."""
    text = genes_field()
    file = st.file_uploader("or a file with gene names", key="genes_file", max_upload_size=MOST_MB)
    species = st.selectbox(
        "Species of the genes",
        [None, *SPECIES],
        format_func=lambda name: name.capitalize() if name else "Recognised from the names",
        key="genes_species",
    )
    if not st.button("Use these genes", type="primary", icon=":material/arrow_forward:", key="genes_use"):
        return
    from grn_core.datasets.gene_lists import names_in, store_genes

    try:
        content = file.getvalue() if file is not None else text
        title = file.name if file is not None else ""
        ref = store_genes(names_in(content), title=title, species=species)
    except GrnError as error:
        show_problem(f"the gene list was not taken: {error.found}", needed=error.needed, todo=error.todo)
        return
    set_dataset(ref)
    st.rerun()


def list_report(genes: GeneList, vocabulary: Collection[str], *, model: str) -> None:
    """Show what was understood of a gene list, and every name that was not, with its reason."""
    try:
        match, lost = genes.match, genes.not_understood
    except GrnError as error:
        show_error(error)
        return
    known = sum(symbol in vocabulary for symbol in match.symbols if symbol is not None)
    rows = {
        "Names": f"{len(genes.names):,}",
        "Understood": f"{match.n_matched:,}",
        f"known to the model ({plain(model)})": f"{known:,}",
        "Species": match.species,
    }
    st.table({"Found": rows}, hide_header=True, alt="What was understood of the gene list")
    if not lost:
        return
    with st.expander(f"Names that take no part ({len(lost):,})", expanded=len(lost) <= 12):
        st.markdown("  \n".join(plain(one.words) for one in lost[:MOST_SHOWN]))
        st.download_button(
            "Download them",
            lines_of(one.words for one in lost),
            file_name="names-not-understood.txt",
            icon=":material/download:",
            key="lost_names",
        )
