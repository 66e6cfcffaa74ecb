"""What work costs on this machine, in time, memory and disk: measured once, and foretold from that. Torch-free."""

from __future__ import annotations

from grn_core.costs.cost import STARTING, Cost, one_after_other
from grn_core.costs.foretell import cost_of_coexpression, cost_of_inference
from grn_core.costs.speed import Speed, reference_speed

__all__ = [
    "STARTING",
    "Cost",
    "Speed",
    "cost_of_coexpression",
    "cost_of_inference",
    "one_after_other",
    "reference_speed",
]
