"""Types of arguments that name something: a blank one is refused, where a path would be the working folder."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

from grn_core.arguments import refuse_blank
from grn_core.errors import RequestError


def a_name(text: str) -> str:
    """Return a name or a path as it was given; `ArgumentTypeError` for a blank one."""
    try:
        return refuse_blank(text)
    except RequestError as error:
        raise ArgumentTypeError(str(error)) from error


def a_path(text: str) -> Path:
    """Return the path that was given; `ArgumentTypeError` for a blank one."""
    return Path(a_name(text))
