"""Which translators were shown, in training, edges that they are asked about."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from grn_core.benchmark.references.known import seen_in_training
from grn_core.benchmark.references.leakage import seen_edges, training_parts
from grn_core.translator.registry import record_of

WARNING = (
    "Translators of these runs have seen edges of this reference in training, so that their scores here are no test on "
    "new edges."
)


def seen_in_words(translators: Mapping[str, Collection[str]], edges: pd.DataFrame) -> str:
    """Say it of networks that are measured against a reference.

    Parameters
    ----------
    translators
        Name of a network -> the translators that scored it: of a consensus those of all its networks.
    edges
        ``source``, ``target`` of the reference's edges that are asked, canonical human symbols.

    Returns
    -------
    str
        `WARNING` and of each network how many of the edges; "" where no translator is known to have seen any.
    """
    counts = {name: _n_seen(of_network, edges) for name, of_network in translators.items()}
    told = [f"{name}: {n:,} of {len(edges):,}" for name, n in counts.items() if n]
    return f"{WARNING} {'; '.join(told)}." if told else ""


def not_known_in_words(names: Collection[str]) -> str:
    """Say of networks that were read from files that nobody knows whether their scores have seen the edges."""
    if not names:
        return ""
    it = "it was" if len(names) == 1 else "they were"
    learnt = f"Whether {', '.join(names)} learnt from edges of this reference is not known: {it} imported"
    return f"{learnt}, and a file does not say what its scores were made of."


def _n_seen(translators: Collection[str], edges: pd.DataFrame) -> int:
    pairs = list(zip(edges["source"], edges["target"], strict=True))
    seen = np.zeros(len(pairs), dtype=bool)
    for translator in translators:
        shown = seen_in_training(translator, pairs)
        record = record_of(translator) if shown is None else None
        if shown is not None:
            seen |= shown
        elif record is not None:
            seen |= seen_edges(training_parts(record.card)[0], pairs)
    return int(seen.sum())
