"""Records of a home that are damaged on the disk, told where somebody looks for what they are of."""

from __future__ import annotations

import streamlit as st

from grn_core.damaged_records import Room, damaged, sentences
from pages.components.shared.messages import worded


def show_damaged(*rooms: Room) -> None:
    """Say which records are damaged, and what brings each back; of all rooms where none is named."""
    for text in sentences(damaged(*rooms)):
        st.warning(worded(text), icon=":material/warning:")
