"""What is said of the activity of TFs in cells: what two groups were compared by, and who takes no part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.datasets.groups import MIN_CELLS
from grn_core.datasets.replicates import CELLS, PAIRS, who_takes_part
from grn_core.in_words import counted

if TYPE_CHECKING:
    import pandas as pd


def on_replicates(table: pd.DataFrame, *, named: bool) -> str:
    """Say what `grn_core.networks.activity.differences` has compared, and why; `named`: whether donors were."""
    told = {str(name): value for name, value in table.attrs.items()}
    unit, n = told["unit"], told["n"]
    if unit != CELLS:
        others = who_takes_part(told)
        if unit == PAIRS:
            return f"{n[0]:,} donors are in both groups: their means were compared in pairs (paired t-test).{others}"
        why = "cells of one donor are no replicates of each other"
        return f"Means of donors were compared (Welch's t-test): {why}.{others}"
    why = (
        f"a group has fewer than two donors with {MIN_CELLS} cells"
        if named
        else "no column was named that tells two donors of each group apart"
    )
    return f"Single cells were compared, as {why}: cells of one donor are no replicates, so the p-values only rank."


def without_activity(n_cells: int) -> list[str]:
    """Say how many cells have no activity of any TF; nothing of none."""
    cells = counted(n_cells, "cell has no activity: it expresses", "cells have no activity: they express")
    return [f"{cells} none of the genes, or all of them alike."] if n_cells else []
