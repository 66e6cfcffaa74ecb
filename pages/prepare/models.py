"""Models: the foundation models that are here, those that can be had, a folder of your own, and the translators."""

from __future__ import annotations

import streamlit as st

from pages.components.models.folder import folder_form
from pages.components.models.here import models_here
from pages.components.models.published import published_checkpoints
from pages.components.models.train import train_form
from pages.components.models.translators import translator_table

st.title("Models", icon=":material/neurology:")
st.caption(
    "A foundation model is asked how genes answer to a TF; a translator turns the answers into probabilities. "
    "The bundled model needs nothing; the published ones are downloaded on a click, or taken from a folder."
)

st.header("Ready to use")
models_here()

st.header("Published checkpoints")
published_checkpoints()

st.header("A folder on this machine")
folder_form()

st.header("Translators")
translator_table()

st.header("Train a translator")
train_form()
