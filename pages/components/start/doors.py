"""The three ways in: the demo, the user's cells, genes alone.

They are shown while tables, graphs and data sets are still being loaded, so nothing here asks for those at the top.
"""

from __future__ import annotations

import streamlit as st

from grn_core import runs
from grn_core.errors import DataError
from pages.components.data.choices import DEMO, adopt, usual_request
from pages.components.data.gene_list import genes_field
from pages.components.shared.links import DATASET, INFER
from pages.components.shared.messages import errors_shown
from pages.components.shared.warm import wait_until_warm


def start_demo() -> str:
    """Start the inference on the demo cells with every option at its default; return the run id."""
    wait_until_warm()
    from grn_core import datasets

    request = usual_request(datasets.describe(DEMO))
    adopt(request)
    return runs.submit(request)


def start_genes(text: str) -> tuple[str, str]:
    """Start the inference on a list of genes with every option at its default; return its ref and the run id."""
    wait_until_warm()
    from grn_core import datasets
    from grn_core.datasets.gene_lists import names_in

    genes = datasets.find_genes(datasets.store_genes(names_in(text)))
    if genes is None:
        message = "the gene list could not be kept"
        raise DataError(message, needed="a data folder that can be written to", todo="see About this installation")
    request = usual_request(genes)
    request.panel()  # genes without a TF among them show here, before there is a run
    adopt(request)
    return genes.ref, runs.submit(request)


def doors() -> None:
    """Show them."""
    with st.container(key="doors"):
        left, middle, right = st.columns(3)
    demo, cells = (
        column.container(border=True, height="stretch", vertical_alignment="distribute") for column in (left, middle)
    )
    genes = right.container(border=True, height="stretch")
    with demo:
        with st.container():
            st.markdown("## :material/play_circle: The demo")
            st.caption("700 blood cells and the bundled model; a few seconds on a free machine.")
        if st.button("Infer the demo network", type="primary", icon=":material/play_arrow:", key="demo"):
            with errors_shown(), st.spinner("Reading the demo cells"):
                run_id = start_demo()
                st.switch_page(INFER, query_params={"dataset": DEMO, "run": run_id})
    with cells:
        with st.container():
            st.markdown("## :material/upload_file: My cells")
            st.caption("A file as your tools write it (.h5ad, 10x, loom, a table); human or mouse.")
        if st.button("Use my own cells", icon=":material/arrow_forward:", key="own_cells"):
            st.switch_page(DATASET, query_params={"door": "cells"})
    with genes:
        st.markdown("## :material/checklist: Only genes")
        text = genes_field(height=96)
        if st.button("Infer their network", icon=":material/play_arrow:", key="genes_go"):
            with errors_shown():
                ref, run_id = start_genes(text)
                st.switch_page(INFER, query_params={"dataset": ref, "run": run_id})
        st.page_link(DATASET, label="Upload a list", icon=":material/upload_file:", query_params={"door": "genes"})
