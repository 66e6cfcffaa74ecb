"""How the compact model's pre-training goes on: a user's cells as its training data, its batches and its error.

Values are made as in pre-training: log1p of counts per 10,000 (log-normalised values are taken as they are),
standardised per gene over the user's cells. Beyond that, each cell's overall level, its mean over all genes, is
regressed out: in one data set it can carry a third of the variance (library size and dropout that normalisation left),
and a model that learns it learns that everything goes with everything. Batches are drawn here and not by the corpus'
own drawing, because a user's data set may have very few genes (a Boolean model has five).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from grn_core.adapt.options import MIN_CELLS, AdaptOptions
from grn_core.datasets import Dataset
from grn_core.datasets.large import rows_of
from grn_core.datasets.values import by_symbol
from grn_core.errors import DataError, GeneError
from grn_core.genes import human_tfs_of

if TYPE_CHECKING:
    from torch import Tensor

    from grn_core.models.compact.network import CompactNetwork
    from grn_core.pretrain.corpus import CorpusPart

FEWEST_HELD_OUT = 10
LEVEL_GENES = 200
"""With fewer genes than this, their mean is a few genes that move together and no overall level."""
TRAIN, CHECK = 1, 2


def cells_of(
    dataset: Dataset, vocabulary: Sequence[str], *, cells: np.ndarray | None = None, options: AdaptOptions
) -> CorpusPart:
    """Standardise a user's cells.

    Cells are put in the order of their names and genes in that of the vocabulary first, so that the order of a file's
    rows and columns decides nothing.

    Parameters
    ----------
    dataset
        Counts or log-normalised values.
    vocabulary
        Human symbols in the order of the model's ids.
    cells
        (n_cells,) bool: the cells to learn from; None takes all.
    options
        Number of cells, held-out share and seed.

    Returns
    -------
    CorpusPart
        ``values`` float16 (cells, genes measured in enough of them); ``sha256`` is that of values, genes and held-out
        cells, so equal cells have equal hashes whatever file they came from.

    Raises
    ------
    DataError
        For fewer than `MIN_CELLS` cells, scaled values, or a choice of cells that does not fit.
    GeneError
        If fewer than two genes vary that the model knows.
    """
    from grn_core.pretrain.corpus import CorpusPart, standardise

    rows = _rows(dataset, cells, options)
    if dataset.value_kind == "scaled":
        message = "the values of the cells are scaled"
        raise DataError(message, needed="counts or log-normalised values", todo="adapt on the data before scaling")
    known = sorted(set(filter(None, dataset.match.symbols)).intersection(vocabulary))
    _, matrix = by_symbol(rows_of(dataset.matrix, rows), dataset.match.symbols, kind=dataset.value_kind, wanted=known)
    values, keep, statistics = standardise(matrix)
    varies = values.astype(np.float32).any(0) if len(keep) else np.zeros(0, dtype=bool)
    if varies.sum() < 2:
        message = f"{int(varies.sum())} genes vary among the cells that the model knows"
        raise GeneError(message, needed="at least 2", todo="choose more cells, other cells or another model")
    position = {symbol: index for index, symbol in enumerate(vocabulary)}
    order = np.argsort([position[known[index]] for index in keep[varies]], kind="stable")
    genes = np.array([position[known[index]] for index in keep[varies]], dtype=np.int32)[order]
    values = without_level(np.ascontiguousarray(values[:, varies][:, order]))
    held_out = np.zeros(len(rows), dtype=bool)
    n_held_out = max(FEWEST_HELD_OUT, round(options.held_out * len(rows)))
    held_out[np.random.default_rng([options.seed, 0]).permutation(len(rows))[:n_held_out]] = True
    digest = hashlib.sha256(f"{values.shape}".encode())
    for array in (values, genes, held_out):
        digest.update(np.ascontiguousarray(array).tobytes())
    name, species = dataset.title or dataset.ref, dataset.match.species
    return CorpusPart(
        name,
        species,
        values,
        genes,
        mean=statistics["mean"][varies][order].astype(np.float32),
        sd=statistics["sd"][varies][order].astype(np.float32),
        detected=statistics["detected"][varies][order].astype(np.float32),
        held_out=held_out,
        sha256=digest.hexdigest(),
    )


def without_level(values: np.ndarray) -> np.ndarray:
    """Regress each cell's mean over all genes out of every gene, and standardise again.

    Parameters
    ----------
    values
        float16 (cells, genes), standardised.

    Returns
    -------
    ndarray
        float16 (cells, genes), clipped as in pre-training; `values` itself if they have fewer than `LEVEL_GENES` genes.
    """
    from grn_core.pretrain.corpus import CLIP

    if values.shape[1] < LEVEL_GENES:
        return values
    dense = values.astype(np.float32)
    dense -= dense.mean(0)
    level = dense.mean(1)
    dense -= np.outer(level, level @ dense / max(float(level @ level), 1e-6))
    again: np.ndarray = np.clip(dense / np.maximum(dense.std(0), 1e-3), *CLIP).astype(np.float16)
    return again


def _rows(dataset: Dataset, cells: np.ndarray | None, options: AdaptOptions) -> np.ndarray:
    """Row numbers of the chosen cells, in the order of the cells' names."""
    mask = dataset.mask_of(cells)
    check_cells(int(mask.sum()), of=dataset.n_cells)
    chosen = np.flatnonzero(mask)
    chosen = chosen[np.argsort(dataset.obs.index.astype(str).to_numpy()[chosen].astype(str), kind="stable")]
    if len(chosen) <= options.most_cells:
        return chosen
    return chosen[np.sort(np.random.default_rng([options.seed, 3]).permutation(len(chosen))[: options.most_cells])]


