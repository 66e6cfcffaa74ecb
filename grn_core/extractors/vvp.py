"""Virtual Value Perturbation: ``e_ij[m] = M(v(i <- p_m))_j - M(v(i <- v_b))_j``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grn_core.extractors.records import PAPER, ExtractorRecord, one_per_level

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def rises(features: np.ndarray, levels: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of response curves from level to level, within each member of the readout.

    Parameters
    ----------
    features
        (N, members x M): response curves.
    levels
        M levels, ascending, model units.

    Returns
    -------
    slopes, reach
        (N, members x (M - 1)), dimensionless; the distance between the two levels of each (members x (M - 1),).
    """
    steps = np.diff(np.asarray(levels, dtype=np.float64))
    slopes = np.diff(features.reshape(len(features), -1, len(levels)).astype(np.float64)) / steps
    return slopes.reshape(len(features), -1), np.tile(steps, slopes.shape[1])


VVP = ExtractorRecord(
    name="vvp",
    label="VVP",
    title="Virtual Value Perturbation",
    description="Response curve of the target when the TF alone is set to eight levels in a virtual cell.",
    limits="One number per level; says nothing of combinations of TFs.",
    reference=PAPER,
    asks="levels",
    needs=("value",),
    read=lambda answers: response(answers.value, answers.baseline),
    length=one_per_level,
    slopes=rises,
)
