"""Home: what this is, the demo in one click, the last runs, and how to read the numbers."""

from __future__ import annotations

import streamlit as st

from grn_core import runs
from pages.components.data.choices import DEMO, adopt, demo_request
from pages.components.runs.list import recent_runs
from pages.components.shared.links import BENCHMARK, DATASET, INFER
from pages.components.shared.messages import errors_shown

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
    ("Network", ":material/hub:", "Directed and signed, with the evidence behind every edge."),
)

st.title("Which TF regulates which gene?")
st.markdown(
    "GRN Studio asks a foundation model of single cells which transcription factor (TF) regulates which gene. "
    "It sets one TF at a time from low to high in a virtual cell, reads how far every other gene responds and how "
    "steeply, and turns these curves into a probability, a sign and an uncertainty for every edge. "
    "All of it happens on this machine: no account, no download, and no cell of yours leaves it."
)


def start_demo() -> str:
    """Start the inference on the demo cells with every option at its default; return the run id."""
    from grn_core import datasets

    request = demo_request(datasets.load(DEMO))
    adopt(request)
    return runs.submit(request)


with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    wanted = st.button("Infer the demo network", type="primary", icon=":material/play_arrow:", key="demo")
    st.page_link(DATASET, label="Use my own cells", icon=":material/upload_file:")
st.caption("The demo: 700 blood cells (PBMC) of a healthy donor and the bundled compact model; about ten seconds.")
if wanted:
    with errors_shown(), st.spinner("Reading the demo cells"):
        run_id = start_demo()
        st.switch_page(INFER, query_params={"dataset": DEMO, "run": run_id})

st.header("Last runs")
recent_runs()

st.header("The road from cells to a network")
for first in range(0, len(ROAD), 3):
    for step, column in enumerate(st.columns(3), start=first):
        name, icon, words = ROAD[step]
        with column.container(border=True, height="stretch"):
            st.markdown(f"{icon} **{step + 1}. {name}**")
            st.caption(words)

st.header("What the numbers mean")
st.markdown(
    """
- **Probability** is the translator's belief that the TF regulates the gene, learnt from known pairs of TF and target
  mixed half and half with pairs not known to be one. Real networks are sparser than that: take it as a ranking first.
- **Sign** says whether the model's value of the gene rises (activation) or falls (repression) with the TF. It was not
  learnt from known signs, and where these are known, on four simulated networks, the bundled model was right no more
  often than a coin (Benchmark, suite Curated).
- **Uncertainty** is how much the probability differs between translators trained with different seeds. It does not
  cover what all of them get wrong together.
- An edge is a **candidate for an experiment**, not proof of binding or of cause. The bundled model is small, and simple
  co-expression is a strong rival: the Benchmark page shows every score beside such controls.
"""
)
st.page_link(BENCHMARK, label="How good is it? See the measured scores", icon=":material/leaderboard:")
