"""GENIE3: each target is regressed on the TFs by an ensemble of trees; the importance of a TF is the score."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from grn_core.coexpression.records import STAGE, CoexpressionMethod, MethodOption
from grn_core.progress import Progress, silent
from grn_core.settings import settings

TARGETS_AT_ONCE = 20
TREES = MethodOption(
    name="trees",
    title="Trees per target",
    help="More trees make the scores steadier and take longer in proportion; the original grows 1,000.",
    default=100,
    choices=(50, 100, 200, 500, 1000),
)


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
    trees: int = TREES.default,
    targets: np.ndarray | None = None,
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
    trees
        Trees grown for each target.
    targets
        (T,) positions of the genes that are regressed; all of them if None. What a target gets depends on no other.
    progress
        Listener, called after each target; may raise to stop.

    Returns
    -------
    ndarray
        (S, T), row = source, column = target: decrease of the target's variance by splits on the source, mean over
        trees, as a share of the variance, 0 to about 1.
    """
    asked = np.arange(expression.shape[1]) if targets is None else targets
    regulators = expression.astype(np.float32)

    def column(target: int) -> np.ndarray:
        found, others = np.zeros(len(sources)), np.flatnonzero(sources != target)
        if len(others):
            of_others = np.ascontiguousarray(regulators[:, sources[others]])
            drawn = gene_seed(seed, names[target])
            found[others] = _importances(
                of_others, expression[:, target], trees=trees, seed=drawn, extra_trees=extra_trees
            )
        return found

    progress(STAGE, 0, len(asked))
    result = np.zeros((len(sources), len(asked)))
    with warnings.catch_warnings():  # each tree sets the filters aside for a moment, and threads cross
        pool = ThreadPoolExecutor(settings().cpus)
        try:
            for place, found in enumerate(pool.map(column, asked)):
                result[:, place] = found
                progress(STAGE, place + 1, len(asked))
        finally:
            pool.shutdown(cancel_futures=True)
    return result


def _importances(regulators: np.ndarray, target: np.ndarray, *, trees: int, seed: int, extra_trees: bool) -> np.ndarray:
    """Grow the trees of scikit-learn's forest of this seed; mean decrease of variance by each regulator, unscaled.

    The trees are grown one by one and not by the forest's `fit`: that one empties the process' warning filters around
    each tree, and raises a warning of its own where it finds them emptied by another thread.
    """
    from sklearn.tree import DecisionTreeRegressor, ExtraTreeRegressor

    grow = ExtraTreeRegressor if extra_trees else DecisionTreeRegressor
    wanted = np.ascontiguousarray((target - target.mean()) / target.std(), np.float64)
    n_cells, total = len(wanted), np.zeros(regulators.shape[1])
    for drawn in np.random.RandomState(seed).randint(np.iinfo(np.int32).max, size=trees):
        times = None
        if not extra_trees:
            bootstrap = np.random.RandomState(drawn).randint(0, n_cells, n_cells)
            times = np.bincount(bootstrap, minlength=n_cells)
        tree = grow(max_features="sqrt", random_state=int(drawn))
        tree.fit(regulators, wanted, sample_weight=times, check_input=False)
        total += tree.tree_.compute_feature_importances(normalize=False)
    found: np.ndarray = total / trees
    return found


def _seconds(n_cells: int, n_sources: int, n_genes: int, *, trees: int, tree: float, value: float) -> float:
    """Foretell the wall time on two cores from the measured costs of a tree and of each value that it sorts."""
    values = n_cells * math.log2(n_cells) * math.sqrt(n_sources)
    return n_genes * trees * (tree + value * values)


REFERENCE = "Huynh-Thu et al. 2010, PLoS ONE 5:e12776"
UNIT = "share of the target's variance"
LIMITS = (
    f"No sign; {TREES.default} trees a target unless told otherwise (the original grows 1,000); the scores of each "
    "target sum to about 1, also of a target that no TF explains."
)
_record = partial(
    CoexpressionMethod,
    limits=LIMITS,
    reference=REFERENCE,
    unit=UNIT,
    signed=False,
    directed=True,
    seeded=True,
    options=(TREES,),
    targets_at_once=lambda _n_sources: TARGETS_AT_ONCE,
)
RECORDS = (
    _record(
        name="genie3",
        title="GENIE3 (random forest)",
        description="Each gene is predicted from the TFs by a random forest; the importance of a TF is its score.",
        function=partial(genie3, extra_trees=False),
        seconds=partial(_seconds, tree=3.0e-4, value=1.2e-8),
    ),
    _record(
        name="genie3-extra-trees",
        title="GENIE3 (extra trees)",
        description="GENIE3 with extremely randomised trees: split points are drawn and every cell is used.",
        function=partial(genie3, extra_trees=True),
        seconds=partial(_seconds, tree=2.5e-4, value=6.5e-9),
    ),
)
