"""What is known of an edge: references, the translator's training, edges at this rank, and pages of its genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from grn_core import in_words
from grn_core.genes.pages import gene_pages
from grn_core.networks import SIGN_WORDS
from pages.components.shared.messages import plain

if TYPE_CHECKING:
    from grn_core.runs.edge_facts import EdgeFacts
    from pages.components.runs.view import RunView

FROM_A_FILE = "This network was read from a file: there is neither a model nor a cell behind it here."
SEEN = {
    True: "**Seen in training:** the translator was shown this edge, so that its probability is partly memory.",
    False: "**Not seen in training:** it was not among the edges that the translator was trained on.",
    None: "",
}
LEFT_OUT = (
    "**Not seen in training:** the translator knows the edges that OmniPath curates, but those of the networks that it "
    "is tested on were left out, and this is one of them."
)


def known_evidence(run: RunView, row: pd.Series, facts: EdgeFacts) -> None:
    """Show what is known of an edge, the `row` of a run's table."""
    if run.imported:
        st.info(FROM_A_FILE)
    if facts.known:
        rows = [
            (
                one.title,
                "yes" if one.found else "no",
                f"{one.papers:,}" if one.papers else "",
                SIGN_WORDS[one.sign] if one.found and one.sign else "",
            )
            for one in facts.known
        ]
        st.table(pd.DataFrame(rows, columns=["Reference", "An edge", "Publications", "Sign"]), hide_index=True)
        st.caption("Bundled references that hold both genes. An edge that none of them has may still be true.")
    else:
        st.caption("No bundled reference holds both of these genes, so that nothing is said of the pair.")
    if SEEN[facts.seen]:
        st.markdown(LEFT_OUT if facts.left_out else SEEN[facts.seen])
    if facts.expected is not None:
        st.markdown(
            f"**Edges down to this rank:** {in_words.share(facts.expected)} are expected to be known edges. "
            f"{plain(run.worth_of(facts.expected))}"
        )
    for end in ("source", "target"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(row[end])}**", width="content")
            for name, address in gene_pages(str(row[f"{end}_symbol"])).items():
                st.page_link(address, label=name, icon=":material/open_in_new:", help="Opens another site.")
