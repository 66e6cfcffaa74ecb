"""scBenchmark: checkpoints that its public training code writes, read from their folder.

A folder holds ``args.json``, ``vocab.json`` and ``best_model.pt`` (or one ``model-epN.pt``). The transformer is a
smaller kin of scGPT's: the same post-norm layers and no positions, but no norm on embeddings and values, and maps of
three layers for both readouts. Nobody has published weights that we know of: a user who trained a model has a folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from grn_core.errors import ModelError
from grn_core.models.cls_model import LEVELS, ClsModel, units_of_bins
from grn_core.models.layers.dual import plus
from grn_core.models.layers.post_norm import ClsNetwork, PostNormLayer, as_level, inner_product, three_layers
from grn_core.models.layers.stack import LayerList, Stack
from grn_core.models.layers.tangent import through
from grn_core.models.reading.checkpoint import (
    Tokens,
    build_strictly,
    check_sizes,
    check_vocabulary,
    number_in,
    read_arguments,
    read_tensors,
    read_tokens,
    without,
)
from grn_core.models.record import ModelRecord, ValueUnits, checkpoint_record

REQUIRED = ("embsize", "nheads", "nlayers", "model_structure")
GENE_WIDTH = 256
LONGEST = 512
CELL_STYLES = ("cls", "avg-pool")
OUTPUTS = {"plain": "mlm", "masked": "mlm", "mvc": "mvc"}
IGNORED = {"layer_norm.": "written by the training code but used by no forward pass of it"}
# log1p of counts per 10,000: no gene can exceed log1p(10,000). Most expressed genes lie between 0.5 and 5.
LOG_UNITS = ValueUnits(
    units="log1p of counts per 10,000",
    value_range=(0.0, float(np.log1p(1e4))),
    background=0.5,
    grid=tuple(float(level) for level in range(LEVELS)),
)


@dataclass(frozen=True)
class ScBenchmarkShape:
    """Sizes of an scBenchmark network; `cell_style` says where the state of the cell is read."""

    n_tokens: int
    width: int
    heads: int
    layers: int
    cell_style: str = "cls"


class ScBenchmarkNetwork(ClsNetwork):
    """Reconstruct every gene's value. Names of modules are those of the tensors in the files."""

    def __init__(self, shape: ScBenchmarkShape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.embedding = nn.Embedding(shape.n_tokens, GENE_WIDTH)
        self.emb_trans = nn.Identity() if width == GENE_WIDTH else nn.Linear(GENE_WIDTH, width)
        self.value_encoder = nn.Sequential(nn.Linear(1, width), nn.ReLU(), nn.Linear(width, width))
        self.encoder = Stack(PostNormLayer(width, shape.heads, width) for _ in range(shape.layers))
        self.decoder = three_layers(width, width, 1)
        self.gene2query = three_layers(width, width, width)

    @property
    def layers(self) -> LayerList[PostNormLayer]:
        """The transformer layers in their order."""
        return self.encoder.layers

    def forward(self, ids: Tensor, values: Tensor, padding_mask: Tensor | None = None) -> dict[str, Tensor]:
        """Predict the value of every gene.

        Parameters
        ----------
        ids
            Token ids (B, L), ``<cls>`` first.
        values
            Values (B, L); -1 = masked, 0 at ``<cls>`` and padding.
        padding_mask
            Boolean (B, L), True = padding: never read.

        Returns
        -------
        dict
            ``mlm`` (B, L), ``mvc`` (B, L) predicted from gene and cell state alone, ``cell`` (B, D), ``hidden``
            (B, L, D). With the cell style ``avg-pool`` the state is the mean of all positions, padding included.
        """
        gene = self.genes(ids)
        x = self.tokens(gene, values)
        for layer in self.layers:
            x = layer(x, padding_mask)
        cell = x[:, 0] if self.shape.cell_style == "cls" else x.mean(dim=1)
        mvc = inner_product(self.gene2query(gene), cell)
        return {"mlm": through(self.decoder, x).squeeze(-1), "mvc": mvc, "cell": cell, "hidden": x}

    def genes(self, ids: Tensor) -> Tensor:
        """Gene embeddings (..., D) of ids (...)."""
        return self.emb_trans(self.embedding(ids))

    def tokens(self, gene: Tensor, values: Tensor) -> Tensor:
        """Tokens (B, L, D) that enter the first layer, from gene embeddings (B, L, D) and values (B, L)."""
        return plus(through(self.value_encoder, as_level(values, self.embedding.weight)), gene)


class ScBenchmarkModel(ClsModel):
    """Foundation model around an `ScBenchmarkNetwork`.

    Readouts: ``plain`` shows every gene, and so mostly copies; ``masked`` shows the source and puts the mask value at
    every other gene, which is how the model was trained (masked genes are still read by the others, so what is
    predicted depends on the panel); ``mvc`` predicts from gene and cell state, all genes shown.
    """

    network: ScBenchmarkNetwork
    mask_value: float = -1.0

    def _read(self, ids: Tensor, values: Tensor, readout: str, shown: Tensor | None) -> Tensor:
        if shown is not None:
            values = torch.where(shown, values, self.mask_value)
        return self.network(*self.with_cls(ids, values))[OUTPUTS[readout]][:, 1:]


def load(folder: Path, *, device: str = "cpu", weights: str = "pretrained", seed: int = 0) -> ScBenchmarkModel:
    """Load an scBenchmark checkpoint from its folder.

    Parameters
    ----------
    folder
        Holds ``args.json``, ``vocab.json`` and the weights.
    device
        Torch device.
    weights
        ``pretrained`` or ``random``: the shape of the checkpoint, never trained.
    seed
        Decides random weights.

    Returns
    -------
    ScBenchmarkModel
        Frozen, in evaluation mode, float32.

    Raises
    ------
    ModelError
        If a file is missing or broken, the structure is not the transformer, or tensors are missing, surplus or of
        another shape; the message names them.
    """
    arguments = read_arguments(folder, required=REQUIRED)
    style = arguments.get("cell_emb_style", "cls")
    _check_choice(folder, "model_structure", arguments["model_structure"], ("transformer",))
    _check_choice(folder, "cell_emb_style", style, CELL_STYLES)
    _check_choice(folder, "preprocess_mode", arguments.get("preprocess_mode", "none"), ("none", "bin"))
    tokens = read_tokens(folder)
    found, sha = read_tensors(folder)
    tensors = without(found, IGNORED)
    if (table := tensors.get("embedding.weight")) is not None and table.ndim:
        check_vocabulary(folder / "vocab.json", len(tokens.names), len(table))
    sizes = {name: arguments[name] for name in ("embsize", "nheads", "nlayers")}
    check_sizes(folder / "args.json", sizes, tensors, layers=("nlayers",))
    shape = ScBenchmarkShape(
        len(tokens.names), arguments["embsize"], arguments["nheads"], arguments["nlayers"], cell_style=style
    )
    network = build_strictly(lambda: ScBenchmarkNetwork(shape), tensors, weights=weights, seed=seed)
    network.eval().requires_grad_(requires_grad=False).to(device)
    binned = int(number_in(arguments, "n_bins", 51, least=3, most=10_000))
    bins = binned if arguments.get("preprocess_mode") == "bin" else None
    longest = int(number_in(arguments, "train_maxseq", LONGEST, least=2, most=1e6))
    record = record_of(folder, sha, tokens, network, bins=bins, max_genes=longest)
    level = number_in(arguments, "cls_value", 0, least=-1e4, most=1e4)
    model = ScBenchmarkModel(record, tokens, network, cls_value=level, bins=bins)
    model.mask_value = number_in(arguments, "mask_value", -1, least=-1e4, most=1e4)
    return model


def record_of(
    folder: Path, sha: str, tokens: Tokens, network: ScBenchmarkNetwork, *, bins: int | None, max_genes: int
) -> ModelRecord:
    """Describe a checkpoint; its name carries the checksum of its weights."""
    values = LOG_UNITS if bins is None else units_of_bins(bins)
    return checkpoint_record(
        folder,
        sha,
        network,
        family="scbenchmark",
        description=f"scBenchmark transformer: {network.shape.layers} layers, width {network.shape.width}.",
        licence="of whoever trained the checkpoint",
        limits="Read from a folder. Values are those of the training data: log1p of counts per 10,000 is assumed.",
        n_genes=len(tokens.genes),
        readouts=OUTPUTS,
        hiding_readouts=("masked",),
        default_readout="masked",
        max_genes=max_genes,
        width=network.shape.width,
        values=values,
    )


def _check_choice(folder: Path, key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        message = f"{folder / 'args.json'} says {key} = {value!r:.80}"
        raise ModelError(message, needed=" or ".join(known), todo="train or choose such a checkpoint")
