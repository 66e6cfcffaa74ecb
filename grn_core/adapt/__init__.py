"""Bounded continued pre-training of a foundation model on the user's cells; importing this stays torch-free."""

from grn_core.adapt.options import (
    DEFAULT_STEPS,
    MAX_STEPS,
    MIN_CELLS,
    Adaptation,
    AdaptOptions,
    can_adapt,
    check_steps,
    estimate,
)

__all__ = [
    "DEFAULT_STEPS",
    "MAX_STEPS",
    "MIN_CELLS",
    "AdaptOptions",
    "Adaptation",
    "can_adapt",
    "check_steps",
    "estimate",
]
