"""The first layer of the compact model in cells that differ from one by a single token.

What a token reads is a mean of values, weighted by its attention. Where one summand is exchanged, and ``o`` and ``n``
are the weights that the old and the new one have in the new sum::

    new reading = reading + (o - n) reading - o old value + n new value

so that, head by head, a token behind the attention is a sum of vectors that belong to it alone and of vectors that
belong to the cell alone. The feed-forward part's first matrix is applied to these vectors, which are few, and not to
the sums. Tokens are centred over their width: no layer norm sees that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from grn_core.models.compact.network import Block
from grn_core.models.layers.dual import make_dual, unpack_dual
from grn_core.models.layers.tangent import linear

BLOCK_BYTES = 16 << 20
"""Scores of the layer that are worked on at once, so that memory grows as the genes and not as their square."""
ROWS = 2048
"""Tokens, of all cells together, that go through the feed-forward part at once: they stay in a processor's cache."""
LEAST = 0.1
"""Share of a token's attention that has to be left after an exchange: of less, too few digits would be."""


class FirstLayer:
    """What is alike in the layer for all cells around one.

    Parameters
    ----------
    block
        The layer.
    tokens
        (T, d) tokens of the cell that the others are around.
    """

    def __init__(self, block: Block, tokens: Tensor) -> None:
        self.block, width, kind = block, tokens.shape[-1], tokens.dtype
        query, key, value = (part[0].transpose(0, 1).contiguous() for part in block.project(tokens[None]))
        self.query, self.key, self.value = query / query.shape[-1] ** 0.5, key, value
        self.most, self.weights, sums = sums_of_values(self.query, key, value)
        read = (sums / self.weights[..., None]).to(kind)
        same = torch.eye(width, dtype=torch.float64, device=tokens.device)
        up, centred = block.up.weight.double(), same - 1.0 / width
        wide = centred @ torch.cat(((up * block.norm2.weight.double()).mT, same), dim=1)
        self.wide = wide.to(kind)
        self.out = (block.out.weight.double().mT.unflatten(0, (block.heads, -1)) @ wide).to(kind)
        self.up_bias = (block.up.weight.double() @ block.norm2.bias.double() + block.up.bias.double()).to(kind)
        self.down = (centred @ block.down.weight.double()).to(kind)
        self.down_bias = (centred @ block.down.bias.double()).to(kind)
        self.after = (tokens + linear(read.flatten(1), block.out)) @ self.wide
        self.mean, self.read = read, self._of_heads(read)

    def _of_heads(self, read: Tensor) -> Tensor:
        """What each head adds to a token, (N, V, d'), by what it reads, (N, V, width of a head), head after head.

        The d' columns here and below are those of the feed-forward part, before its bias, and of the token itself.
        """
        return torch.einsum("nkhd,hdw->nkhw", read.unflatten(1, (-1, len(self.out))), self.out).flatten(1, 2)

    def __call__(self, places: Tensor, own: Tensor) -> Tensor | None:
        """Ask for the tokens behind the layer.

        Parameters
        ----------
        places
            (N,) which token of a cell is another.
        own
            (N, d) what it is; may be a dual tensor.

        Returns
        -------
        Tensor
            (N, T, d), each centred over its width; a dual tensor if `own` is one. None where a token gave the one that
            moves so nearly all attention that little is left to say.
        """
        exchanged = self.exchanged(places, own)
        if exchanged is None:
            return None
        sums, mine = exchanged
        vectors = self.vectors(sums)
        found = [own.new_empty((len(own), len(self.after), own.shape[-1])) for _ in mine]  # views would be copied
        for part in self._parts(len(own)):
            here = (places >= part.start) & (places < part.stop)
            cells, rows = here.nonzero().squeeze(1), places[here] - part.start
            behind = self.behind(sums, vectors, part)
            for one, exact in zip(behind, mine, strict=True):
                one[rows, cells] = exact[cells]
            for place, one in zip(found, self.further(*behind), strict=True):
                place[:, part] = one.transpose(0, 1)
        return found[0] if len(found) == 1 else make_dual(found[0], found[1])

    def exchanged(self, places: Tensor, own: Tensor) -> tuple[list[Sum], list[Tensor]] | None:
        """What is added to the other tokens, and (N, d') the token that moves: each, and the derivative of it."""
        query, key, value = (part[:, :, 0] for part in self.block.project(own[:, None]))
        sums = self._sums(places, key, value)
        if sums is None:
            return None
        after = unpack_dual(own + linear(self._read_by_own(places, query, key, value), self.block.out))
        return sums, [one @ self.wide for one in after if one is not None]

    def vectors(self, sums: list[Sum]) -> list[Tensor]:
        """Vectors (N, V, d') of the cells of each sum."""
        return [self._of_heads(one.values) for one in sums]

    def behind(self, sums: list[Sum], vectors: list[Tensor], part: slice) -> list[Tensor]:
        """Tokens (T, N, d') of a part behind the attention, and the derivative of them."""
        behind = [one.of(self.read[part], own, part) for one, own in zip(sums, vectors, strict=True)]
        behind[0] += self.after[part, None]
        return behind

    def _parts(self, n_cells: int) -> Iterator[slice]:
        step = max(1, ROWS // n_cells)
        for start in range(0, len(self.after), step):
            yield slice(start, min(start + step, len(self.after)))

    def further(self, value: Tensor, tangent: Tensor | None = None) -> Iterator[Tensor]:
        """Apply the feed-forward part to (T, N, d'), and yield (T, N, d): value, tangent."""
        hidden = len(self.up_bias)
        z, x = value[..., :hidden], value[..., hidden:]
        scale = torch.rsqrt(x.square().mean(-1, keepdim=True) + self.block.norm2.eps)
        u = torch.addcmul(self.up_bias, z, scale)
        yield x + torch.nn.functional.linear(torch.nn.functional.gelu(u), self.down, self.down_bias)
        if tangent is None:
            return
        dz, dx = tangent[..., :hidden], tangent[..., hidden:]
        shrinks = (x * dx).mean(-1, keepdim=True) * scale.square()
        du = torch.addcmul(dz, z, shrinks, value=-1).mul_(scale)
        yield dx + torch.nn.functional.linear(torch.ops.aten.gelu_backward(du, u), self.down)

    def _sums(self, places: Tensor, key: Tensor, value: Tensor) -> list[Sum] | None:
        """What is added to each token but the one that moves, and the derivative of that; (N, heads, width) each."""
        (key, dkey), (value, dvalue) = unpack_dual(key), unpack_dual(value)
        cells = torch.arange(len(places), device=places.device)
        once, of = torch.unique(places, return_inverse=True)
        gone = torch.exp(torch.einsum("thd,uhd->uth", self.query.double(), self.key[once].double()) - self.most)[of]
        scores = torch.einsum("thd,nhd->nth", self.query, key).double()
        most = torch.maximum(self.most, scores)
        fade, come = torch.exp(self.most - most), torch.exp(scores - most)
        whole, gone = self.weights * fade, gone * fade
        left = whole - gone + come
        left[cells, places] = whole[cells, places]
        if bool((left < LEAST * whole).any()):
            return None
        old, new = ((one / left).to(value.dtype) for one in (gone, come))
        values = torch.cat((self.value[places], value), dim=1)
        found = [Sum(old - new, torch.cat((-old, new), dim=-1), values)]
        if dkey is not None and dvalue is not None:
            moved = torch.einsum("thd,nhd->nth", self.query, dkey) * new
            dold, dnew = -old * moved, moved - moved * new
            values = torch.cat((values, dvalue), dim=1)
            found.append(Sum(dold - dnew, torch.cat((-dold, dnew, new), dim=-1), values))
        return found

    def _read_by_own(self, places: Tensor, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """What the token that moves reads itself (N, d); of the rule see `grn_core.models.layers.tangent`."""
        (query, dquery), (key, dkey), (value, dvalue) = map(unpack_dual, (query, key, value))
        at, scale = places[:, None, None].expand(-1, query.shape[1], 1), query.shape[-1] ** -0.5
        scores = torch.einsum("nhd,thd->nht", query, self.key).scatter(-1, at, (query * key).sum(-1)[..., None])
        weights, change = torch.softmax(scores * scale, -1), value - self.value[places]
        read = self._of_values(weights, at, change)
        if dquery is None or dkey is None or dvalue is None:
            return read.flatten(1)
        mine = (dquery * key).sum(-1) + (query * dkey).sum(-1)
        moved = torch.einsum("nhd,thd->nht", dquery, self.key).scatter(-1, at, mine[..., None]) * scale * weights
        dread = self._of_values(moved, at, change) - moved.sum(-1, keepdim=True) * read
        return make_dual(read.flatten(1), (dread + weights.gather(-1, at) * dvalue).flatten(1))

    def _of_values(self, weights: Tensor, at: Tensor, change: Tensor) -> Tensor:
        """Sums (N, heads, width of a head) of values by weights (N, heads, T); the value of token `at` is changed."""
        return torch.einsum("nht,thd->nhd", weights, self.value) + weights.gather(-1, at) * change


@dataclass(frozen=True)
class Sum:
    """A sum of vectors for each token of each cell.

    Attributes
    ----------
    of_token, of_cell
        (N, T, heads) and (N, T, V) factors of the vectors of the token, and of those of the cell.
    values
        (N, V, width of a head): what the heads read of which the vectors of the cells are made.
    """

    of_token: Tensor
    of_cell: Tensor
    values: Tensor

    def of(self, read: Tensor, vectors: Tensor, part: slice) -> Tensor:
        """Add up for tokens whose own vectors are `read` (T, heads, d'): (T, N, d'); `vectors` (N, V, d') of cells."""
        found = torch.bmm(self.of_token[:, part].transpose(0, 1).contiguous(), read)
        for cell, (factors, own) in enumerate(zip(self.of_cell[:, part], vectors, strict=True)):
            found[:, cell].addmm_(factors, own)
        return found


def sums_of_values(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Greatest score of each token (T, heads), the sum of its weights before their division, and of values by them.

    In double precision, of so many tokens at once that their scores take `BLOCK_BYTES`.
    """
    tokens, heads, width = value.shape
    at_once = max(1, BLOCK_BYTES // (8 * tokens))
    most, weights = (query.new_empty((tokens, heads), dtype=torch.float64) for _ in range(2))
    sums = query.new_empty((tokens, heads, width), dtype=torch.float64)
    for head in range(heads):
        keys, values = key[:, head].double().mT, value[:, head].double()
        for part in (slice(start, start + at_once) for start in range(0, tokens, at_once)):
            scores = query[part, head].double() @ keys
            most[part, head] = scores.amax(1)
            scores.sub_(most[part, head, None]).exp_()
            weights[part, head] = scores.sum(1)
            sums[part, head] = scores @ values
    return most, weights, sums
