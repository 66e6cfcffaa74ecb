"""Attention of generated tokens: each reads the perceived ones and itself.

The perceived ones are few, and the same for all, so that what all heads read of them is two products with matrices that
hold the keys, and the values, of one head beside those of the next. Nothing is brought into another order in memory.
The forward derivative is the rule of `grn_core.models.layers.tangent`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from grn_core.models.layers.dual import make_dual, unpack_dual


def perceived_and_own(joint: Tensor, key: Tensor, value: Tensor, *, blocked: Tensor | None) -> Tensor:
    """Let generated tokens read.

    Parameters
    ----------
    joint
        (B, G, 3 D): their queries, keys and values side by side, heads one after the other in each.
    key, value
        (B, heads, C, d) of the perceived tokens.
    blocked
        Boolean (B, C), True = this one is never read.

    Returns
    -------
    Tensor
        (B, G, D), the heads side by side; a dual tensor if any input is one.
    """
    (joint, moved), (key, dkey), (value, dvalue) = map(unpack_dual, (joint, key, value))
    heads, scale = key.shape[1], key.shape[-1] ** -0.5
    query, own_key, own_value = joint.chunk(3, dim=-1)
    keys, values = _side_by_side(key * scale).mT, _side_by_side(value)
    scores = torch.cat((_of_heads(query @ keys, heads), _sums(query * own_key, heads) * scale), dim=-1)
    if blocked is not None:
        scores[..., :-1].masked_fill_(blocked[:, None, None, :], -torch.inf)
    weights = torch.softmax(scores, dim=-1)
    others, own = weights[..., :-1].flatten(2), weights[..., -1:]
    read = _with_product(_by_head(own, own_value, heads), others, values)
    if moved is None and dkey is None and dvalue is None:
        return read
    dkeys, dvalues = (None if x is None else _side_by_side(x) for x in (dkey, dvalue))
    change = torch.zeros_like(weights)
    if dkeys is not None:
        change[..., :-1] += _of_heads(query @ (dkeys * scale).mT, heads)
    if moved is not None:
        dquery, dkey_own, dvalue_own = moved.chunk(3, dim=-1)
        change[..., :-1] += _of_heads(dquery @ keys, heads)
        change[..., -1:] += _sums((dquery * own_key).addcmul_(query, dkey_own), heads) * scale
    change *= weights
    change -= weights * change.sum(-1, keepdim=True)
    dread = _with_product(_by_head(change[..., -1:], own_value, heads), change[..., :-1].flatten(2), values)
    if dvalues is not None:
        dread = _with_product(dread, others, dvalues)
    if moved is not None:
        dread.unflatten(-1, (heads, -1)).addcmul_(own, dvalue_own.unflatten(-1, (heads, -1)))
    return make_dual(read, dread)


def _with_product(x: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Add `a @ b` to `x`, in its memory; not so under autocast, which makes kinds alike in no call in place."""
    return torch.baddbmm(x, a, b) if torch.is_autocast_enabled(x.device.type) else x.baddbmm_(a, b)


def _side_by_side(x: Tensor) -> Tensor:
    """(B, heads, C, d) to (B, heads C, heads d): the rows of each head at its own columns, zeros at the others."""
    batch, heads, tokens, width = x.shape
    found = x.new_zeros(batch, heads, tokens, heads, width)
    found.diagonal(dim1=1, dim2=3).copy_(x.permute(0, 2, 3, 1))
    return found.view(batch, heads * tokens, heads * width)


def _of_heads(scores: Tensor, heads: int) -> Tensor:
    return scores.unflatten(-1, (heads, -1))


def _sums(x: Tensor, heads: int) -> Tensor:
    """(B, G, D) to (B, G, heads, 1): the sum over the columns of each head."""
    return x.unflatten(-1, (heads, -1)).sum(-1, keepdim=True)


def _by_head(weights: Tensor, x: Tensor, heads: int) -> Tensor:
    """(B, G, D), each head's columns times its weight (B, G, heads, 1)."""
    return (weights * x.unflatten(-1, (heads, -1))).flatten(2)
