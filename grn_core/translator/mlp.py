"""An ensemble of small MLPs, one a seed, evaluated together."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn


class TranslatorMLP(nn.Module):
    """Pair feature -> logit, for several seeds at once.

    Parameters
    ----------
    n_seeds
        Number of independent MLPs.
    n_features
        Length of the pair feature.
    hidden
        Widths of the hidden layers; none for a linear translator.

    Notes
    -----
    Buffers ``mean`` and ``sd`` (n_features,) are the statistics of the training pairs by which features are
    standardised; standardised features are clipped to +-`CLIP` so that a pair far from all training pairs gets an
    extreme logit, not an absurd one.
    """

    CLIP = 8.0
    mean: Tensor
    sd: Tensor

    def __init__(self, n_seeds: int, n_features: int, hidden: tuple[int, ...] = (32, 32)) -> None:
        super().__init__()
        widths = (n_features, *hidden, 1)
        self.weights = nn.ParameterList(
            nn.Parameter(torch.randn(n_seeds, a, b) * (2.0 / a) ** 0.5) for a, b in pairwise(widths)
        )
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(n_seeds, 1, b)) for b in widths[1:])
        self.register_buffer("mean", torch.zeros(n_features))
        self.register_buffer("sd", torch.ones(n_features))

    @property
    def n_features(self) -> int:
        """Length of a pair's feature."""
        return len(self.mean)

    def forward(self, features: Tensor) -> Tensor:
        """Map features (seeds or 1, pairs, n_features) to logits (seeds, pairs)."""
        x = self.standardised(features)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = torch.matmul(x, weight) + bias
            if layer + 1 < len(self.weights):
                x = nn.functional.gelu(x)
        return x.squeeze(-1)

    def standardised(self, features: Tensor) -> Tensor:
        """Features (..., n_features) as the first layer reads them."""
        return ((features - self.mean) / self.sd).clamp(-self.CLIP, self.CLIP)

    def set_statistics(self, features: Tensor) -> None:
        """Take mean and sd from training features (..., n_features)."""
        flat = features.reshape(-1, features.shape[-1])
        self.mean.copy_(flat.mean(0))
        self.sd.copy_(flat.std(0).clamp_min(1e-8))
