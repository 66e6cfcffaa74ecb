"""Which extractors there are; reading it needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

PAPER = "Towards Universal Gene Regulatory Network Inference, arXiv 2605.08128"


@dataclass(frozen=True)
class ExtractorRecord:
    """What an extractor is.

    Attributes
    ----------
    name, title, description, limits, reference
        For menus and docs.
    needs_value, needs_tangent
        Which part of the joint pass it reads.
    """

    name: str
    title: str
    description: str
    limits: str
    reference: str
    needs_value: bool
    needs_tangent: bool


EXTRACTORS = {
    "vvp": ExtractorRecord(
        name="vvp",
        title="Virtual Value Perturbation",
        description="Response curve of the target when the TF alone is set to eight levels in a virtual cell.",
        limits="One number per level; says nothing of combinations of TFs.",
        reference=PAPER,
        needs_value=True,
        needs_tangent=False,
    ),
    "gdt": ExtractorRecord(
        name="gdt",
        title="Gradient Trajectory",
        description="Exact slope of the target with respect to the TF at eight levels of the TF.",
        limits="Local by definition; a step between two levels can be missed.",
        reference=PAPER,
        needs_value=False,
        needs_tangent=True,
    ),
}
