"""What computes a run."""

from __future__ import annotations

import streamlit as st

from grn_core.errors import ModelError
from grn_core.models.device import device_name
from grn_core.settings import settings
from pages.components.shared.kept import copied
from pages.components.shared.messages import plain

HOW = {"auto": "chosen automatically; GRN_DEVICE changes it"}


def device_caption() -> None:
    """Say which device computes. It is the last thing on a page: to find it out may take seconds, once."""
    wanted = settings().device
    try:
        name = _name(wanted)
    except ModelError as error:
        name = str(error)
    st.caption(f"Computes on: {plain(name)}, {HOW.get(wanted, 'chosen by GRN_DEVICE')}.")


@copied(max_entries=4, show_spinner="Looking for a graphics processor")
def _name(wanted: str) -> str:
    return device_name(wanted)
