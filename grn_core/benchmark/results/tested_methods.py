"""How good a method of co-expression is, in one line: what the release measured of it beside the same controls."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from grn_core.benchmark.results.tables import released, shipped
from grn_core.benchmark.results.tested import of_tests
from grn_core.benchmark.results.view import Cut, transfer_table
from grn_core.coexpression import METHODS

CUT = Cut("ugrn", "", "TFs+500 (measured)", "all", "tf-restricted", "auprc")
"""Pairs of genes that are measured, which co-expression needs; the controls are asked the same pairs."""


def on_test_sets(method: str) -> pd.DataFrame:
    """Return what a method of co-expression reaches on the test sets of the release.

    Parameters
    ----------
    method
        Name in `grn_core.coexpression.METHODS`, at its default options.

    Returns
    -------
    DataFrame
        ``dataset``, ``network``, ``score``, ``control``, ``best_control``, ``prevalence``; no rows where it was not
        measured. No choice was made on any of them.
    """
    return _tests(METHODS[method].title).copy() if method in METHODS else pd.DataFrame()


def of_coexpression(method: str) -> str:
    """Say it in one line, as `grn_core.benchmark.results.tested.in_one_line` does; "" where nothing was measured."""
    return of_tests(on_test_sets(method), more=" with cells")


@lru_cache(maxsize=16)
def _tests(title: str) -> pd.DataFrame:
    tables = [transfer_table(one.scores, CUT) for one in map(released, shipped())]
    rows = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["kind", "method"])
    own = rows[(rows["kind"] == "coexpression") & (rows["method"] == title)]
    if own.empty:
        return pd.DataFrame()
    columns = ["dataset", "network", "mean", "control", "best_control", "prevalence"]
    return own[columns].rename(columns={"mean": "score"}).reset_index(drop=True)
