"""Several genes chosen together: what can be done with them, and the sub-networks that were saved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.networks.enrichment import LEAST
from grn_core.runs.subnetworks import remove_subnetwork, save_subnetwork, subnetworks
from pages.components.network.parts import WHOLE, then
from pages.components.runs.enrichment import enrichment_view, of_genes
from pages.components.shared.messages import errors_shown, plain, told_apart
from pages.components.shared.session import query, remember

if TYPE_CHECKING:
    from pages.components.runs.view import RunView

NAMED = 8


def genes_in_url(run: RunView) -> tuple[str, ...]:
    """Return the genes that the URL says are chosen together."""
    return query("chosen", (), run.panel_genes)


def choice() -> int:
    """Return a number that changes when this page, not the drawing, has chosen other genes."""
    number: int = st.session_state.get("choice", 0)
    return number


def choose(genes: tuple[str, ...]) -> None:
    """Choose genes together: written to the URL."""
    remember("chosen", genes or None)
    if genes:
        remember("gene", None)
        remember("edge", None)


def _clear() -> None:
    choose(())
    st.session_state["choice"] = choice() + 1


def _show_only(genes: tuple[str, ...]) -> None:
    remember("only", genes)
    _clear()


def chosen_bar(run: RunView, genes: tuple[str, ...]) -> None:
    """Show what can be done with the genes that are chosen together."""
    if not genes:
        return
    listed = ", ".join(plain(gene) for gene in genes[:NAMED]) + (" …" if len(genes) > NAMED else "")
    with st.container(horizontal=True, vertical_alignment="center", key="chosen_bar"):
        st.markdown(f"**{len(genes)} chosen:** {listed}", width="content")
        if len(genes) > 1:
            st.button("Show only these", on_click=then, args=(WHOLE, _show_only, genes), type="primary")
        with st.popover("Save as a sub-network", disabled=len(genes) < 2):
            name = st.text_input("Name", key="subnetwork_name", max_chars=60, placeholder="e.g. Interferon response")
            if st.button("Save", key="save_subnetwork", disabled=not name.strip()):
                with errors_shown():
                    save_subnetwork(run.id, name, genes)
                    st.toast(f"{plain(name)} is saved under Filters.")
                    st.rerun()  # the filters are another part of the page
        st.button("Clear", on_click=_clear, key="clear_chosen")


def chosen_enrichment(run: RunView, genes: tuple[str, ...]) -> None:
    """Offer to test what the genes that are chosen together share, and show it."""
    if len(genes) < LEAST or not st.toggle(f"Enrichment of the {len(genes)} chosen genes", key="shows_enrichment"):
        return
    st.header(f"What the {len(genes)} chosen genes share", anchor=False)
    enrichment_view(partial(of_genes, run.id, tuple(genes)), key=f"{run.id[:8]}-chosen")


def only_bar(genes: tuple[str, ...]) -> None:
    """Say that only edges between some genes are shown, with the way back."""
    if not genes:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Sub-network of {len(genes)} genes**", width="content")
        st.button("Show the whole network", on_click=then, args=(WHOLE, remember, "only", None), key="whole_network")


def saved_subnetworks(run: RunView) -> None:
    """Let the user choose one of the saved sub-networks, or remove it."""
    known: dict[str, tuple[str, ...]] = {}
    with errors_shown():
        known = subnetworks(run.id)
    if not known:
        st.caption("Choose several genes in the drawing (Select, or Ctrl and click) to save them as a sub-network.")
        return
    shown = query("only", ())
    current = next((name for name, genes in known.items() if genes == tuple(sorted(shown))), None)
    st.session_state["subnetwork"] = current

    def opened() -> None:
        name = st.session_state["subnetwork"]
        remember("only", known[name] if name else None)

    names = told_apart(list(known), lambda name: f"{name} ({len(known[name])} genes)")
    st.selectbox(
        "Saved sub-network",
        list(known),
        index=None,
        format_func=names,
        key="subnetwork",
        on_change=opened,
        placeholder="The whole network",
    )
    if current and st.button("Remove this sub-network", key="remove_subnetwork"):
        remove_subnetwork(run.id, current)
        st.rerun()
