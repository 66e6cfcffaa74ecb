"""Figures of a finished run, for ``python -m grn_core export --figure``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grn_core.cli.lists import split
from grn_core.errors import RequestError
from grn_core.networks import typical_band
from grn_core.networks.exports.figures import Drawing, busiest_tfs, edge_curves, strength_by_rank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from grn_core.runs.finished import FinishedRun

FIGURES = {
    "strength": "how strength falls with rank",
    "tfs": "the TFs with most of the edges that are shown",
    "curves": "response curve and slope of one edge, see --edge",
}
KINDS = ("svg", "pdf", "png")


def kind_of(output: Path) -> str:
    """Return the kind of picture that the ending of a file asks for."""
    kind = output.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        message = f"{output.name} is no name of a picture"
        raise RequestError(message, needed=f"a name that ends in .{', .'.join(KINDS)}", todo="correct -o")
    return kind


def figure_of(run: FinishedRun, name: str, *, shown: pd.DataFrame, edge: str | None) -> Drawing:
    """Draw a figure of a run.

    Parameters
    ----------
    run, name
        The run, and one of `FIGURES`.
    shown
        The edges that the page would show.
    edge
        "TF,target", of which ``curves`` are drawn.
    """
    if name == "strength":
        return strength_by_rank(run.edges)
    if name == "tfs":
        return busiest_tfs(shown)
    return _curves(run, edge)


def _ends(edge: str) -> Iterator[tuple[str, str]]:
    """Yield what the ends of an edge may be: a name that holds a comma stands in quotes, or is told by the run."""
    cut = split(edge) if edge.count('"') % 2 == 0 else ()
    if len(cut) == 2:
        yield cut[0], cut[1]
    for place, sign in enumerate(edge):
        if sign == ",":
            yield edge[:place], edge[place + 1 :]


def _curves(run: FinishedRun, edge: str | None) -> Drawing:
    edges, needed = run.edges, "an edge of the run, written as TF,TARGET"
    for source, target in _ends(edge or ""):
        rows = edges[(edges["source"] == source) & (edges["target"] == target)]
        if not rows.empty:
            break
    else:
        message = f"the run has no edge {edge!r}" if edge else "no edge was named"
        raise RequestError(message, needed=needed, todo="see the columns source and target, and use --edge")
    response, slope = run.features("vvp"), run.features("gdt")
    if response is None or slope is None or not run.grid:
        message = "the curves of this edge are not kept with the run"
        raise RequestError(message, needed="a run of VVP and GDT", todo="infer the network again with both")
    tf, gene = run.sources.index(source), run.panel_genes.index(target)
    return edge_curves(
        np.asarray(run.grid),
        response[tf, gene],
        slope[tf, gene],
        source=source,
        target=target,
        sign=int(rows.iloc[0]["sign"]),
        band=typical_band(response[tf]),
        units=run.units or "units of the model",
    )
