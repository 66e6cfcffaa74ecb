"""What a public function is called with, held against its annotations: words of ours for what no function can take.

A plain string is one name wherever names are wanted: it is never taken apart into letters.
"""

from __future__ import annotations

import numbers
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, TypeVar

import numpy as np

from grn_core.errors import DataError, RequestError
from grn_core.in_words import short

P = ParamSpec("P")
R = TypeVar("R")
SHOWN = 60


@dataclass(frozen=True)
class Kind:
    """What an annotation stands for.

    Attributes
    ----------
    words
        What is needed, for people.
    holds
        Whether a value is of it.
    made
        What the function is handed.
    """

    words: str
    holds: Callable[[Any], bool]
    made: Callable[[Any], Any] = lambda value: value


def _of(*names: str) -> Callable[[Any], bool]:
    """Tell by the names of its classes what a value is, without loading what defines them."""
    return lambda value: bool({one.__name__ for one in type(value).__mro__}.intersection(names))


def _are(part: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def are(value: object) -> bool:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
            return False
        return getattr(value, "ndim", 1) == 1 and _all(value, part)

    return are


def _all(values: Iterable[Any], part: Callable[[Any], bool]) -> bool:
    return iter(values) is values or all(map(part, values))  # what can be gone through once is left to the function


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_)


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)


def _is_group(value: object) -> bool:
    if not isinstance(value, tuple | list) or len(value) != 2:
        return False
    return isinstance(value[0], str) and (isinstance(value[1], str) or _are(_is_label)(value[1]))


def _is_label(value: object) -> bool:
    return isinstance(value, str | bool | np.bool_ | numbers.Real)


def _names(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _labels(value: Any) -> Any:
    return value[0], tuple(map(str, _names(value[1])))


_NAMES = Kind("names, e.g. ['SPI1', 'GATA1']", lambda value: _is_text(value) or _are(_is_text)(value), _names)
_EDGES = Kind("a table of edges, of grn.infer or grn.read_network", _of("DataFrame"))
_CALLED = Kind("a function", callable)
KINDS = {
    "None": Kind("None", lambda value: value is None),
    "str": Kind("a text", _is_text),
    "Path": Kind("a path", lambda value: isinstance(value, os.PathLike)),
    "bool": Kind("True or False", lambda value: isinstance(value, bool | np.bool_), bool),
    "int": Kind("a whole number", _is_whole, int),
    "float": Kind("a number", _is_number, float),
    "np.ndarray": Kind(
        "an array of True and False, one a cell",
        lambda value: not isinstance(value, str) and np.ndim(value) == 1 and np.asarray(value).dtype == bool,
        np.asarray,
    ),
    "Dataset": Kind("a dataset, of grn.read or grn.demo", _of("Dataset")),
    "GenePanel": Kind("a panel of genes, of data.panel() or grn.genes_only", _of("GenePanel")),
    "FoundationModel": Kind(
        "a model, of grn.load_model", lambda value: hasattr(value, "record") and hasattr(value, "vocabulary")
    ),
    "pd.DataFrame": _EDGES,
    "Mapping[str, pd.DataFrame]": Kind(
        "networks by their names, e.g. {'mine': edges, 'other': others}",
        lambda value: isinstance(value, Mapping) and _all(value, _is_text) and _all(value.values(), _EDGES.holds),
    ),
    "Sequence[str]": _NAMES,
    "Iterable[str]": _NAMES,
    "Collection[str]": _NAMES,
    "Sequence[int]": Kind("whole numbers, e.g. (0, 1)", _are(_is_whole), lambda value: tuple(map(int, value))),
    "Sequence[float]": Kind("numbers, e.g. (0.5, 1)", _are(_is_number)),
    "tuple[str, Iterable[str]]": Kind(
        "a column of the cells and its values, e.g. ('cell_type', ['B cell'])", _is_group, _labels
    ),
    "Adaptation": Kind("an adaptation, of grn_core.adapt", _of("Adaptation")),
    "InCells": Kind("cells of a dataset, grn_core.coexpression.InCells(data, cells)", _of("InCells")),
    "Executor": Kind("an executor, of grn_core.executors", lambda value: not isinstance(value, str | numbers.Number)),
    "Progress": _CALLED,
    "Callable[[str], object]": _CALLED,
}
"""Annotation -> what may stand there."""


def refuse_blank(text: str) -> str:
    """Return the text of a name or a path as it is; `RequestError` where it is blank: as a path it were a folder."""
    if not text.strip():
        message = f"{text!r} names nothing"
        raise RequestError(message, needed="a name or a path", todo="give one, or leave it out")
    return text


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that refuses, in words, what is of none of the kinds in its annotations.

    Parameters
    ----------
    function
        Its annotations are of `KINDS`, alone or with ``|`` between them.
    """
    form = signature(function)
    kinds = {name: kinds_of(one) for name, one in form.parameters.items()}

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        given = form.bind(*args, **kwargs)
        for name, value in given.arguments.items():
            given.arguments[name] = _taken(function.__name__, name, value, kinds[name])
        return function(*given.args, **given.kwargs)

    return asked


def kinds_of(parameter: Parameter) -> tuple[str, ...]:
    """Return the annotations that a parameter may have, as they are written."""
    depth, parts = 0, [""]
    for sign in str(parameter.annotation):
        depth += (sign in "[(") - (sign in "])")
        if sign == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return tuple(part.strip() for part in parts)


def _refuse_twice(table: Any, *, given: str) -> None:
    """Refuse a table with several columns of one name: whoever asks for the column gets all of them."""
    if _EDGES.holds(table) and not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        message = f"{given}, which has several columns called {short(twice)}"
        raise DataError(message, needed="one of each name", todo="leave the others out")


def _taken(function: str, name: str, value: object, kinds: tuple[str, ...]) -> object:
    if "Path" in kinds and isinstance(value, str | os.PathLike) and not str(value).strip():
        message = f"grn.{function} was given {str(value)!r} as {name}, which names nothing"
        raise RequestError(message, needed="a name or a path", todo="give one, or leave it out")
    found = next((KINDS[kind] for kind in kinds if KINDS[kind].holds(value)), None)
    if found is not None:
        for table in value.values() if isinstance(value, Mapping) else (value,):
            _refuse_twice(table, given=f"grn.{function} was given a table as {name}")
        return found.made(value)
    shown = repr(value) if isinstance(value, str | numbers.Number | None | list | tuple | dict) else ""
    shown = f"{shown[:SHOWN]} ({type(value).__name__})" if shown else f"a {type(value).__name__}"
    needed = " or ".join(dict.fromkeys(KINDS[kind].words for kind in kinds))
    todo = "take one of it first: data.panel()" if type(value).__name__ == "Dataset" else "give one"
    if isinstance(value, str | os.PathLike) and "Dataset" in kinds:
        todo = "read the file first: grn.read(path)"
    message = f"grn.{function} was given {shown} as {name}"
    raise RequestError(message, needed=needed, todo=todo)
