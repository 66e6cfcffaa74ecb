"""What the tokens of the other genes tell the last layer in cells that differ from one by a single token.

Of a network of two layers. The token of the condition and the one that moves are computed as they are. Every other one
reads the one that moves among all others, and so moves little itself: what this adds to what the token of the condition
is told is taken to first order,

    sum over tokens of (slope of what is told by the token) times (how far it moved in the first layer's attention)

with the weights that they have around, all together as much as the two others leave to them.

How far it moved is a sum of few vectors (`grn_core.models.compact.first_layer`), so that the slopes are computed once
for all cells, and a cell takes a product of its weights with them. As matrices the slopes of the tokens are much alike:
`RANK` of them, put together, stand for all.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from grn_core.models.compact.first_layer import FirstLayer, Sum
from grn_core.models.compact.network import Block
from grn_core.models.layers.dual import make_dual, plus, unpack_dual
from grn_core.models.layers.tangent import layer_norm, linear

RANK = 128
"""Matrices that the slopes of all tokens are put together from."""
MOST = 0.2
"""Share of a token's attention up to which what moves it is small."""
TOKENS = 64
"""Tokens whose slopes are computed at once."""


class FirstOrder:
    """What is alike for all cells around one.

    Parameters
    ----------
    last
        The last layer, the one behind `first`.
    first
        The first layer, around the cell.
    """

    def __init__(self, last: Block, first: FirstLayer) -> None:
        self.last, self.first = last, first
        before, (behind,) = first.after[:, len(first.up_bias) :], first.further(first.after)
        self.seen = layer_norm(behind, last.norm1)
        self.asked = last.asked(self.seen[:1])[0] * self.seen.shape[1] ** -0.5
        self.weights = torch.softmax(self.seen @ self.asked.mT, 0)
        self.mean = self.weights.mT @ self.seen
        slopes = self._slopes(before, behind)
        self.of_mean = torch.einsum("tohw,thw->tho", slopes, first.mean)
        self.basis, rest = put_together(slopes.flatten(1), RANK)
        self.rest = rest.unflatten(1, slopes.shape[1:]).permute(2, 0, 3, 1).flatten(0, 2).contiguous()

    def __call__(self, places: Tensor, own: Tensor) -> tuple[Tensor, Tensor] | None:
        """Ask for the token of the condition behind the last layer.

        Parameters
        ----------
        places, own
            As of `FirstLayer.__call__`.

        Returns
        -------
        state, far
            (N, d), but for its mean over the width, a dual tensor if `own` is one; (N,) cells in which tokens move too
            far for that. None where they do so in all.
        """
        exchanged = self.first.exchanged(places, own)
        if exchanged is None:
            return None
        sums, mine = exchanged
        first = self.first.behind(sums, self.first.vectors(sums), slice(0, 1))
        condition, moved = (_dual(list(self.first.further(*one))) for one in ([one[0] for one in first], mine))
        read, left = self._read(places, layer_norm(condition, self.last.norm1), layer_norm(moved, self.last.norm1))
        others, far = self._others(places, sums)
        told, more = others[..., :-1] * left[..., None], others[..., -1] * left
        read = read + more[..., None] * plus(-read, self.mean)
        return self.last.further(condition + self.last.told(read, told)), far

    def _others(self, places: Tensor, sums: list[Sum]) -> tuple[Tensor, Tensor]:
        """What the other tokens tell each head more, (N, heads, 1 + width of a head), and in which cells they move far.

        Told is what their values are more, by the weights that they have around; at the end, how much more they weigh.
        """
        cells, found = torch.arange(len(places), device=places.device), []
        for one in sums:
            for weights in (one.of_token, one.of_cell):  # of the two tokens that are computed as they are
                weights[cells, places], weights[:, 0] = 0.0, 0.0
            shared = (one.of_cell.mT.flatten(0, 1) @ self.basis).unflatten(0, one.values.shape[:2])
            heads = (one_of.unflatten(1, (-1, self.of_mean.shape[1])) for one_of in (shared, one.values))
            outer = torch.einsum("nkhr,nkhw->nhrw", *heads).flatten(1)
            found.append(one.of_token.flatten(1) @ self.of_mean.flatten(0, 1) + outer @ self.rest)
        found = [one.unflatten(1, (self.last.heads, -1)) for one in found]
        return _dual(found), sums[0].of_cell.abs().flatten(1).amax(1) > MOST

    def _read(self, places: Tensor, condition: Tensor, moved: Tensor) -> tuple[Tensor, Tensor]:
        """What each head of the token of the condition reads (N, heads, d), the other tokens as they were.

        And how much weight is left to these (N, heads), in times of what they have around.
        """
        (asked, dasked), (first, dfirst), (own, down) = map(unpack_dual, (self.last.asked(condition), condition, moved))
        at, scale = places[:, None, None].expand(-1, asked.shape[1], 1), asked.shape[-1] ** -0.5
        scores = asked @ self.seen.mT
        scores[..., 0] = (asked * first[:, None]).sum(-1)
        weights = torch.softmax(scores.scatter_(-1, at, (asked * own[:, None]).sum(-1, keepdim=True)) * scale, -1)
        changes = ((first - self.seen[0])[:, None], (own - self.seen[places])[:, None])
        read, others = self._of_seen(weights, at, changes), 1.0 - self.weights[0] - self.weights[places]
        left = (1.0 - _of_both(weights, at)) / others
        if dasked is None or dfirst is None or down is None:
            return read, left
        scores = dasked @ self.seen.mT
        scores[..., 0] = (dasked * first[:, None] + asked * dfirst[:, None]).sum(-1)
        mine = (dasked * own[:, None] + asked * down[:, None]).sum(-1, keepdim=True)
        shifted = scores.scatter_(-1, at, mine).mul_(weights).mul_(scale)
        total = shifted.sum(-1, keepdim=True)
        dread = self._of_seen(shifted, at, changes) - total * read
        dread += weights[..., :1] * dfirst[:, None] + weights.gather(-1, at) * down[:, None]
        dleft = (total[..., 0] * _of_both(weights, at) - _of_both(shifted, at)) / others
        return make_dual(read, dread), make_dual(left, dleft)

    def _of_seen(self, weights: Tensor, at: Tensor, changes: tuple[Tensor, Tensor]) -> Tensor:
        """Sums (N, heads, d) of tokens by weights (N, heads, T); the first one and the one `at` are changed."""
        return weights @ self.seen + weights[..., :1] * changes[0] + weights.gather(-1, at) * changes[1]

    def _slopes(self, before: Tensor, behind: Tensor) -> Tensor:
        """Slopes (T, O, heads, width of a head) of what each head of the token of the condition is told.

        By what the heads of the first layer read for each token: `before` are the tokens (T, d) in front of its
        feed-forward part, `behind` those behind it. O is for each head of the last layer what `_others` says.
        """
        block, (tokens, width) = self.first.block, before.shape
        value = self.last.query_key_value.weight.chunk(3)[2].unflatten(0, (self.last.heads, -1))
        away = self.seen[:, None] - self.mean
        found = before.new_empty((tokens, width + self.last.heads, width))
        for part in (slice(start, start + TOKENS) for start in range(0, tokens, TOKENS)):
            by_weight = torch.einsum("hed,thd->the", value, away[part])[..., None] * self.asked[:, None]
            rows = torch.cat((by_weight + value, self.asked[:, None].expand(len(by_weight), -1, -1, -1)), dim=2)
            rows = (rows * self.weights[part][..., None, None]).flatten(1, 2)
            rows = through_norm(rows, behind[part], self.last.norm1)
            up = linear(layer_norm(before[part], block.norm2), block.up)
            bent = torch.ops.aten.gelu_backward(torch.ones_like(up), up)
            further = (rows @ block.down.weight * bent[:, None]) @ block.up.weight
            found[part] = (rows + through_norm(further, before[part], block.norm2)) @ block.out.weight
        return found.unflatten(2, (block.heads, -1))


