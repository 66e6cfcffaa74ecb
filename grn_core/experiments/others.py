"""The same question of other TFs: what a model says of any TF is no answer about one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.experiments.responding import Moved

if TYPE_CHECKING:
    from grn_core.datasets import GenePanel
    from grn_core.experiments.change import Change
    from grn_core.experiments.draws import Means
    from grn_core.models.interface import FoundationModel

N_OTHERS = 20


def of_others(
    model: FoundationModel,
    panel: GenePanel,
    tfs: Sequence[int],
    *,
    change: Change,
    means: Means | None = None,
    readout: str | None = None,
    n_others: int = N_OTHERS,
    seed: int = 0,
) -> pd.DataFrame:
    """Ask the same of other TFs of the panel, one at a time: what does not depend on the TF shows beside it.

    Parameters
    ----------
    model, panel, change, means, readout
        As in `predicted`.
    tfs
        Positions of the TFs that are not asked here.
    n_others, seed
        At most so many, drawn from the TFs in the order of their symbols.

    Returns
    -------
    DataFrame
        A row a gene by its symbol, a column a TF by its own: the change, NaN of the TF itself.
    """
    rest = sorted(set(panel.sources) - set(tfs), key=lambda one: panel.genes[one])
    drawn = np.random.default_rng(seed).permutation(len(rest))[:n_others]
    if means is not None and readout is None:
        readout = model.record.whole_cell_readout()
    context = None if means is None else np.asarray(model.to_units(panel.genes, means.mean), dtype=np.float64)
    cell = np.full(len(panel.genes), model.record.background) if context is None else context
    found = {}
    for one in (rest[number] for number in sorted(drawn)):
        asked = Moved.of(model, panel.genes, [one], readout=readout, context=context)
        after = levels_after(model, panel, [one], change=change, mean=None if means is None else means.mean)
        found[panel.genes[one]] = asked.by_member(cell[None], after[None]).mean(axis=0)[0]
        found[panel.genes[one]][one] = np.nan
    return pd.DataFrame(found, index=list(panel.genes))


def levels_after(
    model: FoundationModel, panel: GenePanel, tfs: Sequence[int], *, change: Change, mean: np.ndarray | None
) -> np.ndarray:
    """Return where a change puts TFs, (TFs,) in the model's units: in a group of this mean, or in a generic cell."""
    if mean is None:
        return np.full(len(tfs), change.generic_level(model.record))
    return change.levels_in_group(model, panel.genes, mean, tfs=tfs)
