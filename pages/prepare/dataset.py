"""Dataset: choose or upload cells, see how their genes match, and choose the genes of the network."""

from __future__ import annotations

import streamlit as st

from grn_core import datasets
from grn_core.errors import GrnError
from grn_core.models import registry as models
from pages.components.data.cell_map import cell_map
from pages.components.data.choices import DEMO, panel_choice
from pages.components.data.dataset_picker import pick_dataset
from pages.components.data.download_box import public_datasets
from pages.components.data.matching_report import matching_report
from pages.components.data.panel_form import panel_form, panel_summary
from pages.components.data.upload import upload_box
from pages.components.shared.links import INFER
from pages.components.shared.messages import plain, show_error
from pages.components.shared.session import query, set_dataset

st.title("Dataset", icon=":material/dataset:")
st.caption("Choose cells, check that their genes were understood, and choose the genes that the network is about.")

left, right = st.columns([3, 2], gap="large")
with right:
    upload_box()
    public_datasets()
with left:
    record = pick_dataset()

try:
    with st.spinner(f"Reading {plain(record.title)}"):
        dataset = datasets.load(record.ref)
except GrnError as error:
    show_error(error)
    if record.ref != DEMO and st.button("Choose the demo cells instead", icon=":material/undo:"):
        set_dataset(None)
        st.rerun()
    st.stop()

model = query("model", "compact", [known.name for known in models.records()])
plot, report = st.columns([3, 2], gap="large")
with plot:
    st.subheader("Cells")
    cell_map(dataset)
with report:
    st.subheader("Matching report")
    matching_report(dataset, frozenset(models.vocabulary(model)), model=model)

st.subheader("Genes of the network")
form, summary = st.columns([3, 2], gap="large")
with form:
    panel_form(dataset)
with summary:
    ready = panel_summary(dataset, panel_choice(dataset), model=model)
    if st.button("Continue to Infer", type="primary", icon=":material/arrow_forward:", disabled=not ready):
        st.switch_page(INFER)
