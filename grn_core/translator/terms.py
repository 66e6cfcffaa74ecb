"""Terms that are added to an ensemble: what one gene of a pair says alone, and what is known of similar genes.

Each has a translator of its own; how much of its logit is added is chosen on pairs that it was not fitted to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from grn_core.extractors.registry import end_of, is_of_both, is_term
from grn_core.translator.beside import KnownEnd, know_ends, know_pairs
from grn_core.translator.ends import train_end
from grn_core.translator.kernel import PairKernel
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.neighbours import train_neighbours
from grn_core.translator.precision import average_precision_of_steps, steps

if TYPE_CHECKING:
    from grn_core.translator.train import TrainingSet

Network = TranslatorMLP | PairKernel | KnownEnd
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""How much is added of what one gene alone says: what is tried."""
OF_NEIGHBOURS = (0.0, 0.5, 1.0, 1.5, 2.0)
"""The same of what is known of similar genes."""


def train_term(sets: Sequence[TrainingSet], extractor: str, *, seed: int = 0) -> tuple[Network, list[Tensor]]:
    """Train the translators of a term; as `train_end` and `train_neighbours`."""
    if end_of(extractor):
        return train_end(sets, extractor, seed=seed)
    return train_neighbours(sets, extractor, seed=seed)


def know_beside(
    network: Network, sets: Sequence[TrainingSet], beside: Sequence[TrainingSet], extractor: str, *, seed: int = 0
) -> tuple[Network, list[Tensor]]:
    """Add to a term's translators what is known beside their training; as `know_ends` and `know_pairs`."""
    if isinstance(network, PairKernel):
        return know_pairs(network, sets, beside, extractor, seed=seed)
    if not isinstance(network, TranslatorMLP):
        message = f"the translator of {extractor} knows of other edges already"
        raise TypeError(message)
    return know_ends(network, sets, beside, extractor)


def network_of(
    extractor: str, tensors: Mapping[str, Tensor], *, n_seeds: int, length: int, hidden: Sequence[int]
) -> Network:
    """Network of an extractor's translator, of its tensors; `RuntimeError` where they do not fit what is told."""
    if is_of_both(extractor):
        found = PairKernel.of(tensors)
        if (len(found.bias), found.n_features) != (n_seeds, length):
            message = f"{len(found.bias)} seeds and features of {found.n_features} numbers, not {n_seeds} and {length}"
            raise RuntimeError(message)
        return found
    if end_of(extractor) and "effect" in tensors:
        return KnownEnd.of(tensors, n_seeds=n_seeds, length=length)
    network = TranslatorMLP(n_seeds, length, () if end_of(extractor) else tuple(hidden))
    network.load_state_dict(dict(tensors))
    return network


def together(logits: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """Logits of several extractors together: the mean of those of pairs, and weighted what the terms say.

    Without an extractor that is no term it is the mean of all. It is taken in the order of the names, so that the order
    in which they are named changes no digit.

    Parameters
    ----------
    logits
        Extractor -> logits of one shape.
    weights
        How much of each term is added.
    """
    terms = [name for name in sorted(logits) if is_term(name)]
    pairs = [name for name in sorted(logits) if name not in terms]
    if not pairs:
        return torch.stack([logits[name] for name in terms]).mean(0)
    found = torch.stack([logits[name] for name in pairs]).mean(0)
    for name in terms:
        found = found + weights[name] * logits[name]
    return found


def choose_weights(logits: Mapping[str, Tensor], label: Tensor) -> dict[str, float]:
    """How much of each term to add: what ranks the held-back pairs best, by average precision; the smallest if several.

    Parameters
    ----------
    logits
        Extractor -> logits (N,) of pairs that were not trained on, those of terms without the gene, or TF, that they
        speak of.
    label
        (N,): 1 = edge.
    """
    terms = [name for name in sorted(logits) if is_term(name)]
    grids = [OF_NEIGHBOURS if is_of_both(name) else WEIGHTS for name in terms]
    best: tuple[float, dict[str, float]] = (-1.0, {})
    truth = label.numpy()
    if not 0 < truth.sum() < len(truth):  # every order is as good as any
        return {name: grid[0] for name, grid in zip(terms, grids, strict=True)}
    for some in product(*grids):
        weights = dict(zip(terms, some, strict=True))
        score = round(average_precision_of_steps(*steps(truth, together(logits, weights).numpy())), 6)
        if score > best[0]:
            best = (score, weights)
    return best[1]
