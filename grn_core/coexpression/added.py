"""Co-expression in measured cells, added to the scores of a model: how far two genes vary together there, by its rank.

The rank is that among the pairs which are asked together, so that its size has no unit of its own: the log-odds of it
are added to the log-odds of a translator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grn_core.coexpression.engine import score_pairs, varying
from grn_core.datasets import Dataset, GenePanel, expression
from grn_core.errors import DataError
from grn_core.in_words import counted, names
from grn_core.progress import Progress, silent

METHOD = "pearson"
WEIGHT = 0.5
"""What `scripts/measure_own_cells.py` calls half: on its data sets nothing better than 0 was found."""
LIMITS = (
    "Co-expression: its rank is one among the pairs that were asked together, so that the score of a pair changes with "
    "the genes beside it. It is symmetric, and knows neither direction nor cause."
)
NEAREST = 1e-6
"""How near a share of the ranks may come to 0 or 1."""
NAMED = 5


@dataclass(frozen=True, eq=False)
class InCells:
    """Measured cells in which co-expression is looked for.

    Attributes
    ----------
    dataset
        Counts or log-normalised values.
    cells
        (n_cells,) bool: only these; None takes all.
    """

    dataset: Dataset
    cells: np.ndarray | None = None

    @property
    def n_cells(self) -> int:
        """How many cells are looked at."""
        return self.dataset.n_cells if self.cells is None else int(self.cells.sum())


def strengths(
    panel: GenePanel,
    where: InCells,
    *,
    progress: Progress = silent,
    note: Callable[[str], object] = lambda _text: None,
) -> np.ndarray:
    """Return how far every TF and gene vary together in the cells.

    Parameters
    ----------
    panel
        Genes and TFs; every gene must be in the dataset.
    where
        The cells.
    progress
        Listener, stage ``co-expression``.
    note
        Called with a sentence on genes that are the same in all cells.

    Returns
    -------
    ndarray
        (TFs, genes), row = source, column = target: size of Pearson's correlation, 0 to 1; 0 of a gene with itself, and
        of one that is the same in all cells.

    Raises
    ------
    GeneError, DataError
        As of `grn_core.datasets.expression` and `grn_core.coexpression.score_pairs`; among them fewer than 10 cells.
    """
    values = expression(where.dataset, panel, where.cells).toarray()
    found = score_pairs(values, panel.genes, panel.sources, method=METHOD, progress=progress)
    still = [label for label, varies in zip(panel.labels, varying(values), strict=True) if not varies]
    if still:
        note(
            f"{counted(len(still), 'gene is', 'genes are')} the same in all chosen cells ({names(still[:NAMED])}"
            f"{', ...' if len(still) > NAMED else ''}): in the co-expression that is added their pairs rank last."
        )
    strength: np.ndarray = np.abs(found)
    return strength


def added(score: np.ndarray, strength: np.ndarray, *, weight: float = WEIGHT) -> np.ndarray:
    """Add to scores the weighed log-odds of the rank of what is measured.

    Parameters
    ----------
    score
        (N,) log-odds, one a pair.
    strength
        (N,) what is measured of the same pairs, the higher the stronger; pairs that are alike share their mean rank.
    weight
        Of what is added; 0 leaves the scores as they are.

    Returns
    -------
    ndarray
        (N,) float64. The order of the pairs changes nothing.
    """
    if score.shape != strength.shape:
        message = f"there are {len(score):,} scores and {len(strength):,} measured pairs"
        raise DataError(message, needed="both of the same pairs", todo="measure the pairs that are scored")
    from scipy.stats import rankdata

    share = np.clip(rankdata(strength) / (len(strength) + 1), NEAREST, 1 - NEAREST)
    total: np.ndarray = score.astype(np.float64) + weight * np.log(share / (1 - share))
    return total
