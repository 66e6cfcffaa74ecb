"""The columns of a table of scored edges: types and order. `grn_core.networks.edge_table` stands on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_object_dtype

from grn_core.errors import DataError
from grn_core.in_words import counted, short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

NAMES = ("source", "target", "source_id", "target_id", "source_symbol", "target_symbol")
NUMBERS = {
    "score": "float64",
    "probability": "float32",
    "sign": "int8",
    "sign_agreement": "float32",
    "uncertainty": "float32",
    "rank": "int64",
    "percentile": "float64",
}
OPTIONAL = ("probability", "sign_agreement", "uncertainty")
COLUMNS = (*NAMES[:2], *NUMBERS, *NAMES[2:])
"""Columns in their order.

``source``, ``target``: labels, the names that results show. ``source_id``, ``target_id``: ids in the user's data,
``""`` where it has none. ``source_symbol``, ``target_symbol``: canonical human symbols, by which results are matched.
``score``: in the method's own unit, the higher the better. ``probability``: that it is an edge of the
translator's reference, 0 to 1, corrected for how rare edges are. ``sign``: +1 activation, -1
repression, 0 no sign. ``sign_agreement``: share of what was asked that has this sign; 0 where there is no sign.
``uncertainty``: standard deviation of the probability over seeds (and over data sets where measured, see
`grn_core.translator.curves`), or over seeds of the score where there is none; of the points over runs. A single seed
has none.
``rank``: 1 = best.
``percentile``: share of the other edges that rank lower, in percent; 100 for an edge that is alone.
"""


def numbers_of(column: pd.Series) -> pd.Series:
    """Return a column of edges that somebody else has filled as numbers, NaN where it has none; of signs -1, 0 or 1.

    Raises
    ------
    DataError
        It holds something else.
    """
    given = column.astype(object) if isinstance(column.dtype, pd.CategoricalDtype) else column
    given = given.astype(str) if given.dtype.kind in "mMc" else given  # times, which pandas takes for numbers
    numbers = pd.to_numeric(given, errors="coerce")
    if (other := numbers.isna() & given.notna()).any():
        message = f"the column {column.name} of the edges holds {short(given[other].iloc[0])!r}"
        needed = "1, -1, or 0 where the sign is not known" if column.name == "sign" else "numbers"
        raise DataError(message, needed=needed, todo="correct it, or leave the column out")
    found: pd.Series = numbers.astype("float64")
    return (found > 0).astype("float64") - (found < 0) if column.name == "sign" else found


def check_told_apart(table: pd.DataFrame) -> None:
    """Refuse a table of edges with two of our columns under one name, `DataError`."""
    if twice := [name for name in table.columns[table.columns.duplicated()] if name in COLUMNS]:
        message = f"the table of edges has several columns called {twice[0]}"
        raise DataError(message, needed="one of each name", todo="leave the others out")


def check_named(table: pd.DataFrame) -> None:
    """Refuse edges without a name at one of their ends, `DataError`."""
    for end in NAMES[:2]:
        if nameless := int(table[end].isna().sum()):
            message = f"{counted(nameless, 'edge has', 'edges have')} no {end}"
            raise DataError(message, needed="a name at both ends", todo="leave the others out")


def check_once(table: pd.DataFrame, *, called: str) -> None:
    """Refuse edges of which two have the same ends, `DataError`; `called` as of `check_numbers`."""
    source, target = (pd.factorize(table[end])[0].astype(np.int64) for end in NAMES[:2])
    if not pd.Index(source * (target.max(initial=0) + 1) + target).is_unique:
        message = f"{called} names the same source and target twice"
        raise DataError(message, needed="one row per pair", todo="drop the duplicates")


def check_finite(score: np.ndarray, *, of: str = "") -> None:
    """Refuse edges that cannot be ranked, `DataError`; `of` names their network in the message, after a space."""
    if endless := int((~np.isfinite(score)).sum()):
        message = f"{endless:,} of {len(score):,} edges{of} have no finite score"
        raise DataError(message, needed="a finite score for every edge", todo="leave the others out")


def check_numbers(table: pd.DataFrame, *, called: str) -> None:
    """Refuse edges that cannot be ranked, or whose probabilities or uncertainties are none.

    Parameters
    ----------
    table
        Edges with ``score``, and with ``probability`` where they have one.
    called
        What the network is called, for messages.

    Raises
    ------
    DataError
        A score is not finite, a probability is not from 0 to 1, or an uncertainty is below 0 or without end.
    """
    check_finite(table["score"].to_numpy(dtype=np.float64), of=f" of {called}")
    spread = table["uncertainty"].to_numpy(dtype=np.float64) if "uncertainty" in table else np.empty(0)
    if (outside := (spread < 0) | np.isinf(spread)).any():
        none = counted(int(outside.sum()), f"uncertainty of {called} is", f"uncertainties of {called} are")
        message = f"{none} none, such as {spread[outside][0]:g}"
        raise DataError(message, needed="finite numbers from 0", todo="correct them, or leave the column out")
    likely = table["probability"].to_numpy(dtype=np.float64) if "probability" in table else np.empty(0)
    if (outside := (likely < 0) | (likely > 1)).any():
        none = counted(int(outside.sum()), f"probability of {called} is", f"probabilities of {called} are")
        message = f"{none} none, such as {likely[outside][0]:g}"
        raise DataError(message, needed="numbers from 0 to 1", todo="divide percents by 100, or leave the column out")


def best_first(score: np.ndarray, source: np.ndarray, target: np.ndarray, *, symbols: Sequence[str]) -> np.ndarray:
    """Return the places of edges in their order: by score, and where that is equal by the symbols of both ends.

    Few edges have one score, so that numbers alone are sorted, and the names of those.
    """
    place = np.empty(len(symbols), dtype=np.int64)
    place[sorted(range(len(place)), key=lambda position: symbols[position])] = np.arange(len(place))
    against = -score.astype(np.float64)
    order = np.argsort(against)
    against = against[order]
    tied = np.zeros(len(order) + 1, dtype=bool)
    tied[1:-1] = against[1:] == against[:-1]
    tied = tied[1:] | tied[:-1]
    some = order[tied]
    order[tied] = some[np.lexsort((some, place[target[some]], place[source[some]], against[tied]))]
    return order


def percentile(rank: ArrayLike, *, n: int) -> np.ndarray:
    """Return the share of the other edges that rank lower than each of `n` ranked edges, in percent."""
    place = np.asarray(rank, dtype=np.float64)
    return 100.0 * (n - place) / (n - 1) if n > 1 else np.full(place.shape, 100.0)


def typed(columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return columns of edges that stand best first as a table, with ranks and percentiles; nothing is copied twice."""
    n = len(columns["score"])
    whole = {**columns, "rank": np.arange(1, n + 1)}
    whole["percentile"] = percentile(whole["rank"], n=n)
    absent = [name for name in OPTIONAL if name not in whole or (n and pd.isna(whole[name]).all())]
    kept = {
        name: whole[name].astype(NUMBERS[name], copy=False) if name in NUMBERS else _texts(whole[name])
        for name in COLUMNS
        if name not in absent
    }
    return pd.DataFrame(kept, copy=False)


