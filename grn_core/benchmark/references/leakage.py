"""What a translator has seen in training, as far as the references of its card are at hand; torch-free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from grn_core.benchmark.references.called import text_of
from grn_core.benchmark.references.reference import Reference, read_reference, restrict
from grn_core.errors import DataError
from grn_core.models.registry import vocabulary
from grn_core.translator.pairs import positive_pairs, sample_pairs


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
            "edges_of_tf": self._of_tf[source],
            "edges_of_target": self._of_target[target],
        }

    @cached_property
    def _of_tf(self) -> Counter[str]:
        return Counter(source for source, _ in self.edges)

    @cached_property
    def _of_target(self) -> Counter[str]:
        return Counter(target for _, target in self.edges)


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
    parts: list[TrainingPart] = []
    missing: list[str] = []
    without = {str(one["reference"]): _reference(str(one["reference"]), folder) for one in card.get("without", ())}
    removed = removed_pairs(one for one in without.values() if one is not None)
    missing += [name for name, one in without.items() if one is None]
    for one in card.get("training", ()):
        name = str(one.get("reference", ""))
        reference = _reference(name, folder)
        if reference is None:
            missing.append(name)
            continue
        parts.append(_part(name, reference, card, universe=str(one.get("universe", "")), removed=removed))
    return tuple(parts), tuple(missing)


@dataclass(frozen=True, eq=False)
class TrainedOn:
    """What a translator was trained on, read anew.

    Attributes
    ----------
    references, beside
        What it learnt from, and what it knows beside (`grn_core.translator.beside`), whole.
    withheld
        Pairs (source, target) of these that were left out.
    """

    references: tuple[Reference, ...] = ()
    beside: tuple[Reference, ...] = ()
    withheld: frozenset[tuple[str, str]] = frozenset()


def training_of_card(card: Mapping[str, Any], *, folder: Path) -> TrainedOn:
    """Read what a translator was trained on.

    Parameters
    ----------
    card
        The translator's card.
    folder
        Reference networks of BEELINE.

    Raises
    ------
    DataError
        One of them is not there.
    """
    parts, without = card.get("training", ()), card.get("without", ())
    found = {name: _reference(name, folder) for name in _named(card)}
    missing = [name for name, one in found.items() if one is None]
    if missing:
        message = f"{missing[0]}, which the translator was trained on or without, is not in {folder}"
        raise DataError(message, needed="the networks of its training", todo="name their folder with --references")
    there = {name: one for name, one in found.items() if one is not None}
    return TrainedOn(
        tuple(there[str(one.get("reference", ""))] for one in parts if not one.get("beside")),
        tuple(there[str(one.get("reference", ""))] for one in parts if one.get("beside")),
        removed_pairs(there[str(one.get("reference", ""))] for one in without),
    )


def training_is_there(card: Mapping[str, Any], folder: Path | None) -> bool:
    """Whether `training_of_card` has something to read of a translator, by the names of files alone."""
    names = _named(card)
    return folder is not None and bool(card.get("training")) and None not in [text_of(name, folder) for name in names]


def _named(card: Mapping[str, Any]) -> list[str]:
    """Names of all references that a training read: those that were left out, too."""
    parts = (*card.get("training", ()), *card.get("without", ()))
    return list(dict.fromkeys(str(one.get("reference", "")) for one in parts))


def removed_pairs(references: Iterable[Reference]) -> frozenset[tuple[str, str]]:
    """Edges (source, target) of references, in human symbols: pairs that another training leaves out."""
    return frozenset(pair for one in references for pair in zip(one.edges["source"], one.edges["target"], strict=True))


def overlaps(references: Sequence[Reference]) -> list[dict[str, Any]]:
    """Count the edges that every two references have in common, in human symbols.

    Returns
    -------
    list of dict
        For every pair: ``one``, ``other`` (names), ``shared`` (edges), ``of_one`` and ``of_other`` (their share of the
        edges of each).
    """
    edges = [removed_pairs([one]) for one in references]
    found = []
    for first, second in combinations(range(len(references)), 2):
        shared = len(edges[first] & edges[second])
        found.append(
            {
                "one": references[first].name,
                "other": references[second].name,
                "shared": shared,
                "of_one": round(shared / max(1, len(edges[first])), 4),
                "of_other": round(shared / max(1, len(edges[second])), 4),
            }
        )
    return found


def seen_edges(parts: tuple[TrainingPart, ...], pairs: Collection[tuple[str, str]]) -> np.ndarray:
    """Tell which pairs (source, target) were edges of the training, too: bool (pairs,)."""
    known = frozenset().union(*(part.edges for part in parts)) if parts else frozenset()
    return np.array([pair in known for pair in pairs], dtype=bool)


def _reference(name: str, folder: Path | None) -> Reference | None:
    text = text_of(name, folder)
    try:
        return None if text is None else read_reference(text)
    except DataError:
        return None


def _part(
    name: str, reference: Reference, card: Mapping[str, Any], *, universe: str, removed: frozenset[tuple[str, str]]
) -> TrainingPart:
    reference, seeds = restrict(reference, frozenset(vocabulary(str(card["model"])))), tuple(card["seeds"])
    genes, positives = reference.genes, positive_pairs(reference.edges, reference.genes)
    place = {gene: index for index, gene in enumerate(genes)}
    gone = [(place[source], place[target]) for source, target in removed if source in place and target in place]
    seen = np.array(sorted(gone), dtype=np.int64).reshape(-1, 2)
    drawn: dict[tuple[str, str], int] = {}
    for seed in seeds:
        pairs = sample_pairs(positives, len(genes), seed=seed, universe=universe or "tf-restricted", seen=seen)
        others = pairs.take(pairs.label == 0)
        for source, target in zip(others.source, others.target, strict=True):
            pair = (genes[source], genes[target])
            drawn[pair] = drawn.get(pair, 0) + 1
    edges = frozenset((genes[s], genes[t]) for s, t in positives) - removed
    return TrainingPart(name, edges, drawn, len(seeds))
