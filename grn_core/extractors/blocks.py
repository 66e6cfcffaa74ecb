"""Blocks of genes for a panel that is longer than what a model reads at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grn_core.errors import RequestError
from grn_core.extractors.answers import Question
from grn_core.extractors.registry import EXTRACTORS
from grn_core.models.interface import FoundationModel

SMALLEST_BLOCK = 2


def overlapping_blocks(genes: Sequence[str], size: int, *, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Cover a panel with overlapping blocks of genes, each of `size`.

    The genes stand in a random order on a circle and the blocks begin at even distances on it: as few blocks as cover
    the circle with an overlap, each of the same length, because what a model says of a gene depends on how many others
    it reads.

    Parameters
    ----------
    genes
        L gene names, each once.
    size
        Genes of a block.
    seed
        Decides the order on the circle, together with the names; the order of `genes` decides nothing.

    Returns
    -------
    tuple
        Positions in `genes`, ascending, one array a block; every position stands in one block at least, and in two
        where blocks overlap. A single block of all genes if they are not more than `size`.
    """
    count = len(genes)
    if count <= size:
        return (np.arange(count),)
    by_name = np.argsort(np.array(genes, dtype=object))
    circle = by_name[np.random.default_rng(seed).permutation(count)]
    number = count // size + 1
    starts = np.arange(number) * count // number
    return tuple(np.sort(circle[(start + np.arange(size)) % count]) for start in starts)


def blocks_for(
    model: FoundationModel, genes: Sequence[str], *, readout: str, size: int | None, seed: int
) -> tuple[np.ndarray, ...]:
    """Blocks of a panel for a model, the whole panel if that is short enough; room is left for the source."""
    if size is None:
        size = 0 if model.ignores_the_panel(readout) else (model.record.max_genes or 0)
    if size == 0 or len(genes) <= size:
        return (np.arange(len(genes)),)
    if size < SMALLEST_BLOCK:
        message = f"blocks of {size} genes"
        raise RequestError(message, needed=f"at least {SMALLEST_BLOCK}: a TF and a target")
    return overlapping_blocks(genes, size - 1, seed=seed)


def read_in_blocks(
    question: Question, source: int, extractors: Sequence[str], blocks: Sequence[np.ndarray]
) -> dict[str, np.ndarray]:
    """Features (L, length) of one source, asked block by block: the mean of the blocks that hold a gene, else NaN."""
    n_genes = len(question.genes)
    times = np.zeros((n_genes, 1))
    total: dict[str, np.ndarray] = {}
    for block in blocks:
        members = np.union1d(block, source)
        answers = question.part(members).about([int(np.searchsorted(members, source))])
        times[members] += 1
        for name in extractors:
            found = EXTRACTORS[name].read(answers)[0].double().cpu().numpy()
            total.setdefault(name, np.zeros((n_genes, found.shape[-1])))[members] += found
    with np.errstate(invalid="ignore"):
        return {name: (array / times).astype(np.float32) for name, array in total.items()}
