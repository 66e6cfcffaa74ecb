"""The gene-level term: from the vector of one gene of a pair to how much likelier an edge of it is.

A linear translator with a ridge penalty, fitted to the edges and negatives of each gene. How strong the penalty is, and
what the term says of the pairs that are held back, is found with whole genes left out: a gene with many edges would
otherwise tell of itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from grn_core.translator.logistic import cross_entropy, logistic
from grn_core.translator.mlp import TranslatorMLP

if TYPE_CHECKING:
    from grn_core.translator.train import TrainingSet

PENALTIES = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
"""Ridge penalties on the weights of standardised features that are tried."""
FOLDS = 5


@dataclass(frozen=True)
class _Genes:
    """Edges and pairs of every gene, and its standardised vector; `gene` (N,) says whose a pair is."""

    vectors: np.ndarray
    edges: np.ndarray
    pairs: np.ndarray
    gene: np.ndarray

    def fit(self, penalty: float, own: np.ndarray) -> np.ndarray:
        """Weights (D + 1,), the last that of the constant, of a fit to some of the genes (boolean)."""
        own = own & (self.pairs > 0)
        x = np.column_stack([self.vectors[own], np.ones(own.sum())])
        edges, pairs = self.edges[own], self.pairs[own]
        ridge = np.append(np.full(x.shape[1] - 1, penalty), 1e-3)
        return logistic(x, edges, pairs, ridge)

    def left_out(self, penalty: float, folds: np.ndarray) -> np.ndarray:
        """Logits (genes,), each of a fit without the gene's own fold."""
        logits = np.zeros(len(self.vectors))
        for fold in range(FOLDS):
            weights = self.fit(penalty, folds != fold)
            logits[folds == fold] = self.vectors[folds == fold] @ weights[:-1] + weights[-1]
        return logits


def train_end(sets: Sequence[TrainingSet], extractor: str, *, seed: int = 0) -> tuple[TranslatorMLP, list[Tensor]]:
    """Train the linear translators of one end.

    Parameters
    ----------
    sets
        One training set per seed.
    extractor
        Name of an extractor of one gene alone.
    seed
        Decides which genes are left out together.

    Returns
    -------
    network, logits
        A `TranslatorMLP` without a hidden layer, and for each seed the logits (N,) of its pairs, each of a fit that has
        not seen the pair's gene.
    """
    width = sets[0].features[extractor].shape[-1]
    network = TranslatorMLP(len(sets), width, ())
    network.set_statistics(torch.cat([one.features[extractor][~one.held] for one in sets]))
    found = []
    for number, one in enumerate(sets):
        genes = _genes_of(one, extractor, network)
        folds = np.random.default_rng([seed, number, 8]).permutation(len(genes.vectors)) % FOLDS
        tried = {penalty: genes.left_out(penalty, folds) for penalty in PENALTIES}
        best = min(tried, key=lambda penalty: cross_entropy(tried[penalty], genes.edges, genes.pairs))
        weights = genes.fit(best, np.ones(len(folds), dtype=bool))
        with torch.no_grad():
            network.weights[0][number] = torch.from_numpy(weights[:-1, None]).float()
            network.biases[0][number] = float(weights[-1])
        found.append(torch.from_numpy(tried[best][genes.gene]).float())
    return network.eval().requires_grad_(requires_grad=False), found


def _genes_of(one: TrainingSet, extractor: str, network: TranslatorMLP) -> _Genes:
    vectors, gene = np.unique(one.features[extractor].numpy(), axis=0, return_inverse=True)
    gene, learnt = gene.ravel(), ~one.held.numpy()
    label = one.label.numpy().astype(np.float64)
    n = len(vectors)
    standard = network.standardised(torch.from_numpy(vectors)).numpy().astype(np.float64)
    edges = np.bincount(gene[learnt], weights=label[learnt], minlength=n)
    return _Genes(standard, edges, np.bincount(gene[learnt], minlength=n).astype(np.float64), gene)
