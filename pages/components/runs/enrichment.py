"""What some genes of a run share: regulons of the bundled references, or gene sets of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.benchmark.references.gene_sets import REFERENCES, TITLE, store_gene_sets, stored_gene_sets
from grn_core.errors import GrnError
from grn_core.runs import RunStore, enriched
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain, show_error, told_apart
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import linked, remember
from pages.components.shared.tables import download, first_rows, show_table
from pages.components.shared.uploads import stored_upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from grn_core.networks.enrichment import Enrichment

KEPT = 32
column = st.column_config
COLUMNS = {
    "set": column.TextColumn("Set", width=140),
    "p_adjusted": column.NumberColumn(
        "Adjusted p", width=84, format="%.2g", help="Hypergeometric, Benjamini-Hochberg."
    ),
    "overlap": column.NumberColumn("Shared", width=60, help="Chosen genes that are in the set."),
    "chance": column.NumberColumn("By chance", width=76, format="percent", help="What a random choice would share."),
    "share": column.NumberColumn(
        "Share", width=60, format="percent", help="Of the chosen genes that take part, those in this set."
    ),
    "precision_at_k": column.NumberColumn(
        "At k", width=60, format="percent", help="Precision at k: of all chosen genes, those in this set."
    ),
    "genes": column.TextColumn("Genes", width="large"),
}
SURE = 0.05
HEIGHT = 330


@kept(max_entries=KEPT)
def of_tf(run_id: str, tf: str, best: int, sets: str) -> Enrichment:
    """Test the best targets of a TF of a run; kept, as sets never change under their name."""
    edges, universe = RunStore().edges(run_id), enriched.universe_of(run_id)
    return enriched.of_tf(edges, tf, sets=sets, best=best, universe=universe)


@kept(max_entries=KEPT)
def of_genes(run_id: str, genes: tuple[str, ...], sets: str) -> Enrichment:
    """Test genes of a run, kept as `of_tf`."""
    return enriched.of_genes(RunStore().gene_names(run_id), genes, sets=sets)


def enrichment_view(test: Callable[[str], Enrichment], *, key: str) -> None:
    """Show which sets are over-represented.

    Parameters
    ----------
    test
        Tests the chosen genes against the sets of a name.
    key
        Of what is downloaded and uploaded here.
    """
    titles = {REFERENCES: TITLE} | {name: f"Your upload: {title}" for name, title in stored_gene_sets().items()}
    choose, own = st.columns([3, 2], vertical_alignment="bottom")
    sets = choose.selectbox(
        "Against",
        list(titles),
        format_func=told_apart(titles, titles.__getitem__),
        **linked("sets", REFERENCES, titles),
    )
    with own.popover("My gene sets", icon=":material/upload_file:", width="stretch"):
        name = stored_upload(
            "Upload gene sets (GMT)",
            key=f"sets_{key}",
            about="A line a set: its name, a description and its genes, with tabs between; human or mouse names.",
            store=store_gene_sets,
        )
        if name is not None:
            remember("sets", name)
            st.rerun()
    try:
        found = test(sets)
    except GrnError as error:
        show_error(error)
        return
    n_sure = int((found.table["p_adjusted"] < SURE).sum())
    best = found.table.iloc[0]
    lead = (
        f"**{n_sure:,} of {found.n_sets:,} sets** are over-represented (adjusted p below {SURE})."
        if n_sure
        else f"**None of {found.n_sets:,} sets** is over-represented (adjusted p below {SURE})."
    )
    n_all = found.n_chosen + found.n_left_out
    where = "in any set" if found.only_held else "among those that could be chosen"
    left_out = f" Only {found.n_chosen:,} of {n_all:,} genes are {where}." if found.n_left_out else ""
    st.markdown(
        f"{lead} First: {plain(best['set'])}, {best['overlap']:,} of {found.n_chosen:,} genes; by chance "
        f"{best['chance'] * found.n_chosen:z.1f}.{left_out}"
    )
    shown = first_rows(found.table, first="with the smallest adjusted p", what="sets", searched=False)
    show_table(shown[list(COLUMNS)], hide_index=True, height=HEIGHT, column_config=COLUMNS, key=f"table_{key}")
    download("All sets (TSV)", found.table, f"{key}-sets")
    how_to_read(
        f"**Universe.** {plain(found.words)}",
        "**Adjusted p**: how often a random choice of so many genes of the universe would share as many "
        "(hypergeometric test), corrected for the number of sets (Benjamini-Hochberg).",
        "**Share**: of the chosen genes that take part, those in the set; **By chance**: what a random choice would "
        "share. **At k**: precision at k, the same of all k chosen genes.",
        "Sets of the references were partly seen in the training of some translators: this is no independent test.",
    )
