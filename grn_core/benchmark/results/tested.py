"""How good a translator is, in one line: what it reaches on its test sets beside the best control and chance.

One table of test sets (`every_test`) stands behind the sentence, the picture and every other place that says it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from grn_core.benchmark.results.of_cards import training_of
from grn_core.benchmark.results.tables import Results, released, shipped
from grn_core.benchmark.results.view import Cut, cut_table
from grn_core.errors import GrnError
from grn_core.models.registry import network_sha, weights_sha
from grn_core.translator.measured import TEST, called_together, measured
from grn_core.translator.registry import record_of, translator_sha

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

UNSEEN, HELPED = "took no part in making it", "helped to choose how it is made"
"""What is said of test sets on which no choice was made, of the method or its weights, and of the others."""
ALIKE = 0.002
"""Two means of one translator on one test set differ by less: they are rounded, and draws are the same."""


def every_test(card: Mapping[str, Any]) -> pd.DataFrame:
    """Return every test set on which a translator was measured: by its card, and for the release.

    The release tests each training on more references than the cards do, those on which a control is ahead included.
    Its scores are taken for a translator of the same training whose card says the same wherever both have measured.

    Parameters
    ----------
    card
        Its card.

    Returns
    -------
    DataFrame
        As of `grn_core.translator.measured.measured`, and ``chosen``: whether the release or the card says that
        choices, of the method or its weights, were made on the test set.
    """
    return _every_test(_Itself(card), _release_of(card)).copy()


class _Itself:
    """A card as the key of a cache, which is the same only as itself: who reads cards does not change them."""

    def __init__(self, card: Mapping[str, Any]) -> None:
        self.card = card

    def __eq__(self, other: object) -> bool:
        """Whether the other is of the very same card."""
        return isinstance(other, _Itself) and self.card is other.card

    def __hash__(self) -> int:
        """Tell cards apart by where they lie: the cache holds them, so that no other comes to lie there."""
        return id(self.card)


@lru_cache(maxsize=32)
def _every_test(of: _Itself, found: Results | None) -> pd.DataFrame:
    card = of.card
    scores, chosen = _every(card, found), _chosen_on(card, found)
    tests = zip(scores.get("dataset", ()), scores.get("network", ()), strict=True)
    return scores.assign(chosen=[f"{dataset}:{network}" in chosen for dataset, network in tests])


def _every(card: Mapping[str, Any], found: Results | None) -> pd.DataFrame:
    own = measured(card)
    place = TEST[:2]
    more = pd.DataFrame() if own.empty else _released(card, found)
    if more.empty:
        return own
    both = own.merge(more, on=place, suffixes=("", "_released"))
    if both.empty or (both["score"] - both["score_released"]).abs().max() > ALIKE:
        return own
    known = set(zip(own["dataset"], own["network"], strict=True))
    new = [test not in known for test in zip(more["dataset"], more["network"], strict=True)]
    more = more[new].assign(split=own["split"].iloc[0])[own.columns]
    return pd.concat([own, more], ignore_index=True).sort_values(TEST, ignore_index=True) if len(more) else own


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
    scores = every_test(card)
    return f"{of_tests(scores)} {on_unchosen(scores)}".strip()


def of_tests(scores: pd.DataFrame, *, more: str = "") -> str:
    """Say it of test sets, as `in_one_line` does.

    Parameters
    ----------
    scores
        From `every_test`.
    more
        What these test sets have that others have not.
    """
    if scores.empty:
        return ""
    shown = beside_controls(scores)
    sets = f"{'1 reference set' if len(shown) == 1 else f'{len(shown)} reference sets'}{more}"
    control = "" if shown["control"].isna().all() else f"; best simple control {shown['control'].mean():z.2f}"
    return f"Tested on {sets}: AUPRC {shown['score'].mean():z.2f}{control}; chance {shown['prevalence'].mean():z.2f}."


def beside_controls(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the test sets that have a control, or all where none has: those whose means may stand side by side.

    Parameters
    ----------
    scores
        From `every_test`.
    """
    beside = scores.dropna(subset="control")
    return scores if beside.empty else beside


def of_scores(translator: str, *, extractors: Collection[str], sha: str, asked: Mapping[str, Any]) -> str:
    """Say it of the scores of a run; "" where a translator gave them otherwise than it was measured.

    Parameters
    ----------
    translator, extractors
        Its name, and what it was asked with.
    sha
        SHA-256 of its weights at that time.
    asked
        What else gave the scores: ``background`` and ``readout``, and the ``weights`` of its terms if it has any.
    """
    known = record_of(translator)
    if known is None or set(extractors) != set(known.ensemble) or sha != translator_sha(translator):
        return ""
    same = all(asked.get(part) == known.card.get(part) for part in ("background", "readout", "weights"))
    return in_one_line(known.card) if same else ""


def on_unchosen(scores: pd.DataFrame) -> str:
    """Say what is reached on the test sets that took no part in making it: on the others a lead may come of that.

    Parameters
    ----------
    scores
        From `every_test`.

    Returns
    -------
    str
        A sentence; "" where choices were made on none, or none of the others has a control.
    """
    if scores.empty or not scores["chosen"].any():
        return ""
    if scores["chosen"].all():
        return f"{'It' if len(scores) == 1 else 'Each of them'} {HELPED}."
    beside = scores[~scores["chosen"]].dropna(subset="control")
    if beside.empty:
        return ""
    which = "the one" if len(beside) == 1 else f"the {len(beside)}"
    return f"On {which} that {UNSEEN}: {beside['score'].mean():z.2f} against {beside['control'].mean():z.2f}."


def _release_of(card: Mapping[str, Any]) -> Results | None:
    """Return what the release measured of the same model; None where it measured nothing of it."""
    try:
        model = str(card["model"])
        weights = weights_sha(model) if network_sha(model) == card["model_sha"] else ""
    except (GrnError, KeyError):  # the model of a translator may be gone
        return None
    return next((one for one in map(released, shipped()) if one.manifest["model_sha"] == weights), None)


def _chosen_on(card: Mapping[str, Any], found: Results | None) -> frozenset[str]:
    """Return the test sets, ``data set:network``, on which the release or the card says that choices were made."""
    own = frozenset(map(str, card.get("chosen_on", ())))
    return own if found is None else own | frozenset(map(str, found.manifest.get("chosen_on", ())))


def _released(card: Mapping[str, Any], found: Results | None) -> pd.DataFrame:
    """Return what the release measured of the same training, model and method; empty where it did not."""
    genes = str(card["training"][0]["reference"]).rpartition(" ")[2] if card.get("training") else ""
    method = called_together(card.get("ensemble") or card.get("extractors", ()))
    return pd.DataFrame() if found is None else _of_training(found, training_of(card), genes, method)


@lru_cache(maxsize=64)
def _of_training(found: Results, train: str, genes: str, method: str) -> pd.DataFrame:
    cut = Cut(suite="transfer", train=train, genes=genes, split="all", negatives="tf-restricted", metric="auprc")
    table = cut_table(found.scores, cut)
    own = table[table["method"] == method].dropna(subset=["mean"])
    sd = table.set_index(["dataset", "network", "method"])["sd"]
    keys = list(zip(own["dataset"], own["network"], own["best_control"], strict=True))
    return pd.DataFrame(
        {
            "dataset": own["dataset"],
            "network": own["network"],
            "score": own["mean"],
            "control": own["control"],
            "best_control": own["best_control"],
            "prevalence": own["prevalence"],
            "sd": own["sd"],
            "control_sd": sd.reindex(keys).to_numpy(),
        }
    ).reset_index(drop=True)
