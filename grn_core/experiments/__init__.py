"""What a change of TFs would do by a model, how that fits what was measured, and which change would tell most."""

from __future__ import annotations

from grn_core.experiments.asking import what_if
from grn_core.experiments.change import CHANGES, Change

__all__ = ["CHANGES", "Change", "what_if"]