def check_cells(n_chosen: int, *, of: int) -> None:
    """Refuse fewer than `MIN_CELLS` cells with a `DataError`."""
    if n_chosen < MIN_CELLS:
        message = f"{n_chosen} of {of:,} cells are chosen, too few to adapt a model"
        raise DataError(message, needed=f"at least {MIN_CELLS}", todo="choose more cells, or infer without adaptation")


def draw(
    part: CorpusPart, weight: np.ndarray, options: AdaptOptions, *, step: int, stream: int = TRAIN
) -> tuple[Tensor, Tensor, Tensor]:
    """Draw one batch; batch `step` does not depend on the others.

    Parameters
    ----------
    part
        From `cells_of`.
    weight
        (genes,) log of how much likelier each gene is drawn, from `gene_weight`.
    options
        Sizes and seed.
    step
        Number of the batch.
    stream
        `TRAIN` draws training cells, `CHECK` held-out ones.

    Returns
    -------
    ids, values, visible
        (B, L) each.
    """
    import torch

    rng = np.random.default_rng([options.seed, stream, step])
    pool = np.flatnonzero(part.held_out) if stream == CHECK else part.training
    cells = rng.choice(pool, options.batch)
    length = min(options.genes_per_cell, len(part.genes))
    keys = weight - np.log(rng.exponential(size=(len(cells), len(part.genes))))
    picked = np.argsort(-keys, axis=1, kind="stable")[:, :length]
    picked = rng.permuted(picked, axis=1)
    visible = np.zeros(picked.shape, dtype=bool)
    visible[:, : round(math.exp(rng.uniform(0, math.log(min(options.most_visible, length - 1)))))] = True
    values = np.take_along_axis(part.values[cells].astype(np.float32), picked, axis=1)
    ids = part.genes[picked].astype(np.int64)
    return torch.from_numpy(ids), torch.from_numpy(values), torch.from_numpy(visible)


def gene_weight(
    part: CorpusPart, vocabulary: Sequence[str], options: AdaptOptions, *, tfs: Collection[str] = ()
) -> np.ndarray:
    """Log of how much likelier each gene of a part is drawn: root of the share of cells with it, TFs favoured."""
    from grn_core.pretrain.corpus import FAVOURED

    tfs = tfs or human_tfs_of(FAVOURED)
    boost = np.array([options.tf_weight if vocabulary[gene] in tfs else 1.0 for gene in part.genes])
    return np.log(boost * part.detected**0.5)


def error(network: CompactNetwork, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Mean squared error over the hidden genes, as in pre-training."""
    from grn_core.pretrain.train import masked_error

    return masked_error(network, batch)
