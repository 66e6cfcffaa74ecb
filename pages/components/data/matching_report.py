"""What was recognised in a dataset, what was converted, and what was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from grn_core import in_words
from grn_core.datasets.catalog import read_again, said_of
from grn_core.datasets.kinds import find_kind
from grn_core.datasets.read_as import ORIENTATIONS
from grn_core.datasets.report import GOOD, NOT_USABLE, USABLE, lost_table, report
from grn_core.datasets.store import species_found
from grn_core.errors import GrnError
from grn_core.genes.ids import ID_TYPES
from grn_core.genes.vocabulary import VocabularyReport, vocabulary_report
from grn_core.models import registry as models
from pages.components.data.choices import model_record
from pages.components.data.question import is_open
from pages.components.data.read_as_form import read_as_form
from pages.components.shared.kept import copied
from pages.components.shared.later import later
from pages.components.shared.messages import errors_shown, plain, show_error
from pages.components.shared.reading import told_in_two_lines
from pages.components.shared.session import set_dataset

if TYPE_CHECKING:
    from collections.abc import Collection

    from grn_core.datasets import Dataset, GeneList
    from grn_core.datasets.report import Report
    from pages.components.data.choices import PanelChoice

IDS = {"symbol": "gene symbols", **ID_TYPES}
UNKNOWN = "not recognised"
MOST_SHOWN, LONG = 100, 10
"""Names that are shown, and from how many on they scroll."""
VERDICTS: dict[str, tuple[str, Literal["green", "orange", "red"], str]] = {
    GOOD: ("Good", "green", ":material/check_circle:"),
    USABLE: ("Usable, with care", "orange", ":material/warning:"),
    NOT_USABLE: ("Not usable", "red", ":material/error:"),
}


def matching_report(dataset: Dataset, vocabulary: Collection[str], *, model: str) -> None:
    """Show the report on a dataset against a model's vocabulary: verdict, table, and what is lost."""
    found = report(dataset, vocabulary, model=model_record(model).title)
    title, color, icon = VERDICTS[found.verdict]
    with st.container(horizontal=True, gap="small"):
        st.badge(title, color=color, icon=icon)
        if is_open(dataset):
            st.badge("Not confirmed", color="orange", icon=":material/help:")
    asked = {one.doubt for one in found.questions} if is_open(dataset) else set()
    for text in (one for one in found.why if one not in asked):
        st.warning(plain(text), icon=":material/help:")
    kind = find_kind(found.values)
    words = said_of(dataset.ref)
    said = {} if words is None else words.said
    rows = [
        ("Species", _species(dataset, found, said)),
        ("Gene names", plain(IDS.get(found.ids, found.ids) or UNKNOWN)),
        ("Values", _yours(f"{kind.title}; {kind.used}", said="values" in said)),
        *([("Matrix", _yours(plain(found.matrix), said="matrix" in said))] if found.matrix else []),
        *(
            [("Orientation", _yours(ORIENTATIONS[found.orientation], said="orientation" in said))]
            if found.orientation
            else []
        ),
        ("Cells", f"{found.n_cells:,}"),
        ("Genes", f"{found.n_genes:,}"),
        ("with a human symbol", f"{found.n_human:,}"),
        (f"known to the model ({plain(model)})", f"{found.n_model:,} ({in_words.share(found.share(found.n_model))})"),
        ("TFs", f"{found.n_tfs:,}, of which the model knows {found.n_tfs_model:,}"),
        (UNKNOWN, f"{dataset.match.n_unknown:,}"),
    ]
    if dataset.match.n_without_ortholog:
        rows.append(("without a 1:1 human ortholog", f"{dataset.match.n_without_ortholog:,}"))
    st.table(
        {"Found": dict(rows)},
        hide_header=True,
        alt="What was recognised in the dataset, and how many genes the model knows",
    )
    figures = dataset.match.converted  # stand in the table
    for note in dict.fromkeys((dataset.match.how_read, *(one for one in found.notes if one != figures))):
        told_in_two_lines(f"{note[:1].upper()}{note[1:]}" if note.startswith("the ") else note)
    _overrule(dataset, found)
    _lost(found)


