"""How the compared networks recover a reference, with intervals: soon drawn ones at once, others by a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from grn_core import in_words
from grn_core.benchmark.metrics.against import against_reference, labelled_pairs
from grn_core.benchmark.metrics.draws import N_DRAWS
from grn_core.benchmark.metrics.resampled import FEWEST_TFS, seconds_of_draws
from grn_core.benchmark.references.named import any_reference
from grn_core.networks.consensus import with_consensus
from grn_core.runs import AgainstRequest, RunStore, manager
from pages.components.runs.progress import watch_run
from pages.components.shared.kept import kept
from pages.components.shared.messages import errors_shown, plain

if TYPE_CHECKING:
    from grn_core.benchmark.metrics.found_against import Against
    from grn_core.networks.matched import Matched
    from pages.components.compare.runs import Compared

SOON_S = 1.0
"""Seconds that the page itself may draw; what takes longer is a run."""
MOST_AT_ONCE = 300_000
"""Pairs that the page measures without intervals, in about a second."""


@kept(max_entries=8)
def asked_of(ids: tuple[str, ...], reference: str, _matched: Matched) -> tuple[pd.DataFrame, float]:  # noqa: ARG001
    """Return the edges of a reference among the common pairs, and how many seconds their intervals take to draw."""
    pairs, rows = labelled_pairs(_matched, any_reference(reference).edges)
    source, target = (names[rows[pairs.label > 0]] for names in _matched.symbols)
    drawn = len(set(source)) >= FEWEST_TFS
    seconds = seconds_of_draws(pairs, n_networks=len(_matched.names) + 1) if drawn else 0.0  # their consensus as well
    return pd.DataFrame({"source": source, "target": target}), seconds


@kept(max_entries=8, show_spinner="Measuring against the reference")
def _at_once(
    ids: tuple[str, ...],  # noqa: ARG001 - what the cache goes by
    names: tuple[str, ...],  # noqa: ARG001
    reference: str,
    n_draws: int,
    _matched: Matched,
) -> Against:
    return against_reference(with_consensus(_matched), any_reference(reference).edges, n_draws=n_draws)


def measured(compared: Compared, reference: str, *, seconds: float) -> Against | None:
    """Return how the networks recover a reference, with intervals where they are soon drawn, or a run has drawn them.

    None where there are so many pairs that the page does not measure them, however soon their intervals are drawn, and
    no run has: it is offered.

    Parameters
    ----------
    compared
        The networks.
    reference
        Name of one that can be chosen.
    seconds
        What drawing the intervals takes: where that is long, a run is offered, and watched when it is at work.
    """
    names, whole = tuple(compared.names.values()), len(compared.matched) > MOST_AT_ONCE
    if seconds <= SOON_S and not whole:
        return _at_once(compared.ids, names, reference, N_DRAWS, compared.matched)
    request = AgainstRequest(runs=compared.ids, reference=reference)
    run_id = request.run_id()
    if manager.status_if_known(run_id) is None:
        _offer(request, seconds, n_pairs=len(compared.matched))
    elif watch_run(run_id).state == "done":
        with errors_shown():
            return RunStore().against(run_id).renamed(compared.names)
    if whole:
        return None
    return _at_once(compared.ids, names, reference, 0, compared.matched)


def _offer(request: AgainstRequest, seconds: float, *, n_pairs: int) -> None:
    """Say what the intervals of so many pairs take, and offer to draw them as a run."""
    with st.container(key="stacks_offer"):
        say, draw = st.columns([5, 2], vertical_alignment="center", gap="medium")
    whole = n_pairs > MOST_AT_ONCE
    seconds += SOON_S * n_pairs / MOST_AT_ONCE if whole else 0.0
    say.caption(
        f"{f'Measuring {n_pairs:,} pairs takes' if whole else 'Intervals of so many pairs take'} about "
        f"{plain(in_words.duration(seconds))} once the networks are read: a run does it, which shows its progress, can "
        "be cancelled and is kept."
    )
    label = "Measure, with 95 % intervals" if whole else "Draw 95 % intervals"
    if draw.button(label, icon=":material/query_stats:", key="draw_intervals", width="stretch"):
        with errors_shown():
            manager.submit(request)
            st.rerun()
