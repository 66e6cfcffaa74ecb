"""The network of the compact model: a small value-encoding transformer in plain PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from grn_core.models.tangent import attention, layer_norm, linear


@dataclass(frozen=True)
class CompactShape:
    """Sizes of a compact network: number of genes, width, heads, layers, width of the feed-forward part."""

    n_genes: int
    width: int = 128
    heads: int = 4
    layers: int = 3
    feedforward: int = 512


class Block(nn.Module):
    """Pre-norm transformer layer in which every token reads, and only the context is read."""

    def __init__(self, shape: CompactShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.norm1 = nn.LayerNorm(shape.width)
        self.query = nn.Linear(shape.width, shape.width)
        self.key_value = nn.Linear(shape.width, 2 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.norm2 = nn.LayerNorm(shape.width)
        self.up = nn.Linear(shape.width, shape.feedforward)
        self.down = nn.Linear(shape.feedforward, shape.width)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def project(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Queries of all tokens, keys and values of the context tokens; (B, heads, tokens, d) each."""
        x = layer_norm(x, self.norm1)
        read = x if context is None else torch.gather(x, 1, context[..., None].expand(-1, -1, x.shape[-1]))
        key, value = linear(read, self.key_value).chunk(2, dim=-1)
        return self._split(linear(x, self.query)), self._split(key), self._split(value)

    def forward(self, x: Tensor, context: Tensor | None, blocked: Tensor | None) -> Tensor:
        """Map tokens (B, 1 + L, d) to tokens; `context` (B, C) are the tokens that may be read, None = all."""
        read = attention(*self.project(x, context), blocked)
        x = x + linear(read.transpose(1, 2).flatten(2), self.out)
        return x + linear(nn.functional.gelu(linear(layer_norm(x, self.norm2), self.up)), self.down)


class CompactNetwork(nn.Module):
    """Reconstruct every gene's value from the values of the visible genes.

    A gene token is its embedding plus an additive and a multiplicative encoding of its value; a hidden gene carries a
    learnt mark in place of the value. A ``<cls>`` token, always visible, gathers the state of the cell. Hidden genes
    read but are never read: what is predicted for one gene does not depend on which other genes are asked for.
    """

    def __init__(self, shape: CompactShape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.embedding = nn.Embedding(shape.n_genes, width)
        self.cls = nn.Parameter(torch.randn(width) * 0.1)
        self.hidden_mark = nn.Parameter(torch.randn(width) * 0.1)
        self.value_in = nn.Linear(1, width)
        self.value_out = nn.Linear(width, width)
        self.value_scale = nn.Linear(width, width, bias=False)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(width)
        self.head_in = nn.Linear(width, width)
        self.head_out = nn.Linear(width, 1)
        self.gene_query = nn.Linear(width, width)
        self.cell_key = nn.Linear(width, width)

    def forward(
        self, ids: Tensor, values: Tensor, padding_mask: Tensor | None = None, *, visible: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Predict the value of every gene.

        Parameters
        ----------
        ids
            Gene ids (B, L).
        values
            Values (B, L) in standard deviations from the gene's mean; those of hidden genes are ignored.
        padding_mask
            Boolean (B, L), True = no gene here: neither read nor meaningful in the output.
        visible
            Boolean (B, L), True = the gene's value is shown. None shows all.

        Returns
        -------
        dict
            ``value`` (B, L) predicted values, ``cell`` (B, d) state of the cell, ``hidden`` (B, L, d).
        """
        x, context, blocked = self.tokens(ids, values, padding_mask, visible)
        for block in self.blocks:
            x = block(x, context, blocked)
        x = layer_norm(x, self.norm)
        cell, hidden = x[:, 0], x[:, 1:]
        own = linear(nn.functional.gelu(linear(hidden, self.head_in)), self.head_out).squeeze(-1)
        shared = torch.matmul(self.gene_query(self.embedding(ids)), linear(cell, self.cell_key)[..., None]).squeeze(-1)
        return {"value": own + shared / self.shape.width**0.5, "cell": cell, "hidden": hidden}

    def tokens(
        self, ids: Tensor, values: Tensor, padding_mask: Tensor | None, visible: Tensor | None
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Return tokens (B, 1 + L, d), indexes of the context tokens (B, C) or None, blocked context (B, C) or None."""
        gene = self.embedding(ids)
        level = values[..., None]
        encoded = linear(nn.functional.gelu(linear(level, self.value_in)), self.value_out) + level * self.value_scale(
            gene
        )
        if visible is not None:
            encoded = torch.where(visible[..., None], encoded, self.hidden_mark.to(encoded.dtype))
        cls = self.cls.to(gene.dtype).expand(len(ids), 1, -1)
        return torch.cat((cls, gene + encoded), dim=1), *_context(ids, padding_mask, visible)


def _context(ids: Tensor, padding_mask: Tensor | None, visible: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
    """Which tokens are read: ``<cls>`` and the visible genes, packed to the left."""
    if padding_mask is None and visible is None:
        return None, None
    readable = torch.ones_like(ids, dtype=torch.bool) if visible is None else visible
    if padding_mask is not None:
        readable = readable & ~padding_mask
    readable = torch.cat((torch.ones_like(readable[:, :1]), readable), dim=1)
    counts = readable.sum(1)
    widest = int(counts.max())
    context = torch.argsort((~readable).to(torch.uint8), dim=1, stable=True)[:, :widest]
    if bool((counts == widest).all()):
        return context, None
    return context, torch.arange(widest, device=ids.device) >= counts[:, None]
