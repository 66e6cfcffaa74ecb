"""Scores of a model that reads an order of genes: what it offers in the place of VVP and GDT.

No translator takes part. A score is in the readout's own unit; it has no sign and is no probability.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from grn_core.datasets import GenePanel
from grn_core.errors import RequestError
from grn_core.extractors.batches import Batch, silent_note
from grn_core.models.geneformer.model import CONTEXT_LAYER, GeneformerModel
from grn_core.models.geneformer.readouts import READOUTS
from grn_core.models.interface import FoundationModel
from grn_core.networks import GeneNames, edge_table
from grn_core.progress import Progress, silent


def rank_scores(
    network: GeneformerModel,
    panel: GenePanel,
    readout: str | None = None,
    *,
    layer: int = CONTEXT_LAYER,
    batch: int | None = None,
    progress: Progress = silent,
    note: Callable[[str], object] = silent_note,
) -> np.ndarray:
    """Score every source-gene pair of a panel by a readout of a rank model.

    The cell that is asked holds the panel's genes alone, at their means of log1p(CP10k), in the order of their levels.
    Readouts (`grn_core.models.geneformer.readouts`):

    - ``delete``: the source is taken out of the order; the score is the change of the target's contextual embedding,
      1 - cosine, 0 to 2. It is the published in-silico deletion.
    - ``move-to-front``: the same when the source is moved to the first place, the published in-silico overexpression.
    - ``attention``: weight with which the target attends to the source, mean over all heads and layers, 0 to 1.
    - ``contextual``: cosine of the two genes' contextual embeddings, -1 to 1; symmetric.
    - ``embedding``: cosine of the two genes' embeddings before any context, -1 to 1; symmetric, and needs no cells.

    Parameters
    ----------
    network
        A loaded rank model.
    panel
        Genes of the model's vocabulary, sources, means.
    readout
        One of `network.record.readouts`; its default if None.
    layer
        Layer of the contextual embeddings: 0 = what enters the first, -1 = what leaves the last. The default is the
        published one, the layer before the last.
    batch
        Perturbed cells per pass; chosen by the number of genes if None. It changes nothing but the speed.
    progress
        Listener of stage ``extract``; may cancel between two batches.
    note
        Called with a sentence where memory ran out and the batch was halved.

    Returns
    -------
    ndarray
        (S, L) float64, row = source, column = target; the higher, the stronger. NaN for a gene with itself and, but for
        ``embedding``, for genes that no cell expresses: they stand in no order.

    Raises
    ------
    RequestError
        For an unknown readout; if the panel has no cells and the readout needs them, has scaled values, expresses none
        of the sources, or more genes than the model reads at once.
    GeneError
        For genes that are not in the vocabulary.
    """
    readout = readout or network.record.default_readout
    if readout not in network.record.readouts:
        message = f"{network.record.title} has no readout {readout!r}"
        raise RequestError(message, needed=f"one of {', '.join(network.record.readouts)}", todo="choose one of them")
    sources = list(panel.sources)
    if not READOUTS[readout].needs_cells:
        progress("extract", 0, 1)
        scores = _cosines(network.embed(panel.genes).double(), sources)
        progress("extract", 1, 1)
        return _as_array(scores, sources)
    levels = _levels(network, panel)
    if readout in ("delete", "move-to-front"):
        size = Batch(batch, precision="float32", note=note)
        scores = _shifts(network, panel, levels, front=readout != "delete", layer=layer, batch=size, progress=progress)
        return _as_array(scores, sources)
    progress("extract", 0, 1)
    if readout == "attention":
        scores = _attention(network, panel, levels)
    else:
        scores = _cosines(network.embed_in_context(panel.genes, levels, layer=layer).double(), sources)
    progress("extract", 1, 1)
    return _as_array(scores, sources)


def rank_edges(
    network: FoundationModel,
    panel: GenePanel,
    readout: str | None = None,
    *,
    progress: Progress = silent,
    note: Callable[[str], object] = silent_note,
) -> pd.DataFrame:
    """Score and rank every source-target pair of a panel by a readout of a rank model.

    Parameters
    ----------
    network, panel, readout, progress, note
        As in `rank_scores`.

    Returns
    -------
    DataFrame
        See `grn_core.networks.edge_table`: ``score`` is in the readout's unit; there is no sign and no probability.
        Best first; ties in gene order; self pairs and pairs that could not be asked are absent.

    Raises
    ------
    RequestError, GeneError
        As in `rank_scores`; also if the model reads values and not an order of genes.
    """
    if not isinstance(network, GeneformerModel):
        message = f"{network.record.title} reads values and not an order of genes"
        raise RequestError(message, needed="a rank model, such as Geneformer", todo="ask it with a translator")
    scores = rank_scores(network, panel, readout, progress=progress, note=note)
    row, target = np.nonzero(np.isfinite(scores))
    record = READOUTS[readout or network.record.default_readout]
    return edge_table(
        np.array(panel.sources)[row],
        target,
        scores[row, target],
        genes=GeneNames.of(panel),
        directed=record.directed,
    )


def _levels(network: GeneformerModel, panel: GenePanel) -> np.ndarray:
    """Levels (L,) of the panel's mean cell; an error if it has none that could be ordered."""
    expressed = np.flatnonzero(panel.mean > 0)
    if (panel.mean < 0).any():
        message = "the panel's means are below 0, so its values are scaled and the levels of two genes do not compare"
        raise RequestError(message, needed="counts, or log1p of them", todo="use unscaled data, or readout embedding")
    if not panel.dataset_ref or not np.isin(panel.sources, expressed).any():
        what = "no TF of the panel is expressed" if panel.dataset_ref else "a gene list has no measured cell"
        message = f"{what}, and {network.record.title} reads in which order genes are expressed"
        raise RequestError(message, needed="a dataset with cells", todo="choose one, or the readout embedding")
    most = network.record.max_genes
    if most is not None and len(expressed) > most:
        message = f"the panel has {len(expressed):,} expressed genes"
        needed = f"at most {most:,}, what {network.record.title} reads at once"
        raise RequestError(message, needed=needed, todo="choose fewer variable genes")
    return network.to_units(panel.genes, panel.mean)


