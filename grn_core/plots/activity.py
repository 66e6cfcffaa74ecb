"""Figures of TF activity: groups of cells beside TFs, and what differs between two groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from grn_core.networks import BETWEEN
from grn_core.plots.matrix import finish_matrix
from grn_core.plots.style import ABOVE, CATEGORIES, LESS, MIDDLE, MORE, NEUTRAL, REFERENCE, ROOM_OF_SCALE, finish, name

MOST_GREY, MOST_SURE = 400, 600
"""Points of edges that do not differ, and of those that do: a browser takes a second for 1,500."""
MOST_NAMED = 4
"""TFs that are named on either side; the others say their name under the mouse."""
LETTER, LINE = 0.018, 0.1
"""What a letter takes of a narrow figure's width, and a name with its point of its height."""
ROOM_OF_VOLCANO = {"l": 62, "b": 58, "t": 52}
"""Pixels for the numbers and words of the axes, and for two lines of the legend."""
LEAST_REACH = 0.5
"""Standard deviations that the scale of means reaches at least, so that smaller differences are pale."""
ROOM = 0.18
"""Share of the width that is left free at either end."""


def activity_heatmap(table: pd.DataFrame, tfs: Sequence[str], *, rss: bool = False) -> go.Figure:
    """Draw groups of cells across and TFs down, coloured by mean activity or by specificity.

    Parameters
    ----------
    table
        ``tf``, ``group``, ``mean``, ``rss`` and ``shift``, see `grn_core.networks.activity.beside_all_cells`.
    tfs
        Which TFs, in the order from the top.
    rss
        Colour by specificity, 0 to 1; else by how far the mean is from that of all cells, each TF in its own standard
        deviations, because TFs with many targets reach higher values.
    """
    columns = list(dict.fromkeys(table["group"]))
    shown, means = (
        table.pivot(index="tf", columns="group", values=one).loc[list(tfs), columns]
        for one in ("rss" if rss else "shift", "mean")
    )
    values = shown.to_numpy(dtype=float)
    most = max(float(np.abs(values[np.isfinite(values)]).max(initial=0.0)), 1e-6 if rss else LEAST_REACH)
    scale = [[0, MIDDLE], [1, MORE]] if rss else [[0, LESS], [0.5, MIDDLE], [1, MORE]]
    cells = go.Heatmap(
        x=[name(group) for group in shown.columns],
        y=[name(tf) for tf in shown.index],
        z=values,
        zmin=0 if rss else -most,
        zmax=most,
        colorscale=scale,
        customdata=means.to_numpy(dtype=float),
        hovertemplate="%{y} in %{x}: "
        + ("RSS %{z:.2f}" if rss else "%{z:+.2f} SD")
        + ", mean activity %{customdata:.3g}<extra></extra>",
        colorbar={
            "thickness": 12,
            "outlinewidth": 0,
            "title": {"text": "RSS" if rss else "SD", "side": "top"},
            **ABOVE,
        },
        xgap=1,
        ygap=1,
    )
    figure = finish_matrix(go.Figure(cells), rows=shown.index, columns=shown.columns, above=ROOM_OF_SCALE)
    figure.update_xaxes(type="category")
    return figure


def edge_volcano(table: pd.DataFrame, *, a: str, b: str, most_q: float = 0.05, directed: bool = True) -> go.Figure:
    """Draw a point an edge: how much its score differs between A and B, and how small its q is.

    Parameters
    ----------
    table
        ``source``, ``target``, ``difference``, ``stronger`` and ``q``, see `grn_core.differential`. Of edges that do
        not differ at most `MOST_GREY` are drawn, of those that do `MOST_SURE`: half of them the surest, then each n-th.
    a, b, most_q
        As of `difference_volcano`.
    directed
        Whether the edges have a direction.
    """
    order = np.argsort(table["q"].to_numpy(), kind="stable")
    n_sure = int((table["q"] < most_q).sum())
    drawn = [*_thinned(order[:n_sure], most=MOST_SURE), *_thinned(order[n_sure:], most=MOST_GREY)]
    shown = table.iloc[np.sort(drawn)].rename(columns={"q": "p_adjusted"})
    names = (shown[end].astype(str) for end in ("source", "target"))  # of an empty table they may be numbers
    shown = shown.assign(tf=next(names) + f" {BETWEEN[directed]} " + next(names))
    figure = difference_volcano(shown, a=a, b=b, most_p=most_q, named=2, more="stronger")
    widest = 1.35 * float(shown["difference"].abs().max()) if len(shown) else 1.0  # room for the names of edges
    figure.update_xaxes(title_text="Difference of the score,<br>A minus B", range=[-widest, widest])
    figure.update_yaxes(title_text="−log10 of q")
    return figure


