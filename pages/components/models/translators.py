"""The translators in one table: what they read, what they were trained on, and how they scored."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from grn_core.benchmark.results.tested import beside_controls, every_test
from grn_core.extractors import called
from grn_core.models import registry as models
from grn_core.translator import registry as translators
from grn_core.translator.record import TranslatorRecord
from pages.components.shared.links import BENCHMARK
from pages.components.shared.messages import plain, show_error
from pages.components.shared.tables import show_table

COLUMNS: dict[str, Any] = {
    "title": st.column_config.TextColumn("Translator", width=270),
    "taken": st.column_config.TextColumn("Taken", width=80, help="What is taken unless another is chosen."),
    "model": "Model",
    "score": st.column_config.NumberColumn(
        "AUPRC",
        format="%.3f",
        help="Ensemble of what it reads; mean over the test sets, pairs it was not trained on",
    ),
    "control": st.column_config.NumberColumn("Best control", format="%.3f", help="The best control on the same pairs"),
    "prevalence": st.column_config.NumberColumn("Random guess", format="%.3f", help="Share of true edges"),
    "tests": st.column_config.NumberColumn("Test sets", width=80, help="Pairs of a data set and a reference network"),
    "reads": st.column_config.TextColumn("Reads", help="What is asked of the model, and of which of its outputs"),
}


def translator_table() -> None:
    """Show every translator with its training data and its measured scores."""
    titles = {models.network_sha(record.name): record.title for record in models.records()}
    found = translators.records()
    for error in translators.damaged():
        show_error(error)
    if not found:
        st.info("There is no translator yet.", icon=":material/info:")
        return
    rows = [_row(record, titles) for record in found]
    show_table(
        pd.DataFrame(rows),
        hide_index=True,
        column_order=list(COLUMNS),
        column_config=COLUMNS,
        key="translators",
        placeholder="—",
        alt="Translators and their mean AUPRC beside the best control and a random guess",
    )
    st.caption(
        "AUPRC is comparable within one row only. A translator reads the answers of the model that it was trained on, "
        "and of no other."
    )
    with st.expander("What each was trained on", icon=":material/menu_book:"):
        st.markdown("\n".join(f"- **{plain(row['title'])}** was trained on {plain(row['trained'])}." for row in rows))
    st.page_link(BENCHMARK, label="Every score, on every data set", icon=":material/leaderboard:")


def _row(record: TranslatorRecord, titles: dict[str, str]) -> dict[str, object]:
    trained = (
        f"{data['reference']}: {data['n_positives']:,} edges of {data['n_sources']:,} TFs"
        f"{', known beside' if data.get('beside') else ''}"
        for data in record.card.get("training", ())
    )
    row: dict[str, object] = {
        "title": record.title,
        "taken": "by default" if record.name == translators.DEFAULT else "",
        "model": titles.get(record.model_sha, record.model),
        "reads": f"{', '.join(called(record.extractors))} ({record.readout})",
        "trained": "; ".join(trained),
    }
    scores = beside_controls(every_test(record.card))
    means: dict[str, object] = {
        name: scores[name].mean() if len(scores) else None for name in ("score", "control", "prevalence")
    }
    return row | means | {"tests": len(scores)}
