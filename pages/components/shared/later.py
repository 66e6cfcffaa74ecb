"""What is made only when it is asked for, after the page was drawn: in the home that the page was drawn in."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from grn_core.settings import at_home, settings

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def later(make: Callable[P, T]) -> Callable[P, T]:
    """Return a function that works in the present home, in whatever thread it is called.

    Streamlit makes the file of a download in a thread that belongs to no session.
    """
    home = settings().home

    @wraps(make)
    def made(*args: P.args, **options: P.kwargs) -> T:
        with at_home(home):
            return make(*args, **options)

    return made
