"""How good a translator is, in one line: what it reaches on its test sets beside the best control and chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core.translator.measured import measured
from grn_core.translator.registry import records, translator_sha

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd


def in_one_line(card: Mapping[str, Any]) -> str:
    """Say on how many test sets a translator was measured, and what it, the best control and a random guess reach.

    Parameters
    ----------
    card
        Its card.

    Returns
    -------
    str
        A sentence with the means over the test sets that have a control, or all where none has; "" where nothing was
        measured.
    """
    scores = measured(card)
    if scores.empty:
        return ""
    beside = scores.dropna(subset="control")
    shown = scores if beside.empty else beside
    sets = "1 reference set" if len(shown) == 1 else f"{len(shown)} reference sets"
    control = "" if beside.empty else f"; best simple control {beside['control'].mean():.2f}"
    return f"Tested on {sets}: AUPRC {shown['score'].mean():.2f}{control}; chance {shown['prevalence'].mean():.2f}."


def of_scores(translator: str, *, extractors: Collection[str], sha: str) -> str:
    """Say it of the scores of a run; "" where a translator gave them otherwise than it was measured.

    Parameters
    ----------
    translator, extractors
        Its name, and what it was asked with.
    sha
        SHA-256 of its weights at that time.
    """
    known = next((record for record in records() if record.name == translator), None)
    if known is None or set(extractors) != set(known.ensemble) or sha != translator_sha(translator):
        return ""
    return in_one_line(known.card)


def against_controls(scores: pd.DataFrame) -> str:
    """Count on how many test sets a translator beats the best control by more than the deviation over the seeds.

    Parameters
    ----------
    scores
        From `grn_core.translator.measured.measured`.
    """
    beside = scores.dropna(subset="control")
    if beside.empty:
        return "It was not measured beside controls."
    lead = beside["score"] - beside["control"]
    doubt = beside[["sd", "control_sd"]].max(axis=1).fillna(0.0)
    wins, losses = int((lead > doubt).sum()), int((lead < -doubt).sum())
    n = len(beside)
    if wins == n:
        return "It beats the best control on the test set." if n == 1 else f"It beats the best control on all {n}."
    level = n - wins - losses
    parts = [f"beats the best control on {wins} of {n}"]
    parts += [f"is level with it on {level}"] if level else []
    parts += [f"falls behind on {losses}"] if losses else []
    return f"It {', '.join(parts)}."
