"""The foundation models that can be chosen: what each is, offers and costs."""

from __future__ import annotations

import streamlit as st

from grn_core.damaged_records import MODELS
from grn_core.extractors import called, extractors_of
from grn_core.models import registry as models
from grn_core.models.folders import FolderRecord, forget, is_own, registered
from grn_core.models.record import ModelRecord
from pages.components.shared.damaged import show_damaged
from pages.components.shared.messages import errors_shown, plain


def models_here() -> None:
    """Show the bundled model and every registered folder."""
    folders = {record.name: record for record in registered()}
    show_damaged(MODELS)
    with errors_shown():
        found = models.records()
        for record in found:
            _model(record, folders.pop(record.name, None))
    for lost in folders.values():
        with st.container(border=True):
            st.markdown(f"**{plain(lost.title)}** :orange-badge[folder is gone]")
            st.caption(f"It was in {plain(lost.folder)}. Put it back, or take the name off the list.")
            _remove_button(lost)


def _model(record: ModelRecord, folder: FolderRecord | None) -> None:
    with st.container(border=True):
        badge = "green-badge[bundled]" if folder is None else "blue-badge[downloaded]"
        if folder is not None and not folder.source:
            badge = "violet-badge[folder]"
        words, more = st.columns([3, 1], vertical_alignment="center")
        words.markdown(f"**{plain(record.title)}** :{badge}  \n{plain(record.description)}")
        words.caption(" · ".join(facts(record)))
        with (
            more.container(horizontal=True, horizontal_alignment="right"),
            st.popover("Details", icon=":material/info:"),
        ):
            st.markdown(_details(record, folder))
            if folder is not None:
                _remove_button(folder)


def facts(record: ModelRecord) -> list[str]:
    """Size, genes and licence in a few words each."""
    size = record.n_parameters
    return [
        f"{size / 1e6:z.1f} million parameters" if size >= 1e5 else f"{size:,} parameters",
        f"{record.n_genes:,} genes",
        f"licence: {plain(record.licence)}",
    ]


def _details(record: ModelRecord, folder: FolderRecord | None) -> str:
    low, high = record.value_range
    readouts = (f"{name} (default)" if name == record.default_readout else name for name in record.readouts)
    lines = {
        "Name": f"{plain(record.name)}, as in `--model`",
        "Can be asked for": ", ".join(called(extractors_of(record), explained=True)) or "nothing that makes edges",
        "Outputs": plain(", ".join(readouts)) or "none",
        "Values": plain(f"{record.units}, {low:g} to {high:g}"),
        "Genes at once": f"{record.max_genes:,}" if record.max_genes else "any number",
        "Not available": plain(record.unavailable),
        "Limits": plain(record.limits),
    }
    if folder is not None:
        known = (f"{some:,} of {total:,} {name}" for name, (some, total) in folder.card.get("coverage", {}).items())
        lines["Doubtful"] = plain(" ".join(folder.card.get("warnings", [])))
        lines |= {"Knows": plain("; ".join(known)), "Folder": plain(folder.folder)}
    return "\n".join(f"- **{name}:** {words}" for name, words in lines.items() if words)


def _remove_button(folder: FolderRecord) -> None:
    if not is_own(folder.name):
        return
    st.button(
        "Take off the list",
        icon=":material/playlist_remove:",
        key=f"remove_{folder.name}",
        on_click=forget,
        args=(folder.name,),
        help="The name can no longer be chosen. The files stay where they are.",
    )
