"""What a co-expression method is; reading it needs no scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

STAGE = "co-expression"


@dataclass(frozen=True)
class CoexpressionMethod:
    """A way to score TF-target pairs from measured cells alone.

    Attributes
    ----------
    name, title, description, limits, reference
        For menus and docs.
    signed
        Whether a score says activation (above 0) or repression (below 0).
    directed
        Whether source -> target and target -> source can score differently.
    seeded
        Whether random draws take part; `function` then also takes ``names`` and ``seed``.
    function
        ``function(expression, sources, *, progress)``: expression (cells, genes) float64 log1p(CP10k), in which every
        gene varies, and S positions of the sources; returns (S, genes), row = source, column = target. What stands
        where a source meets itself means nothing.
    """

    name: str
    title: str
    description: str
    limits: str
    reference: str
    signed: bool
    directed: bool
    seeded: bool
    function: Callable[..., np.ndarray] = field(repr=False)
