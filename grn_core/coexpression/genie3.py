"""GENIE3: each target is regressed on the TFs by an ensemble of trees; the importance of a TF is the score."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from grn_core.coexpression.records import STAGE, CoexpressionMethod
from grn_core.progress import Progress, silent

TREES = 100  # the original grows 1,000, ten times as long


def gene_seed(seed: int, gene: str) -> int:
    """Derive the seed of one gene from the run's seed and the gene's name, whatever other genes there are."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{gene}".encode()).digest()[:4], "big")


def genie3(
    expression: np.ndarray,
    sources: np.ndarray,
    *,
    names: Sequence[str],
    seed: int,
    extra_trees: bool,
    progress: Progress = silent,
) -> np.ndarray:
    """Regress each gene on the sources with trees.

    Parameters
    ----------
    expression
        (cells, genes), every gene varies.
    sources
        (S,) positions of the sources.
    names
        (genes,) name of each gene; decides its random draws.
    seed
        Seed of the run.
    extra_trees
        Extremely randomised trees on all cells instead of a random forest on bootstrap samples.
    progress
        Listener, called after each target; may raise to stop.

    Returns
    -------
    ndarray
        (S, genes), row = source, column = target: decrease of the target's variance by splits on the source, mean over
        trees, as a share of the variance, 0 to about 1.
    """
    from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

    forest = ExtraTreesRegressor if extra_trees else RandomForestRegressor
    n_genes = expression.shape[1]
    result = np.zeros((len(sources), n_genes))
    for target in range(n_genes):
        progress(STAGE, target, n_genes)
        others = np.flatnonzero(sources != target)
        if len(others):
            trees = forest(n_estimators=TREES, max_features="sqrt", random_state=gene_seed(seed, names[target]))
            result[others, target] = _importances(trees, expression[:, sources[others]], expression[:, target])
    progress(STAGE, n_genes, n_genes)
    return result


def _importances(trees: Any, regulators: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Fit trees and return the mean decrease of variance by each regulator, not rescaled to sum to 1 a tree."""
    trees.fit(regulators.astype(np.float32), (target - target.mean()) / target.std())
    return np.mean([tree.tree_.compute_feature_importances(normalize=False) for tree in trees.estimators_], axis=0)


REFERENCE = "Huynh-Thu et al. 2010, PLoS ONE 5:e12776"
LIMITS = (
    f"No sign; {TREES} trees a target where the original grows 1,000; the scores of each target sum to about 1, "
    "also of a target that no TF explains."
)
RECORDS = (
    CoexpressionMethod(
        name="genie3",
        title="GENIE3 (random forest)",
        description="Each gene is predicted from the TFs by a random forest; the importance of a TF is its score.",
        limits=LIMITS,
        reference=REFERENCE,
        signed=False,
        directed=True,
        seeded=True,
        function=partial(genie3, extra_trees=False),
    ),
    CoexpressionMethod(
        name="genie3-extra-trees",
        title="GENIE3 (extra trees)",
        description="GENIE3 with extremely randomised trees: split points are drawn and every cell is used.",
        limits=LIMITS,
        reference=REFERENCE,
        signed=False,
        directed=True,
        seeded=True,
        function=partial(genie3, extra_trees=True),
    ),
)