def is_typed(table: pd.DataFrame) -> bool:
    """Whether a table is what `typed` makes: read from a file of this version there is nothing to bring in order."""
    absent = set(OPTIONAL).difference(table)
    if list(table) != [name for name in COLUMNS if name not in absent]:
        return False
    n = len(table)
    ranks = np.arange(1, n + 1)
    return (
        n > 0
        and all(table[name].dtype == kind for name, kind in NUMBERS.items() if name not in absent)
        and all(_is_text(table[name]) for name in NAMES)
        and not any(table[name].isna().all() for name in OPTIONAL if name not in absent)
        and not table["score"].isna().any()
        and table["score"].is_monotonic_decreasing
        and np.array_equal(table["rank"], ranks)
        and np.array_equal(table["percentile"], percentile(ranks, n=n))
    )


def _is_text(names: pd.Series) -> bool:
    """Whether every name is text, in a column of objects or of strings as pandas 3 reads them."""
    if isinstance(names.dtype, pd.StringDtype):
        return not names.hasnans
    return bool(is_object_dtype(names.dtype)) and infer_dtype(names, skipna=False) == "string"


def _texts(names: np.ndarray) -> Any:
    """Return names as an array of text; one that is that already as it is."""
    return names if infer_dtype(names, skipna=False) in ("string", "empty") else pd.Series(names).astype(str).array
