"""Choose one of the built-in or uploaded datasets, or a gene list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from grn_core import datasets
from grn_core.damaged_records import LISTS, UPLOADS, damaged
from grn_core.datasets import BuiltIn, GeneList, Upload
from grn_core.datasets.local import local_file
from pages.components.data.choices import DEMO
from pages.components.shared.damaged import show_damaged
from pages.components.shared.links import ABOUT, STORED
from pages.components.shared.messages import not_here, plain, seen
from pages.components.shared.session import current_dataset, set_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "Source"


@dataclass(frozen=True)
class LocalFile:
    """A file that was named on the command line of this machine: its ref, and its path as title."""

    ref: str
    title: str


def pick_dataset() -> BuiltIn | Upload | LocalFile | GeneList:
    """Show the list of datasets and the facts about the chosen one; return its record."""
    records: dict[str, BuiltIn | Upload | LocalFile | GeneList] = {one.ref: one for one in datasets.builtins()}
    records |= {record.ref: record for record in datasets.list_uploads()}
    records |= {record.ref: record for record in datasets.list_genes()}
    wanted = current_dataset() or DEMO
    if (file := local_file(wanted)) is not None:
        records = {wanted: LocalFile(wanted, str(file)), **records}
    if wanted not in records:
        unread = any(path.stem == wanted for _, path in damaged(UPLOADS, LISTS))
        instead = "The demo cells are shown instead."
        unreadable = f"The dataset of the address cannot be read, see below. {instead}"
        st.warning(unreadable if unread else not_here("dataset", instead=instead))
        wanted = DEMO
    show_damaged(UPLOADS, LISTS)
    st.session_state["picked_dataset"] = wanted
    st.selectbox(
        "Dataset",
        list(records),
        format_func=labels_of(records).__getitem__,
        key="picked_dataset",
        on_change=lambda: set_dataset(st.session_state["picked_dataset"]),
        help="Those that come with the program first, then downloads from public archives, then your uploads and your "
        "gene lists.",
    )
    record = records[wanted]
    if isinstance(record, BuiltIn):
        st.markdown(record.description)
        truth = "yes, it follows from the rules" if record.has_truth else "no"
        facts = {"Species": record.species, "Licence": record.licence, SOURCE: record.source, "Truth known": truth}
    elif isinstance(record, LocalFile):
        facts = {SOURCE: "a file that was named on the command line, read where it lies"}
    elif isinstance(record, GeneList):
        facts = {SOURCE: "your gene list; no cell is needed"}
    else:
        facts = {"Species": record.species, "Genes": f"{record.n_genes:,}", SOURCE: f"your upload {record.filename}"}
    if len(facts) > 1:
        st.caption(" · ".join(f"{name}: {plain(value)}" for name, value in facts.items() if name != SOURCE))
    st.caption(f"{SOURCE}: {plain(facts[SOURCE])}")
    if isinstance(record, Upload | GeneList):
        label = "Delete it, under About this installation"
        st.page_link(ABOUT, label=label, icon=":material/delete:", query_params={STORED: record.ref})
    return record


def labels_of(records: Mapping[str, BuiltIn | Upload | LocalFile | GeneList]) -> dict[str, str]:
    """Return what the list shows for each ref, no two alike: the browser tells options apart by what they show."""
    labels = {ref: seen(_label(record)) for ref, record in records.items()}
    times = Counter(labels.values())
    return {ref: label if times[label] == 1 else f"{label} {ref[-6:]}" for ref, label in labels.items()}


def _label(record: BuiltIn | Upload | LocalFile | GeneList) -> str:
    if isinstance(record, LocalFile):
        return record.title
    if isinstance(record, GeneList):
        return f"{record.title} (no cells)"
    words = [f"{record.title} ({record.n_cells:,} cells)"]
    if isinstance(record, Upload):
        words += [*record.read_as.said.values(), *(["not confirmed"] if record.asks else [])]
    return ", ".join(words)
