"""The choice of TFs, variable genes and cells, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from grn_core.adapt import estimate as seconds_to_adapt
from grn_core.costs.foretell import Size
from grn_core.datasets.annotations import column_title
from grn_core.datasets.panel import is_of_vocabulary
from grn_core.datasets.tf_choice import note_of_lost
from grn_core.errors import GrnError
from grn_core.extractors.registry import DEFAULT
from grn_core.genes import LISTS
from grn_core.runs.foretold import foretell_inference, foretell_usual
from pages.components.data.choices import (
    DEFAULTS,
    N_VARIABLE,
    TF_LISTS,
    PanelChoice,
    groupings,
    is_gene_list,
    model_record,
    panel_of,
    values_of,
)
from pages.components.runs.no_part import lost_tfs
from pages.components.shared.messages import plain, seen, show_error, told_apart
from pages.components.shared.reading import told_in_two_lines
from pages.components.shared.session import linked, one_of, query, unknown_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grn_core.costs import Cost
    from grn_core.datasets import Dataset, GeneList, GenePanel

OWN_LIST_LIMIT = 20_000
MOST_LISTED = 100_000
ROUGH = " Rough: measure this machine under About."


def panel_form(dataset: Dataset | GeneList) -> None:
    """Show the widgets; each one writes its choice into the URL."""
    if not is_gene_list(dataset):
        st.slider(
            "Variable genes",
            N_VARIABLE[0],
            N_VARIABLE[-1],
            step=50,
            **linked("n_variable", DEFAULTS["n_variable"], N_VARIABLE),
            help="The genes whose values vary most between the chosen cells. The TFs of the list are added to them, "
            "so the gene list is longer than this number.",
        )
    _tf_choice()
    if not is_gene_list(dataset):
        _cell_choice(dataset)


def _tf_choice() -> None:
    chosen = one_of(
        "TF list",
        TF_LISTS,
        "tfs",
        DEFAULTS["tfs"],
        help="Which genes may be sources of edges.  \n"
        + "  \n".join(f"**{one.title}**: {one.description}." for one in LISTS)
        + "  \nThe first choice is the human or the mouse list, as the data are; for simulated models it means every "
        "gene that regulates another one.",
    )
    if chosen == "own":
        st.text_area(
            "TF names",
            **linked("own_tfs", DEFAULTS["own_tfs"]),
            placeholder="SPI1 GATA1 CEBPA",
            max_chars=OWN_LIST_LIMIT,
            help="Symbols, Ensembl ids or common names that mean one gene (p53, OCT4), separated by spaces, commas or "
            "lines. Lists with genes that are no TFs are taken as they are: you decide what a source is. A name that "
            "cannot be a source is listed below with the reason.",
        )


def _cell_choice(dataset: Dataset) -> None:
    columns = groupings(dataset)
    if not columns:
        return
    by = st.selectbox(
        "Cells",
        ["", *columns],
        format_func=told_apart(
            ["", *columns], lambda name: f"Only some, by {column_title(name)}" if name else "All cells"
        ),
        **linked("cells_by", DEFAULTS["cells_by"], ["", *columns]),
        help="Variable genes and mean values are measured on these cells only.",
    )
    if by:
        values = values_of(dataset, by)
        st.multiselect(
            f"Values of {plain(column_title(by))}",
            values,
            format_func=told_apart(values),
            **linked("cells_in", DEFAULTS["cells_in"], values),
            placeholder="Choose one or more",
        )
        if unknown := unknown_in("cells_in", values):
            st.warning(f"The address names values that these cells do not have: {plain(', '.join(unknown))}.")
        if not query("cells_in", DEFAULTS["cells_in"], values):
            st.caption("Until a value is chosen, all cells are used.")


def panel_summary(
    dataset: Dataset | GeneList,
    choice: PanelChoice,
    *,
    model: str,
    cost: Callable[[Size], Cost] | None = None,
    took: Callable[[], str] = lambda: "",
    asks_model: bool = True,
) -> GenePanel | None:
    """Show the panel that the choice leads to, with an estimate of time and memory; None when there is none.

    Parameters
    ----------
    dataset, choice
        The cells, and what the user chose of them.
    model
        Whose vocabulary decides which genes the panel may hold.
    cost
        Says what a run on the panel costs; by default that of asking the model.
    took
        Says in words what the same run took, where it was computed already: then nothing is estimated.
    asks_model
        Whether the model is asked, and not only its vocabulary taken.
    """
    if choice.tfs == "own" and not choice.own:
        st.info("Write at least one TF name, or choose another TF list.")
        return None
    try:
        panel = panel_of(choice, dataset.sha256, model=model)
    except GrnError as error:
        show_error(error)
        return None
    n_sources, n_genes = len(panel.sources), len(panel.genes)
    with st.container(horizontal=True, gap="small"):
        st.metric("TFs", f"{n_sources:,}", border=True, help="Sources whose targets are asked")
        st.metric("Genes", f"{n_genes:,}", border=True, help="TFs and the other genes together")
        st.metric("Edges", f"{n_sources * (n_genes - 1):,}", border=True, help="Pairs of a TF and another gene")
    size = size_of(dataset, panel, n_cells=choice.n_cells(dataset))
    expected = cost(size) if cost else foretell_usual(size, model_record(model))
    told = f"Estimate: {expected.words}.{'' if expected.measured else ROUGH}"
    st.caption(f"Computed here in {plain(known)}." if (known := took()) else plain(told))
    with st.expander("TFs of this gene list"):
        st.text(seen(", ".join(panel.source_names), most=MOST_LISTED))
    rows = [(one.name, one.why) for one in panel.lost_tfs]
    lost_tfs(pd.DataFrame(rows, columns=["name", "reason"], dtype=str), key="chosen")
    doubts = () if is_gene_list(dataset) else dataset.reading.doubts
    listed = note_of_lost(panel.lost_tfs)
    for note in panel.notes:
        if note in listed or (is_of_vocabulary(note) and not asks_model):
            continue
        if note in doubts:
            st.warning(plain(note), icon=":material/help:")
        else:
            told_in_two_lines(note)
    return panel


def size_of(dataset: Dataset | GeneList, panel: GenePanel, *, n_cells: int) -> Size:
    """Return how much is asked of a dataset and a panel of it."""
    n_values = 0 if is_gene_list(dataset) else dataset.n_values
    return Size(len(panel.sources), len(panel.genes), n_cells, n_values)


def cost_of_asking(
    size: Size,
    *,
    model: str,
    extractors: Sequence[str] = DEFAULT,
    readout: str = "",
    n_seeds: int = 5,
    adapt: int = 0,
    with_coexpression: bool = False,
) -> Cost:
    """Return what it costs to ask a model by its name.

    Parameters
    ----------
    size
        Of panel and dataset.
    model
        Name of the foundation model.
    extractors, readout, n_seeds
        As of `grn_core.costs.cost_of_inference`.
    adapt
        Steps of an adaptation that comes first.
    with_coexpression
        Whether co-expression in the cells is added.
    """
    record = model_record(model)
    return foretell_inference(
        size,
        record,
        extractors=extractors,
        readout=readout or record.default_readout,
        n_seeds=n_seeds,
        adapt_s=seconds_to_adapt(adapt) if adapt else 0.0,
        with_coexpression=with_coexpression,
    )
