"""The four simulated Boolean networks, whose edges are known exactly, in every way of one table.

The figures are measured by ``scripts/measure_boolean.py``.
"""

from __future__ import annotations

import json

import pandas as pd

from grn_core.assets import asset

GUESS = "Random guess"


def boolean_rows() -> pd.DataFrame:
    """Return what was asked of each network.

    Returns
    -------
    pandas.DataFrame
        A row a network: ``dataset``, ``genes``, ``edges`` that were asked, ``shown`` (edges left out, for a translator
        was shown them in training).
    """
    columns = ["dataset", "genes", "edges", "shown"]
    return pd.DataFrame(json.loads(asset("boolean.json").read_text(encoding="utf-8"))["auprc"])[columns]


def boolean_scores() -> pd.DataFrame:
    """Return AUPRC: a row a way, `GUESS` last, a column a network."""
    rows = json.loads(asset("boolean.json").read_text(encoding="utf-8"))["auprc"]
    return pd.DataFrame({row["dataset"]: row["auprc"] for row in rows}).rename_axis("method")
