"""A model asked in the mean cell of a group: the scores of a panel's pairs with the other genes at that mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grn_core.datasets import GenePanel
from grn_core.differential.pairs import Pairs
from grn_core.differential.ways import CONTEXT, planned
from grn_core.errors import ModelError
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


def told_of_model(panel: GenePanel, asked: Plan) -> dict[str, Any]:
    """Return what `scores_as_told` makes the same `model_scores` of, on another machine; JSON types."""
    return {
        "genes": list(panel.genes),
        "labels": list(panel.labels),
        "sources": [int(source) for source in panel.sources],
        "dataset": panel.dataset_sha,
        "model": asked.model,
        "weights": _weights(asked),
    }


def scores_as_told(told: Mapping[str, Any]) -> Callable[[np.ndarray], np.ndarray]:
    """Return `model_scores` of what `told_of_model` tells.

    Raises
    ------
    ModelError
        Model or translator have other weights here.
    """
    asked = planned(CONTEXT, told["model"])
    if asked is None or _weights(asked) != told["weights"]:
        message = f"a worker has other weights of the model {told['model']} or of its translator"
        raise ModelError(message, needed="the same files", todo="let GRN_MODELS be one folder that all machines share")
    panel = GenePanel(
        genes=tuple(told["genes"]),
        labels=tuple(told["labels"]),
        sources=tuple(told["sources"]),
        mean=np.zeros(len(told["genes"]), dtype=np.float32),
        dataset_ref=told["dataset"],
        dataset_sha=told["dataset"],
    )
    return model_scores(panel, asked)


def _weights(asked: Plan) -> list[str]:
    from grn_core.models.registry import weights_sha
    from grn_core.translator.registry import sha_with_card

    return [weights_sha(asked.model), "" if asked.translator is None else sha_with_card(asked.translator.name)]
