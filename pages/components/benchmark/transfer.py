"""The transfer matrix of a benchmark: each training reference on each test, beside a guess and the best control."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.benchmark.results.view import TRANSFERS, trainings, transfer_table
from grn_core.benchmark.results.words import METRICS, spelt_out, words
from grn_core.plots import benchmark as figures
from pages.components.benchmark.details import USUAL
from pages.components.benchmark.scores import SHADES
from pages.components.compare.views import CONFIG
from pages.components.shared.messages import plain
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import linked, one_of
from pages.components.shared.tables import download

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.benchmark.results.tables import Results
    from grn_core.benchmark.results.view import Cut

ABSENT = {
    "curated": "The curated Boolean models are tests only: no translator learns from one and is tested on another.",
    "own": "Your own reference is a test only: no translator learns from it.",
    "perturbation": "Tables of perturbed TFs are tests only: no translator learns from one.",
}
ONLY = "The matrix exists for BEELINE's data sets only, in the suites Data sets left out and Transfer."
READING = (
    "Row: what was learnt from; column: what it was tested on; empty: no reference is tested on itself. Point at a "
    "cell for its edges, prevalence and best control."
)


def transfer(results: Results, cut: Cut) -> None:
    """Show the transfer matrix of one method."""
    if cut.suite not in TRANSFERS:
        st.info(f"{ABSENT.get(cut.suite, '')} {ONLY}".lstrip())
        return
    table = transfer_table(results.scores, cut)
    table = table[table["kind"] != "coexpression"]
    measured = set(table["method"])
    names = [name for name in dict.fromkeys([*USUAL, *table["method"]]) if name in measured]
    if not names:
        st.info("No method that learns was measured with these choices. Choose another metric or gene set above.")
        return
    with st.container(key="stacks_transfer"):
        left, right = st.columns([2, 3], gap="medium", vertical_alignment="bottom")
    method = left.selectbox(
        "Method", names, format_func=partial(words, "method"), **linked("transfer_method", names[0], names)
    )
    with right:
        shade = one_of("Colour", SHADES, "transfer_shade", "score")
    cells, called = table[table["method"] == method], words("method", method)
    has_lead = cells["lead"].notna().any() and not cells["kind"].eq("control").all()
    lead = shade == "lead" and has_lead
    if shade == "lead" and not lead:
        st.info(f"There is no lead to show: {plain(called)} is a control, or no control was measured beside it.")
    metric = METRICS.get(cut.metric, cut.metric)
    trained = [words("train", train) for train in cells["train"]]
    many = len(cells[["network", "dataset"]].drop_duplicates()) > figures.MANY
    with st.container(key="many_columns_transfer" if many else None):
        st.plotly_chart(
            figures.transfer_heatmap(spelt_out(cells).assign(train=trained), metric=metric, lead=lead),
            key="transfer",
            alt=f"{metric} of {called}{' (lead)' if lead else ''}: trained on the row, tested on the column",
            config=CONFIG,
        )
    st.caption(READING)
    how_to_read(_reading(cells, lead=lead), _chance(cells), _elsewhere(results, cut, here=cells["train"].nunique()))
    download("Every cell of every method (TSV)", table, "benchmark-transfer")


def _reading(cells: pd.DataFrame, *, lead: bool) -> str:
    """Say how the colours are read."""
    if lead:
        known = cells["lead"].dropna()
        return (
            "Blue: above the best control of the same training and test; orange: below it, nothing new was learnt. "
            f"{(known > 0).sum():,} of {len(known):,} cells are above."
        )
    return "Compare down a column: columns differ in what a guess and the controls get there (choose Lead)."


def _chance(cells: pd.DataFrame) -> str:
    """Say what a random guess gets, how many cells are below it, and what that means."""
    known = cells[cells["chance"].notna()]
    if known.empty:
        return ""
    low, high = known["chance"].min(), known["chance"].max()
    span = f"{low:z.3g}" if high - low < 5e-4 else f"{low:z.3g} to {high:z.3g}, by test"
    below = known[known["mean"] < known["chance"]]
    if below.empty:
        return f"A random guess gets {span}; no cell is below it."
    count = below["train"].value_counts()
    most = sorted(count[count == count.max()].index)
    of = known["train"].eq(most[0]).sum()
    worst = f", most often after training on {plain(words('train', most[0]))} ({count.max()} of {of})"
    return (
        f"A random guess gets {span}; {len(below):,} of {len(known):,} cells are below it{worst if of > 1 else ''}: "
        "there the edges of the test rank behind its negatives, so that what was learnt misleads."
    )


def _elsewhere(results: Results, cut: Cut, *, here: int) -> str:
    """Say where more training references were measured than with the gene set and split on show."""
    (genes, split), most = next(iter(trainings(results.scores).items()))
    if most > here and (genes, split) == (cut.genes, cut.split):
        was = "was" if here == 1 else "were"
        return f"With these negatives and this metric {here} of {most} training references {was} measured."
    if most > here:
        where = plain(words("genes", genes)) + (
            f" and the split “{words('split', split)}”" if split != cut.split else ""
        )
        was = "was" if here == 1 else "were"
        return f"With this gene set and split {here} of {most} training references {was} measured; all with {where}."
    return "These results have one training reference only: the suite Transfer trains on each." if most == 1 else ""
