"""Home: what this is, three ways in (the demo, own cells, genes alone), the last runs, how to read the numbers."""

from __future__ import annotations

import streamlit as st

from grn_core.assets import asset
from grn_core.homes import is_users
from pages.components.shared.links import BENCHMARK
from pages.components.shared.messages import errors_shown
from pages.components.shared.warm import wait_until_warm
from pages.components.start.doors import doors
from pages.components.visitor.who import open_to_others

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
SHARED = "the machine that runs this, for all who can open it"
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


def last_runs() -> None:
    """Show what was done last, and what is removed soon, once that can be."""
    wait_until_warm()
    from pages.components.runs.list import recent_runs
    from pages.components.visitor.stored import leaving_soon

    with errors_shown():
        leaving_soon()
    recent_runs()


said, picture = st.columns([5, 6], gap="large", vertical_alignment="center")
where = SHARED if open_to_others() else WHERE[is_users()]
with said:
    st.title("Which TF regulates which gene?")
    st.markdown(
        "GRN Studio asks a foundation model of single cells how every gene answers when one transcription factor (TF) "
        "is set from low to high, and ranks the edges, with a probability and an uncertainty. "
        f"All of it happens on {where}, and no cell of yours leaves it."
    )
with picture:
    st.image(
        str(asset("demo-network.svg")), width="stretch", alt="The demo network: TFs with their names, and targets."
    )
    st.caption("The strongest edges of the demo, as the bundled model gives them: TFs with their names, and targets.")
doors()

st.header("Last runs")
last_runs()

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
