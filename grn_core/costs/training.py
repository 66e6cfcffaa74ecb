"""Foretell the training of a translator: asking the model about its pairs, and what is learnt of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grn_core.costs.foretell import asked, members_of, seconds_asking, terms_of, weights_of
from grn_core.costs.speed import reference_speed
from grn_core.extractors.registry import EXTRACTORS, end_of, is_of_both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grn_core.costs.speed import Speed
    from grn_core.models.record import ModelRecord

EACH_SOURCE = 0.01
"""Seconds for each source that go beside the model's own: its features are looked up, computed and kept apart."""
STEPS, IN_TRAINING = 480.0, 95.0
"""How many times as long as its scoring a pair takes in the training of what reads pairs: once, and for each seed."""
OF_AN_END = 0.5
"""Seconds of the term of one gene, for each seed."""
CUBED, SQUARED, ALIKE = 7e-12, 1.3e-8, 1.2e-10
"""Seconds of a fit of n pairs by n cubed and squared, and of what it says of a pair, by each source and target."""
MOST_PAIRS, FOLDS, PENALTIES = 9_000, 3, 3
"""Of the neighbours' term (`grn_core.translator.neighbours`, which needs the packages that compute)."""


@dataclass(frozen=True)
class Known:
    """How much a network teaches, as far as the model knows its genes."""

    edges: int = 0
    sources: int = 0
    targets: int = 0


def seconds_to_train(
    training: Known,
    record: ModelRecord,
    speed: Speed,
    *,
    beside: Known | None = None,
    extractors: Sequence[str],
    readout: str,
    n_seeds: int,
) -> float:
    """Foretell the training of a translator on one core; measuring it is left out.

    Parameters
    ----------
    training, beside
        What it learns from, where each seed draws as many negatives as there are edges, and what it knows beside.
    record, speed, extractors, readout, n_seeds
        As of `grn_core.costs.cost_of_inference`.

    Notes
    -----
    The figures are of trainings of the bundled model on OmniPath (7,642 edges, 595 sources) and of their parts, each in
    seconds of the processor, with one thread.
    """
    grown = max(weights_of(record) / max(speed.weights, 1), 0.2)
    slower = speed.score_s / reference_speed().score_s
    pairs = [name for name in extractors if not EXTRACTORS[name].is_term]
    drawn = max(1, round(training.edges * (1 + n_seeds) / max(training.sources, 1)))
    seconds = speed.start_s + speed.load_s
    for what in asked(record, pairs, readout):  # one source after the other
        of_model = seconds_asking(terms_of(speed.asks, what), 1, drawn) * members_of(record, what, speed)
        seconds += training.sources * (grown * of_model + EACH_SOURCE * slower)
    seconds += (STEPS + IN_TRAINING * n_seeds) * speed.score_s * 2 * training.edges * len(pairs)
    seconds += OF_AN_END * slower * n_seeds * sum(bool(end_of(name)) for name in extractors)
    if any(map(is_of_both, extractors)):
        seconds += slower * sum(_of_neighbours(one, n_seeds) for one in (training, beside) if one is not None)
    return seconds


def _of_neighbours(known: Known, n_seeds: int) -> float:
    """Seconds of a neighbours' term: the first seed tries every penalty, the others the one that was found."""
    every = 2 * known.edges
    n = min(every, MOST_PAIRS)
    folds = FOLDS**2 * _of_fit(n * (1 - 1 / FOLDS) ** 2)
    sources = known.sources * n / max(every, 1)
    tried = folds + ALIKE * n * sources * known.targets
    return (PENALTIES + n_seeds - 1) * tried + n_seeds * _of_fit(n)


def _of_fit(n: float) -> float:
    return CUBED * n**3 + SQUARED * n**2
