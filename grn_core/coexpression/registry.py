"""Which co-expression methods there are; reading it needs no scikit-learn."""

from __future__ import annotations

from grn_core.coexpression import genie3, grnboost2, mutual_information, partial, pearson, spearman
from grn_core.coexpression.records import CoexpressionMethod
from grn_core.errors import RequestError

METHODS: dict[str, CoexpressionMethod] = {
    record.name: record
    for record in (
        pearson.RECORD,
        spearman.RECORD,
        partial.RECORD,
        mutual_information.RECORD,
        *genie3.RECORDS,
        grnboost2.RECORD,
    )
}


def find_method(name: str) -> CoexpressionMethod:
    """Return the record of a method; `RequestError` if there is none of that name."""
    if name not in METHODS:
        message = f"there is no co-expression method {name!r}"
        raise RequestError(message, needed=f"one of {', '.join(METHODS)}", todo="choose one of them")
    return METHODS[name]
