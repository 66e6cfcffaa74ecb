"""Virtual Value Perturbation: ``e_ij[m] = M(v(i <- p_m))_j - M(v(i <- v_b))_j``."""

from __future__ import annotations

from torch import Tensor


def response(value: Tensor, baseline: Tensor) -> Tensor:
    """Response curves from the values of one joint pass.

    Parameters
    ----------
    value
        (S, M, L): reconstruction with source s at level m.
    baseline
        (S, L) or (1, L): reconstruction with source s at the background.

    Returns
    -------
    Tensor
        (S, L, M): row = source, column = target; model units. Source: arXiv 2605.08128.
    """
    return (value - baseline[:, None, :]).transpose(1, 2)
