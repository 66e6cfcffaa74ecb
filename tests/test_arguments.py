"""Law: a public function says in words what it needs, whatever it is called with, and takes no name apart."""

from __future__ import annotations

import inspect
from itertools import product

import numpy as np
import pandas as pd
import pytest

import grn_core as grn
from grn_core.arguments import KINDS, checked, kinds_of
from grn_core.errors import DataError, GrnError, RequestError

FUNCTIONS = [name for name in grn.__all__ if callable(getattr(grn, name))]
WRONG = {
    "None": None,
    "a text": "x",
    "a number": 7.5,
    "a whole number": 3,
    "yes": True,
    "a table": pd.DataFrame({"a": [1]}),
    "numbers": [1, 2],
    "bytes": b"SPI1",
    "a mapping": {"a": 1},
    "nothing": object(),
    "a class": int,
    "a series": pd.Series([1.5]),
    "a table of words": pd.DataFrame({"a": ["x"]}),
}


def of(annotation):
    return [
        pytest.param(name, parameter, id=f"{name}-{parameter.name}")
        for name in FUNCTIONS
        for parameter in inspect.signature(getattr(grn, name)).parameters.values()
        if annotation in kinds_of(parameter)
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_of_every_parameter_it_is_known_what_it_takes(name):
    for parameter in inspect.signature(getattr(grn, name)).parameters.values():
        assert set(kinds_of(parameter)) <= set(KINDS), f"{name}({parameter.name}): {parameter.annotation}"
    assert getattr(grn, name) is getattr(grn, name)
    assert getattr(grn, name).__doc__


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_no_function_can_take_is_refused_in_words(name):
    """Each parameter in turn is given what none of its kinds is; the function itself is never reached."""
    public = getattr(grn, name)
    parameters = inspect.signature(public).parameters.values()
    for parameter, wrong in product(parameters, WRONG):
        if any(KINDS[kind].holds(WRONG[wrong]) for kind in kinds_of(parameter)):
            continue
        with pytest.raises(GrnError) as refused:
            checked(stub(public))(**{parameter.name: WRONG[wrong]})
        assert parameter.name in refused.value.found
        assert refused.value.needed
        assert refused.value.todo


def stub(public):
    """A function of the same parameters, all of them optional, that must not be reached."""

    def reached(**given):
        pytest.fail(f"{given} was taken")

    form = inspect.signature(public)
    optional = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY, default=None) for one in form.parameters.values()]
    reached.__signature__ = form.replace(parameters=optional)
    return reached


@pytest.mark.parametrize(("name", "parameter"), [*of("pd.DataFrame"), *of("Mapping[str, pd.DataFrame]")])
@pytest.mark.parametrize("column", ["source", "probability", "of mine"])
def test_a_table_with_two_columns_of_one_name_is_refused(name, parameter, column):
    """Whatever the column is: pandas hands out both where one is asked for, and fails somewhere later."""
    edges = pd.DataFrame({"source": ["A"], "target": ["B"], "score": [1.0], "probability": [0.5], "of mine": [1]})
    given = pd.concat([edges, edges[[column]]], axis=1)
    tables = {"one": edges, "two": given} if "Mapping[str, pd.DataFrame]" in kinds_of(parameter) else given
    with pytest.raises(DataError, match=f"as {parameter.name}, which has several columns called {column}"):
        checked(stub(getattr(grn, name)))(**{parameter.name: tables})


@pytest.mark.parametrize(("name", "parameter"), [*of("Sequence[str]"), *of("Iterable[str]"), *of("Collection[str]")])
def test_a_plain_text_is_one_name(name, parameter):
    taken = {}
    public = stub(getattr(grn, name))

    def reached(**given):
        taken.update(given)

    reached.__signature__ = inspect.signature(public)
    checked(reached)(**{parameter.name: "SPI1"})
    assert taken == {parameter.name: "SPI1" if "str" in kinds_of(parameter) else ("SPI1",)}


def test_a_group_of_one_value_may_be_a_text():
    kind = KINDS["tuple[str, Iterable[str]]"]
    assert kind.holds(("ct", "a,b"))
    assert kind.made(("ct", "a,b")) == ("ct", ("a,b",))
    assert kind.made(["num", [0, 1]]) == ("num", ("0", "1"))
    assert not kind.holds(("ct", None))
    assert not kind.holds("ct")


@pytest.mark.parametrize("given", [None, pd.DataFrame(), "cells.h5ad"])
def test_infer_says_what_it_takes(given):
    with pytest.raises(RequestError, match=r"a dataset, of grn.read or grn.demo"):
        grn.infer(given)


def test_numbers_of_numpy_are_numbers_and_masks_are_of_yes_and_no():
    assert KINDS["int"].made(np.int64(3)) == 3
    assert type(KINDS["int"].made(np.int64(3))) is int
    assert KINDS["np.ndarray"].holds([True, False])
    assert not KINDS["np.ndarray"].holds([0, 1])
    assert not KINDS["int"].holds(True)
    assert not KINDS["float"].holds("0.5")
