"""TF activity of cells: how far a cell expresses the targets of each TF, by decoupler."""

from __future__ import annotations

from grn_core.networks.activity.differences import differences
from grn_core.networks.activity.groups import beside_all_cells, by_group, shifted_tfs, specific_tfs
from grn_core.networks.activity.methods import METHODS, ActivityMethod, find_method
from grn_core.networks.activity.scores import Scoring, activity

__all__ = [
    "METHODS",
    "ActivityMethod",
    "Scoring",
    "activity",
    "beside_all_cells",
    "by_group",
    "differences",
    "find_method",
    "shifted_tfs",
    "specific_tfs",
]
