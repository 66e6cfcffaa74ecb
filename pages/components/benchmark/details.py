"""A closer look at a benchmark: PR curves, single TFs, calibration, and the published figures apart."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from grn_core.benchmark.results.boolean import boolean_rows, boolean_scores
from grn_core.benchmark.results.published import published
from grn_core.benchmark.results.view import ORDER
from grn_core.benchmark.results.words import spelt_out, words
from grn_core.plots import benchmark as figures
from grn_core.plots import compare as lines
from grn_core.translator import reliability
from pages.components.compare.views import CONFIG
from pages.components.shared.kept import kept_of_release
from pages.components.shared.messages import plain
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import linked
from pages.components.shared.tables import download, search_tfs, show_table

if TYPE_CHECKING:
    from grn_core.benchmark.results.tables import Results
    from grn_core.benchmark.results.view import Cut

USUAL = (*ORDER, "Random weights", "Corpus correlation", "SVD cosine", "Degree only")
"""Methods that a view shows first."""

KEPT = "Kept for the split of all pairs and TF-restricted negatives, whatever is chosen above."


def _absent(what: str) -> None:
    st.info(f"{what} were not kept with these results. Choose other results or another training reference, or run it.")


def _rows(table: pd.DataFrame, cut: Cut, *, what: str) -> pd.DataFrame:
    """Return the rows of the cut; say so where there are none."""
    found = cut.of(table, axes=("train", "genes"))
    if found.empty:
        _absent(what)
    return found


def _one_test(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Let the user choose a test; return its rows and name."""
    tests = sorted((table["dataset"] + ":" + table["network"]).unique())
    default = next((test for test in tests if test.endswith(":STRING")), tests[0])
    test = st.selectbox("Test", tests, format_func=partial(words, "train"), **linked("test", default, tests))
    dataset, _, network = test.partition(":")
    return table[(table["dataset"] == dataset) & (table["network"] == network)], test


def _methods(table: pd.DataFrame) -> pd.DataFrame:
    """Let the user choose methods; return their rows in the order of the choice."""
    names = list(dict.fromkeys([*(m for m in USUAL if m in set(table["method"])), *table["method"].unique()]))
    usual = tuple(name for name in names if name in USUAL) or tuple(names)
    chosen = st.multiselect(
        "Methods", names, format_func=partial(words, "method"), **linked("methods_shown", usual, names)
    )
    order = {name: place for place, name in enumerate(names)}
    kept = table[table["method"].isin(chosen or usual)]
    return kept.sort_values("method", key=lambda column: column.map(order), kind="stable")


