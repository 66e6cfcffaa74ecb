"""Benchmark: how well the bundled translators do on data that they did not see, beside the controls."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from grn_core import plots
from grn_core.translator import registry as translators
from pages.components.session import linked
from pages.components.verdict import verdicts, with_controls

COLUMNS = {
    "dataset": "Data set",
    "method": "Method",
    "mean": st.column_config.NumberColumn("AUPRC, mean", format="%.3f"),
    "sd": st.column_config.NumberColumn("Standard deviation", format="%.3f"),
    "prevalence": st.column_config.NumberColumn("Prevalence", format="%.3f", help="AUPRC of a random guess"),
    "n_positives": st.column_config.NumberColumn("Positives", help="True edges among the scored pairs"),
    "n_sources": "TFs",
    "n_targets": "Targets",
    "n_seeds": "Seeds",
    "is_control": "Control",
}
CONTROLS = """
- **Random weights**: the same extraction from an untrained model of the same shape, with a translator of its own. What
  it reaches, the architecture and the translator reach without any knowledge of cells.
- **Corpus correlation**: mean correlation of the two genes over the data sets that the model was trained on; no model.
- **SVD cosine**: similarity of the two genes in a plain factorisation of the same data; no model.

A method that does not beat them has learnt nothing about regulation that co-expression would not tell.
"""

st.title("Benchmark", icon=":material/leaderboard:")
st.caption(
    "Translators are trained on the edges of one data set and scored on others that they never saw. "
    "The score is AUPRC, the area under the precision-recall curve (average precision)."
)

records = {record.name: record for record in translators.records()}
measured = {name: record for name, record in records.items() if record.card.get("evaluation")}
if not measured:
    st.info("The bundled translators carry no measured scores yet. Networks can be inferred all the same.")
    st.stop()

row = st.columns(3)
name = row[0].selectbox(
    "Translator",
    list(measured),
    format_func=lambda key: measured[key].title,
    **linked("scored_translator", next(iter(measured)), measured),
)
table = pd.DataFrame(measured[name].card["evaluation"])
networks = sorted(table["network"].unique())
network = row[1].selectbox(
    "Reference network",
    networks,
    **linked("reference", networks[0], networks),
    help="The known edges that count as true.",
)
table = table[table["network"] == network]
splits = sorted(table["split"].unique())
split = row[2].selectbox(
    "Split", splits, **linked("split", splits[0], splits), help="What of the test pairs the translator may have seen."
)
table = with_controls(table[table["split"] == split])

sentences = verdicts(table)
if sentences:
    st.subheader("In plain words")
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))

st.subheader("Scores")
prevalence = float(table["prevalence"].mean())
st.plotly_chart(
    plots.auprc_bars(table, prevalence=prevalence),
    key="auprc",
    alt=f"AUPRC of each method and control on each data set, {network}, {split}",
    config={"displaylogo": False},
)
st.caption(
    f"Higher is better. The dashed line at {prevalence:.2f} is a random guess: the share of true edges among the "
    "scored pairs. Grey, hatched bars are controls. Scores of other universes of pairs are not comparable with these."
)
shown = [column for column in COLUMNS if column in table]
st.dataframe(
    table,
    hide_index=True,
    column_order=shown,
    column_config={column: COLUMNS[column] for column in shown},
    key="scores",
    alt="AUPRC with standard deviation, and the universe in which each score was measured",
)

st.subheader("What the controls are")
st.markdown(CONTROLS)
