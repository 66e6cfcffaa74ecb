"""Attention with a forward derivative: the one tangent rule that torch lacks.

Every other operation of our networks has a forward derivative in torch (`torch.autograd.forward_ad`); fused attention
has none. A network calls `attention` for its products: with plain tensors it is the fused kernel, with dual tensors the
hand-written rule below. So one forward function of a model serves both, and a new model needs no derivative code.

Rule, with ``A = softmax(S)``, ``S = Q K^T / sqrt(d)``::

    dS = (dQ K^T + Q dK^T) / sqrt(d)        M = A * dS
    O  = A V                                dO = A dV + M V - rowsum(M) * O
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from grn_core.models.layers.dual import dual_level, is_dual, make_dual, unpack_dual

_BLOCK_BYTES = {"cpu": 4 << 20, "cuda": 256 << 20}
"""Bytes of the block of scores that is worked on at once: what stays in a processor's cache; on a graphics processor so
much that the start of a kernel does not count (measured: 4 times the speed of small blocks, and no more beyond)."""

FEW = 8
"""Queries of a cell that are so few that nothing is copied for them."""


def attention(q: Tensor, k: Tensor, v: Tensor, blocked: Tensor | None = None) -> Tensor:
    """Scaled dot-product attention, with the forward derivative of dual inputs.

    Parameters
    ----------
    q
        Queries (B, heads, L, d).
    k, v
        Keys and values (B, heads, C, d).
    blocked
        Boolean (B, C), True = this key is never attended; None if all keys are.

    Returns
    -------
    Tensor
        (B, heads, L, d); a dual tensor if any of `q`, `k`, `v` is one.
    """
    (q, dq), (k, dk), (v, dv) = map(unpack_dual, (q, k, v))
    if dq is None and dk is None and dv is None:
        mask = None if blocked is None else ~blocked[:, None, None, :]
        # Under autocast the kernel would run in bfloat16, whose backward is five times slower on CPU.
        with torch.autocast(q.device.type, enabled=False):
            return torch.nn.functional.scaled_dot_product_attention(wide(q), wide(k), wide(v), attn_mask=mask)
    dq, dk, dv = (torch.zeros_like(x) if dx is None else dx for x, dx in ((q, dq), (k, dk), (v, dv)))
    out, dout = _attention_and_tangent(q, k, v, dq, dk, dv, blocked)
    return make_dual(out, dout)


def _attention_and_tangent(
    q: Tensor, k: Tensor, v: Tensor, dq: Tensor, dk: Tensor, dv: Tensor, blocked: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Apply the rule to blocks of queries, so that a block of the score matrix stays in cache."""
    batch, heads, length, width = q.shape
    flat = [x.reshape(batch * heads, x.shape[2], width) for x in (q / math.sqrt(width), k, v)]
    tangents = [x.reshape(batch * heads, x.shape[2], width) for x in (dq / math.sqrt(width), dk, dv)]
    (q, k, v), (dq, dk, dv) = flat, tangents
    if length <= FEW:
        rows = None if blocked is None else blocked.repeat_interleave(heads, dim=0)
        out, dout = _of_few(q, k, v, dq, dk, dv, rows)
        return out.view(batch, heads, length, width), dout.view(batch, heads, length, width)
    left, right, k = torch.cat((dq, q), dim=-1), torch.cat((k, dk), dim=-1).mT, k.mT
    values, counted = torch.cat((v, dv), dim=-1), torch.cat((v, torch.ones_like(v[..., :1])), dim=-1)
    out, dout = torch.empty_like(q), torch.empty_like(q)
    scratch: dict[torch.Size, tuple[Tensor, Tensor]] = {}
    most = _BLOCK_BYTES.get(q.device.type, _BLOCK_BYTES["cpu"])
    for row, part in _blocks(q.shape[0], length, k.shape[-1] * q.element_size(), most=most):
        shape = torch.Size((*q[row, part].shape[:2], k.shape[-1]))
        if shape not in scratch:
            scratch[shape] = (q.new_empty(shape), q.new_empty(shape))
        scores, weights = scratch[shape]
        torch.bmm(q[row, part], k[row], out=scores)
        if blocked is not None:
            cell = torch.arange(row.start, row.stop, device=q.device) // heads
            scores.masked_fill_(blocked[cell][:, None, :], -math.inf)
        torch.softmax(scores, dim=-1, out=weights)
        both = torch.bmm(weights, values[row])
        torch.bmm(left[row, part], right[row], out=scores)
        moved = torch.bmm(scores.mul_(weights), counted[row])
        out[row, part] = both[..., :width]
        dout[row, part] = both[..., width:] + moved[..., :width] - moved[..., width:] * both[..., :width]
    return out.view(batch, heads, length, width), dout.view(batch, heads, length, width)


