"""One finished run as pages read it, from the run store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.benchmark.results.better import in_short
from grn_core.benchmark.results.tested import in_one_line
from grn_core.planning import BACKGROUNDS
from grn_core.runs import RunStore
from grn_core.runs.doubts import standing
from grn_core.runs.finished import FinishedRun
from grn_core.runs.names import BACKGROUND
from grn_core.runs.retention import note_use
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.planning import Plan


BADGES = dict(
    zip(BACKGROUND.values(), (":material/public:", ":material/bubble_chart:", ":material/join_inner:"), strict=True)
)
"""In which cell a model was asked -> the icon of its badge."""
AUPRC = (
    "**AUPRC** (area under the precision-recall curve): how well true edges, or genes that changed, are ranked above "
    "the others. 1 is perfect; a random guess reaches what stands as chance."
)
TESTED = (
    f"{AUPRC}\n\n**Best simple control**: the best rule without this model on each set, for example how many known "
    "edges the two genes have.\n\n**Reference set**: the genes of a data set with a network of known edges. "
    "**With cells**: one whose cells were at hand, which co-expression needs; its pairs are others, so that figures of "
    "the two do not compare.\n\nAll figures are means over the sets; the page Benchmark shows each set and control."
)


@dataclass(frozen=True, eq=False)
class RunView(FinishedRun):
    """A finished run whose table of edges is kept between two runs of a page."""

    @property
    def edges(self) -> pd.DataFrame:
        """The edge table, best edge first; its values are shared by all who look at the run, and stay as they are."""
        return _edges(self.id)


@kept(max_entries=4)
def _edges(run_id: str) -> pd.DataFrame:
    return RunStore().edges(run_id)


def say_versions(run: FinishedRun) -> None:
    """Say so where a run was computed by other versions than those that are here."""
    if run.differs:
        st.info(plain(run.differs), icon=":material/history:")


def say_doubts(run: RunView) -> None:
    """Say what was guessed of a run's cells and is not confirmed."""
    for text in standing(run.record):
        st.warning(plain(text), icon=":material/help:")


def say_tested(run: FinishedRun) -> None:
    """Say what such answers reach on test sets, and where to read more; nothing where nothing like it was tested."""
    if run.tested:
        st.caption(plain(run.tested), help=TESTED)


def say_tested_of(asked: Plan) -> None:
    """Say it of the scores that are about to be asked for."""
    record = asked.translator
    if record is None or asked.adapt is not None or set(asked.extractors) != set(record.ensemble):
        return
    if asked.with_coexpression or asked.background != record.card.get("background", BACKGROUNDS[0]):
        return  # its worth stands beside the choice
    if text := in_short(record.card):
        st.caption(text, help=f"{plain(in_one_line(record.card))}\n\n{TESTED}")


def view(run_id: str) -> RunView:
    """Return the finished run `run_id`."""
    note_use(run_id)
    return RunView.of(run_id)
