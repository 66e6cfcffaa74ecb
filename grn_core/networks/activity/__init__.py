"""TF activity of cells: how far a cell expresses the targets of each TF, by decoupler."""

from __future__ import annotations

from grn_core.networks.activity.differences import differences
from grn_core.networks.activity.groups import by_group, specific_tfs
from grn_core.networks.activity.methods import METHODS, ActivityMethod, find_method
from grn_core.networks.activity.scores import Scoring, activity

__all__ = [
    "METHODS",
    "ActivityMethod",
    "Scoring",
    "activity",
    "by_group",
    "differences",
    "find_method",
    "specific_tfs",
]
