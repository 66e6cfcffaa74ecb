"""What the card of a translator says of its measured scores; reading it needs no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

ENSEMBLE = "Ensemble"
"""What a translator is called, on cards and in tables, that reads several extractors and averages their logits."""
WITH_GENES = "Ensemble + gene terms"
"""The same, and added to it what TF and target say alone."""
WITH_NEIGHBOURS = "Ensemble + gene terms + neighbours"
"""The same, and added to it what is known of similar genes."""
OWN = ("VVP", "GDT", ENSEMBLE)
"""Rows of the translator itself on cards that do not say which rows are controls."""
WHOLE = (WITH_NEIGHBOURS, f"{ENSEMBLE} + neighbours", WITH_GENES, ENSEMBLE)
"""What is taken for a translator as a whole: the first of these that its card has."""
TEST = ["dataset", "network", "split"]


def measured(card: Mapping[str, Any]) -> pd.DataFrame:
    """Scores of a translator beside its controls, by its card.

    Parameters
    ----------
    card
        Its card; ``evaluation`` holds a row for each test set and method.

    Returns
    -------
    DataFrame
        A row a test set, in the order of `TEST`: ``dataset``, ``network``, ``split``; ``score``, AUPRC of the ensemble
        of its extractors, with the terms that it has learnt, or of the only one that it has learnt; ``control`` and
        ``best_control``, AUPRC and name of the best control on the same pairs, missing where there is none;
        ``prevalence``, what a random guess gets. Empty if nothing was measured.
    """
    columns = [*TEST, "score", "control", "best_control", "prevalence"]
    table = pd.DataFrame(card.get("evaluation", ()))
    if table.empty:
        return pd.DataFrame(columns=columns)
    is_control = table["is_control"].astype(bool) if "is_control" in table else ~table["method"].isin(OWN)
    own, controls = table[~is_control], table[is_control]
    whole = next((name for name in WHOLE if (own["method"] == name).any()), None)
    own = own if whole is None else own[own["method"] == whole]
    best = controls.sort_values("mean", ascending=False, kind="stable").drop_duplicates(TEST)
    best = best[[*TEST, "mean", "method"]].set_axis([*TEST, "control", "best_control"], axis=1)
    found = own.rename(columns={"mean": "score"}).merge(best, on=TEST, how="left")
    return found.sort_values(TEST, ignore_index=True)[columns]
