"""GRNBoost2: each target is regressed on the TFs by gradient boosting that stops early; computed by rustscenic."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from grn_core.coexpression.records import STAGE, CoexpressionMethod
from grn_core.progress import Progress, silent

TARGETS_AT_ONCE = 200


def grnboost2(
    expression: np.ndarray,
    sources: np.ndarray,
    *,
    names: Sequence[str],
    seed: int,
    progress: Progress = silent,
) -> np.ndarray:
    """Regress each gene on the sources with boosted trees, as arboreto's GRNBoost2 does and with its parameters.

    The library fits every gene it is given, so the sources are fitted again with each block of targets: blocks are at
    least twice as long as there are sources. A gene's result depends on the sources and the seed alone, so the length
    of the blocks changes nothing.

    Parameters
    ----------
    expression
        (cells, genes), every gene varies.
    sources
        (S,) positions of the sources, in an order that the data do not decide: it decides the random draws.
    names
        (genes,) name of each gene, no two alike.
    seed
        Seed of the run; every target uses it.
    progress
        Listener, called after each block of targets; may raise to stop.

    Returns
    -------
    ndarray
        (S, genes), row = source, column = target: share of the explained variance times the number of trees.
    """
    n_genes = expression.shape[1]
    values, labels = expression.astype(np.float32), np.array(names, dtype=object)
    rest = np.setdiff1d(np.arange(n_genes), sources)
    n_blocks = max(1, -(-len(rest) // max(TARGETS_AT_ONCE, 2 * len(sources))))
    result = np.zeros((len(sources), n_genes))
    done = 0
    for block in np.array_split(rest, n_blocks):
        progress(STAGE, done, n_genes)
        columns = np.concatenate([sources, block])
        found = _fit(values[:, columns], labels[columns], n_sources=len(sources), seed=seed)
        result[:, columns] = found
        done += len(block) if done else len(columns)
    progress(STAGE, n_genes, n_genes)
    return result


def _fit(values: np.ndarray, labels: np.ndarray, *, n_sources: int, seed: int) -> np.ndarray:
    """Return importances (sources, genes) of genes of which the first are the sources."""
    from rustscenic.grn import infer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # few cells, large values: our records and checks say so
        edges = infer((values, labels.tolist()), labels[:n_sources].tolist(), seed=seed, verbose=False)
    position = {label: index for index, label in enumerate(labels)}
    result = np.zeros((n_sources, len(labels)))
    result[edges["TF"].map(position), edges["target"].map(position)] = edges["importance"]
    return result


RECORD = CoexpressionMethod(
    name="grnboost2",
    title="GRNBoost2",
    description="Each gene is predicted from the TFs by boosted trees that stop when they no longer help.",
    limits="No sign; scores of pairs that no tree used are 0; unstable below about 50 cells.",
    reference="Moerman et al. 2019, Bioinformatics 35:2159; computed by rustscenic",
    signed=False,
    directed=True,
    seeded=True,
    function=grnboost2,
)
