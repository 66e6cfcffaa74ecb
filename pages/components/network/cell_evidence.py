"""What the measured cells say of an edge: target against TF, group by group, and both genes on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from grn_core import networks, plots
from grn_core.datasets.annotations import column_title
from grn_core.errors import GrnError
from grn_core.networks import CellReading, read_cells
from grn_core.plots.cells import UNITS
from grn_core.runs import RunStore
from grn_core.runs.edge_cells import EdgeCells, edge_cells
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain, show_error, told_apart
from pages.components.shared.session import linked, query, session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages.components.runs.view import RunView

NO_PROBABILITY = (
    "A score is no probability: it puts the edges of this run in order, and says neither how likely an edge is nor, "
    "between two genes that vary together, which one acts on the other."
)
UNDIRECTED = (
    "This method is symmetric: the score of a TF and a target is that of the target and the TF, so that edges have no "
    "direction."
)
LEAST_OF_GROUP = 10
"""Groups of fewer cells say nothing and are left out."""
MOST_GROUPS = 12
SORTED_BY = "sorted_by"
"""Parameter of the address: the column that sorts the cells of an edge."""
CHOSEN = ("cells_by", "by", "all_by", "group_by", "colour")
"""Parameters of other pages that name a column of the cells."""
EFFECT = {False: "Sign of the score: whether the two genes rise together or apart.", True: "As the file says."}


def no_probability(run: RunView) -> str:
    """Say why the scores of a run are no probabilities."""
    return run.why or NO_PROBABILITY


def reading_of(run: RunView, row: pd.Series) -> CellReading | None:
    """Return what the cells of a run say of an edge; None where they cannot be read."""
    try:
        scored = _scored(run, row)
        return None if scored is None else read_cells(*scored)
    except GrnError:  # the view of the cells says why
        return None


def cell_evidence(run: RunView, row: pd.Series) -> None:
    """Show the genes of an edge, the `row` of a run's table, in its cells."""
    source, target, sign = str(row["source"]), str(row["target"]), int(row["sign"])
    try:
        scored = _scored(run, row)
        if scored is None:
            st.info("No cells are kept with this run, so there is no figure of this edge.")
            return
        reading = read_cells(*scored)
    except GrnError as error:
        show_error(error)
        return
    around = _around(run, row)
    units = (around.units if around is not None else run.units) or UNITS
    st.plotly_chart(
        plots.cell_scatter(scored[0], scored[1], reading, source=source, target=target, sign=sign, units=units),
        theme="streamlit",
        key=f"cells_{source}_{target}",
        alt=f"{target} against {source} in {reading.n_cells:,} cells; both are seen in {reading.both:,} of them.",
    )
    st.caption(
        f"**Measured cells.** A point is a cell; the line is the mean of {plain(target)} without {plain(source)}, then "
        f"by rising {plain(source)}. {_which_cells(run, reading)}"
    )
    if around is not None:
        _groups(around, source=source, target=target, sign=sign)
        _maps(around, source=source, target=target)
    with st.expander("Numbers, and how to read this", icon=":material/menu_book:"):
        if run.score is not None and not run.asks_model:
            said = f"Score: {run.score['unit']}. {no_probability(run)} Limits of the method: {run.score['limits']}"
            st.markdown(f"**{plain(run.score['title'])}.** {plain(said)}")
        st.markdown("Many points lie on top of each other at zero. Whiskers are standard errors.")
        st.table(readings_table(reading, source=source, target=target), hide_index=True)


def _groups(around: EdgeCells, *, source: str, target: str, sign: int) -> None:
    """Draw the same edge in every group of cells, sorted by a column that is chosen here."""
    if len(around.columns) > 1:
        options = list(around.columns)
        st.selectbox(
            "Cells sorted by",
            options,
            format_func=told_apart(options, column_title),
            **linked(SORTED_BY, around.column, options),
        )
    found = around.by_group(least=LEAST_OF_GROUP)
    largest = dict(list(found.items())[:MOST_GROUPS])
    if around.groups is None or len(largest) < 2:
        return
    st.plotly_chart(
        plots.cells_by_group(
            {group: read_cells(*values) for group, values in largest.items()},
            source=source,
            target=target,
            sign=sign,
            units=around.units,
        ),
        theme="streamlit",
        key=f"groups_{source}_{target}",
        alt=f"Mean of {target} along {source} in each of {len(largest)} groups of cells.",
    )
    left, small = len(found) - len(largest), around.groups.nunique() - len(found)
    more = f" The {MOST_GROUPS} largest; {left} more are left out." if left else ""
    more += f" Not drawn: {small} of fewer than {LEAST_OF_GROUP} cells." if small else ""
    st.caption(
        f"**The same edge in each group** of {plain(around.groups.name)}, with its number of cells; one scale."
        f"{plain(more)}"
    )


