"""Whether a translator is better than a simple rule on data that it has not seen, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core.benchmark.results.tested import HELPED, UNSEEN, every_test, of_tests

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def verdict(scores: pd.DataFrame) -> tuple[str, str]:
    """Say in plain words whether a translator is better than a simple rule on data that it has not seen.

    Judged on the test sets that took no part in making it, as far as they have a control. It is better where it is
    ahead of the best simple control on more than half of them, each time by more than the deviation over the seeds.

    Parameters
    ----------
    scores
        From `every_test`.

    Returns
    -------
    str, str
        The sentence, and the figures behind it; "" where nothing was measured.
    """
    if scores.empty:
        return "", ""
    known = scores.dropna(subset="control")
    if known.empty:
        return "Whether it is better than a simple rule was not measured.", of_tests(scores)
    unseen, seen = known[~known["chosen"]], known[known["chosen"]]
    if unseen.empty:
        said = "How it does on data that it has not seen is not known: no such test set is left."
        return said, f"On the {_sets(len(seen))} that {HELPED}, it is {_standing(seen)}: {_means(seen)}."
    better = 2 * _counted(unseen)[0] > len(unseen)
    said = f"On data it has not seen, this translator is {'better' if better else 'no better'} than a simple rule."
    apart = f" that {UNSEEN}" if len(seen) else ""
    told = f"On the {_sets(len(unseen))}{apart}, it is {_standing(unseen)}: {_means(unseen)}."
    if len(seen):
        told += f" On all {len(known)}, {len(seen)} of which {HELPED}, it is {_standing(known)}."
    return said, told


def in_short(card: Mapping[str, Any]) -> str:
    """Say the `verdict` on a translator with the means behind it; "" where nothing was measured.

    Parameters
    ----------
    card
        Its card.
    """
    scores = every_test(card)
    said, _ = verdict(scores)
    if scores.empty:
        return ""
    unseen = scores[~scores["chosen"]].dropna(subset="control")
    if unseen.empty:
        return f"{said} {of_tests(scores)}"
    sets = "1 reference set" if len(unseen) == 1 else f"{len(unseen)} reference sets"
    means = f"AUPRC {unseen['score'].mean():z.2f} against {unseen['control'].mean():z.2f}"
    return f"{said.rstrip('.')}: {means} on {sets}."


def _sets(n: int) -> str:
    return "one test set" if n == 1 else f"{n} test sets"


def _standing(beside: pd.DataFrame) -> str:
    """Say on how many sets it is ahead of the best simple control, level with it, and behind."""
    wins, losses, n = _counted(beside)
    counts = {"ahead": wins, "level": n - wins - losses, "behind": losses}
    found = [how if n == 1 else f"{how} on {'all ' if k == n else ''}{k}" for how, k in counts.items() if k]
    return " and ".join(filter(None, (", ".join(found[:-1]), found[-1])))


def _means(beside: pd.DataFrame) -> str:
    score, control, chance = (beside[name].mean() for name in ("score", "control", "prevalence"))
    return f"AUPRC {score:z.2f}, the best simple control {control:z.2f}, a random guess {chance:z.2f}"


def _counted(scores: pd.DataFrame) -> tuple[int, int, int]:
    """Return on how many test sets it is ahead and behind by more than the deviation, and how many have a control."""
    if scores.empty:
        return 0, 0, 0
    beside = scores.dropna(subset="control")
    lead = beside["score"] - beside["control"]
    doubt = beside[["sd", "control_sd"]].max(axis=1).fillna(0.0)
    return int((lead > doubt).sum()), int((lead < -doubt).sum()), len(beside)
