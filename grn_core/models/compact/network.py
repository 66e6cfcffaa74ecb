"""The network of the compact model: gene factors that mix differently in every condition, and a small transformer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from grn_core.models.layers.dual import over, plus, times
from grn_core.models.layers.stack import LayerList
from grn_core.models.layers.tangent import affine, attention, by_head, layer_norm, linear, wide

LEAST_GAIN, MOST_GAIN = 1e-3, 0.999


@dataclass(frozen=True)
class CompactShape:
    """Sizes of a compact network: genes, conditions (data sets it was trained on), width, heads, layers, feed-forward.

    `dropout` acts in training only.
    """

    n_genes: int
    n_conditions: int = 0
    width: int = 128
    heads: int = 4
    layers: int = 2
    feedforward: int = 512
    dropout: float = 0.0


class Block(nn.Module):
    """Pre-norm transformer layer over the visible genes."""

    def __init__(self, shape: CompactShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.norm1 = nn.LayerNorm(shape.width)
        self.query_key_value = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.norm2 = nn.LayerNorm(shape.width)
        self.up = nn.Linear(shape.width, shape.feedforward)
        self.down = nn.Linear(shape.feedforward, shape.width)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values (B, heads, tokens, d)."""
        parts = linear(layer_norm(x, self.norm1), self.query_key_value).chunk(3, dim=-1)
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        return query, key, value

    def forward(self, x: Tensor, blocked: Tensor | None) -> Tensor:
        """Map tokens (B, 1 + V, d) to tokens; `blocked` (B, 1 + V) are never read."""
        read = attention(*self.project(x), blocked)
        return self.further(x + linear(read.transpose(1, 2).flatten(2), self.out))

    def first(self, x: Tensor, blocked: Tensor | None) -> Tensor:
        """Map tokens as `forward` does, to the first one (B, d) alone: the others are read and not computed.

        For a single query the keys' matrix is applied to it, and not to the tokens, and the values' to what was read; a
        bias of the keys would be the same in all scores.
        """
        tokens = layer_norm(x, self.norm1)
        read = attention(self.asked(tokens[:, 0])[:, None], tokens[:, None], tokens[:, None], blocked)[:, 0]
        return self.further(x[:, 0] + self.told(read))

    def asked(self, token: Tensor) -> Tensor:
        """What the heads of a normalised token (B, d) ask of other normalised ones (B, heads, d), for `attention`."""
        ask, key, _ = (one.unflatten(0, (self.heads, -1)) for one in self.query_key_value.weight.chunk(3))
        query = affine(token, ask.flatten(0, 1), self.query_key_value.bias.chunk(3)[0]).unflatten(-1, (self.heads, -1))
        return by_head(query, key * self.heads**0.5)  # as `attention` takes the root of the whole width

    def told(self, read: Tensor, more: Tensor | None = None) -> Tensor:
        """What a token is told (B, d) by the mean of normalised ones that each head read (B, heads, d).

        `more` (B, heads, width of a head) is what the heads say besides.
        """
        value = self.query_key_value.weight.chunk(3)[2].unflatten(0, (self.heads, -1))
        found = by_head(read, value.mT) if more is None else by_head(read, value.mT) + more
        return linear(plus(found.flatten(1), self.query_key_value.bias.chunk(3)[2]), self.out)

    def further(self, x: Tensor) -> Tensor:
        """Add the feed-forward part."""
        return x + linear(nn.functional.gelu(linear(layer_norm(x, self.norm2), self.up)), self.down)


