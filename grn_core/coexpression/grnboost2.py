"""GRNBoost2: each target is regressed on the TFs by gradient boosting that stops early; computed by rustscenic."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from grn_core.coexpression.records import STAGE, CoexpressionMethod
from grn_core.progress import Progress, beside, silent

if TYPE_CHECKING:
    import pandas as pd

TARGETS_AT_ONCE = 200


def grnboost2(
    expression: np.ndarray,
    sources: np.ndarray,
    *,
    names: Sequence[str],
    seed: int,
    targets: np.ndarray | None = None,
    progress: Progress = silent,
) -> np.ndarray:
    """Regress each gene on the sources with boosted trees, as arboreto's GRNBoost2 does and with its parameters.

    The library fits every gene it is given, so the sources are fitted again with each block of targets: blocks are at
    least twice as long as there are sources (`targets_at_once`). A gene's result depends on the sources and the seed
    alone, so the length of the blocks changes nothing.

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
    targets
        (T,) positions of the genes that are regressed; all of them if None.
    progress
        Listener, called after each block of targets and, to be able to stop, five times a second within it.

    Returns
    -------
    ndarray
        (S, T), row = source, column = target: share of the explained variance times the number of trees.
    """
    asked = np.arange(expression.shape[1]) if targets is None else targets
    values, labels = expression.astype(np.float32), np.array(names, dtype=object)
    rest = np.setdiff1d(asked, sources)
    result = np.zeros((len(sources), expression.shape[1]))
    done = 0
    for block in np.array_split(rest, max(1, -(-len(rest) // targets_at_once(len(sources))))):
        progress(STAGE, done, len(asked))
        columns = np.concatenate([sources, block])
        listen = partial(progress, STAGE, done, len(asked))
        found = _fit(values[:, columns], labels[columns], n_sources=len(sources), seed=seed, listen=listen)
        result[:, columns] = found
        done += len(block) if done else len(np.intersect1d(columns, asked))
    progress(STAGE, len(asked), len(asked))
    return result[:, asked]


def targets_at_once(n_sources: int) -> int:
    """Return how many targets are fitted with the sources, so that fitting these again does not cost the most."""
    return max(TARGETS_AT_ONCE, 2 * n_sources)


def _fit(
    values: np.ndarray, labels: np.ndarray, *, n_sources: int, seed: int, listen: Callable[[], object]
) -> np.ndarray:
    """Return importances (sources, genes) of genes of which the first are the sources."""
    from rustscenic.grn import infer

    def work() -> pd.DataFrame:
        return infer((values, labels.tolist()), labels[:n_sources].tolist(), seed=seed, verbose=False)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # few cells, large values: our records and checks say so
        edges = beside(work, listen)
    position = {label: index for index, label in enumerate(labels)}
    result = np.zeros((n_sources, len(labels)))
    result[edges["TF"].map(position), edges["target"].map(position)] = edges["importance"]
    return result


def _seconds(n_cells: int, n_sources: int, n_genes: int) -> float:
    """Foretell the wall time on two cores; how many trees a target needs depends on the data."""
    return n_genes * (4e-4 + 1.3e-8 * n_cells * n_sources)


RECORD = CoexpressionMethod(
    name="grnboost2",
    title="GRNBoost2",
    description="Each gene is predicted from the TFs by boosted trees that stop when they no longer help.",
    limits="No sign; scores of pairs that no tree used are 0; unstable below about 50 cells.",
    reference="Moerman et al. 2019, Bioinformatics 35:2159; computed by rustscenic",
    unit="importance: share of the explained variance times number of trees",
    signed=False,
    directed=True,
    seeded=True,
    function=grnboost2,
    seconds=_seconds,
    targets_at_once=targets_at_once,
)
