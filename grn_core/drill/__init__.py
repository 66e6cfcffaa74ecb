"""Trying what this installation survives: kills, damage, no room, with the work that people ask for."""

from grn_core.drill.faults import FAULTS
from grn_core.drill.rounds import Tried, drill
from grn_core.drill.work import WORKS

__all__ = ["FAULTS", "WORKS", "Tried", "drill"]
