"""Figures: pure functions from tables and arrays to Plotly figures."""

from __future__ import annotations

from grn_core.plots.activity import activity_heatmap, difference_volcano, edge_volcano
from grn_core.plots.bars import top_targets
from grn_core.plots.cells import cell_scatter, cells_by_group, gene_maps
from grn_core.plots.changes import against_measured, predicted_changes
from grn_core.plots.curves import gradient_trajectory, response_curve
from grn_core.plots.embedding import embedding
from grn_core.plots.groups import edge_by_group
from grn_core.plots.standing import standing_heatmap
from grn_core.plots.style import ACTIVATION, NEUTRAL, REPRESSION

__all__ = [
    "ACTIVATION",
    "NEUTRAL",
    "REPRESSION",
    "activity_heatmap",
    "against_measured",
    "cell_scatter",
    "cells_by_group",
    "difference_volcano",
    "edge_by_group",
    "edge_volcano",
    "embedding",
    "gene_maps",
    "gradient_trajectory",
    "predicted_changes",
    "response_curve",
    "standing_heatmap",
    "top_targets",
]
