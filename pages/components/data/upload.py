"""Upload of a file with cells: stored on disk at once, and refused in words when it cannot be used."""

from __future__ import annotations

import streamlit as st

from grn_core import datasets
from grn_core.datasets import formats
from grn_core.datasets.kinds import KINDS, find_kind
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import GrnError
from grn_core.genes.tables import SPECIES
from grn_core.settings import settings
from pages.components.shared.messages import plain, show_problem
from pages.components.shared.session import set_dataset


def upload_box() -> None:
    """Show the uploader; a good file becomes the chosen dataset, a bad one is explained and changes nothing."""
    values = st.selectbox(
        "Values of the file to upload",
        [None, *(kind.name for kind in KINDS if kind.name != "scaled")],
        format_func=lambda name: find_kind(name).title if name else "Told from the numbers",
        key="upload_values",
        help="What the numbers are is told from the file, and said below once it is read. Choose it yourself if that "
        "is wrong: a table of some of the genes, as logarithms, does not always say which.",
    )
    species = st.selectbox(
        "Species of its genes",
        [None, *SPECIES],
        format_func=lambda name: name.capitalize() if name else "Recognised from the names",
        key="upload_species",
        help="Human and mouse are recognised from names and ids; of both together the one with more names is taken. "
        "Choose it yourself if that is wrong. Genes of another species are refused, unless you choose human or mouse: "
        "then they are read as the genes that are spelt alike, with a warning on every result.",
    )
    turn = st.session_state.setdefault("upload_turn", 0)
    file = st.file_uploader(  # of any type: what cannot be read is explained in our words
        "Upload your own cells",
        key=f"upload_{turn}",
        max_upload_size=settings().max_upload_mb,
        help=f"{formats.in_words().capitalize()}. A table has genes in rows or in columns. Counts or log-normalised "
        "values; human or mouse; gene symbols or Ensembl ids. The file stays on this machine.",
    )
    if file is None:
        st.session_state.pop("upload_refused", None)
        return
    refused = st.session_state.get("upload_refused")
    asked = f"{file.file_id} {values} {species}"
    if refused is None or refused[0] != asked:
        try:
            with st.spinner(f"Reading {plain(file.name)}"):
                ref = datasets.store_upload(file.name, file, read_as=ReadAs(species=species, values=values))
        except GrnError as error:
            refused = st.session_state["upload_refused"] = (asked, error)
        else:
            set_dataset(ref)
            st.session_state["upload_turn"] = turn + 1
            st.toast(f"{plain(file.name)} was read and stored.")
            st.rerun()
    why: GrnError = refused[1]
    show_problem(f"the file was not taken: {why.found}", needed=why.needed, todo=why.todo)
    st.caption("The dataset chosen before is still the chosen one.")
