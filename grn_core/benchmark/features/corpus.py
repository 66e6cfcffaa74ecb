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

STILL = 1e-9
"""A column that is no longer than this about its mean is the same throughout, but for rounding."""
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


def mean_correlation(
    parts: Sequence[CorpusPart], genes: Sequence[int], sources: Sequence[int] | None = None
) -> np.ndarray:
    """Mean over data sets of the Pearson correlation of sources with genes.

    Parameters
    ----------
    parts
        The data sets.
    genes
        L positions in the vocabulary; -1 for a gene that is not in it.
    sources
        S positions in `genes`; every gene if None.

    Returns
    -------
    ndarray
        (S, L) float64, row = source; 0 where no data set holds both genes, and in a data set for a gene that is the
        same in all its cells.
    """
    asked = np.asarray(genes, dtype=np.int64)
    rows = np.arange(len(asked)) if sources is None else np.asarray(sources, dtype=np.int64)
    total = np.zeros((len(rows), len(asked)))
    count = np.zeros_like(total)
    for part in parts:
        column = np.full(max(int(asked.max()), int(part.genes.max())) + 2, -1)  # the last is of what is not known
        column[part.genes] = np.arange(len(part.genes))
        own = column[asked]
        row, here = np.flatnonzero(own[rows] >= 0), np.flatnonzero(own >= 0)
        if not len(row) or len(here) < 2:
            continue
        unit = _unit(part.values[:, own[here]])
        block = np.ix_(row, here)
        total[block] += unit[:, np.searchsorted(here, rows[row])].T @ unit
        count[block] += 1
    return total / np.maximum(count, 1)


def _unit(values: np.ndarray) -> np.ndarray:
    """Columns (cells, genes) float64 of mean 0 and length 1; 0 where a column is the same throughout."""
    unit = values.astype(np.float64)
    unit -= unit.mean(0)
    length = np.sqrt(np.einsum("cg,cg->g", unit, unit))
    unit /= np.where(length > STILL, length, np.inf)
    return unit
