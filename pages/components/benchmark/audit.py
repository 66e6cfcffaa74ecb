"""What a translator has seen in training: was this pair, this TF, this target shown to it, and how."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from grn_core.benchmark.references.known import seen_in_training
from grn_core.benchmark.references.leakage import TrainingPart, training_parts
from grn_core.downloads.beeline import references_folder
from grn_core.translator import registry as translators
from grn_core.translator.record import TranslatorRecord
from pages.components.shared.kept import kept, kept_of_release
from pages.components.shared.messages import plain
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import linked, query, remember
from pages.components.shared.tables import download, show_table

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


IN_COMMON: dict[str, Any] = {
    "one": "Reference",
    "other": "And",
    "shared": st.column_config.NumberColumn("In common", format="localized", help="Edges that both have"),
    "of_one": st.column_config.NumberColumn("Of the first", format="%.1f%%"),
    "of_other": st.column_config.NumberColumn("Of the second", format="%.1f%%"),
}
Parts = tuple[tuple[TrainingPart, ...], tuple[str, ...], tuple[str, str]]
"""References of a training, names of those that are not here, and a pair to begin with."""


def _parts(name: str, sha: str, folder: Path | None) -> Parts:  # noqa: ARG001 - the sum tells one training from another
    card = next(record.card for record in translators.records() if record.name == name)
    parts, missing = training_parts(card, folder=folder)
    return parts, missing, min((min(part.edges) for part in parts if part.edges), default=("", ""))


_drawn = kept(max_entries=4, show_spinner="Drawing the training pairs again")(_parts)
_drawn_of_release = kept_of_release(max_entries=4, show_spinner="Drawing the training pairs again")(_parts)


def audit() -> None:
    """Ask for a pair, and say what each bundled translator has seen of it."""
    records = {record.name: record for record in translators.records()}
    if not records:
        st.info("There is no translator here.")
        return
    with st.container(key="halves_audit"):
        columns = st.columns([2, 1, 1], gap="medium", vertical_alignment="bottom")
    name = columns[0].selectbox(
        "Translator",
        list(records),
        format_func=lambda key: records[key].title,
        **linked("audited", translators.DEFAULT if translators.DEFAULT in records else next(iter(records)), records),
    )
    draw = _drawn_of_release if translators.is_bundled(name) else _drawn
    parts, missing, example = draw(name, translators.sha_with_card(name), references_folder())
    tf = _gene(columns[1], "TF", "audit_tf", default=example[0])
    target = _gene(columns[2], "Target", "audit_target", default=example[1])
    shown = seen_in_training(name, [(tf, target)])
    if missing and shown is not None:
        _seen(tf, target, "as an edge" if shown[0] else "not as an edge")
    elif parts:
        for part in parts:
            row = part.of_pair(tf, target)
            _seen(tf, target, str(row["pair"]), of=part, counts=row)
    if missing:
        more = f" and {len(missing) - 1} more" if missing[1:] else ""
        st.info(
            f"Networks that this training was made of, or kept apart from, are not on this machine: {plain(missing[0])}"
            f"{more}. So single ones cannot be looked up. Download BEELINE's networks on the page Dataset, or name "
            "their folder (GRN_DATA)."
        )
    st.caption(
        "A pair that was shown, or a TF and a target with many edges in training, is easier for this translator: its "
        "probability there is partly memory. The splits above leave such pairs out."
    )
    how_to_read(
        "Names are human symbols. Negatives are drawn again from the seeds that stand on the translator's card: this "
        "is what the training saw."
    )
    _in_common(records[name])
    if parts and not missing:
        download("Every edge of the training (TSV)", partial(_edges, parts), f"training-{name}")


def _seen(
    tf: str, target: str, how: str, *, of: TrainingPart | None = None, counts: Mapping[str, Any] | None = None
) -> None:
    """Say how a pair was shown, in one network of the training, or in all of them together."""
    icon = ":material/visibility_off:" if how.startswith("not") else ":material/visibility:"
    told = "in training" if of is None else f"({plain(of.name)})"
    more = ""
    if counts is not None:
        more = f" Edges there: {counts['edges_of_tf']:,} of this TF, {counts['edges_of_target']:,} of this target."
    st.markdown(f"{icon} **{plain(tf)} → {plain(target)}** was shown **{plain(how)}** {told}.{more}")


def _in_common(record: TranslatorRecord) -> None:
    """Show which edges every two references of a translator's training and tests share, as its card says."""
    table = pd.DataFrame(record.card.get("overlap", ()))
    if table.empty:
        return
    with st.expander("Edges that its references share", icon=":material/join_inner:"):
        show_table(
            table.assign(of_one=100 * table["of_one"], of_other=100 * table["of_other"]),
            hide_index=True,
            column_config=IN_COMMON,
            key="in_common",
            alt="Edges that every two references of the training and of its tests have in common",
        )
        st.caption(
            "References of the training come first, then those that it was tested on; mouse genes through orthologs. "
            "What a test shares with the training is taken out of one of the two."
        )
        download("Shared edges (TSV)", table, f"shared-{record.name}")


def _edges(parts: tuple[TrainingPart, ...]) -> pd.DataFrame:
    return pd.DataFrame(sorted(pair for part in parts for pair in part.edges), columns=["source", "target"])


def _gene(column: DeltaGenerator, label: str, key: str, *, default: str) -> str:
    """Ask for a gene's symbol; the choice goes into the URL."""
    st.session_state[key] = query(key, default)
    text = column.text_input(
        label, key=key, on_change=lambda: remember(key, st.session_state[key].strip().upper() or None)
    )
    return text.strip().upper()
