"""Which TFs a change leaves where they are, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from grn_core.experiments.change import CHANGES

if TYPE_CHECKING:
    from grn_core.experiments.change import Change
    from grn_core.models.record import ModelRecord

NOTHING_TAKEN = "all of it is left"
NOT_EXPRESSED = "these cells do not express it"
HIGHEST = "it is at the highest level of the model's grid already"
CLIPPED = "before and after, it is beyond the {end} end of what the model reads"
SAME = "the model cannot tell the two levels apart"


def unmoved(
    tfs: Sequence[str],
    before: np.ndarray,
    after: np.ndarray,
    *,
    change: Change,
    record: ModelRecord,
    means: np.ndarray | None = None,
) -> list[str]:
    """Say which TFs a change leaves where they are, a sentence a reason.

    Parameters
    ----------
    tfs
        What they are called.
    before, after
        (TFs,) their levels, in the model's units.
    change
        What is done to them.
    record
        Of the model.
    means
        (TFs,) mean log1p(CP10k) of the group; None in a generic cell.
    """
    still: dict[str, list[str]] = {}
    for place, tf in enumerate(tfs):
        if np.isclose(before[place], after[place]):
            mean = None if means is None else float(means[place])
            still.setdefault(_why(float(before[place]), mean, change, record), []).append(tf)
    return [f"{CHANGES[change.name].title} moves {', '.join(names)} by nothing: {why}." for why, names in still.items()]


def _why(level: float, mean: float | None, change: Change, record: ModelRecord) -> str:
    if not change.takes:
        return NOTHING_TAKEN
    low, high = record.value_range
    if change.lowers and mean == 0:
        return NOT_EXPRESSED
    if not change.lowers and level >= record.grid[-1]:
        return HIGHEST
    if level >= high or level <= low:
        return CLIPPED.format(end="upper" if level >= high else "lower")
    return SAME
