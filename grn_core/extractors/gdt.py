"""Gradient Trajectory: ``e_ij[t] = dM(v)_j / dv_i`` at ``v = v(i <- b_t)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.extractors.records import PAPER, ExtractorRecord, one_per_level

if TYPE_CHECKING:
    from torch import Tensor


def slopes(tangent: Tensor) -> Tensor:
    """Gradient trajectories from the tangents of one joint pass.

    Parameters
    ----------
    tangent
        (S, T, L): derivative of every gene with respect to source s at level t.

    Returns
    -------
    Tensor
        (S, L, T): row = source, column = target; dimensionless. Source: arXiv 2605.08128.
    """
    return tangent.transpose(1, 2)


GDT = ExtractorRecord(
    name="gdt",
    label="GDT",
    title="Gradient Trajectory",
    description="Exact slope of the target with respect to the TF at eight levels of the TF.",
    limits="Local by definition; a step between two levels can be missed.",
    reference=PAPER,
    asks="levels",
    needs=("tangent",),
    read=lambda answers: slopes(answers.tangent),
    length=one_per_level,
    slopes=lambda features, levels: (features, float(max(levels) - min(levels))),
)