def _yours(value: str, *, said: bool) -> str:
    """Return a row of the report, and that it is the user's word where it is."""
    return f"you said: {value}" if said else value


def _species(dataset: Dataset, found: Report, said: Collection[str]) -> str:
    """Return the species, and what the names say where the user has said another."""
    shown = found.species or UNKNOWN
    if "species" not in said:
        return shown
    by_names = species_found(dataset.ref)
    return f"you said: {shown}; found: {by_names}" if by_names and by_names != shown else f"you said: {shown}"


def _overrule(dataset: Dataset, found: Report) -> None:
    """Let the user say otherwise what was guessed; a built-in dataset is known and has no such control."""
    said = said_of(dataset.ref)
    if said is None:
        return
    with st.expander("Read the file otherwise", icon=":material/tune:"):
        if len(found.matrices) > 1:
            st.table(
                {
                    "Matrix": [plain(one.name) for one in found.matrices],
                    "TFs": [f"{one.n_tfs:,}" for one in found.matrices],
                    "Genes": [f"{one.n_genes:,}" for one in found.matrices],
                    "Values": [plain(one.refused or one.kind or "not looked at") for one in found.matrices],
                },
                alt="What each matrix of the file would give",
            )
        try:
            read_as = read_as_form(
                f"again_{dataset.ref}",
                said=said,
                matrices=[one.name for one in found.matrices],
                name_columns=dataset.reading.name_columns,
            )
        except GrnError as error:
            show_error(error)
            return
        if st.button("Read again", key="read_again", disabled=read_as == said):
            with errors_shown(), st.spinner("Reading the file again"):
                set_dataset(read_again(dataset.ref, read_as))
                st.rerun()


def _lost(found: Report) -> None:
    """Show the names that take no part, each with its reason, and offer them all as a table."""
    lost = (*found.left_out, *found.lost)
    if not lost:
        return
    with st.expander(f"Names that take no part ({len(lost):,})", icon=":material/playlist_remove:"):
        shown = lost[:MOST_SHOWN]
        st.table(
            {"Name": [plain(one.name) for one in shown], "Reason": [plain(one.reason) for one in shown]},
            height=400 if len(shown) > LONG else "content",
            alt="Names that take no part, each with its reason",
        )
        if len(lost) > len(shown):
            st.caption(f"The first {len(shown):,} of {len(lost):,}.")
        st.download_button(
            "Download all, with reasons",
            later(lambda: lost_table(found)),
            file_name="lost_names.tsv",
            mime="text/tab-separated-values",
            icon=":material/download:",
            key="lost_names",
        )


def vocabulary_matching(dataset: Dataset | GeneList, choice: PanelChoice, *, model: str, is_asked: bool = True) -> None:
    """Show what a model knows of the genes of a dataset or a list, before anything is computed.

    Parameters
    ----------
    dataset, choice
        The genes, and what is chosen of them.
    model
        Name of the model.
    is_asked
        Whether it is asked, and not only its vocabulary taken.
    """
    named = choice.own if choice.tfs == "own" else dataset.tf_list(choice.tfs)
    tfs = named if isinstance(named, str) else tuple(named)
    report = _vocabulary_report(dataset.sha256, model, models.weights_sha(model), tfs, _dataset=dataset)
    lost, found = len(report.lost_tfs), report.n_known / max(1, report.n_names)
    tfs_lost = "every TF among them" if not lost else f"{lost:,} {'TF' if lost == 1 else 'TFs'} lost"
    which = "that the model knows" if is_asked else "that can take part"
    title = f"Genes {which}: {found:z.0%}, {tfs_lost}"
    with st.expander(title, icon=":material/rule:"):
        for text in report.sentences(asked=is_asked):
            st.markdown(plain(text))


@copied(max_entries=16)
def _vocabulary_report(
    sha256: str,  # noqa: ARG001 - with it a changed dataset is matched anew
    model: str,
    weights: str,  # noqa: ARG001 - and a changed checkpoint too
    tfs: str | tuple[str, ...],
    *,
    _dataset: Dataset | GeneList,
) -> VocabularyReport:
    title = model_record(model).title
    known = models.vocabulary(model)
    return vocabulary_report(_dataset.match, known, model=title, tfs=tfs, labels=_dataset.labels)
