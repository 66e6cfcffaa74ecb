"""What a table of scores says in plain words: whether a method beats the controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("VVP", "GDT", "Ensemble")
"""The methods of the product; every other row of a table is a control."""

NOTHING_LEARNT = "Here nothing is shown to be learnt about regulation beyond that control."


def with_controls(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with `is_control`, the methods before the controls."""
    marked = table.assign(is_control=~table["method"].isin(METHODS))
    return marked.sort_values("is_control", kind="stable").reset_index(drop=True)


def verdicts(table: pd.DataFrame) -> list[str]:
    """Return one sentence per data set on the Ensemble, the method fixed beforehand, against the best control.

    A lead no larger than the larger of the two standard deviations counts as none.
    """
    sentences = []
    for dataset, rows in with_controls(table).groupby("dataset", sort=False):
        ours, controls = rows[rows["method"] == METHODS[-1]], rows[rows["is_control"]]
        if ours.empty or controls.empty:
            continue
        best, rival = (part.loc[part["mean"].idxmax()] for part in (ours, controls))
        lead, doubt = best["mean"] - rival["mean"], max(best["sd"], rival["sd"])
        scores = ", ".join(f"{row['method']} {row['mean']:.3f} ± {row['sd']:.3f}" for row in (best, rival))
        if lead > doubt:
            sentences.append(f"**{dataset}**: the Ensemble beats the best control ({scores}).")
        else:
            does = "the best control does as well" if lead >= -doubt else "a control does better"
            sentences.append(f"**{dataset}**: {does} ({scores}). {NOTHING_LEARNT}")
    return sentences
