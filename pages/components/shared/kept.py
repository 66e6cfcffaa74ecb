"""What sessions of the server share: made once, changed by nobody, and had by those of one home alone.

These are the only caches of pages: what a function was asked of is told apart by the home in which it was asked, but
for what ships with the product, which is the same in all of them. Tables and arrays are loaded where one is kept, not
before: what the first page shows at once has none (`pages.components.shared.warm`).
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import partial, wraps
from inspect import Parameter, signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

import streamlit as st

from grn_core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def kept(*, max_entries: int, show_spinner: bool | str = False) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what a function returns for all sessions of a home, and so that none can change it for the others.

    Parameters
    ----------
    max_entries
        The last so many are kept.
    show_spinner
        What is said while it is made.

    Returns
    -------
    callable
        A decorator: `st.cache_resource`, whose values are handed out without a copy, of `unchangeable` values.
    """
    return partial(_kept, _home, max_entries=max_entries, show_spinner=show_spinner)


def kept_of_release(
    *, max_entries: int, show_spinner: bool | str = False
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what a function returns once for all homes: it must read what ships, and what its arguments name, alone.

    Parameters
    ----------
    max_entries, show_spinner
        As in `kept`.

    Returns
    -------
    callable
        A decorator as of `kept`.
    """
    return partial(_kept, _nobodys, max_entries=max_entries, show_spinner=show_spinner)


def copied(
    *, max_entries: int, ttl: float | None = None, show_spinner: bool | str = False
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what a function returns for all sessions of a home, each of which gets a copy of its own.

    Parameters
    ----------
    max_entries, show_spinner
        As in `kept`.
    ttl
        Seconds after which it is made again.

    Returns
    -------
    callable
        A decorator: `st.cache_data`.
    """

    def decorate(make: Callable[P, T]) -> Callable[P, T]:
        held = st.cache_data(max_entries=max_entries, ttl=ttl, show_spinner=show_spinner)(_by_home(make))

        @wraps(make)
        def handed_out(*args: P.args, **options: P.kwargs) -> T:
            return held(_home(), *args, **options)

        return handed_out

    return decorate


def _kept(
    whose: Callable[[], str], make: Callable[P, T], *, max_entries: int, show_spinner: bool | str
) -> Callable[P, T]:
    """Return a function whose unchangeable values are kept, told apart by whose they are."""

    def made(*args: P.args, **options: P.kwargs) -> T:
        return unchangeable(make(*args, **options))

    held = st.cache_resource(max_entries=max_entries, show_spinner=show_spinner)(_by_home(wraps(make)(made)))

    @wraps(make)
    def handed_out(*args: P.args, **options: P.kwargs) -> T:
        import pandas as pd

        value = held(whose(), *args, **options)
        return cast("T", value.copy(deep=False)) if isinstance(value, pd.DataFrame) else value

    return handed_out


def _nobodys() -> str:
    return ""


def _home() -> str:
    return str(settings().home)


def _by_home(make: Callable[P, T]) -> Callable[..., T]:
    """Return a function that is given the home in which it is asked as well: its values are told apart by that."""

    @wraps(make)
    def made(home: str, *args: P.args, **options: P.kwargs) -> T:  # noqa: ARG001
        return make(*args, **options)

    own = signature(make)
    first = Parameter("home", Parameter.POSITIONAL_OR_KEYWORD)
    made.__signature__ = own.replace(parameters=[first, *own.parameters.values()])  # type: ignore[attr-defined]
    return made


def unchangeable(value: T) -> T:
    """Return a value whose arrays and tables are read-only; writing to them is a `ValueError`.

    Parameters
    ----------
    value
        Arrays, tables, graphs, and mappings, tuples and dataclasses of such; anything else is returned as it is. A
        shallow copy of a table takes other columns, and keeps them to itself.
    """
    import numpy as np
    import pandas as pd

    found: Any = value
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    elif isinstance(value, pd.DataFrame):
        found = pd.DataFrame({name: _column(value[name]) for name in value}, index=value.index, copy=False)
        found.attrs = value.attrs
    elif isinstance(value, dict):
        found = MappingProxyType({name: unchangeable(part) for name, part in value.items()})
    elif type(value) is tuple:
        found = tuple(unchangeable(part) for part in found)
    elif is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: getattr(value, part.name) for part in fields(value) if part.init}
        read_only = {name: unchangeable(part) for name, part in parts.items()}
        changed = {name: part for name, part in read_only.items() if part is not parts[name]}
        found = replace(found, **changed) if changed else value
    elif hasattr(value, "add_edges_from"):
        import networkx as nx

        found = nx.freeze(found)
    return cast("T", found)


def _column(values: Any) -> Any:
    """Return the values of a column, read-only; of types that cannot be so, as objects."""
    import numpy as np
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy(copy=True)
        codes.flags.writeable = False
        return pd.Categorical.from_codes(codes, dtype=values.dtype)
    array = values.to_numpy(dtype=values.dtype if isinstance(values.dtype, np.dtype) else object).view()
    array.flags.writeable = False
    return array
