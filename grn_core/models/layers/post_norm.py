"""The parts that scGPT and scBenchmark share: the post-norm layer and the small stacks around the layers.

Names of modules are those of the tensors in the published files.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from grn_core.models.layers.stack import LayerList
from grn_core.models.layers.tangent import affine, attention, layer_norm, linear, onto

HIGHEST_VALUE = 512.0


class SelfAttention(nn.Module):
    """Projections of self-attention in torch's layout: rows of queries, keys and values, head after head in each."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.in_proj_weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(3 * width, width)))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)


class PostNormLayer(nn.Module):
    """Transformer layer that normalises after each residual sum: ``LN(x + attention)``, then ``LN(x + feed-forward)``.

    The feed-forward part has a ReLU. Dropout is left out: the network is only ever read.
    """

    def __init__(self, width: int, heads: int, feedforward: int) -> None:
        super().__init__()
        self.heads = heads
        self.self_attn = SelfAttention(width)
        self.linear1 = nn.Linear(width, feedforward)
        self.linear2 = nn.Linear(feedforward, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)

    def joint(self, x: Tensor) -> Tensor:
        """Queries, keys and values side by side (B, tokens, 3 D) of tokens (B, tokens, D)."""
        return affine(x, self.self_attn.in_proj_weight, self.self_attn.in_proj_bias)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys, values (B, heads, tokens, d) of tokens (B, tokens, D)."""
        parts = self.joint(x).chunk(3, dim=-1)
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        return query, key, value

    def finish(self, x: Tensor) -> Tensor:
        """Normalise what was read onto tokens (B, tokens, D), add the feed-forward part and normalise."""
        x = layer_norm(x, self.norm1)
        return layer_norm(onto(x, torch.relu(linear(x, self.linear1)), self.linear2), self.norm2)

    def forward(self, x: Tensor, blocked: Tensor | None) -> Tensor:
        """Map tokens (B, L, D) to tokens; those that are `blocked` (B, L) read but are not read."""
        return self.finish(onto(x, merge(attention(*self.project(x), blocked)), self.self_attn.out_proj))


class ClsNetwork(nn.Module, ABC):
    """A network of such layers whose sequence is ``<cls>`` and then the genes."""

    @property
    @abstractmethod
    def layers(self) -> LayerList[PostNormLayer]:
        """The transformer layers in their order."""

    @abstractmethod
    def genes(self, ids: Tensor) -> Tensor:
        """Gene embeddings (..., D) of ids (...)."""

    @abstractmethod
    def tokens(self, gene: Tensor, values: Tensor) -> Tensor:
        """Tokens (B, L, D) that enter the first layer, from gene embeddings (B, L, D) and values (B, L)."""


def merge(heads: Tensor) -> Tensor:
    """Put the heads (B, heads, tokens, d) of each token side by side: (B, tokens, D)."""
    return heads.transpose(1, 2).flatten(2)


def three_layers(width_in: int, width: int, width_out: int) -> nn.Sequential:
    """Three linear maps with leaky ReLUs (slope 0.01) between them."""
    return nn.Sequential(
        nn.Linear(width_in, width), nn.LeakyReLU(), nn.Linear(width, width), nn.LeakyReLU(), nn.Linear(width, width_out)
    )


def as_level(values: Tensor, like: Tensor) -> Tensor:
    """Values (B, L) as input of a value encoder, (B, L, 1): cut off above 512, in the type of the weights `like`."""
    return values.to(like.dtype)[..., None].clamp(max=HIGHEST_VALUE)


def inner_product(queries: Tensor, cell: Tensor) -> Tensor:
    """Inner products (B, L) of gene queries (B, L, D) with the state of their cell (B, D)."""
    return torch.matmul(queries, cell[..., None]).squeeze(-1)
