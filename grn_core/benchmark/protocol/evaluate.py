"""Train a translator on one reference and measure it, with its controls, on others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import average_precision_score

from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.features.origin import mean_cell
from grn_core.benchmark.references.reference import Reference, restrict
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.engine import extract_for_pairs
from grn_core.extractors.registry import DEFAULT
from grn_core.models.interface import FoundationModel
from grn_core.progress import Progress, silent
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.pairs import Pairs, positive_pairs, sample_pairs
from grn_core.translator.train import (
    TrainingOptions,
    TrainingSet,
    ensemble_logits,
    fit_temperatures,
    split_held_back,
    train_translator,
)

ENSEMBLE = "Ensemble"


@dataclass(frozen=True)
class LabelledPairs:
    """Sampled pairs of one reference for every seed, with features looked up by pair.

    Attributes
    ----------
    reference
        Restricted to the model's vocabulary.
    pairs
        One `Pairs` per seed.
    features
        Per seed: extractor -> (N, length).
    """

    reference: Reference
    pairs: tuple[Pairs, ...]
    features: tuple[dict[str, torch.Tensor], ...]


def prepare(
    model: FoundationModel,
    reference: Reference,
    seeds: Sequence[int],
    *,
    extractors: Sequence[str] = DEFAULT,
    readout: str | None = None,
    cells: Cells | None = None,
    universe: str = "tf-restricted",
    exclude: frozenset[tuple[str, str]] = frozenset(),
    progress: Progress = silent,
) -> LabelledPairs:
    """Sample pairs of a reference for every seed and extract their features once.

    Parameters
    ----------
    model
        Foundation model.
    reference
        Reference network.
    seeds
        One draw of negatives each.
    extractors, readout, universe, progress
        As in `extract_for_pairs` and `sample_pairs`.
    cells
        Measured cells, for extractors that are read at their mean.
    exclude
        Pairs (source, target symbols) that are left out, e.g. those of the training set.

    Raises
    ------
    DataError
        If no positive pair is left.
    """
    reference = restrict(reference, frozenset(model.vocabulary))
    positives = positive_pairs(reference.edges, reference.genes)
    position = {gene: index for index, gene in enumerate(reference.genes)}
    seen = np.array(
        [(position[s], position[t]) for s, t in sorted(exclude) if s in position and t in position], dtype=np.int64
    ).reshape(-1, 2)
    sampled = [sample_pairs(positives, len(reference.genes), seed=seed, universe=universe, seen=seen) for seed in seeds]
    both = np.concatenate([np.stack([one.source, one.target], axis=1) for one in sampled])
    unique, inverse = np.unique(both, axis=0, return_inverse=True)
    found = extract_for_pairs(
        model,
        reference.genes,
        unique,
        extractors=extractors,
        readout=readout,
        context=None if cells is None else mean_cell(model, reference.genes, cells)[0],
        progress=progress,
    )
    parts = np.split(inverse.ravel(), np.cumsum([len(one) for one in sampled])[:-1])
    features = tuple({name: torch.from_numpy(found[name][rows]) for name in sorted(found)} for rows in parts)
    return LabelledPairs(reference, tuple(sampled), features)


def fit(
    data: Sequence[LabelledPairs], seed: int = 0, *, shuffled: bool = False
) -> tuple[dict[str, TranslatorMLP], dict[str, float]]:
    """Train the translators of all seeds on one or more references, and their temperatures.

    Parameters
    ----------
    data
        Training references; their pairs are put together.
    seed
        Of the initial weights.
    shuffled
        Permute the labels: the control that must end at chance.

    Returns
    -------
    networks, temperature
        Extractor -> MLPs; combination of extractors (``"gdt+vvp"``) -> temperature on held-back pairs.
    """
    sets = []
    for number in range(len(data[0].pairs)):
        label = torch.cat([torch.from_numpy(one.pairs[number].label) for one in data])
        if shuffled:
            label = label[torch.from_numpy(np.random.default_rng([seed, number, 3]).permutation(len(label)))]
        names = data[0].features[number]
        features = {name: torch.cat([one.features[number][name] for one in data]) for name in names}
        sets.append(TrainingSet(features, label, split_held_back(len(label), TrainingOptions().held_back, seed=number)))
    networks = train_translator(sets, seed=seed)
    return networks, fit_temperatures(networks, sets)


def methods_of(extractors: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Rows that are measured of a translator: every extractor under its label and, of several, their ensemble."""
    alone = {record.label: (name,) for name, record in EXTRACTORS.items() if name in extractors}
    return alone if len(alone) == 1 else {**alone, ENSEMBLE: tuple(sorted(extractors))}


def measure(
    networks: Mapping[str, TranslatorMLP],
    test: LabelledPairs,
    *,
    split: str,
    prefix: str = "",
    is_control: bool = False,
) -> list[dict]:
    """Rows of AUPRC (mean and standard deviation over seeds) of a translator on one reference.

    One for every extractor and for the ensemble; of a control the last of these alone.
    """
    rows = []
    methods = methods_of(tuple(networks))
    for name in list(methods)[-1:] if is_control else methods:
        scores = []
        for number, pairs in enumerate(test.pairs):
            logits = ensemble_logits({one: networks[one] for one in methods[name]}, test.features[number])
            scores.append(average_precision_score(pairs.label, logits[number].numpy()))
        rows.append(row(f"{prefix}{name}", test, scores, split=split, is_control=is_control))
    return rows


def measure_score(
    name: str, score: Callable[[np.ndarray, np.ndarray], np.ndarray], test: LabelledPairs, *, split: str
) -> dict:
    """One row of AUPRC for a control that scores pairs (positions in ``test.reference.genes``) by a function."""
    scores = [average_precision_score(pairs.label, score(pairs.source, pairs.target)) for pairs in test.pairs]
    return row(name, test, scores, split=split, is_control=True)


def row(method: str, test: LabelledPairs, scores: Sequence[float], *, split: str, is_control: bool) -> dict:
    """One row of a table, with its universe."""
    return {
        "dataset": test.reference.dataset,
        "network": test.reference.network,
        "reference": test.reference.name,
        "split": split,
        "method": method,
        "is_control": is_control,
        "mean": round(float(np.mean(scores)), 4),
        "sd": round(float(np.std(scores, ddof=1)), 4) if len(scores) > 1 else 0.0,
        "n_seeds": len(scores),
        "universe": test.pairs[0].universe,
        **test.pairs[0].describe(),
    }
