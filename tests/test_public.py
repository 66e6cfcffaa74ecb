"""What stands in the documentation of the public functions: every parameter, what comes back, and what is raised."""

from __future__ import annotations

import inspect
import re

import pytest

import grn_core as grn

PUBLIC = [name for name in grn.__all__ if callable(getattr(grn, name))]


def sections(text: str) -> dict[str, str]:
    """Return the parts of a numpydoc text by their headings."""
    parts = re.split(r"^([A-Z]\w+)\n-+\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_function_says_what_it_takes_returns_and_raises(name):
    function = getattr(grn, name)
    told = sections(inspect.getdoc(function))
    returns = set() if inspect.signature(function).return_annotation in (None, "None") else {"Returns"}
    assert {"Parameters", "Raises"} | returns <= told.keys()
    named = re.findall(r"^(\w[\w, ]*)$", told["Parameters"], flags=re.MULTILINE)
    assert {one for line in named for one in line.split(", ")} == set(inspect.signature(function).parameters)
