"""What a run will take, said before it is asked for: in one line, and stage by stage for who wants to know."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from grn_core import in_words
from grn_core.costs import one_after_other
from grn_core.errors import GrnError
from grn_core.runs.foretold_cells import foretell
from pages.components.runs.progress import STAGES
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grn_core.costs import Cost
    from grn_core.datasets import Dataset
    from grn_core.runs import Request


def say_estimate(costs: Mapping[str, Cost], *, more: str = "") -> None:
    """Say what runs take that are asked for with one click and follow one another.

    Parameters
    ----------
    costs
        What each is called, and what it takes; of a single one the name is not said.
    more
        A sentence that follows.
    """
    told = f"Estimate: {one_after_other(costs.values()).words}."
    if len(costs) > 1:
        parts = (f"{name} {in_words.duration(cost.seconds)}" for name, cost in costs.items())
        told = f"{told} Of that: {', '.join(parts)}."
    stages = (f"- {STAGES[one]}: {in_words.duration(s)}" for cost in costs.values() for one, s in cost.stages.items())
    st.caption(plain(f"{told} {more}".strip()), help="\n".join(("One after the other:\n", *stages)))


def say_estimate_of(request: Request, dataset: Dataset | None) -> None:
    """Say what a single run on cells takes; nothing of one that cannot be computed, which is said where it is asked."""
    with suppress(GrnError):
        say_estimate({"": cost_of(request.run_id(), "" if dataset is None else dataset.sha256, request, dataset)})


@kept(max_entries=32, show_spinner="Estimating the time")
def cost_of(run_id: str, sha256: str, _request: Request, _dataset: Dataset | None) -> Cost:  # noqa: ARG001 - what the cache goes by
    """Return what a request takes."""
    return foretell(_request, _dataset)
