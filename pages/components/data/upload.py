"""Upload of a file with cells: stored on disk at once, and refused in words when it cannot be used."""

from __future__ import annotations

from typing import BinaryIO

import streamlit as st

from grn_core import datasets, runs
from grn_core.datasets import ReadAs, formats
from grn_core.datasets.gene_lists import names_in, store_genes
from grn_core.datasets.genes_of_cells import store_genes_of
from grn_core.errors import GrnError, HoldsGenesError, HoldsNetworkError, ScaledValuesError, TooFewCellsError
from grn_core.networks.imports.store import store_network
from grn_core.settings import settings
from pages.components.data.read_as_form import read_as_form
from pages.components.runs.open_question import ask_open
from pages.components.runs.progress import watch_run
from pages.components.runs.score_column import choose_score_column
from pages.components.runs.view import view
from pages.components.shared.links import result_links
from pages.components.shared.messages import errors_shown, plain, show_error, show_problem
from pages.components.shared.session import set_dataset


def upload_box() -> None:
    """Show the uploader; a good file becomes the chosen dataset, a bad one is explained and changes nothing."""
    turn = st.session_state.setdefault("upload_turn", 0)
    with st.expander("How to read the file", icon=":material/tune:"):
        try:
            read_as = read_as_form(f"read_{turn}", said=ReadAs())  # what is said of a file is not said of the next
        except GrnError as error:
            show_error(error)
            return
    file = st.file_uploader(  # of any type: what cannot be read is explained in our words
        "Upload your own cells",
        key=f"upload_{turn}",
        max_upload_size=settings().max_upload_mb,
        help=f"{formats.in_words().capitalize()}. A table has genes in rows or in columns. Counts or log-normalised "
        "values; human or mouse; gene symbols or Ensembl ids. A network of this or another tool becomes a run. The "
        "file stays on this machine.",
    )
    if file is None:
        st.session_state.pop("upload_refused", None)
        return
    refused = st.session_state.get("upload_refused")
    asked = f"{file.file_id} {read_as.to_text()}"
    if refused is None or refused[0] != asked:
        try:
            with st.spinner(f"Reading {plain(file.name)}"):
                ref = datasets.store_upload(file.name, file, read_as=read_as)
        except HoldsGenesError:
            found = _genes(file.getvalue(), name=file.name, species=read_as.species)
            if isinstance(found, str):
                set_dataset(found)
                st.session_state["upload_turn"] = turn + 1
                st.rerun()
            refused = st.session_state["upload_refused"] = (asked, found)
        except HoldsNetworkError:
            refused = st.session_state["upload_refused"] = (asked, _imported(file.name, file, species=read_as.species))
        except GrnError as error:
            refused = st.session_state["upload_refused"] = (asked, error)
        else:
            set_dataset(ref)
            st.session_state["upload_turn"] = turn + 1
            asked = " One thing is to be confirmed." if datasets.asks_of(ref) else ""
            st.toast(f"{plain(file.name)} was read and stored.{asked}")
            st.rerun()
    why: GrnError | str = refused[1]
    if isinstance(why, str):  # the id of a run
        again = _network(why, name=file.name)
        if again is not None:
            st.session_state["upload_refused"] = (asked, again)
            st.rerun()
        return
    show_problem(f"the file was not taken: {why.found}", needed=why.needed, todo=why.todo)
    if isinstance(why, ScaledValuesError) and read_as.values is None:
        st.button(
            "They are scaled: take them so",
            icon=":material/check:",
            key="upload_scaled",
            on_click=lambda: st.session_state.update({f"read_{turn}_values": "scaled"}),
            help="Means of scaled values are not comparable with those of other data; every result says so.",
        )
    if isinstance(why, TooFewCellsError) and st.button(
        "Go on with its genes alone",
        icon=":material/arrow_forward:",
        key="upload_genes_only",
        help="The TFs of the file, and of its other genes the 500 that are expressed most, without any cell.",
    ):
        with errors_shown(), st.spinner("Reading the genes"):
            set_dataset(store_genes_of(file.name, file, read_as=read_as))
            st.session_state["upload_turn"] = turn + 1
            st.rerun()
    st.caption(
        "The dataset chosen before stays chosen. If the file was read wrongly, say how under How to read the file."
    )


def _genes(content: bytes, *, name: str, species: str | None) -> str | GrnError:
    """Keep a file of gene names as a gene list; return its ref, or why it cannot be."""
    try:
        return store_genes(names_in(content), title=name, species=species)
    except GrnError as error:
        return error


def _imported(name: str, content: BinaryIO, *, species: str | None) -> str | GrnError:
    """Keep a file that holds a network, and have it read as a run; return its id, or why it cannot be."""
    try:
        return runs.submit(runs.ImportRequest.of(store_network(name, content), species=species))
    except GrnError as error:
        return error


def _network(run_id: str, *, name: str) -> str | None:
    """Show the run that an uploaded network has become; return another that reads it with other scores, if asked."""
    again = None
    with errors_shown():
        st.info(f"{plain(name)} holds a network, not cells. It becomes a run of its own.", icon=":material/hub:")
        if watch_run(run_id).state == "done":
            for note in view(run_id).record["result"].get("notes", ()):
                st.caption(plain(note))
            result_links(run_id)
            again = ask_open(view(run_id)) or choose_score_column(view(run_id))
    st.caption("It can be compared with other runs, and is a reference on Compare and Benchmark.")
    return again