def _test_and_methods(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Let the user choose a test and methods, side by side; return their rows and the test's name."""
    left, right = st.columns([1, 2], gap="medium")
    with left:
        rows, test = _one_test(table)
    with right:
        return _methods(rows), test


def pr_curves(results: Results, cut: Cut) -> None:
    """Show precision over recall on one test."""
    table = _rows(results.curves, cut, what="Curves")
    if table.empty:
        return
    rows, test = _test_and_methods(table)
    same = results.scores
    same = cut.of(same[same["dataset"] + ":" + same["network"] == test], axes=("genes",))
    kinds = same.drop_duplicates("method").set_index("method")["kind"]
    drawn = same[(same["split"] == "all") & (same["negatives"].isin(["tf-restricted", "beeline"]))]
    prevalence = float(drawn["prevalence"].iloc[0]) if len(drawn) else None
    st.plotly_chart(
        lines.precision_recall(
            spelt_out(rows),
            by="method",
            prevalence=prevalence,
            controls=[words("method", one) for one in kinds.index if kinds[one] == "control"],
        ),
        key="benchmark_pr",
        alt=f"Precision over recall of each method on {words('train', test)}",
        config=CONFIG,
    )
    st.caption(
        "Down the ranking: how many of the found edges are true (precision) when a share of all true edges is found "
        "(recall). Means over the seeds; dashed: controls."
    )
    how_to_read(KEPT)
    download("Curves of all tests (TSV)", table, "benchmark-curves")


def tfs(results: Results, cut: Cut) -> None:
    """Show AUPRC TF by TF on one test."""
    table = _rows(results.per_tf, cut, what="Scores of single TFs")
    if table.empty:
        return
    choose, find = st.columns(2, gap="medium")
    with choose:
        rows, test = _one_test(table)
    wide = rows.pivot_table(index=["source", "positives", "prevalence"], columns="method", values="auprc").reset_index()
    methods = [name for name in dict.fromkeys([*USUAL, *rows["method"].unique()]) if name in wide]
    wide = wide[["source", "positives", "prevalence", *methods]]
    order = [methods[0], "source"] if methods else ["source"]
    wide = wide.sort_values(order, ascending=[False, True][: len(order)])
    found = search_tfs(wide, key="benchmark_tf_search", place=find)
    if found.empty:
        return
    number = st.column_config.NumberColumn
    show_table(
        found,
        hide_index=True,
        key="benchmark_tfs",
        height=430,
        alt=f"AUPRC of each TF's targets on {words('train', test)}, one column for each method",
        column_config={
            "source": st.column_config.TextColumn("TF", pinned=True),
            "positives": number("Edges", format="%.0f"),
            "prevalence": number("Prevalence", format="%.2f", help="AUPRC of a random guess for this TF."),
            **{name: number(words("method", name), format="%.3f") for name in methods},
        },
    )
    st.caption(
        f"{len(found):,} of {len(wide):,} TFs of {plain(words('train', test))}; mean over the seeds. TFs with few "
        "edges scatter widely: sort by Edges."
    )
    how_to_read(KEPT)
    download("All TFs of all tests (TSV)", table, "benchmark-tfs")


def _printed() -> None:
    """Show how often what the default prints held on data sets that it was not calibrated on."""
    table = reliability.measured()
    asked = list(reliability.KINDS.values())
    kind = st.selectbox("Reference", asked, **linked("printed", asked[0], asked))
    rows = table[table["asked"] == kind]
    st.plotly_chart(
        figures.reliability(rows, by="dataset", rare=True),
        key="printed_reliability",
        alt=f"Share of true edges over the probability that the default translator prints: {kind}",
        config=CONFIG,
    )
    st.caption(reliability.in_words(kind))
    how_to_read(
        "Every pair of a TF and a gene, edges as rare as they are; each data set by the curve of the others. On the "
        "dashed line a probability of 10% means that 1 of 10 such pairs is an edge.",
        "The probabilities speak of STRING. Of other references, and of genes that vary less, fewer pairs are edges or "
        "more: then they are no promise, whatever the interval.",
    )
    download("Bins of what the default prints (TSV)", table, "printed-probabilities")


def calibration(results: Results, cut: Cut) -> None:
    """Show the reliability of what the default prints, and that of the results on one test."""
    st.subheader("What the default prints", anchor=False)
    _printed()
    st.subheader("In these results", anchor=False)
    table = _rows(results.calibration, cut, what="Probabilities")
    if table.empty:
        return
    rows, test = _test_and_methods(table)
    st.plotly_chart(
        figures.reliability(spelt_out(rows)),
        key="reliability",
        alt=f"Share of true edges over the predicted probability on {words('train', test)}",
        config=CONFIG,
    )
    st.caption(
        "On the dashed line a probability of 0.7 means that 7 of 10 such pairs are edges; below it the translator is "
        "too sure of itself. Larger points hold more pairs."
    )
    how_to_read(
        "Half of the pairs here are edges: in a whole gene list far fewer are, and probabilities are then too high.",
        KEPT,
    )
    download("Bins of all tests (TSV)", table, "benchmark-calibration")


def boolean() -> None:
    """Show the simulated Boolean networks, which were measured before release, in every way of one table."""
    table, sizes = boolean_scores().reset_index(), boolean_rows()
    show_table(
        table,
        hide_index=True,
        key="boolean",
        alt="AUPRC on the four simulated Boolean networks, one row for each method",
        column_config={
            "method": st.column_config.TextColumn("Method", pinned=True, width="large"),
            **{
                str(row.dataset): st.column_config.NumberColumn(
                    str(row.dataset), format="%.3f", help=f"{row.genes} genes, {row.edges} edges; {row.shown} left out."
                )
                for row in sizes.itertuples()
            },
        },
    )
    st.caption(
        "AUPRC over all pairs of the genes, edges shown in training left out; every row asks the same pairs, and those "
        "of cells the same simulated cells. Measured before release, whatever is chosen above."
    )
    download("Boolean networks (TSV)", table, "boolean-networks")


@kept_of_release(max_entries=1)
def _as_published() -> pd.DataFrame:
    """Return the published figures, a row for each network and data set, a column for each method."""
    index = ["network", "dataset"]
    return published().pivot_table(index=index, columns="method", values="auprc", sort=False).reset_index()


def as_published() -> None:
    """Show the figures of the paper, which were not measured here."""
    table = published()
    st.warning(
        "Not measured here, and not comparable with the scores above: scGPT, which is many times larger than the "
        "bundled model, quoted from a public summary of arXiv 2605.08128 (AUPRC, leave-dataset-out, balanced; how its "
        "negatives were drawn is not published in what we could read).",
        icon=":material/menu_book:",
    )
    show_table(
        spelt_out(_as_published()),
        hide_index=True,
        key="published",
        alt="AUPRC as published for scGPT, one row for each network and data set",
        column_config={
            "network": "Network",
            "dataset": "Data set",
            **{
                one: st.column_config.NumberColumn(words("method", one), format="%.3f")
                for one in table["method"].unique()
            },
        },
    )
    download("As published (TSV)", table, "as-published")