def _cosines(vectors: Tensor, sources: list[int]) -> Tensor:
    """Cosine (S, L) of the sources' vectors with all, (L, D)."""
    unit = torch.nn.functional.normalize(vectors, dim=-1)
    return unit[sources] @ unit.T


def _attention(network: GeneformerModel, panel: GenePanel, levels: np.ndarray) -> Tensor:
    """Mean weight (S, L) over heads and layers with which each gene attends to a source."""
    ids = network.order(panel.genes, levels)
    at, present = network.places(panel.genes, ids)
    hidden = network.hidden(ids[None])
    total, count = torch.zeros(len(ids), len(ids), dtype=torch.float64, device="cpu"), 0
    with torch.no_grad():
        for weights in network.network.attention(hidden):
            total, count = total + weights[0].double().cpu(), count + 1
    at, present = at.cpu(), present.cpu()
    found = (total / count).T[at][:, at]
    return torch.where(present[:, None] & present, found, torch.nan)[list(panel.sources)]


def _shifts(
    network: GeneformerModel,
    panel: GenePanel,
    levels: np.ndarray,
    *,
    front: bool,
    layer: int,
    batch: Batch,
    progress: Progress,
) -> Tensor:
    """Change (S, L) of every gene's contextual embedding when a source is moved to the front, or taken out."""
    ids = network.order(panel.genes, levels)
    at, present = network.places(panel.genes, ids)
    first = len(network.dictionaries.special[0])
    before = torch.nn.functional.normalize(network.hidden(ids[None])[layer][0], dim=-1)
    sources = torch.tensor(panel.sources, device=ids.device)
    found = torch.full((len(sources), len(at)), torch.nan, dtype=torch.float64)
    rows = torch.flatten(present[sources].nonzero())
    places = at[sources[rows]]

    def ask(part: slice) -> None:
        order = torch.stack([_perturbed(len(ids), int(place), first=first, front=front) for place in places[part]])
        order = order.to(ids.device)
        after = torch.nn.functional.normalize(network.hidden(ids[order])[layer], dim=-1)
        # Half the squared distance of unit vectors is 1 - cosine, and keeps its digits where the two hardly differ.
        change = ((after.double() - before[order].double()) ** 2).sum(-1) / 2
        shift = torch.full((len(order), len(ids)), torch.nan, dtype=torch.float64, device=ids.device)
        shift = shift.scatter(1, order, change)[:, at]
        found[rows[part].cpu()] = torch.where(present, shift, torch.nan).cpu()
        progress("extract", min(part.stop, len(rows)), len(rows))

    progress("extract", 0, len(rows))
    batch.run(ask, len(rows), n_genes=len(ids), device=ids.device.type)
    return found


def _perturbed(length: int, place: int, *, first: int, front: bool) -> Tensor:
    """Positions of the tokens after one of them, at `place`, was moved to the first place of a gene or taken out."""
    rest = torch.cat((torch.arange(place), torch.arange(place + 1, length)))
    return torch.cat((rest[:first], torch.tensor([place]), rest[first:])) if front else rest


def _as_array(scores: Tensor, sources: list[int]) -> np.ndarray:
    found = scores.double().cpu().numpy().copy()
    found[np.arange(len(sources)), sources] = np.nan
    return found