def _thinned(ranked: np.ndarray, *, most: int) -> np.ndarray:
    """Return at most so many of some rows: half of them the first, then each n-th of the others."""
    first, rest = ranked[: most // 2], ranked[most // 2 :]
    return ranked if len(ranked) <= most else np.concatenate([first, rest[:: -(-len(rest) // (most - len(first)))]])


def difference_volcano(
    table: pd.DataFrame,
    *,
    a: str,
    b: str,
    most_p: float = 0.05,
    named: int = MOST_NAMED,
    more: str = "higher",
) -> go.Figure:
    """Draw a point a TF: how much its activity differs between A and B, and how small its adjusted p is.

    Parameters
    ----------
    table
        See `grn_core.networks.activity.differences`; TFs without a p-value are not drawn.
    a, b
        What the groups are called.
    most_p
        Adjusted p below which a TF is coloured.
    named
        So many are named on either side.
    more
        What is said of the group that has more: ``higher``, by ``difference``, or ``stronger``, by that column.
    """
    known = table[np.isfinite(table["p_adjusted"])]
    least = known.loc[known["p_adjusted"] > 0, "p_adjusted"].min() if len(known) else 1.0
    height = -np.log10(known["p_adjusted"].clip(lower=least))
    sure = (known["p_adjusted"] < most_p).to_numpy()
    higher = known["stronger"] == "A" if more == "stronger" else known["difference"] > 0
    figure = go.Figure()
    parts = (
        ("no difference shown", ~sure, NEUTRAL, "circle-open"),
        (f"{more} in {a}", sure & higher.to_numpy(), CATEGORIES[0], "triangle-up"),
        (f"{more} in {b}", sure & ~higher.to_numpy(), CATEGORIES[1], "triangle-down"),
    )
    places = pd.DataFrame({"tf": known["tf"], "x": known["difference"], "y": height, "higher": higher})[sure]
    shown = _legible(places, most=named)
    for label, chosen, colour, symbol in parts:
        own = known[chosen]
        if own.empty:
            continue
        figure.add_scatter(
            x=own["difference"],
            y=height[chosen],
            mode="markers+text",
            name=name(label),
            marker={"color": colour, "size": 9, "symbol": symbol},
            text=[name(tf) if tf in shown else "" for tf in own["tf"]],
            textposition="top center",
            customdata=np.column_stack([own["tf"].map(name), own["p_adjusted"]]),
            hovertemplate="%{customdata[0]}: %{x:.3g}, adjusted p %{customdata[1]:.2g}<extra></extra>",
        )
    figure.add_hline(y=-np.log10(most_p), line={"color": REFERENCE, "width": 1, "dash": "dash"})
    finish(figure, height=400, room=ROOM_OF_VOLCANO)
    ends = [float(known["difference"].min()), float(known["difference"].max())] if len(known) else [-1.0, 1.0]
    room = ROOM * max(ends[1] - ends[0], 1e-9)  # for the names of points at the ends
    figure.update_xaxes(
        title_text="Difference of the mean activity,<br>A minus B", range=[ends[0] - room, ends[1] + room]
    )
    figure.update_yaxes(title_text="−log10 of adjusted p", rangemode="tozero")
    return figure


def _legible(places: pd.DataFrame, *, most: int) -> set[str]:
    """Return which points are named: the first of either side whose names do not cover another's.

    Parameters
    ----------
    places
        ``tf``, ``x``, ``y`` and ``higher`` (the side), the surest first.
    most
        So many on either side.
    """
    wide, high = (max(float(np.abs(places[axis]).max()), 1e-12) if len(places) else 1.0 for axis in "xy")
    boxes: list[tuple[float, float, float]] = []
    found: list[str] = []
    for side in (True, False):
        n = 0
        for tf, x, y in places.loc[places["higher"] == side, ["tf", "x", "y"]].itertuples(index=False):
            box = (float(x) / (2 * wide), float(y) / high, LETTER * (len(str(tf)) + 2))
            free = all(abs(box[0] - x) > (box[2] + w) / 2 or abs(box[1] - y) > LINE for x, y, w in boxes)
            if free:
                boxes.append(box)
                found.append(tf)
                n += 1
            if n == most:
                break
    return set(found)
