"""Scores that a method gives the pairs of a test, wherever they come from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grn_core.benchmark.features.degree import degree_score
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.methods import Method
from grn_core.benchmark.protocol.training import seed_logits
from grn_core.coexpression import METHODS as COEXPRESSION
from grn_core.errors import DataError, RequestError
from grn_core.extractors import EXTRACTORS, ExtractorRecord
from grn_core.translator.pairs import Pairs

SMALL_PANEL = 100  # genes up to which a co-expression method that draws at random is run once a seed; else once
SeedScore = Callable[[Pairs, int], np.ndarray]


def scores_of(test: HeldOut, method: Method) -> tuple[list[np.ndarray], np.ndarray | None]:
    """Score the pairs of every draw of a test.

    Parameters
    ----------
    test
        The test.
    method
        A row of the table.

    Returns
    -------
    scores, signs
        Scores (N,) of each draw, and signs (N,) of the first draw's pairs where both method and truth have any.
    """
    draws = test.pairs
    if method.score == "translator":
        variant = test.variant(method)
        from grn_core.translator.terms import together

        logits = {
            extractors: seed_logits(
                test.training.trained(method.translator, extractors)[0],
                test.training.features(test.reference, draws, extractors, variant),
            )
            for extractors in method.extractors
        }
        weights = test.training.weights(method)
        found = [together({name: own[seed] for name, own in logits.items()}, weights) for seed in range(len(draws))]
        return [one.numpy() for one in found], _model_signs(test, method)
    if method.score == "origin":
        return _origin(test, method.extractors[0]), _model_signs(test, method)
    score = _score(test, method)
    values = [score(pairs, seed) for seed, pairs in enumerate(draws)]
    scores = [np.abs(one) if method.score == "coexpression" else one for one in values]
    return scores, np.sign(values[0]) if _is_signed(method) else None


def _origin(test: HeldOut, name: str) -> list[np.ndarray]:
    """Scores (N,) of each draw that an extractor gives without a translator."""
    record = EXTRACTORS[name]
    if record.origin is None:
        message = f"{record.title} has no score of its own"
        raise RequestError(message, needed="a translator")
    features = test.training.features(test.reference, test.pairs, name, "own", background=in_cell(record))
    return [record.origin(one.numpy()) for one in features]


def in_cell(record: ExtractorRecord) -> str:
    """Background of an extractor without a translator: the mean cell, as in the paper; none where it is read there."""
    return "context" if record.asks == "cell" and not record.needs_cells else "virtual"


def _score(test: HeldOut, method: Method) -> SeedScore:
    """Return a function of pairs and seed."""
    training, bench, genes = test.training, test.training.bench, test.reference.genes
    if method.score == "corpus":
        of_corpus = bench.corpus_score(method.name, test.corpus, genes)
        return lambda pairs, _: of_corpus(pairs.source, pairs.target)
    if method.score == "degree":
        of_degree = degree_score((*training.references, *training.beside), genes, withheld=training.withheld)
        return lambda pairs, _: of_degree(pairs.source, pairs.target)
    return _coexpressed(test, method)


def _coexpressed(test: HeldOut, method: Method) -> SeedScore:
    cells, genes = test.cells, test.reference.genes
    if cells is None:
        message = f"there are no measured cells of {test.reference.name}"
        raise DataError(message, needed="cells for co-expression")
    here = [index for index, column in enumerate(cells.columns(genes)) if column >= 0]
    sources = here
    if test.negatives in ("tf-restricted", "degree-matched"):
        sources = sorted(set(test.positives[:, 0].tolist()) & set(here))
    names, regulators = tuple(genes[one] for one in here), tuple(genes[one] for one in sources)
    row, column = np.full(len(genes), -1), np.full(len(genes), -1)
    row[sources], column[here] = np.arange(len(sources)), np.arange(len(here))
    record = COEXPRESSION[method.coexpression]

    def score(pairs: Pairs, seed: int) -> np.ndarray:
        draw = seed if record.seeded and len(names) <= SMALL_PANEL else 0
        matrix = test.training.bench.coexpressed(method.coexpression, cells, names, regulators, draw)
        return np.asarray(matrix[row[pairs.source], column[pairs.target]])

    return score


def _is_signed(method: Method) -> bool:
    if method.score == "coexpression":
        return COEXPRESSION[method.coexpression].signed
    return method.score == "corpus"


def _model_signs(test: HeldOut, method: Method) -> np.ndarray | None:
    """Signs that the extractors' features say, whatever the translator."""
    names = sorted(one for one in method.features if one in EXTRACTORS and EXTRACTORS[one].slopes is not None)
    if test.signs is None or not names or method.is_control:
        return None
    from grn_core.translator.apply import signs

    variant = test.variant(method) or "own"
    features = {name: test.training.features(test.reference, test.pairs[:1], name, variant)[0] for name in names}
    return signs(features, test.training.bench.model.record.grid, n=len(features[names[0]]))[0]
