"""Which extractors there are; reading it needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grn_core.errors import RequestError

if TYPE_CHECKING:
    from grn_core.models.record import ModelRecord

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


def check_extractors(model: ModelRecord, extractors: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names of extractors; refuse those that there are not, or that the model cannot serve.

    Parameters
    ----------
    model
        Record of the foundation model.
    extractors
        Names out of `EXTRACTORS`, or one of them.

    Raises
    ------
    RequestError
        It names them, and why the model has none.
    """
    extractors = (extractors,) if isinstance(extractors, str) else tuple(extractors)
    unknown = [name for name in extractors if name not in EXTRACTORS]
    if unknown or not extractors:
        message = f"there is no extractor {', '.join(map(repr, unknown))}" if unknown else "no extractor was named"
        needed = f"one or more of {', '.join(EXTRACTORS)}"
        raise RequestError(message, needed=needed, todo="correct the names of the methods")
    closed = [EXTRACTORS[name].title for name in extractors if name not in model.extractors]
    if closed:
        message = f"{' and '.join(closed)} are not available with {model.title}: {model.unavailable}"
        needed = f"a model that takes values, or the readouts {', '.join(model.readouts)} without an extractor"
        raise RequestError(message, needed=needed, todo="choose another model, or one of these readouts")
    return extractors
