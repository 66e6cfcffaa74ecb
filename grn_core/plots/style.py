"""Colours and habits that every figure shares; each serves the light and the dark theme."""

from __future__ import annotations

from collections import Counter
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from grn_core.networks.colours import ACTIVATION, NEUTRAL, REPRESSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

REFERENCE = "#c2478f"
GRID_LINE = "rgba(125, 135, 144, 0.25)"
AXIS = {"automargin": True, "gridcolor": GRID_LINE, "zeroline": False}
CATEGORIES = (
    *("#2f86c9", "#d98200", "#15996f", "#e659cc", "#8c590d", "#7340e6", "#e61a1a", "#b2268c", "#e6667f", "#9973a6"),
)
"""Told apart by all eyes: no two are nearer than 0.11 in OKLab, also as a deuteranope sees them."""

NO_SIGN = CATEGORIES[2]

NUMBERS = ("#5a5fc0", "#2b94b0", "#4fb06a", "#d9a400")
"""Scale from low to high: brighter all the way, and neither end is lost on white or near-black paper."""

LESS, MIDDLE, MORE = CATEGORIES[1], "#e8eaea", CATEGORIES[0]
"""Less than usual, usual and more than usual: one scale wherever an activity is coloured."""
MIDDLE_POINT = "#b4bbc0"
"""The middle of that scale where points lie on the bare paper."""

ABOVE = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "len": 0.6}
"""Where the scale of colours stands, so that a figure has the whole width."""
ROOM_OF_SCALE = 84
"""Pixels above a figure that it takes there, with its title."""

TOOLS_OF_NONE = ("zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "select2d", "lasso2d")
"""Tools that a figure which is looked at does without: the mouse zooms, a double click goes back, and a long row of
them would lie on the legend or the scale of colours."""


def sign_colour(sign: int) -> str:
    """Return the colour of activation (+1), repression (-1) or no sign (0)."""
    return ACTIVATION if sign > 0 else REPRESSION if sign < 0 else NO_SIGN


def name(text: object) -> str:
    """Return a user's gene or column name as Plotly text: Plotly would read a few HTML tags."""
    return escape(str(text), quote=False)


def short_names(texts: Iterable[object], *, letters: int) -> list[str]:
    """Return names as Plotly text of at most so many letters; those that would be alike keep their end as well."""
    whole = [str(text) for text in texts]
    cut = [one if len(one) <= letters else f"{one[: letters - 1].rstrip()}…" for one in whole]
    head, tail = letters // 2, letters - letters // 2 - 1
    alike = {one for one, n in Counter(cut).items() if n > 1}
    return [
        name(f"{one[:head].rstrip()}…{one[-tail:].lstrip()}" if short != one and short in alike else short)
        for one, short in zip(whole, cut, strict=True)
    ]


def wrapped(text: object, *, letters: int) -> str:
    """Return a name as Plotly text in lines of so many letters, so that what stands beside has room."""
    return "<br>".join(name(line) for line in wrap(str(text), letters))


def drawing(
    traces: Sequence[Mapping[str, Any]],
    *,
    height: int,
    title: str | None = None,
    room: Mapping[str, int] | None = None,
    **layout: Any,
) -> go.Figure:
    """Make a figure of the common look at once: changed afterwards, step by step, it takes ten times as long.

    Parameters
    ----------
    traces
        Each with its ``type``, the hindmost first.
    height, title, room
        As of `finish`.
    layout
        More of Plotly's layout; what is said of a part of it, such as ``xaxis``, is put to what the common look says.
    """
    axis = _axis(room)
    look = _look(height=height, title=title, room=room) | {"xaxis": axis, "yaxis": axis}
    for part, said in layout.items():
        both = isinstance(said, dict) and isinstance(look.get(part), dict)
        look[part] = look[part] | said if both else said
    return go.Figure(data=list(traces), layout=look)


def finish(
    figure: go.Figure, *, height: int, title: str | None = None, room: Mapping[str, int] | None = None
) -> go.Figure:
    """Give a figure the common look: no paper of its own, narrow margins, the legend above.

    Parameters
    ----------
    figure
        What is changed, and given back.
    height
        Pixels.
    title
        Heading.
    room
        Pixels on each side (``l``, ``r``, ``t``, ``b``) for words whose room is known. Without it the browser finds it
        by drawing everything twice.
    """
    figure.update_layout(_look(height=height, title=title, room=room))
    figure.update_xaxes(_axis(room))
    figure.update_yaxes(_axis(room))
    return figure


def _axis(room: Mapping[str, int] | None) -> dict[str, Any]:
    return AXIS | {"automargin": room is None}


def _look(*, height: int, title: str | None, room: Mapping[str, int] | None) -> dict[str, Any]:
    margin = {"l": 8, "r": 8, "t": 70 if title else 12, "b": 8}
    return {
        "title": {"text": name(title), "x": 0, "y": 0.99, "yanchor": "top", "font": {"size": 15}} if title else None,
        "height": height,
        "margin": margin if room is None else {**margin, **room, "autoexpand": False},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None},
        "hoverlabel": {"namelength": -1},
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",  # else half black
            "color": NEUTRAL,
            "activecolor": REFERENCE,
            "remove": list(TOOLS_OF_NONE),
        },
    }


def across(y: float, *, colour: str, width: float = 1) -> dict[str, Any]:
    """Return a line through the whole figure at a height, one of a layout's ``shapes``."""
    ends = {"type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": y, "y1": y, "yref": "y"}
    return {**ends, "line": {"color": colour, "width": width}}


def upright(x: float, *, colour: str, width: float = 1, dash: str = "dot") -> dict[str, Any]:
    """Return a line from bottom to top at a place, one of a layout's ``shapes``."""
    ends = {"type": "line", "x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}
    return {**ends, "line": {"color": colour, "width": width, "dash": dash}}


__all__ = [
    "ACTIVATION",
    "CATEGORIES",
    "GRID_LINE",
    "NEUTRAL",
    "NO_SIGN",
    "NUMBERS",
    "REFERENCE",
    "REPRESSION",
    "across",
    "drawing",
    "finish",
    "name",
    "sign_colour",
    "upright",
    "wrapped",
]
