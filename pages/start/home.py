"""Home: what this is, three ways in (the demo, own cells, genes alone), the last runs, how to read the numbers."""

from __future__ import annotations

import streamlit as st

from grn_core import runs
from grn_core.assets import asset
from grn_core.errors import DataError
from grn_core.homes import is_users
from pages.components.data.choices import DEMO, adopt, usual_request
from pages.components.data.gene_list import genes_field
from pages.components.runs.list import recent_runs
from pages.components.shared.links import BENCHMARK, DATASET, INFER
from pages.components.shared.messages import errors_shown
from pages.components.visitor.stored import leaving_soon

ROAD = (
    ("Dataset", ":material/dataset:", "Your cells or a built-in set: gene names, species and values are recognised."),
    ("Genes", ":material/checklist:", "The TFs, and the most variable genes, that the network is about."),
    (
        "Model",
        ":material/neurology:",
        "A foundation model of single cells, asked as it is unless you adapt it.",
    ),
    ("Features", ":material/show_chart:", "How every gene answers when one TF is set from low to high."),
    ("Translator", ":material/translate:", "Reads those curves and gives each edge a probability and an uncertainty."),
    ("Network", ":material/hub:", "Edges from TFs to targets, with the evidence behind every one."),
)

WHERE = {
    False: "this machine: no account, no download",
    True: "the machine that runs this, for you alone",
}
"""Where it happens, by whether each visitor has a home of their own."""
NUMBERS = """
- **Probability** is how often such a pair is an edge of a reference like the one the translator learnt from, where 1 to
  3 pairs in 100 are. **Expected precision** is its mean over the best edges; how it held elsewhere stands beside it.
- There is **no probability** where none was calibrated: with your cells as background or co-expression added,
  after an adaptation, and for co-expression alone there are scores and percentiles.
- **Sign**: edges have none unless you ask for it. The model's response rises (activation) or falls (repression) with
  the TF, but on edges whose sign is known it was right hardly more often than a coin.
- **Uncertainty** is how much the probability differs between seeds of the translator and, for what is taken by default,
  between data sets that it was tested on and data sets that it could have learnt from.
- An edge is a **candidate for an experiment**, not proof of binding or of cause. The bundled model is small, and simple
  co-expression is a strong rival: the Benchmark page shows every score beside such controls.
"""


def start_demo() -> str:
    """Start the inference on the demo cells with every option at its default; return the run id."""
    from grn_core import datasets

    request = usual_request(datasets.describe(DEMO))
    adopt(request)
    return runs.submit(request)


def start_genes(text: str) -> tuple[str, str]:
    """Start the inference on a list of genes with every option at its default; return its ref and the run id."""
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
    """Show the three ways in: the demo, the user's cells, genes alone."""
    with st.container(key="doors"):
        left, middle, right = st.columns(3)
    demo, cells = (
        column.container(border=True, height="stretch", vertical_alignment="distribute") for column in (left, middle)
    )
    genes = right.container(border=True, height="stretch")
    with demo:
        with st.container():
            st.markdown("## :material/play_circle: The demo")
            st.caption("700 blood cells of a healthy donor and the bundled model; a few seconds on a free machine.")
        if st.button("Infer the demo network", type="primary", icon=":material/play_arrow:", key="demo"):
            with errors_shown(), st.spinner("Reading the demo cells"):
                run_id = start_demo()
                st.switch_page(INFER, query_params={"dataset": DEMO, "run": run_id})
    with cells:
        with st.container():
            st.markdown("## :material/upload_file: My cells")
            st.caption("A file as your tools write it (.h5ad, 10x, loom, a table); human or mouse. It stays here.")
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


said, picture = st.columns([5, 6], gap="large", vertical_alignment="center")
with said:
    st.title("Which TF regulates which gene?")
    st.markdown(
        "GRN Studio asks a foundation model of single cells how every gene answers when one transcription factor (TF) "
        "is set from low to high, and ranks the edges, with a probability and an uncertainty. "
        f"All of it happens on {WHERE[is_users()]}, and no cell of yours leaves it."
    )
with picture:
    st.image(
        str(asset("demo-network.svg")), width="stretch", alt="The demo network: TFs with their names, and targets."
    )
    st.caption("The strongest edges of the demo, as the bundled model gives them: TFs with their names, and targets.")
doors()

st.header("Last runs")
with errors_shown():
    leaving_soon()
recent_runs()

with st.expander("The road from cells to a network", icon=":material/route:"):
    for first in range(0, len(ROAD), 3):
        for step, column in enumerate(st.columns(3), start=first):
            name, icon, words = ROAD[step]
            with column.container(border=True, height="stretch"):
                st.markdown(f"{icon} **{step + 1}. {name}**")
                st.caption(words)

with st.expander("How to read the numbers", icon=":material/menu_book:"):
    st.markdown(NUMBERS)
st.page_link(BENCHMARK, label="How good is it? See the measured scores", icon=":material/leaderboard:")