def through_norm(rows: Tensor, x: Tensor, norm: nn.LayerNorm) -> Tensor:
    """Slopes by the input `x` (T, d) of a layer norm, of slopes (T, R, d) by its output."""
    centred = x - x.mean(-1, keepdim=True)
    scale = torch.rsqrt(centred.square().mean(-1, keepdim=True) + norm.eps)
    unit, rows = (centred * scale)[:, None], rows * norm.weight
    return (rows - rows.mean(-1, keepdim=True) - unit * (rows * unit).mean(-1, keepdim=True)) * scale[:, None]


def put_together(rows: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Factors (T, rank) and (rank, K) whose product is nearly (T, K) `rows`: a range found by draws, and refined once.

    Source: Halko, Martinsson and Tropp, SIAM Review 53 (2011), 217-288.
    """
    draws = torch.randn((rows.shape[1], rank), generator=torch.Generator().manual_seed(0), dtype=rows.dtype)
    found = rows @ draws.to(rows.device)
    found, _ = torch.linalg.qr(rows @ (rows.mT @ torch.linalg.qr(found)[0]))
    return found, found.mT @ rows


def _of_both(weights: Tensor, at: Tensor) -> Tensor:
    """Sum (N, heads) of the weights (N, heads, T) of the token of the condition and of the one `at`."""
    return weights[..., 0] + weights.gather(-1, at)[..., 0]


def _dual(parts: list[Tensor]) -> Tensor:
    """A value, with its tangent if there is one."""
    return parts[0] if len(parts) == 1 else make_dual(parts[0], parts[1])