def _of_few(
    q: Tensor, k: Tensor, v: Tensor, dq: Tensor, dk: Tensor, dv: Tensor, blocked: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Apply the rule to few queries: their products are small beside a copy of the keys or of the values."""
    scores = torch.bmm(q, k.mT)
    if blocked is not None:
        scores.masked_fill_(blocked[:, None, :], -math.inf)
    weights = torch.softmax(scores, dim=-1)
    moved = torch.baddbmm(torch.bmm(dq, k.mT), q, dk.mT).mul_(weights)
    out = torch.bmm(weights, v)
    return out, torch.baddbmm(torch.bmm(weights, dv), moved, v) - moved.sum(-1, keepdim=True) * out


def _blocks(rows: int, length: int, bytes_per_query: int, *, most: int) -> Iterator[tuple[slice, slice]]:
    """Slices of rows (batch and head) and of queries whose scores take about so many bytes."""
    queries = max(1, min(length, most // bytes_per_query))
    together = max(1, most // (queries * bytes_per_query))
    for start in range(0, rows, together):
        for first in range(0, length, queries):
            yield slice(start, min(rows, start + together)), slice(first, first + queries)


def linear(x: Tensor, layer: nn.Linear) -> Tensor:
    """Linear layer whose forward derivative is one product; torch's own rule adds passes over memory for the bias."""
    return affine(x, layer.weight, layer.bias) if is_dual(x) else layer(x)


def affine(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """As `linear`, by weight (out, in) and bias (out,)."""
    value, tangent = unpack_dual(x)
    found = nn.functional.linear(value, weight, bias)
    return found if tangent is None else make_dual(found, nn.functional.linear(tangent, weight))


def onto(x: Tensor, y: Tensor, layer: nn.Linear) -> Tensor:
    """Sum of `x` and of `layer` of `y`; of dual tensors in one product each, without passes over memory for the sum."""
    (value, moved), (of, dof) = unpack_dual(x), unpack_dual(y)
    if moved is None or dof is None or torch.is_autocast_enabled(x.device.type):
        return x + linear(y, layer)
    found, dfound = (
        torch.addmm(one.flatten(0, -2), other.flatten(0, -2), layer.weight.mT).view(one.shape)
        for one, other in ((value, of), (moved, dof))
    )
    return make_dual(found.add_(layer.bias), dfound)


def by_head(x: Tensor, weight: Tensor) -> Tensor:
    """Map what each head has (B, heads, d) by a matrix of its own (heads, d, out)."""
    value, tangent = unpack_dual(x)
    found = torch.einsum("bhd,hdo->bho", value, weight)
    return found if tangent is None else make_dual(found, torch.einsum("bhd,hdo->bho", tangent, weight))


def through(stack: nn.Module, x: Tensor) -> Tensor:
    """Map by the layers of a `torch.nn.Sequential`, linear ones as `linear` does."""
    for layer in stack.children():
        x = linear(x, layer) if isinstance(layer, nn.Linear) else layer(x)
    return x


def layer_norm(x: Tensor, norm: nn.LayerNorm) -> Tensor:
    """Layer normalisation, with one fused kernel for its forward derivative.

    The Jacobian of the normalisation proper is symmetric, so its forward derivative is what the kernel of the backward
    pass computes; torch's own rule is a dozen passes over memory.
    """
    value, tangent = unpack_dual(x)
    if tangent is None:
        return norm(x)
    value, tangent = wide(value), wide(tangent)  # under autocast what a product gave is narrow
    shape = norm.normalized_shape
    out, mean, scale = torch.native_layer_norm(value, shape, norm.weight, norm.bias, norm.eps)
    moved, _, _ = torch.ops.aten.native_layer_norm_backward(
        tangent.contiguous(), value, shape, mean, scale, None, None, [True, False, False]
    )
    return make_dual(out, moved.mul_(norm.weight))


def value_and_tangent(function: Callable[[Tensor], Tensor], values: Tensor, direction: Tensor) -> tuple[Tensor, Tensor]:
    """Evaluate a function and its derivative along one direction in a single pass.

    Parameters
    ----------
    function
        Maps (B, L) to a tensor, row by row; its attention goes through `attention`.
    values
        Where (B, L).
    direction
        Direction of the derivative (B, L).

    Returns
    -------
    value, tangent
        Both of the shape of ``function(values)``.
    """
    with torch.no_grad(), dual_level():
        value, tangent = unpack_dual(function(make_dual(values, direction)))
        return value.clone(), torch.zeros_like(value) if tangent is None else tangent.clone()


def wide(x: Tensor) -> Tensor:
    """Return numbers of half the width in float32; others as they are."""
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
