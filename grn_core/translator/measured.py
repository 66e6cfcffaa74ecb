"""What the card of a translator says of its measured scores; reading it needs no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from grn_core.extractors.registry import DEFAULT, ENDS, EXTRACTORS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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


def called_together(extractors: Collection[str]) -> str:
    """Return what several extractors that a translator asks together are called, as on cards and in tables.

    Parameters
    ----------
    extractors
        Names; the two of the paper are the ensemble, and terms are added to it.
    """
    asked = [name for name in EXTRACTORS if name in extractors]
    pairs = [name for name in asked if not EXTRACTORS[name].is_term]
    terms = [name for name in asked if EXTRACTORS[name].is_term]
    first = ENSEMBLE if set(pairs) == set(DEFAULT) else " and ".join(EXTRACTORS[name].label for name in pairs)
    genes = ["gene terms"] if set(ENDS) <= set(terms) else []
    added = [EXTRACTORS[name].label for name in terms if not (genes and name in ENDS)]
    return " + ".join([first, *genes, *(label[:1].lower() + label[1:] for label in added)])


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
        ``prevalence``, what a random guess gets; ``sd`` and ``control_sd``, the deviations of both over the seeds.
        Empty if nothing was measured.
    """
    columns = [*TEST, "score", "control", "best_control", "prevalence", "sd", "control_sd"]
    table = pd.DataFrame(card.get("evaluation", ()))
    if table.empty:
        return pd.DataFrame(columns=columns)
    table = table.assign(sd=table["sd"] if "sd" in table else float("nan"))
    is_control = table["is_control"].astype(bool) if "is_control" in table else ~table["method"].isin(OWN)
    own, controls = table[~is_control], table[is_control]
    whole = next((name for name in WHOLE if (own["method"] == name).any()), None)
    own = own if whole is None else own[own["method"] == whole]
    best = controls.sort_values("mean", ascending=False, kind="stable").drop_duplicates(TEST)
    best = best[[*TEST, "mean", "method", "sd"]].set_axis([*TEST, "control", "best_control", "control_sd"], axis=1)
    found = own.rename(columns={"mean": "score"}).merge(best, on=TEST, how="left")
    return found.sort_values(TEST, ignore_index=True)[columns]
