"""A model asked in the mean cell of a group: the scores of a panel's pairs with the other genes at that mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from grn_core.datasets import GenePanel
from grn_core.differential.pairs import Pairs
from grn_core.executors import Parcel
from grn_core.planning import Plan


def model_scores(panel: GenePanel, asked: Plan) -> Callable[[np.ndarray], np.ndarray]:
    """Return ``ask(mean)``: the scores of the panel's pairs, (pairs,), with the other genes at `mean`, (genes,)."""
    from grn_core.inference import infer_planned
    from grn_core.settings import settings

    row, target = Pairs(tuple(panel.genes), tuple(panel.sources)).places
    column = {gene: place for place, gene in enumerate(panel.genes)}
    line = {panel.genes[source]: number for number, source in enumerate(panel.sources)}

    def ask(mean: np.ndarray) -> np.ndarray:
        edges = infer_planned(replace(panel, mean=mean.astype(np.float32)), asked, device=settings().device)
        found = np.zeros((len(panel.sources), len(panel.genes)))
        found[edges["source_symbol"].map(line), edges["target_symbol"].map(column)] = edges["score"]
        scores: np.ndarray = found[row, target]
        return scores

    return ask
