"""What the paper reads off a model without extractors: perturbation of the mean cell, attention, gene embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from grn_core.benchmark.features.expression import Cells
from grn_core.extractors.attn import LAYERS, given_weight
from grn_core.extractors.pert import loss_without
from grn_core.models.record import ModelRecord

if TYPE_CHECKING:
    from grn_core.models.interface import FoundationModel

TOKENS_PER_BATCH = 6144


def whole_cell_readout(record: ModelRecord, readout: str) -> str | None:
    """The readout by which Pert sees the whole mean cell: `readout`, or the first that hides nothing; None without."""
    return record.whole_cell_readout(readout)


def mean_cell(model: FoundationModel, genes: Sequence[str], cells: Cells | None) -> tuple[np.ndarray, np.ndarray]:
    """The cell that Pert and Attn are read at.

    Parameters
    ----------
    model
        Foundation model.
    genes
        L genes of its vocabulary.
    cells
        Measured cells; None where there are none.

    Returns
    -------
    values, zeros
        (L,) float32 in the model's units. ``values``: the mean over the cells where a gene was measured, the model's
        background elsewhere. ``zeros``: what an expression of 0 is.
    """
    zeros = np.asarray(model.to_units(genes, np.zeros(len(genes))), dtype=np.float32)
    values = np.full(len(genes), model.record.background, dtype=np.float32)
    if cells is not None and cells.mean is not None:
        column = cells.columns(tuple(genes))
        found = column >= 0
        own = np.where(found, cells.mean[column], 0.0)
        values[found] = np.asarray(model.to_units(genes, own), dtype=np.float32)[found]
    return values, zeros


def perturbation(
    model: FoundationModel, genes: Sequence[str], cells: Cells | None, sources: Sequence[int], *, readout: str
) -> np.ndarray:
    """Pert: ``M(x)_j - M(x with gene i at 0)_j`` at the mean cell x.

    Parameters
    ----------
    model, genes, cells
        As in `mean_cell`.
    sources
        S positions in `genes`.
    readout
        One that hides nothing, see `whole_cell_readout`.

    Returns
    -------
    ndarray
        (S, L) float32 in the model's units, row = source i, column = target j; above 0: j falls without i. Source:
        arXiv 2605.08128.
    """
    import torch

    values, zeros = mean_cell(model, genes, cells)
    base = model.predict(genes, torch.from_numpy(values)[None], readout=readout)
    rows = []
    for part in torch.as_tensor(list(sources)).split(max(1, TOKENS_PER_BATCH // len(genes))):
        without = torch.from_numpy(values).repeat(len(part), 1)
        without[torch.arange(len(part)), part] = torch.from_numpy(zeros)[part]
        silenced = model.predict(genes, without, readout=readout)
        rows.append(loss_without(base, silenced)[..., 0].float().cpu().numpy())
    return np.concatenate(rows)


def attention(model: FoundationModel, genes: Sequence[str], cells: Cells | None, *, layers: int = LAYERS) -> np.ndarray:
    """Attn: the weight that target j gives to source i at the mean cell.

    Parameters
    ----------
    model, genes, cells
        As in `mean_cell`.
    layers
        How many of the last layers are averaged, with all their heads (our choice: 2).

    Returns
    -------
    ndarray
        (L, L) float32, row = source (who is read), column = target (who reads).
    """
    import torch

    values, _ = mean_cell(model, genes, cells)
    weights = model.attend(genes, torch.from_numpy(values)[None])[0]
    every = torch.arange(len(genes), device=weights.device)
    found: np.ndarray = given_weight(weights, every, layers=layers)[..., 0].cpu().numpy()
    return found
