"""How many of the best are looked at: a slider, where there is more than one number to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.components.shared.session import linked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator


def how_many(
    label: str, steps: Sequence[int], name: str, usual: int, *, place: DeltaGenerator | None = None, about: str = ""
) -> int:
    """Return how many are chosen; of one step alone nothing is asked.

    Parameters
    ----------
    label, about
        What is asked, and what the number does.
    steps
        Numbers to choose from, the largest last.
    name
        Parameter of the address.
    usual
        The first choice, where it is among them; else the largest.
    place
        Where the slider goes.
    """
    if len(steps) == 1:
        return steps[0]
    into = st if place is None else place
    first = usual if usual in steps else steps[-1]
    found: int = into.select_slider(label, steps, help=about or None, **linked(name, first, steps))
    return found
