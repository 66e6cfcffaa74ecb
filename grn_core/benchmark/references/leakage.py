"""What a translator has seen in training, as far as the references of its card are at hand; torch-free."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from grn_core.benchmark.references.reference import Reference, read_reference, restrict
from grn_core.errors import DataError
from grn_core.models.registry import vocabulary
from grn_core.translator.pairs import positive_pairs, sample_pairs

BEELINE_NAME = re.compile(r"(?P<dataset>\S+) (?P<network>\S+) TFs\+(?P<size>\d+)")


@dataclass(frozen=True, eq=False)
class TrainingPart:
    """One reference that a translator was trained on, drawn again as it was drawn then.

    Attributes
    ----------
    name
        As the card has it.
    edges
        ``source``, ``target`` of its positives, as symbols.
    drawn
        (source, target) -> number of the seeds that drew the pair as a negative.
    n_seeds
        Number of draws.
    """

    name: str
    edges: frozenset[tuple[str, str]]
    drawn: Mapping[tuple[str, str], int]
    n_seeds: int

    def of_pair(self, source: str, target: str) -> dict[str, object]:
        """Say what training has shown of a pair, its TF and its target, as one row of a table."""
        pair = (source, target)
        if pair in self.edges:
            shown = "as an edge"
        elif pair in self.drawn:
            shown = f"as a negative, in {self.drawn[pair]} of {self.n_seeds} draws"
        else:
            shown = "not at all"
        return {
            "trained_on": self.name,
            "pair": shown,
            "edges_of_tf": sum(one == source for one, _ in self.edges),
            "edges_of_target": sum(other == target for _, other in self.edges),
        }


def training_parts(
    card: Mapping[str, Any], *, folder: Path | None = None
) -> tuple[tuple[TrainingPart, ...], tuple[str, ...]]:
    """Read the references that a translator was trained on.

    Parameters
    ----------
    card
        The translator's card, with ``training`` (the names of references), ``seeds`` and ``model``.
    folder
        Reference networks of BEELINE, ``NETWORK_DATASET_TFsplusN.tsv.gz``; None if they are not here.

    Returns
    -------
    parts, missing
        What could be read, and the names of the references that are not here.
    """
    parts, missing = [], []
    for one in card.get("training", ()):
        name = str(one.get("reference", ""))
        reference = _reference(name, folder)
        if reference is None:
            missing.append(name)
            continue
        parts.append(_part(name, reference, str(card["model"]), tuple(card["seeds"]), str(one.get("universe", ""))))
    return tuple(parts), tuple(missing)


def seen_edges(parts: tuple[TrainingPart, ...], edges: pd.DataFrame) -> int:
    """Count the edges (``source``, ``target``) that were edges of the training, too."""
    known = frozenset().union(*(part.edges for part in parts)) if parts else frozenset()
    return sum(pair in known for pair in zip(edges["source"], edges["target"], strict=True))


def _reference(name: str, folder: Path | None) -> Reference | None:
    if name.startswith("OmniPath"):
        return read_reference("omnipath")
    match = BEELINE_NAME.fullmatch(name)
    if match is None or folder is None:
        return None
    try:
        return read_reference(f"beeline:{folder}:{match['dataset']}:{match['network']}:{match['size']}")
    except DataError:
        return None


def _part(name: str, reference: Reference, model: str, seeds: tuple[int, ...], universe: str) -> TrainingPart:
    reference = restrict(reference, frozenset(vocabulary(model)))
    genes, positives = reference.genes, positive_pairs(reference.edges, reference.genes)
    drawn: dict[tuple[str, str], int] = {}
    for seed in seeds:
        pairs = sample_pairs(positives, len(genes), seed=seed, universe=universe or "tf-restricted")
        others = pairs.take(pairs.label == 0)
        for source, target in zip(others.source, others.target, strict=True):
            pair = (genes[source], genes[target])
            drawn[pair] = drawn.get(pair, 0) + 1
    return TrainingPart(name, frozenset((genes[s], genes[t]) for s, t in positives), drawn, len(seeds))
