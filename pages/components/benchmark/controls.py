"""What the data here allow to be measured beside a translator: controls that need what it was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from grn_core.settings import settings
from pages.components.shared.messages import plain
from pages.components.shared.session import linked


def corpus_choice(names: Sequence[str]) -> Path | None:
    """Return the folder of the pre-training data, where it is here and its controls, by these names, are wanted."""
    data = settings().data
    folder = data / "corpus" if data else None
    told, several = plain(" and ".join(names)), len(names) > 1
    if folder is None or not folder.is_dir():
        st.caption(
            f"{told} {'are' if several else 'is'} left out: {'they need' if several else 'it needs'} the pre-training "
            "data (a folder called corpus in the one that GRN_DATA names)."
        )
        return None
    wanted = st.checkbox(
        told,
        help=f"{'Controls' if several else 'A control'} that need{'' if several else 's'} no model, and hardest to "
        "beat. The pre-training data are read first, which takes minutes.",
        **linked("run_corpus", default=True),
    )
    return folder if wanted else None
