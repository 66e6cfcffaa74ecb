"""Dataset: choose cells or bring your own, or genes alone; see how names match; choose the genes of the network."""

from __future__ import annotations

import streamlit as st

from grn_core.errors import GrnError
from grn_core.models import registry as models
from pages.components.data.cell_columns import cell_columns
from pages.components.data.cell_groups import cell_tools
from pages.components.data.cell_map import cell_map
from pages.components.data.choices import DEMO, dataset_of, is_gene_list, panel_choice
from pages.components.data.dataset_picker import pick_dataset
from pages.components.data.download_box import public_datasets
from pages.components.data.gene_list import genes_box, list_report
from pages.components.data.matching_report import matching_report
from pages.components.data.panel_form import panel_form, panel_summary
from pages.components.data.question import ask
from pages.components.data.upload import upload_box
from pages.components.shared.links import INFER
from pages.components.shared.messages import plain, show_error
from pages.components.shared.session import one_of, query, set_dataset

DOORS = {"cells": "My cells", "genes": "Only genes"}

st.title("Dataset", icon=":material/dataset:")
st.caption("Choose cells, or genes alone; check that their names were understood; choose the genes of the network.")

left, right = st.columns([3, 2], gap="large")
with right:
    door = one_of("Bring your own", DOORS, "door", "cells")
    if door == "genes":
        genes_box()
    else:
        upload_box()
with left:
    record = pick_dataset()
    public_datasets()

try:
    with st.spinner(f"Reading {plain(record.title)}"):
        dataset = dataset_of(record.ref)
except GrnError as error:
    show_error(error)
    if record.ref != DEMO and st.button("Choose the demo cells instead", icon=":material/undo:"):
        set_dataset(None)
        st.rerun()
    st.stop()

model = query("model", "compact", [known.name for known in models.records()])
vocabulary = frozenset(models.vocabulary(model))
if is_gene_list(dataset):
    with left:
        list_report(dataset, vocabulary, model=model)
else:
    ask(dataset)
    plot, report = st.columns([3, 2], gap="large")
    with plot:
        st.header("Cells")
        drawn = cell_map(dataset)
        cell_columns(dataset)
        cell_tools(dataset, drawn)
    with report:
        st.header("Matching report")
        matching_report(dataset, vocabulary, model=model)

st.header("Genes of the network")
form, summary = st.columns([3, 2], gap="large")
with form:
    panel_form(dataset)
with summary:
    ready = panel_summary(dataset, panel_choice(dataset), model=model)
    if st.button("Continue to Infer", type="primary", icon=":material/arrow_forward:", disabled=not ready):
        st.switch_page(INFER)
