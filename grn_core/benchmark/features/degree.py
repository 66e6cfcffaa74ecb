"""Control "degree only": a pair's score is how connected its ends are in the training references."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from grn_core.benchmark.references.reference import Reference


def degree_score(
    trained_on: Sequence[Reference], genes: Sequence[str], *, withheld: Collection[tuple[str, str]] = frozenset()
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Score pairs by out-degree of the source times in-degree of the target, each half a step up from zero.

    Parameters
    ----------
    trained_on
        Training references.
    genes
        Gene list of the test; the positions that are scored refer to it.
    withheld
        Edges (source, target) that were not trained on, and do not count.

    Returns
    -------
    callable
        Positions of sources (N,) and of targets (N,) -> scores (N,).
    """
    out: dict[str, int] = {}
    into: dict[str, int] = {}
    for one in trained_on:
        for source, target in zip(one.edges["source"], one.edges["target"], strict=True):
            if (source, target) not in withheld:
                out[source] = out.get(source, 0) + 1
                into[target] = into.get(target, 0) + 1
    n_out = np.array([out.get(gene, 0) for gene in genes], dtype=float)
    n_in = np.array([into.get(gene, 0) for gene in genes], dtype=float)
    return lambda source, target: (n_out[source] + 0.5) * (n_in[target] + 0.5)