class CompactNetwork(nn.Module):
    """Reconstruct every gene's value from the values of the visible genes.

    Every gene j has a unit vector ``q_j``: its embedding, mixed by the matrix of the condition and normalised. A cell
    has a state z with a standard normal prior, and the gene's true level is ``s_j = q_j . z`` (unit variance); its
    measured value is ``a_j s_j`` plus sampling noise, with a gain ``a_j`` between 0 and 1. The state is the posterior
    mean of z given the visible values, plus a correction by a transformer that reads the visible genes as tokens
    (vector, vector times value, and a free encoding of the value) with a token of the condition before them. Genes that
    are not visible take no part in the state: what is predicted for one gene does not depend on which others are asked.

    Conditions are the data sets of pre-training; the last, ``None``, is what they have in common.
    """

    def __init__(self, shape: CompactShape) -> None:
        super().__init__()
        self.shape = shape
        width, conditions = shape.width, shape.n_conditions + 1
        self.embedding = nn.Embedding(shape.n_genes, width)
        self.mixing = nn.Parameter(torch.eye(width) + torch.randn(conditions, width, width) * 0.5 / width**0.5)
        self.gene_gain = nn.Parameter(torch.full((shape.n_genes,), -1.5))
        self.condition_gain = nn.Parameter(torch.zeros(conditions))
        self.condition = nn.Parameter(torch.randn(conditions, width) * 0.1)
        self.token_in = nn.Linear(2 * width, width)
        self.value_in = nn.Linear(1, width)
        self.value_out = nn.Linear(width, width)
        self.blocks = LayerList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(width)
        self.state_out = nn.Linear(width, width)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(
        self,
        ids: Tensor,
        values: Tensor,
        padding_mask: Tensor | None = None,
        *,
        visible: Tensor | None = None,
        condition: int | None = None,
        exact: bool = False,
    ) -> dict[str, Tensor]:
        """Predict every gene.

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
        condition
            Number of a data set of pre-training, or None for what they have in common.
        exact
            The shown values are true levels and carry no sampling noise, as those of a virtual cell.

        Returns
        -------
        dict
            ``value`` (B, L) measured values to be expected, ``signal`` (B, L) true levels in their own standard
            deviations, ``cell`` (B, d) state of the cell.
        """
        read, shown, blocked = _packed(ids, values, padding_mask, visible)
        cell = self.state(read, shown, blocked, condition=condition, exact=exact)
        signal = self.levels(cell, ids, condition)
        return {"value": times(signal, self.gain(ids, condition)), "signal": signal, "cell": cell}

    def vectors(self, ids: Tensor, condition: int | None) -> Tensor:
        """Unit vectors (..., d) of genes in a condition; rows that repeat are computed once."""
        if ids.ndim == 2 and len(ids) > 1 and ids.stride(0) == 0:
            return self.vectors(ids[:1], condition).expand(len(ids), -1, -1)
        mixed = self.embedding(ids) @ self.mixing[-1 if condition is None else condition]
        return nn.functional.normalize(wide(mixed), dim=-1)

    def gain(self, ids: Tensor, condition: int | None) -> Tensor:
        """Share of a measured value's standard deviation that is no sampling noise; same shape as `ids`."""
        raw = self.gene_gain[ids] + self.condition_gain[-1 if condition is None else condition]
        return torch.sigmoid(raw).clamp(LEAST_GAIN, MOST_GAIN)

    def levels(self, cell: Tensor, ids: Tensor, condition: int | None) -> Tensor:
        """True levels (B, L) of genes `ids`, (B, L) or one row for all cells (L,), in cells of states (B, d)."""
        if ids.ndim == 2 and len(ids) > 1 and ids.stride(0) == 0:
            ids = ids[0]
        vectors = self.vectors(ids, condition)
        return cell @ vectors.mT if ids.ndim == 1 else (vectors @ cell[..., None]).squeeze(-1)

    def state(
        self, ids: Tensor, values: Tensor, blocked: Tensor | None, *, condition: int | None, exact: bool
    ) -> Tensor:
        """State (B, d) of cells from visible genes (B, V); `blocked` (B, V) marks places without a gene."""
        vectors = self.vectors(ids, condition)
        gain = torch.full_like(values, MOST_GAIN) if exact else self.gain(ids, condition)
        x = self.tokens(vectors, values, condition)
        if blocked is not None:
            blocked = nn.functional.pad(blocked, (1, 0))
        *before, last = self.blocks
        for block in before:
            x = block(x, blocked)
        seen = None if blocked is None else ~blocked[:, 1:]
        return posterior_mean(vectors, wide(values), gain, seen) + linear(
            layer_norm(last.first(x, blocked), self.norm), self.state_out
        )

    def tokens(self, vectors: Tensor, values: Tensor, condition: int | None) -> Tensor:
        """Tokens (B, 1 + V, d): that of the condition, then one for each visible gene."""
        level = values[..., None]
        own = self.dropout(torch.cat((vectors, times(level, vectors)), dim=-1).to(values.dtype))
        free = linear(nn.functional.gelu(linear(level, self.value_in)), self.value_out)
        first = self.condition[-1 if condition is None else condition].expand(len(values), 1, -1)
        genes = linear(own, self.token_in) + free
        return torch.cat((first.to(genes.dtype), genes), dim=1)


