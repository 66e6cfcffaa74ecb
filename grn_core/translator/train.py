"""Train and calibrate translators."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from grn_core.extractors.registry import is_term
from grn_core.models.draws import seeded
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.pairs import Pairs
from grn_core.translator.terms import Network, together, train_term


@dataclass(frozen=True)
class TrainingOptions:
    """How a translator is trained.

    Attributes
    ----------
    hidden
        Widths of the hidden layers.
    epochs, batch, learning_rate, weight_decay
        AdamW on binary cross-entropy.
    held_back
        Share of the pairs of each seed that only chooses the epoch and the temperature.
    patience
        Epochs without a better held-back loss before training stops looking; the best epoch's weights are kept.
    """

    hidden: tuple[int, ...] = (32, 32)
    epochs: int = 40
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    held_back: float = 0.15
    patience: int = 8


@dataclass(frozen=True)
class TrainingSet:
    """Features and labels of one seed's pairs.

    Attributes
    ----------
    features
        Extractor -> (N, length).
    label
        (N,): 1 = edge.
    held
        (N,) boolean: held back, to choose the epoch and the temperature.
    """

    features: Mapping[str, Tensor]
    label: Tensor
    held: Tensor


def gather(features: Mapping[str, np.ndarray], rows: Mapping[int, int], pairs: Pairs) -> dict[str, Tensor]:
    """Features of pairs: ``rows`` maps a source's gene position to its row in the arrays; result (N, length) each."""
    row = np.array([rows[int(source)] for source in pairs.source])
    return {name: torch.from_numpy(np.array(array[row, pairs.target])) for name, array in features.items()}


def split_held_back(n_pairs: int, share: float, *, seed: int) -> Tensor:
    """Boolean (N,): which pairs are held back; at least one."""
    draws = np.random.default_rng([seed, 7]).random(n_pairs)
    return torch.from_numpy(draws < max(share, np.nextafter(draws.min(), 1.0)))


def train_translator(
    sets: Sequence[TrainingSet], *, options: TrainingOptions | None = None, seed: int = 0
) -> dict[str, Network]:
    """Train one network per extractor and seed; an extractor's does not depend on which others there are.

    Parameters
    ----------
    sets
        One training set per seed, all of the same extractors.
    options
        How.
    seed
        Decides initial weights and the order of the pairs.

    Returns
    -------
    dict
        Extractor -> network of ``len(sets)`` seeds: an MLP, each at its best held-back epoch, or that of a term.
    """
    options = options or TrainingOptions()
    return {
        name: train_term(sets, name, seed=seed)[0] if is_term(name) else _train_one(sets, name, options, seed)
        for name in sets[0].features
    }


def _train_one(sets: Sequence[TrainingSet], extractor: str, options: TrainingOptions, seed: int) -> TranslatorMLP:
    network = seeded(lambda: TranslatorMLP(len(sets), sets[0].features[extractor].shape[-1], options.hidden), seed)
    network.set_statistics(torch.cat([one.features[extractor][~one.held] for one in sets]))
    optimiser = torch.optim.AdamW(network.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay)
    best = torch.full((len(sets),), torch.inf)
    kept = {name: value.detach().clone() for name, value in network.state_dict().items()}
    since = 0
    fewest = min(int((~one.held).sum()) for one in sets)
    train_rows = [torch.nonzero(~one.held).squeeze(1) for one in sets]
    for epoch in range(options.epochs):
        network.train()
        orders = [
            rows[torch.from_numpy(np.random.default_rng([seed, number, epoch]).permutation(len(rows))[:fewest])]
            for number, rows in enumerate(train_rows)
        ]
        for start in range(0, fewest, options.batch):
            part = [order[start : start + options.batch] for order in orders]
            x = torch.stack([one.features[extractor][rows] for one, rows in zip(sets, part, strict=True)])
            y = torch.stack([one.label[rows] for one, rows in zip(sets, part, strict=True)])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(network(x), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        losses = torch.stack([_held_loss(network, one, number, extractor) for number, one in enumerate(sets)])
        better = losses < best
        best = torch.where(better, losses, best)
        for name, value in network.state_dict().items():
            if value.ndim == 3:
                kept[name][better] = value[better]
        since = 0 if bool(better.any()) else since + 1
        if since >= options.patience:
            break
    network.load_state_dict(kept)
    return network.eval().requires_grad_(requires_grad=False)


def _held_loss(network: TranslatorMLP, one: TrainingSet, number: int, extractor: str) -> Tensor:
    with torch.no_grad():
        logits = network(one.features[extractor][one.held][None])[number]
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, one.label[one.held])


def ensemble_logits(
    networks: Mapping[str, Network],
    features: Mapping[str, Tensor],
    weights: Mapping[str, float] | None = None,
) -> Tensor:
    """Logits (seeds, N) of the extractors together: of pairs the mean, the ensemble of arXiv 2605.08128.

    Parameters
    ----------
    networks
        Extractor -> networks.
    features
        Extractor -> features (N, length).
    weights
        How much of each term is added, see `grn_core.translator.terms.together`.
    """
    with torch.no_grad():
        return together({name: networks[name](features[name][None]) for name in networks}, weights or {})


def fit_temperature(logits: Tensor, label: Tensor) -> float:
    """Temperature T > 0 that makes ``sigmoid(logits / T)`` best calibrated (smallest cross-entropy), within 0.05-20."""
    from scipy.optimize import minimize_scalar  # brings much that no inference needs

    logits, label = logits.double(), label.double()

    def loss(log_t: float) -> float:
        return float(torch.nn.functional.binary_cross_entropy_with_logits(logits / math.exp(log_t), label))

    found = minimize_scalar(loss, bounds=(math.log(0.05), math.log(20.0)), method="bounded")
    return math.exp(float(found.x))
