"""What was recognised in a dataset, what was converted, and what was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.datasets.kinds import find_kind
from grn_core.genes.match import ID_TYPES
from grn_core.genes.vocabulary import VocabularyReport, vocabulary_report
from grn_core.models import registry as models
from pages.components.data.choices import model_record
from pages.components.shared.messages import plain

if TYPE_CHECKING:
    from collections.abc import Collection

    from grn_core.datasets import Dataset, GeneList
    from pages.components.data.choices import PanelChoice

IDS = {"symbol": "gene symbols", **ID_TYPES}
UNKNOWN = "not recognised"
EXAMPLES = 12
MOST_SHOWN = 100


def matching_report(dataset: Dataset, vocabulary: Collection[str], *, model: str) -> None:
    """Show the matching report of a dataset against a model's vocabulary."""
    match = dataset.match
    kind = find_kind(dataset.value_kind)
    known = sum(symbol in vocabulary for symbol in match.symbols if symbol is not None)
    rows = [
        ("Species", match.species if match.recognised else UNKNOWN),
        ("Gene names", IDS.get(match.id_type, match.id_type) if match.recognised else UNKNOWN),
        ("Values", f"{kind.title}; {kind.used}"),
        ("Cells", f"{dataset.n_cells:,}"),
        ("Genes", f"{dataset.n_genes:,}"),
        ("with a human symbol", f"{match.n_matched:,}"),
        (f"known to the model ({model})", f"{known:,} ({known / max(dataset.n_genes, 1):.0%})"),
        (UNKNOWN, f"{match.n_unknown:,}"),
    ]
    if match.n_without_ortholog:
        rows.append(("without a 1:1 human ortholog", f"{match.n_without_ortholog:,}"))
    st.table(
        {"Found": dict(rows)},
        hide_header=True,
        alt="What was recognised in the dataset, and how many genes the model knows",
    )
    for note in dict.fromkeys((match.converted, *dataset.notes)):
        st.caption(plain(note))
    if dataset.left_out:
        with st.expander(f"Left out, since they are no genes ({len(dataset.left_out):,})"):
            shown = dataset.left_out[:MOST_SHOWN]
            st.table(
                {"Name": [plain(one.name) for one in shown], "Reason": [plain(one.reason) for one in shown]},
                alt="What is no gene in the file, each with the reason why it was left out",
            )
            if len(dataset.left_out) > len(shown):
                st.caption(f"The first {len(shown):,} of {len(dataset.left_out):,}.")
    if match.unmatched:
        with st.expander(f"Names that were not matched ({len(match.unmatched):,}), with examples"):
            st.text(", ".join(match.unmatched[:EXAMPLES]) + (", ..." if len(match.unmatched) > EXAMPLES else ""))
            st.caption("These genes take no part. A name may be outdated, a non-coding gene, or lack a 1:1 ortholog.")


def vocabulary_matching(dataset: Dataset | GeneList, choice: PanelChoice, *, model: str) -> None:
    """Show what a model knows of the genes of a dataset or a list, before anything is computed."""
    named = choice.own if choice.tfs == "own" else dataset.tf_list(choice.tfs)
    tfs = named if isinstance(named, str) else tuple(named)
    report = _vocabulary_report(dataset.sha256, model, models.weights_sha(model), tfs, _dataset=dataset)
    lost, found = len(report.lost_tfs), report.n_known / max(1, report.n_names)
    tfs_lost = "no TF lost" if not lost else f"{lost:,} {'TF' if lost == 1 else 'TFs'} lost"
    title = f"Genes that the model knows: {found:.0%}, {tfs_lost}"
    with st.expander(title, icon=":material/rule:"):
        for text in report.sentences():
            st.markdown(plain(text))


@st.cache_data(max_entries=16, show_spinner=False)
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