def posterior_mean(vectors: Tensor, values: Tensor, gain: Tensor, seen: Tensor | None = None) -> Tensor:
    """Mean of a standard normal state z given values ``a_i (q_i . z) + noise`` of variance ``1 - a_i^2``.

    Parameters
    ----------
    vectors
        ``q`` (B, V, d).
    values
        (B, V).
    gain
        ``a`` (B, V), between 0 and 1.
    seen
        Boolean (B, V), False = not a value; None if all are.

    Returns
    -------
    Tensor
        (B, d). With R the rows ``q_i a_i / sqrt(1 - a_i^2)`` and u the values over ``sqrt(1 - a_i^2)``, it is
        ``(I + R'R)^-1 R'u = R'(I + RR')^-1 u``: solved in whichever of the two has the smaller matrix.
    """
    noise = torch.sqrt(1.0 - gain * gain)
    scale, u = gain / noise, over(values, noise)
    if seen is not None:
        scale, u = scale * seen, times(u, seen)
    rows = vectors * scale[..., None]
    few = rows.shape[1] <= rows.shape[2]
    gram = rows @ rows.mT if few else rows.mT @ rows
    gram = gram + torch.eye(gram.shape[-1], dtype=gram.dtype, device=gram.device)
    with torch.autocast(rows.device.type, enabled=False):
        if few:
            return (rows.mT @ torch.linalg.solve(gram.to(u.dtype), u)[..., None]).squeeze(-1)
        return torch.linalg.solve(gram.to(u.dtype), (rows.mT @ u[..., None]).squeeze(-1))


def posterior_factors(vectors: Tensor, gain: Tensor) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
    """What `posterior_mean` makes of genes alone, whatever their values.

    Parameters
    ----------
    vectors, gain
        ``q`` (V, d) and ``a`` (V,).

    Returns
    -------
    rows, noise, factors
        ``R`` (V, d), ``sqrt(1 - a^2)`` (V,), and the factors of ``I + R'R`` for `torch.linalg.lu_solve`.
    """
    noise = torch.sqrt(1.0 - gain * gain)
    rows = vectors * (gain / noise)[:, None]
    gram = rows.mT @ rows + torch.eye(rows.shape[1], dtype=rows.dtype, device=rows.device)
    lower, pivots = torch.linalg.lu_factor(gram)
    return rows, noise, (lower, pivots)


def _packed(
    ids: Tensor, values: Tensor, padding_mask: Tensor | None, visible: Tensor | None
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Ids and values (B, V) of the visible genes, packed to the left, and which places hold none (None: all do)."""
    if padding_mask is None and visible is None:
        return ids, values, None
    readable = torch.ones_like(ids, dtype=torch.bool) if visible is None else visible
    if padding_mask is not None:
        readable = readable & ~padding_mask
    counts = readable.sum(1)
    widest = int(counts.max())
    place = torch.argsort((~readable).to(torch.uint8), dim=1, stable=True)[:, :widest]
    blocked = torch.arange(widest, device=ids.device) >= counts[:, None]
    return torch.gather(ids, 1, place), torch.gather(values, 1, place), blocked if bool(blocked.any()) else None
