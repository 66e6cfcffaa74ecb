"""Scores that a method gives the pairs of a test, wherever they come from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grn_core.benchmark.features.cache import KINDS
from grn_core.benchmark.features.degree import degree_score
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.methods import Method
from grn_core.benchmark.protocol.training import seed_logits
from grn_core.coexpression import METHODS as COEXPRESSION
from grn_core.errors import DataError
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
        logits = [
            seed_logits(
                test.training.trained(method.translator, kind)[0],
                test.training.features(test.reference, draws, kind, variant),
            )
            for kind in method.inputs
        ]
        means = [np.mean([own[seed].numpy() for own in logits], axis=0) for seed in range(len(draws))]
        return means, _model_signs(test, method)
    score = _score(test, method)
    values = [score(pairs, seed) for seed, pairs in enumerate(draws)]
    scores = [np.abs(one) if method.score in ("pert", "cells") else one for one in values]
    return scores, np.sign(values[0]) if _is_signed(method) else None


def _score(test: HeldOut, method: Method) -> SeedScore:
    """Return a function of pairs and seed."""
    training, bench, genes = test.training, test.training.bench, test.reference.genes
    if method.score == "pert":
        return lambda pairs, _: bench.perturbed(genes, _ends(pairs), test.cells, readout=training.whole_readout)
    if method.score == "attn":
        return lambda pairs, _: bench.attended(genes, _ends(pairs), test.cells)
    if method.score == "corpus":
        of_corpus = bench.corpus_score(method.name, test.corpus, genes)
        return lambda pairs, _: of_corpus(pairs.source, pairs.target)
    if method.score == "degree":
        of_degree = degree_score(training.references, genes)
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
    if method.score == "cells":
        return COEXPRESSION[method.coexpression].signed
    return method.score in ("pert", "corpus")


def _model_signs(test: HeldOut, method: Method) -> np.ndarray | None:
    """Signs that the extractors' features say, whatever the translator."""
    kinds = sorted(method.parts & set(KINDS))
    if test.signs is None or not kinds or method.is_control:
        return None
    from grn_core.translator.apply import signs

    variant = test.variant(method)
    features = {kind: test.training.features(test.reference, test.pairs[:1], kind, variant)[0] for kind in kinds}
    return signs(features, test.training.bench.model.record.grid)[0]


def _ends(pairs: Pairs) -> np.ndarray:
    return np.stack([pairs.source, pairs.target], axis=1)
