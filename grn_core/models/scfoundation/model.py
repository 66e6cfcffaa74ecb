"""scFoundation: the published checkpoint, read from a folder that the user supplies.

A folder holds ``models.ckpt`` and the table of genes that scFoundation publishes (``OS_scRNA_gene_index.19264.tsv``).
The weights are for non-commercial research and may not be redistributed: none of them come with this project, and
nothing here downloads them.

What a cell is to this network: log1p of counts per 10,000 of all genes of the vocabulary, then two depths. T is log10
of the depth that the prediction is asked for, S is log10 of the depth that the counts were measured at.
`inputs_of_counts` makes such a cell from counts; the virtual cells of the extractors are as `ScFoundationModel` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from grn_core.errors import GeneError, ModelError
from grn_core.models.interface import FoundationModel, untouched
from grn_core.models.reading.checkpoint import build_strictly, check_sizes, rename, without
from grn_core.models.record import ModelRecord, ValueUnits, checkpoint_record
from grn_core.models.scfoundation.checkpoint import SIZES, WEIGHTS, read_genes, read_part, shape_of
from grn_core.models.scfoundation.network import N_DEPTHS, ScFoundationNetwork

SCALE = 1e4
# Both depths of a virtual cell: its values are counts per 10,000, so 10,000 counts were seen and 10,000 are asked for.
DEPTH = float(np.log10(SCALE))
HIGHEST = float(np.log1p(SCALE))
VALUES = ValueUnits(
    units="log1p of counts per 10,000",
    value_range=(0.0, HIGHEST),
    background=1.5,
    grid=tuple(float(level) for level in range(1, 9)),
)
"""Background and levels are our choice: one count in a cell of 3,000 is 1.5; the levels reach to a third of a cell."""
POSITIONS_PER_PASS = 1 << 15
NAMINGS = {
    "encoder.transformer_encoder.": "encoder.layers.",
    "decoder.performer.net.layers.": "decoder.layers.",
    ".0.norm.": ".norm1.",
    ".0.fn.fast_attention.": ".",
    ".0.fn.": ".",
    ".1.norm.": ".norm2.",
    ".1.fn.fn.": ".",
}
IGNORED = {
    "decoder.performer.calls_since_last_redraw": "counts training steps until the random features are drawn anew",
}
LICENCE = (
    "scFoundation's weights: for non-commercial research, not to be redistributed. You supply the file; this program "
    "contains no copy and downloads none."
)
LIMITS = (
    "Genes of the vocabulary that the panel lacks are at 0 (not expressed), as scFoundation fills missing genes, so "
    "features depend on the panel. Both depths (T, S) are 10,000 counts. Every gene shows its own value, so a part of "
    "the prediction copies it. The encoder sees expressed genes only: at 0 a gene loses its token, so responses jump "
    "there. VVP and GDT levels are therefore above 0; the VVP of a level 0 would be the loss of the token, and a GDT "
    "slope holds fixed which genes are expressed and says nothing of that jump. Cost: each virtual cell passes every "
    "position through the decoder, however small the panel: 1 TFLOP at the published size. Measured there with random "
    "weights and 600 genes on one busy CPU core: 19 s for a virtual cell, 73 s with the slope, 3 GB of memory; so the "
    "8 levels of one source take about ten minutes, a hundred sources most of a day."
)


class ScFoundationModel(FoundationModel):
    """Foundation model around an `ScFoundationNetwork`; values are log1p of counts per 10,000.

    The one readout, ``plain``, is the predicted expression of the genes asked about, each showing its own value. A
    virtual cell expresses the genes of the panel and no other: the remaining genes of the vocabulary are at 0, have no
    token in the encoder, and take part in the decoder as genes that are not expressed. T and S are both `DEPTH`,
    whatever the values, so that a derivative is with respect to the gene alone.

    Where a value is 0 the network is not continuous: the gene's token leaves the encoder. Derivatives hold the set of
    expressed genes fixed. A gene at 0 still has one, through the embedding of its value in the decoder.

    Cells go through in parts that bound the memory; one cell at a time at the published size.
    """

    network: ScFoundationNetwork

    def __init__(self, record: ModelRecord, vocabulary: Sequence[str], network: ScFoundationNetwork) -> None:
        self.record, self.vocabulary, self.network = record, tuple(vocabulary), network

    def ids(self, genes: Sequence[str]) -> Tensor:
        """Positions (L,) of `genes`; `GeneError` names those that are unknown or stand twice."""
        if len(set(genes)) < len(genes):
            twice = sorted({gene for gene in genes if list(genes).count(gene) > 1})
            message = f"{', '.join(twice[:5])} named more than once"
            raise GeneError(message, needed="each gene once")
        return super().ids(genes)

    def with_depths(self, ids: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Put T and S and their value, `DEPTH`, behind ids and values (B, L)."""
        places = torch.arange(N_DEPTHS, device=ids.device) + len(self.vocabulary)
        depths = values.new_full((len(ids), N_DEPTHS), DEPTH)
        return torch.cat((ids, places.expand(len(ids), -1)), dim=1), torch.cat((values, depths), dim=1)

    def _read(self, ids: Tensor, values: Tensor, readout: str, shown: Tensor | None) -> Tensor:  # noqa: ARG002
        cells = max(1, POSITIONS_PER_PASS // self.network.shape.n_positions)
        parts = zip(ids.split(cells), values.split(cells), strict=True)
        return torch.cat([self.network(*self.with_depths(*part))["value"][:, :-N_DEPTHS] for part in parts])

    def embed(self, genes: Sequence[str]) -> Tensor:
        """Gene embeddings (L, D), the part of a token that does not depend on the value."""
        with torch.no_grad():
            return self.network.pos_emb(self.ids(genes)).clone()

    def attend(self, genes: Sequence[str], values: Tensor) -> Tensor:
        """Attention weights (B, layers, heads, L, L) of the encoder, T and S left out; row = receiver.

        Genes at 0 have no token: their rows and columns are 0. The decoder's attention is never written out.
        """
        _, values, _ = self._checked(genes, values, None, None)
        ids = self.ids(genes).expand(len(values), -1)
        layers = []
        with torch.no_grad(), untouched(self.network) as network:
            x, order, padding = network.tokens(network.everything(*self.with_depths(ids, values)))
            slot = torch.searchsorted(order.masked_fill(padding, network.shape.n_positions), ids.contiguous())
            slot = slot.clamp(max=order.shape[1] - 1)
            there = (values > 0)[:, None, :, None] & (values > 0)[:, None, None, :]
            cells = torch.arange(len(ids), device=ids.device)[:, None, None]
            for layer in network.encoder.layers:
                query, key, _ = layer.project(x)
                scores = (query @ key.mT / query.shape[-1] ** 0.5).masked_fill(padding[:, None, None, :], -torch.inf)
                weights = torch.softmax(scores, dim=-1).movedim(1, -1)
                chosen = weights[cells, slot[:, :, None], slot[:, None, :]].movedim(-1, 1)
                layers.append(torch.where(there, chosen, 0.0))
                x = layer(x, padding)
        return torch.stack(layers, dim=1)

    def to_units(self, genes: Sequence[str], log_expression: np.ndarray) -> np.ndarray:
        """log1p of counts per 10,000 as they are, clipped to the range that is possible."""
        self.ids(genes)
        low, high = self.record.value_range
        return np.asarray(log_expression).clip(low, high).astype(np.float32)


def inputs_of_counts(counts: np.ndarray, *, depth: str = "t4") -> np.ndarray:
    """Make the network's input of counted cells.

    Parameters
    ----------
    counts
        (cells, genes) in the order of the vocabulary, 0 for genes that were not measured.
    depth
        The depth T that is asked for: ``t4`` = 10 to the power of 4 counts; ``f2`` = 2 times the cell's own counts;
        ``a1`` = the cell's own counts, 1 added to their log10.

    Returns
    -------
    ndarray
        (cells, genes + 2) float32: log1p of counts per 10,000, T, S.

    Raises
    ------
    ModelError
        If the depth cannot be read, a count is negative or no number, or a cell has no more than one count in all (its
        S would not be above 0).
    """
    counts = np.asarray(counts, dtype=np.float64)
    total = counts.sum(axis=-1, keepdims=True)
    if not (np.isfinite(counts) & (counts >= 0)).all() or not (total > 1).all():
        message = "the counts hold negative or missing numbers, or a cell with no more than one count"
        raise ModelError(message, needed="counts of genes, 0 or more, two or more a cell", todo="leave out such cells")
    source = np.log10(total)
    target = _asked_depth(depth, source)
    return np.concatenate((np.log1p(counts / total * SCALE), target, source), axis=-1).astype(np.float32)


def _asked_depth(depth: str, source: np.ndarray) -> np.ndarray:
    """T (cells, 1) of the depth in words and of S (cells, 1)."""
    try:
        number = float(depth[1:])
    except ValueError:
        number = np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        known = {"t": np.full_like(source, number), "f": source + np.log10(number), "a": source + number}
    target = known.get(depth[:1], np.full_like(source, np.nan))
    if not (np.isfinite(target) & (target > 0)).all():
        message = f"the depth {depth!r} cannot be read, or asks for no more than one count"
        raise ModelError(message, needed="t, f or a and a number, as in t4, f1, a5", todo="ask for t4: 10,000 counts")
    return target


def load(
    folder: Path, *, device: str = "cpu", weights: str = "pretrained", seed: int = 0, part: str = "gene"
) -> ScFoundationModel:
    """Load scFoundation from the folder of its files.

    Parameters
    ----------
    folder
        Holds ``models.ckpt`` and the table of genes, both supplied by the user.
    device
        Torch device.
    weights
        ``pretrained`` or ``random``: the shape of the checkpoint, never trained.
    seed
        Decides random weights.
    part
        Which of the three trained parts: ``gene`` for expression; ``cell`` or ``rde`` for ``network.cell_state``.

    Returns
    -------
    ScFoundationModel
        Frozen, in evaluation mode, float32.

    Raises
    ------
    ModelError
        If a file is missing or broken, the settings ask for another network, or tensors are missing, surplus or of
        another shape; the message names them.
    """
    config, found, sha = read_part(folder, part=part)
    genes, shape = read_genes(folder), shape_of(folder, config)
    if len(genes) + N_DEPTHS != shape.n_positions:
        message = f"the table in {folder} has {len(genes)} genes"
        raise ModelError(
            message, needed=f"{shape.n_positions - N_DEPTHS}, as the checkpoint", todo="copy its own table"
        )
    tensors = rename(without(found, IGNORED), NAMINGS)
    sizes = {setting: getattr(shape, name) for name, setting in SIZES.items() if name != "bins"}
    check_sizes(folder / WEIGHTS, sizes, tensors, layers=("encoder.depth", "decoder.depth"))
    network = build_strictly(lambda: ScFoundationNetwork(shape), tensors, weights=weights, seed=seed)
    network.eval().requires_grad_(requires_grad=False).to(device)
    return ScFoundationModel(record_of(folder, sha, network, part=part), genes, network)


def record_of(folder: Path, sha: str, network: ScFoundationNetwork, *, part: str) -> ModelRecord:
    """Describe a checkpoint; its name carries the checksum of its weights."""
    shape = network.shape
    return checkpoint_record(
        folder,
        sha,
        network,
        part="" if part == "gene" else part,
        family="scfoundation",
        description=f"scFoundation checkpoint: encoder of {shape.layers} layers, width {shape.width}; "
        f"Performer decoder of {shape.decoder_layers} layers, width {shape.decoder_width}.",
        licence=LICENCE,
        limits=LIMITS,
        n_genes=shape.n_positions - N_DEPTHS,
        values=VALUES,
        readouts=("plain",),
        default_readout="plain",
        width=shape.width,
    )
