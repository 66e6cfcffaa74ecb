"""Controls that need the pre-training data and no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from grn_core.pretrain.corpus import CorpusPart, load_corpus, weights
from grn_core.pretrain.files import profiles_beside
from grn_core.pretrain.recipe import Recipe
from grn_core.pretrain.start import svd_embedding
from grn_core.progress import Progress, silent

PairScore = Callable[[np.ndarray, np.ndarray], np.ndarray]


def corpus_controls(
    folder: Path, vocabulary: Sequence[str], *, progress: Progress = silent
) -> dict[str, Callable[[Sequence[str]], PairScore]]:
    """Scores of pairs from the corpus alone.

    Parameters
    ----------
    folder
        The pre-training data; averages in the folder ``profiles`` beside it take part.
    vocabulary
        Gene order of the model.
    progress
        Listener.

    Returns
    -------
    dict
        Name -> function of a gene list, which returns a score of pairs of positions in that list: ``Corpus
        correlation`` (mean signed Pearson correlation over the data sets that hold both genes) and ``SVD cosine``
        (cosine of the embeddings from which pre-training starts).
    """
    parts, vocabulary = load_corpus(folder, profiles=profiles_beside(folder), vocabulary=vocabulary, progress=progress)
    position = {gene: index for index, gene in enumerate(vocabulary)}
    embedding = svd_embedding(parts, len(vocabulary), 128, weights=weights(parts, Recipe()).tolist()).numpy()
    embedding /= np.maximum(np.linalg.norm(embedding, axis=1, keepdims=True), 1e-9)

    def correlation(genes: Sequence[str]) -> PairScore:
        matrix = mean_correlation(parts, [position[gene] for gene in genes])
        return lambda source, target: matrix[source, target]

    def cosine(genes: Sequence[str]) -> PairScore:
        own = embedding[[position[gene] for gene in genes]]
        return lambda source, target: (own[source] * own[target]).sum(1)

    return {"Corpus correlation": correlation, "SVD cosine": cosine}


def mean_correlation(parts: Sequence[CorpusPart], genes: Sequence[int]) -> np.ndarray:
    """Mean over data sets of the Pearson correlation of genes (vocabulary positions); 0 where no set holds both."""
    total = np.zeros((len(genes), len(genes)), dtype=np.float64)
    count = np.zeros_like(total)
    for part in parts:
        column = {int(gene): index for index, gene in enumerate(part.genes)}
        here = np.array([index for index, gene in enumerate(genes) if gene in column], dtype=int)
        if len(here) < 2:
            continue
        values = part.values[:, [column[int(genes[index])] for index in here]].astype(np.float32)
        block = np.ix_(here, here)
        with np.errstate(invalid="ignore", divide="ignore"):
            total[block] += np.nan_to_num(np.corrcoef(values, rowvar=False))
        count[block] += 1
    return total / np.maximum(count, 1)
