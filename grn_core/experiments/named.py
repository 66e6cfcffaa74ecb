"""A prediction beside a measurement that is named: one that comes with the software, a kept one, or a file."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from grn_core.errors import DataError
from grn_core.experiments.beside import beside_measured
from grn_core.experiments.bundled import bundled, told_of
from grn_core.experiments.tables import read_measured
from grn_core.experiments.uploads import measured_path, stored_measured


def beside_named(
    predicted: pd.DataFrame,
    measured: pd.DataFrame,
    *,
    name: str | Path,
    tfs: Collection[str],
    change: str,
    others: pd.DataFrame | None = None,
    seed: int = 0,
) -> tuple[dict[str, Any], pd.DataFrame | None]:
    """Compare a prediction with a measurement, which a prediction does without where they do not fit.

    Parameters
    ----------
    predicted, tfs, others, seed
        As of `grn_core.experiments.beside.beside_measured`.
    measured
        As of `read_named`.
    name
        What that was asked for.
    change
        What was asked to be done to the TFs.

    Returns
    -------
    told
        ``measured``: the agreement as JSON types; or ``not_compared``: why there is none.
    table
        As of `beside_measured`; None where there is none.
    """
    known = "" if isinstance(name, Path) else name
    table = measured.copy(deep=False)
    table.attrs["columns"] = [*told_of(known, tfs=tfs, change=change), *table.attrs["columns"]]
    try:
        agreement, both = beside_measured(predicted, table, tfs=tfs, others=others, seed=seed)
    except DataError as error:  # the prediction stands without it
        return {"not_compared": str(error)}, None
    return {"measured": agreement.to_json()}, both


def read_named(measured: str | Path) -> pd.DataFrame:
    """Return a bundled or kept table by its name, or one of a `Path`; a bundled one names its TF.

    Raises
    ------
    DataError
        There is no such table, or it cannot be read.
    """
    if isinstance(measured, Path):
        return read_measured(measured)
    table = read_measured(measured_path(measured))
    return table.assign(tf=bundled()[measured].tf) if measured in bundled() else table


def table_named(text: str | Path) -> str | Path:
    """Return the name of a bundled or kept table, or the path of the file that a user calls so."""
    name = str(text)
    return name if name in bundled() or name in stored_measured() else Path(text).expanduser()
