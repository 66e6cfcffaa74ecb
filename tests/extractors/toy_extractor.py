"""An extractor as one module: the target's mean value over the levels of the source."""

from __future__ import annotations

from grn_core.extractors.records import ExtractorRecord, one_number


def mean_value(value):
    """(S, M, L) -> (S, L, 1)."""
    return value.mean(1)[..., None]


TOY = ExtractorRecord(
    name="toy",
    label="Toy",
    title="Mean value",
    description="The target's mean value over the levels of the TF.",
    limits="For tests.",
    reference="none",
    asks="levels",
    needs=("value",),
    read=lambda answers: mean_value(answers.value),
    length=one_number,
)
