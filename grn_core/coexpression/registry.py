"""Which co-expression methods there are; reading it needs no scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping

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


def resolved(name: str, given: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return every option of a method with its value: the given one, else the default.

    Raises
    ------
    RequestError
        There is no such method, it has no option of that name, or the value is below 1.
    """
    options = {option.name: option.default for option in find_method(name).options}
    for option, value in (given or {}).items():
        if option not in options:
            message = f"the method {name} has no option {option!r}"
            raise RequestError(
                message, needed=f"one of {', '.join(options)}" if options else "none", todo="leave it out"
            )
        if value < 1:
            message = f"{option} is {value}"
            raise RequestError(message, needed="a whole number from 1 up", todo="choose another value")
        options[option] = int(value)
    return options
