"""From a dataset and its panel to a ranked table of edges by co-expression: what a run of that kind computes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.coexpression.engine import run
from grn_core.datasets import Dataset, GenePanel, expression
from grn_core.executors import HERE, Executor
from grn_core.networks import GeneNames
from grn_core.progress import Progress, silent

SHOWN_CELLS = 3000


def infer(
    dataset: Dataset,
    panel: GenePanel,
    cells: np.ndarray | None = None,
    *,
    method: str = "pearson",
    seed: int = 0,
    options: Mapping[str, int] | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
    executor: Executor = HERE,
) -> pd.DataFrame:
    """Infer a network from measured cells alone.

    Parameters
    ----------
    dataset
        Measured cells.
    panel
        Genes and TFs, chosen from the dataset.
    cells
        (n_cells,) bool, which cells; None takes all. As for the panel.
    method, seed, options, folder, progress, executor
        As in `grn_core.coexpression.score_pairs`.

    Returns
    -------
    DataFrame
        As `grn_core.coexpression.run` returns it, with the names of genes as the user's data have them. There is no
        probability: a score is in the method's own unit, and comparable within one run only.

    Raises
    ------
    GrnError
        A subclass that says what was found, needed and what to do.
    """
    values = expression(dataset, panel, cells)
    return run(
        values,
        panel.genes,
        panel.sources,
        method=method,
        seed=seed,
        options=options,
        names=GeneNames.of(panel),
        folder=folder,
        progress=progress,
        executor=executor,
    )


def shown_cells(values: sparse.csr_matrix, *, seed: int = 0) -> np.ndarray:
    """Return the cells that are kept with a run to be looked at, as (genes, cells) float32.

    All of them up to 3,000, else so many drawn at random without replacement, in the order of the dataset.
    """
    chosen = np.arange(values.shape[0])
    if len(chosen) > SHOWN_CELLS:
        chosen = np.sort(np.random.default_rng(seed).choice(chosen, SHOWN_CELLS, replace=False))
    return np.ascontiguousarray(values[chosen].toarray().T, dtype=np.float32)
