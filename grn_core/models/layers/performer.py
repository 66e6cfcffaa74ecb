"""The Performer's layer: attention through random features of the softmax kernel, in time linear in the tokens.

It is made of plain torch operations, all of which have a forward derivative.

In scFoundation's published code the features of the keys are scaled by one maximum over the whole batch. Because of
the small constant that is then added, the result of a cell depends on the cells beside it. Here the maximum is each
cell's own: exactly the published result of one cell at a time, whatever the batch.

Source: Choromanski et al., "Rethinking attention with Performers", ICLR 2021.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from grn_core.models.layers.post_norm import merge
from grn_core.models.layers.tangent import layer_norm

FEATURE_FLOOR = 1e-4
# What shares the maximum of the keys: heads, positions and features of a cell, not the cells.
KEY_DIMS = (-3, -2, -1)


class PerformerLayer(nn.Module):
    """Pre-norm layer: ``x + attention(LN(x))``, then ``x + feed-forward(LN(x))``; every position reads every one."""

    projection_matrix: Tensor

    def __init__(self, width: int, heads: int, head_width: int) -> None:
        super().__init__()
        self.heads = heads
        inner = heads * head_width
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, inner) for _ in range(3))
        self.to_out = nn.Linear(inner, width)
        self.w1, self.w2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.register_buffer("projection_matrix", orthogonal_features(head_width))

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (B, L, D) to tokens."""
        normed = layer_norm(x, self.norm1)
        query, key, value = (
            project(normed).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for project in (self.to_q, self.to_k, self.to_v)
        )
        x = x + self.to_out(merge(linear_attention(query, key, value, self.projection_matrix)))
        return x + self.w2(nn.functional.gelu(self.w1(layer_norm(x, self.norm2))))


def linear_attention(query: Tensor, key: Tensor, value: Tensor, projection: Tensor) -> Tensor:
    """Attention with random features in place of the softmax, in time proportional to the number of tokens.

    Parameters
    ----------
    query, key, value
        (B, heads, L, d).
    projection
        (M, d) random directions.

    Returns
    -------
    Tensor
        (B, heads, L, d).
    """
    query = random_features(query, projection, dims=(-1,))
    key = random_features(key, projection, dims=KEY_DIMS)
    return (query @ (key.mT @ value)) / (query @ key.sum(dim=-2)[..., None])


def random_features(x: Tensor, projection: Tensor, *, dims: tuple[int, ...]) -> Tensor:
    """Positive random features (B, heads, L, M) of the softmax kernel; `dims` are those that share one maximum."""
    scale = x.shape[-1] ** -0.25
    along = (scale * x) @ projection.mT
    length = x.square().sum(dim=-1, keepdim=True) * (scale**2 / 2)
    grown = torch.exp(along - length - along.amax(dim=dims, keepdim=True))
    return len(projection) ** -0.5 * (grown + FEATURE_FLOOR)


def orthogonal_features(width: int) -> Tensor:
    """Draw random directions (int(d ln d), d): orthogonal in blocks of d, each as long as a Gaussian vector."""
    count = max(1, int(width * math.log(width)))
    blocks = [torch.linalg.qr(torch.randn(width, width)).Q for _ in range(-(-count // width))]
    return torch.cat(blocks)[:count] * torch.randn(count, width).norm(dim=1, keepdim=True)
