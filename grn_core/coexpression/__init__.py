"""Co-expression of TFs and targets in measured cells: the baselines that a model has to beat."""

from __future__ import annotations

from grn_core.coexpression.added import InCells
from grn_core.coexpression.engine import run, score_pairs
from grn_core.coexpression.job import infer, shown_cells
from grn_core.coexpression.records import CoexpressionMethod, MethodOption
from grn_core.coexpression.registry import METHODS, find_method, resolved

__all__ = [
    "METHODS",
    "CoexpressionMethod",
    "InCells",
    "MethodOption",
    "find_method",
    "infer",
    "resolved",
    "run",
    "score_pairs",
    "shown_cells",
]
