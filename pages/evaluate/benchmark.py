"""Benchmark: what methods recover of networks that they did not see, beside the controls; run it from here."""

from __future__ import annotations

import streamlit as st

from pages.components.benchmark import details
from pages.components.benchmark.audit import audit
from pages.components.benchmark.first import Judged, in_a_minute
from pages.components.benchmark.run import run_box
from pages.components.benchmark.scores import heatmap, scores_table, verdict_box
from pages.components.benchmark.source import about, pick_cut, pick_results, table_of
from pages.components.benchmark.transfer import transfer
from pages.components.shared.session import one_of

CLOSER = {
    "table": "All scores",
    "curves": "PR curves",
    "tfs": "TF by TF",
    "calibration": "Calibration",
    "transfer": "Transfer",
    "boolean": "Boolean networks",
}
CONTROLS = """
- **Random weights**: the same extraction from an untrained model of the same shape, with a translator of its own. What
  it reaches, the architecture and the translator reach without any knowledge of cells.
- **Random weights, same translator**, of perturbed TFs: an untrained model, read by the translator of the trained one.
- **Random weights, Ensemble + gene terms**: the same with the terms of TF and target alone; vectors of chance
  still tell genes apart, so it shows what is gained by knowing which genes have many edges.
- **Random weights, Ensemble + gene terms + neighbours**: the same, told the known edges of similar genes; vectors of
  chance tell only what is the same gene, so it shows what is gained by having the training network by heart.
- **Shuffled labels**: the translator is trained on permuted labels. What it reaches leaks through the protocol.
- **Degree only**: out-degree of the TF times in-degree of the target in the training network; no cells at all.
- **Corpus correlation**: mean correlation of the two genes over the data that the model was trained on; no model.
- **SVD cosine**: similarity of the two genes in a plain factorisation of the same data; no model.
- **Changes often**, of perturbed TFs: with how many other TFs of the table the gene changed; no model.
- **Embedding cosine**, likewise: similarity of the two genes in the model's vectors; no translator.

A method that does not beat them has learnt nothing about regulation that they would not tell.
"""


def measured(first: Judged) -> None:
    """Show the chosen results, at first those of the translator that is judged above, or of its training."""
    results = pick_results()
    if results is not None and results.scores.empty and results.manifest.get("runs"):
        st.warning("Nothing could be measured here.", icon=":material/block:")
        about(results.manifest, opened=True)
        return
    if results is None or results.scores.empty:
        st.info(
            "No results yet. Run a benchmark below: the curated Boolean models take some minutes and need no download. "
            "Networks can be inferred all the same; their scores are then untested."
        )
        return
    cut = pick_cut(results, first.training, first.name)
    table = table_of(results, cut)
    verdict_box(results, cut, table, above=first)
    heatmap(results, cut, table)
    with st.expander("What the controls are", icon=":material/science:"):
        st.markdown(CONTROLS)
    about(results.manifest)
    st.header("A closer look", anchor=False)
    view = one_of("View", CLOSER, "closer", "table", label_visibility="collapsed")
    match view:
        case "table":
            scores_table(table, results)
        case "curves":
            details.pr_curves(results, cut)
        case "tfs":
            details.tfs(results, cut)
        case "calibration":
            details.calibration(results, cut)
        case "boolean":
            details.boolean()
        case _:
            transfer(results, cut)


st.title("Benchmark", icon=":material/leaderboard:", anchor=False)
st.caption("A translator turns a model's answers into scores. Does it recover regulation that it was not shown?")
first = in_a_minute()
st.header("Details", anchor=False)
measured(first)
st.header("Was this seen in training?", anchor=False)
audit()
st.header("Run it", anchor=False)
run_box()
st.header("As published", anchor=False)
details.as_published()
