"""The colours of a network, wherever it is drawn.

Blue and orange stay apart with every common colour blindness, and each is dark enough for white and bright enough for
near-black paper (contrast of 3 or more with both).
"""

from __future__ import annotations

ACTIVATION = "#2f86c9"
REPRESSION = "#d0700f"
NEUTRAL = "#7d8790"
SIGN_COLOURS = {1: ACTIVATION, -1: REPRESSION, 0: NEUTRAL}

GROUPS = ("#2f86c9", "#c97a00", "#15936a", "#c0659a", "#cf5a1c", "#8a6fc4", "#857a10", "#3d97b8")
"""Of communities, the largest first; smaller ones than the last are neutral."""

SCALE = ("#5a5fc0", "#2b94b0", "#4fb06a", "#d9a400")
"""From low to high: brighter all the way."""

KNOWN, UNKNOWN, MISSED = "#15936a", "#7d8790", "#c2478f"
"""Edges that a reference network has and the drawing too, that it has not, and that it alone has."""


def mixed(colour: str, other: str, share: float) -> str:
    """Return a colour of which `share`, 0 to 1, is replaced by another."""
    parts = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * min(max(share, 0.0), 1.0)):02x}" for a, b in parts)


def on_scale(value: float) -> str:
    """Return the colour of `SCALE` that stands for a value from 0 to 1."""
    place = min(max(value, 0.0), 1.0) * (len(SCALE) - 1)
    low = min(int(place), len(SCALE) - 2)
    return mixed(SCALE[low], SCALE[low + 1], place - low)


def _channels(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
