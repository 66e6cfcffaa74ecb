"""Co-expression of TFs and targets in measured cells: the baselines that a model has to beat."""

from __future__ import annotations

from grn_core.coexpression.engine import run, score_pairs
from grn_core.coexpression.records import CoexpressionMethod
from grn_core.coexpression.registry import METHODS, find_method

__all__ = ["METHODS", "CoexpressionMethod", "find_method", "run", "score_pairs"]