def _maps(around: EdgeCells, *, source: str, target: str) -> None:
    """Draw both genes on the map of the cells."""
    if around.points is None:
        return
    st.plotly_chart(
        plots.gene_maps(around.points, around.values, genes=(source, target)),
        theme="streamlit",
        key=f"maps_{source}_{target}",
        alt=f"{source} and {target} on the map of the cells.",
    )
    st.caption("**Both genes on the map (UMAP)** that came with the data. Grey: not seen in that cell.")


def _scored(run: RunView, row: pd.Series) -> np.ndarray | None:
    """Return both genes in the cells that were asked about, (2, cells): kept with the run, else of its dataset."""
    kept = run.cells(str(row["source"]), str(row["target"]))
    if kept is not None or not run.has_cells:
        return kept
    found = _edge(run, row)
    return found.values[:, found.chosen]


def _around(run: RunView, row: pd.Series) -> EdgeCells | None:
    """Return both genes in the cells of the whole dataset; None where it cannot be read."""
    try:
        return _edge(run, row)
    except GrnError:
        return None


def _edge(run: RunView, row: pd.Series) -> EdgeCells:
    """Read both genes, the cells sorted by what is chosen here, else as they were on another page."""
    by = (query(SORTED_BY, ""), *(session().chosen.get(name, "") for name in CHOSEN))
    return _read(run.id, str(row["source_symbol"]), str(row["target_symbol"]), by)


@kept(max_entries=32, show_spinner="Reading the cells")
def _read(run_id: str, source: str, target: str, by: tuple[str, ...]) -> EdgeCells:
    return edge_cells(RunStore().request(run_id), source, target, by=by)


def cell_scores(run: RunView, row: pd.Series, *, score: Mapping[str, Any], n_edges: int) -> None:
    """Show the scores of an edge, the `row` of a table of `n_edges` edges; `score` is the run's."""
    if not run.scored:
        st.metric(
            "Effect",
            networks.sign_words(directed=run.directed)[int(row["sign"])].capitalize(),
            width="content",
            help=EFFECT[True],
        )
        return
    label, value = "Percentile", f"{row['percentile']:z.2f}"
    meaning = "Share of the run's edges that rank lower."
    if run.signed:
        label, value = "Effect", networks.sign_words(directed=run.directed)[int(row["sign"])].capitalize()
        meaning = EFFECT[run.imported]
    rank, of = f"{int(row['rank']):,}", f"Among the {n_edges:,} edges of this run; 1 is the best."
    with st.container(horizontal=True, gap="medium"):  # which wraps where three do not stand side by side
        st.metric(
            "Score", f"{row['score']:z.3g}", width="content", help=f"{plain(score['title'])}: {plain(score['unit'])}."
        )
        st.metric(label, value, width="content", help=meaning)
        st.metric("Rank", rank, width="content", help=of)


def _which_cells(run: RunView, reading: CellReading) -> str:
    total = int((run.record.get("result") or {}).get("cells", reading.n_cells))
    if reading.n_cells < total:
        return f"{reading.n_cells:,} of the {total:,} scored cells, drawn at random."
    return f"All {total:,} scored cells."


def readings_table(reading: CellReading, *, source: str, target: str) -> pd.DataFrame:
    """Return the readings of a pair of genes as rows of name, cells and meaning."""
    rows = [
        ("Both seen", _share(reading.both, reading), f"cells with {source} and {target}"),
        (f"Only {source}", _share(reading.source_only, reading), f"cells without {target}"),
        (f"Only {target}", _share(reading.target_only, reading), f"cells without {source}"),
        ("Neither", _share(reading.neither, reading), "cells in which both are at zero"),
        (f"With {source}", _mean(reading.mean_with), f"mean of {target} in cells with {source}"),
        (f"Without {source}", _mean(reading.mean_without), f"mean of {target} in the others"),
    ]
    return pd.DataFrame([[plain(word) for word in row] for row in rows], columns=["Reading", "Value", "Meaning"])


def _share(count: int, reading: CellReading) -> str:
    return f"{count:,} ({count / reading.n_cells:z.0%})"


def _mean(value: float | None) -> str:
    return "no such cell" if value is None else f"{value:z.2f}"
