"""Geneformer: the published models of both versions, read from their folder.

A folder holds ``config.json`` and ``model.safetensors`` (or ``pytorch_model.bin``); the dictionaries of the version lie
in ``geneformer`` inside or beside it. The model reads the order of the genes in a cell and no values, so it cannot
serve VVP and GDT. It offers readouts of its own, see `grn_core.extractors.ranks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NoReturn

import numpy as np
import torch
from torch import Tensor

from grn_core.errors import ModelError
from grn_core.models.geneformer.network import LENGTH, N_TOKENS, SIZES, GeneformerNetwork, read_settings, read_tensors
from grn_core.models.geneformer.readouts import DEFAULT_READOUT, READOUTS
from grn_core.models.geneformer.tokens import PER_CELL, RankTokens, read_tokens
from grn_core.models.interface import FoundationModel, untouched
from grn_core.models.reading.checkpoint import build_strictly, check_sizes
from grn_core.models.record import WITHOUT_VALUES as OFFERS_WITHOUT_VALUES
from grn_core.models.record import ModelRecord, ValueUnits, checkpoint_record

CONTEXT_LAYER = -2
"""The layer before the last: the published default for contextual embeddings; the last one serves the prediction."""
WITHOUT_VALUES = (
    "Geneformer reads the order of the genes in a cell and no values: there is no value of a TF to set (VVP) or to "
    "differentiate by (GDT)"
)


class GeneformerModel(FoundationModel):
    """Foundation model around a `GeneformerNetwork`: its input is an order of genes.

    The units are levels, counts per 10,000 over the gene's median in the training corpus; only their order is read.

    Parameters
    ----------
    record, network
        As in `FoundationModel`.
    dictionaries
        Those of the version.
    """

    network: GeneformerNetwork

    def __init__(self, record: ModelRecord, dictionaries: RankTokens, network: GeneformerNetwork) -> None:
        self.record, self.dictionaries, self.network = record, dictionaries, network
        self.vocabulary = tuple(dictionaries.of_symbol)

    @cached_property
    def _position(self) -> dict[str, int]:
        return self.dictionaries.of_symbol

    def _checked(self, *_: object) -> NoReturn:
        self._read()

    def _read(self, *_: object) -> NoReturn:
        needed = f"one of its own readouts: {', '.join(self.record.readouts)}"
        raise ModelError(WITHOUT_VALUES, needed=needed, todo="use grn_core.extractors.ranks, or a model of values")

    def to_units(self, genes: Sequence[str], log_expression: np.ndarray) -> np.ndarray:
        """Translate log1p of counts per 10,000, (..., L), to levels."""
        ids = self.ids(genes).cpu().numpy()
        return self.dictionaries.levels(ids, np.expm1(np.asarray(log_expression, dtype=np.float64)))

    def order(self, genes: Sequence[str], values: np.ndarray) -> Tensor:
        """Encode one cell of levels (L,) as the ids of its tokens (N,); see `RankTokens.order`."""
        return torch.from_numpy(self.dictionaries.order(self.ids(genes).cpu().numpy(), np.asarray(values))).to(
            self.device
        )

    def hidden(self, ids: Tensor) -> tuple[Tensor, ...]:
        """Contextual embeddings of tokens (B, N), layer by layer; see `GeneformerNetwork.hidden`."""
        with torch.no_grad(), untouched(self.network) as network:
            return network.hidden(ids)

    def embed(self, genes: Sequence[str]) -> Tensor:
        """Gene embeddings (L, D) as they enter the first layer, before position and context."""
        with torch.no_grad():
            return self.network.masked_lm.bert.embeddings.word_embeddings(self.ids(genes)).clone()

    def embed_in_context(self, genes: Sequence[str], values: np.ndarray, *, layer: int = CONTEXT_LAYER) -> Tensor:
        """Contextual embeddings (L, D) in one cell of levels (L,); NaN for genes that are not among its tokens.

        Layer 0 is what enters the first one, -1 what leaves the last.
        """
        ids = self.order(genes, values)
        at, present = self.places(genes, ids)
        hidden = self.hidden(ids[None])[layer][0]
        return torch.where(present[:, None], hidden[at], torch.nan)

    def places(self, genes: Sequence[str], ids: Tensor) -> tuple[Tensor, Tensor]:
        """Where each gene stands among the tokens (N,) of a cell: positions (L,), 0 if nowhere; whether it is there."""
        found = self.ids(genes)[:, None] == ids[None]
        return found.to(torch.uint8).argmax(1), found.any(1)

    def attend(self, genes: Sequence[str], values: Tensor | np.ndarray) -> Tensor:
        """Attention weights (B, layers, heads, L, L) in cells of levels (B, L); row = receiver, column = sender.

        NaN in rows and columns of genes that are not among the tokens of a cell.
        """
        return torch.stack([self._attend_in(genes, cell) for cell in np.atleast_2d(np.asarray(values))])

    def _attend_in(self, genes: Sequence[str], levels: np.ndarray) -> Tensor:
        ids = self.order(genes, levels)
        at, present = self.places(genes, ids)
        with torch.no_grad(), untouched(self.network) as network:
            hidden = network.hidden(ids[None])
            found = torch.stack([weights[0][at][:, at] for weights in network.attention(hidden)])
        found = torch.where(present[:, None] & present, found, torch.nan)
        return found.unflatten(0, (len(hidden) - 1, -1))


def load(folder: Path, *, device: str = "cpu", weights: str = "pretrained", seed: int = 0) -> GeneformerModel:
    """Load a Geneformer model from its folder.

    Parameters
    ----------
    folder
        Holds ``config.json`` and the weights; the dictionaries lie in ``geneformer`` inside or beside it.
    device
        Torch device.
    weights
        ``pretrained`` or ``random``: the shape of the checkpoint, never trained.
    seed
        Decides random weights.

    Returns
    -------
    GeneformerModel
        Frozen, in evaluation mode, float32.

    Raises
    ------
    ModelError
        If transformers is not installed; a file is missing or broken or carries code; the configuration asks for
        another network; or tensors are missing, surplus or of another shape; the message names them.
    """
    settings = read_settings(folder)
    tokens = read_tokens(folder, n_tokens=int(settings[N_TOKENS]), length=int(settings[LENGTH]))
    tensors, sha = read_tensors(folder)
    sizes = {name: int(settings[name]) for name in SIZES}
    check_sizes(folder / "config.json", sizes, tensors, layers=("num_hidden_layers",))
    network = build_strictly(lambda: GeneformerNetwork(settings), tensors, weights=weights, seed=seed, part="masked_lm")
    network.eval().requires_grad_(requires_grad=False).to(device)
    return GeneformerModel(record_of(folder, sha, tokens, network), tokens, network)


def record_of(folder: Path, sha: str, tokens: RankTokens, network: GeneformerNetwork) -> ModelRecord:
    """Describe a checkpoint; its name carries the checksum of its weights."""
    version = "V2" if any(tokens.special) else "V1"
    layers, width = network.settings["num_hidden_layers"], network.settings["hidden_size"]
    values = ValueUnits(
        units=f"counts per {PER_CELL:,} of the cell over the gene's median in training; only their order is read",
        value_range=(0.0, float(PER_CELL / np.nanmin(tokens.median_of))),
        background=0.0,
        grid=(),
    )
    return checkpoint_record(
        folder,
        sha,
        network,
        family="geneformer",
        description=f"Geneformer {version} checkpoint: {layers} layers, width {width}.",
        licence="as published with the checkpoint (the Geneformer project: Apache-2.0)",
        limits=(
            "Reads an order of genes, so it needs measured cells (but for the readout embedding); asked is their mean "
            "cell, of the panel's genes alone. Scores have no sign and no probability; how well each readout ranks "
            "regulation is for the benchmark to say."
        ),
        n_genes=len(tokens.of_symbol),
        values=values,
        readouts=READOUTS,
        default_readout=DEFAULT_READOUT,
        max_genes=tokens.most_genes,
        unavailable=WITHOUT_VALUES,
        offers=OFFERS_WITHOUT_VALUES,
        width=int(width),
    )
