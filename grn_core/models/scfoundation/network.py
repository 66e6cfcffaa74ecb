"""The network of scFoundation: an encoder over the expressed genes, a decoder over all genes of the vocabulary.

The encoder's tokens are the positions whose value is above 0, in the order of the vocabulary; its layers are those of
`grn_core.models.layers.post_norm`. The decoder gets every position: what the encoder made of the expressed ones, the
bare embedding of the value 0 for all others. Its layers are those of `grn_core.models.layers.performer`, so that 19,266
positions cost time in proportion to their number.

Source: Hao et al., "Large-scale foundation model on single-cell transcriptomics", Nature Methods 2024.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from grn_core.models.layers.performer import PerformerLayer
from grn_core.models.layers.post_norm import PostNormLayer
from grn_core.models.layers.stack import NormedStack
from grn_core.models.layers.tangent import layer_norm

N_DEPTHS = 2


@dataclass(frozen=True)
class ScFoundationShape:
    """Sizes of a network.

    Attributes
    ----------
    n_positions
        Genes and the two depths, T and S, that follow them.
    width, layers, heads
        Of the encoder.
    decoder_width, decoder_layers, decoder_heads, head_width
        Of the decoder, whose heads may together be wider than its tokens.
    bins, bin_alpha
        Soft bins of the value embedding, and how much of the first map skips the second.
    mask_value, pad_value
        Values that stand for "masked" and "padding" instead of an expression.
    """

    n_positions: int
    width: int
    layers: int
    heads: int
    decoder_width: int
    decoder_layers: int
    decoder_heads: int
    head_width: int
    bins: int
    bin_alpha: float
    mask_value: float
    pad_value: float


class ValueEmbedding(nn.Module):
    """Embed a number as a mixture of bin vectors; the weights of the bins are a softmax of a small map of it."""

    def __init__(self, shape: ScFoundationShape) -> None:
        super().__init__()
        self.shape = shape
        self.mlp = nn.Linear(1, shape.bins)
        self.mlp2 = nn.Linear(shape.bins, shape.bins)
        self.emb = nn.Embedding(shape.bins, shape.width)
        self.emb_mask = nn.Embedding(1, shape.width)
        self.emb_pad = nn.Embedding(1, shape.width)

    def bin_weights(self, values: Tensor) -> Tensor:
        """Weights of the bins (..., bins) of values (...); they add up to 1."""
        first = nn.functional.leaky_relu(self.mlp(values[..., None]), negative_slope=0.1)
        return torch.softmax(self.shape.bin_alpha * first + self.mlp2(first), dim=-1)

    def forward(self, values: Tensor) -> Tensor:
        """Embed values (...) as (..., D); the values for "masked" and "padding" have vectors of their own."""
        embedded = self.bin_weights(values) @ self.emb.weight
        for special, vector in ((self.shape.mask_value, self.emb_mask), (self.shape.pad_value, self.emb_pad)):
            at = values == special
            if bool(at.any()):
                embedded = torch.where(at[..., None], vector.weight[0], embedded)
        return embedded


class ScFoundationNetwork(nn.Module):
    """Predict the expression of every gene at a given sequencing depth.

    Positions (ids) are the genes in the order of the vocabulary, then T (`n_genes`): log10 of the depth that is asked
    for, then S (`n_genes` + 1): log10 of the depth that the values come from. A position that is not given is at 0.
    """

    def __init__(self, shape: ScFoundationShape) -> None:
        super().__init__()
        self.shape = shape
        self.token_emb = ValueEmbedding(shape)
        self.pos_emb = nn.Embedding(shape.n_positions + 1, shape.width)  # the last row is of the published padding
        self.encoder = NormedStack(
            (PostNormLayer(shape.width, shape.heads, 4 * shape.width) for _ in range(shape.layers)), shape.width
        )
        self.decoder_embed = nn.Linear(shape.width, shape.decoder_width)
        width, heads = shape.decoder_width, shape.decoder_heads
        self.decoder = NormedStack(
            (PerformerLayer(width, heads, shape.head_width) for _ in range(shape.decoder_layers)), width
        )
        self.norm = nn.LayerNorm(shape.decoder_width)
        self.to_final = nn.Linear(shape.decoder_width, 1)

    def forward(self, ids: Tensor, values: Tensor, padding_mask: Tensor | None = None) -> dict[str, Tensor]:
        """Predict the values at the given positions.

        Parameters
        ----------
        ids
            Positions (B, L), each at most once in a cell; T and S among them.
        values
            log1p of counts per 10,000 (B, L); at T and S, log10 of counts.
        padding_mask
            Boolean (B, L), True = not given.

        Returns
        -------
        dict
            ``value`` (B, L) predicted expression; ``hidden`` (B, L, decoder width), the gene in its context, from which
            the value is read; ``cell`` (B, 4 D) as of `cell_state`.
        """
        everything = self.everything(ids, values, padding_mask)
        encoded, order, padding = self.encode(everything)
        hidden = self.decode(everything, encoded)
        hidden = hidden.gather(1, ids[..., None].expand(-1, -1, hidden.shape[-1]))
        value = self.to_final(hidden).squeeze(-1)
        return {"value": value, "hidden": hidden, "cell": self._pool(encoded, order, padding)}

    def cell_state(self, ids: Tensor, values: Tensor, padding_mask: Tensor | None = None) -> Tensor:
        """Embed cells: the tokens of S and T, the largest and the mean gene token, side by side (B, 4 D); no decoder.

        A cell in which no gene is expressed, or whose T or S is not above 0, has no state: its row is not finite.
        The published code takes it from the part ``cell`` of the checkpoint, not from the part ``gene``.
        """
        return self._pool(*self.encode(self.everything(ids, values, padding_mask)))

    def everything(self, ids: Tensor, values: Tensor, padding_mask: Tensor | None = None) -> Tensor:
        """Values of all positions (B, P): those given, 0 elsewhere."""
        given = values if padding_mask is None else values.masked_fill(padding_mask, 0.0)
        given = given.to(self.pos_emb.weight.dtype)
        return given.new_zeros(len(ids), self.shape.n_positions).scatter_add(1, ids, given)

    def tokens(self, everything: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens that enter the encoder.

        Parameters
        ----------
        everything
            Values of all positions (B, P).

        Returns
        -------
        tokens, order, padding
            (B, N, D) tokens of the expressed positions, ascending; their positions (B, N); boolean (B, N), True where a
            cell has fewer than N.
        """
        absent = everything <= 0
        counts = (~absent).sum(dim=1)
        order = torch.argsort(absent.to(torch.uint8), dim=1, stable=True)[:, : max(1, int(counts.max()))]
        padding = torch.arange(order.shape[1], device=order.device) >= counts[:, None]
        return self.token_emb(everything.gather(1, order)) + self.pos_emb(order), order, padding

    def encode(self, everything: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `tokens`, after the encoder."""
        x, order, padding = self.tokens(everything)
        blocked = padding if bool(padding.any()) else None
        for layer in self.encoder.layers:
            x = layer(x, blocked)
        return layer_norm(x, self.encoder.norm), order, padding

    def decode(self, everything: Tensor, encoded: Tensor) -> Tensor:
        """Genes in their context (B, P, decoder width) from all values (B, P) and the encoded tokens (B, N, D)."""
        expressed = everything > 0
        place = (expressed.cumsum(dim=1) - 1).clamp(min=0)
        put = encoded.gather(1, place[..., None].expand(-1, -1, encoded.shape[-1]))
        x = torch.where(expressed[..., None], put, self.token_emb(everything)) + self.pos_emb.weight[:-1]
        x = self.decoder_embed(x)
        for layer in self.decoder.layers:
            x = layer(x)
        return layer_norm(layer_norm(x, self.decoder.norm), self.norm)

    def _pool(self, encoded: Tensor, order: Tensor, padding: Tensor) -> Tensor:
        apart = (padding | (order >= self.shape.n_positions - N_DEPTHS))[..., None]
        last = (~padding).sum(dim=1) - 1
        cells = torch.arange(len(encoded), device=encoded.device)
        depths = [encoded[cells, (last - back).clamp(min=0)] for back in range(N_DEPTHS)]
        largest = encoded.masked_fill(apart, -math.inf).amax(dim=1)
        mean = encoded.masked_fill(apart, 0.0).sum(dim=1) / (~apart).sum(dim=1)
        return torch.cat((*depths, largest, mean), dim=-1)
