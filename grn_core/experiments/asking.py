"""What if: the whole question in one function, from names of TFs to a table beside a network and a measurement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.datasets import Dataset, GenePanel
from grn_core.errors import RequestError
from grn_core.experiments.change import KNOCK_OUT, LEFT, Change, positions_of
from grn_core.experiments.draw_limits import N_DRAWS, check_draws
from grn_core.experiments.draws import group_means
from grn_core.experiments.named import beside_named, read_named, table_named
from grn_core.experiments.others import of_others
from grn_core.experiments.predicting import predicted
from grn_core.experiments.propagation import signed_edges, with_propagation
from grn_core.planning import BACKGROUNDS

if TYPE_CHECKING:
    from grn_core.models.interface import FoundationModel


def what_if(
    data: GenePanel | Dataset,
    tfs: Sequence[str],
    *,
    change: str = KNOCK_OUT,
    left: float = LEFT,
    background: str = BACKGROUNDS[0],
    cells: np.ndarray | None = None,
    group: np.ndarray | None = None,
    donor: str = "",
    model: str | Path | FoundationModel = "compact",
    readout: str | None = None,
    n_draws: int = N_DRAWS,
    seed: int = 0,
    device: str | None = None,
    propagate: pd.DataFrame | None = None,
    measured: str | Path | None = None,
) -> pd.DataFrame:
    """Foretell how every gene changes when TFs are changed together.

    Parameters
    ----------
    data
        Genes and TFs, or cells from which they are chosen with the defaults of `Dataset.panel`.
    tfs
        Names of one or several TFs of the panel, all changed at once.
    change, left
        See `grn_core.experiments.change.Change`.
    background
        ``virtual``: a generic cell. ``context``: the mean of a group of cells, for which `data` are cells.
    cells
        (n_cells,) bool: the chosen cells, from which genes and TFs are chosen; None for all.
    group
        (n_cells,) bool: the group in whose mean it is asked, where it is not those cells.
    donor
        Column of the donors, for the uncertainty in a group; cells are drawn where none is named.
    model
        Name, folder, or a loaded model of values.
    readout
        Output of the model that is read. Its default in a generic cell; in a group the first that shows every gene.
    n_draws, seed
        Draws of the uncertainty.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``, for a model that is loaded here.
    propagate
        Edges with signs, of `infer` or `read_network`, along which the change is passed on; None does not.
    measured
        Measured changes that the prediction is set beside: a name of `grn_core.experiments.bundled.bundled`, or a file.

    Returns
    -------
    DataFrame
        As of `predicted`: ``change`` is the model's value after minus the one before, in the units that
        ``attrs["units"]`` names; with ``propagated`` where asked for, see `grn_core.experiments.propagation`. Beside a
        measurement with ``measured``, ``p`` and ``responded``; ``attrs`` then holds how they agree, or why they are not
        compared, as of `grn_core.experiments.named.beside_named`.

    Raises
    ------
    GrnError
        A subclass that says what was found, needed and what to do.
    """
    from grn_core.models.load import resident_model

    check_draws(n_draws, seed=seed)
    if (group is not None or donor) and background != "context":
        message = f"{'donors were' if group is None else 'a group of cells was'} named for a generic cell"
        raise RequestError(message, needed='background="context"', todo="give it, or leave that out")
    if background not in BACKGROUNDS:
        message = f"unknown background {background!r}"
        raise RequestError(message, needed=" or ".join(BACKGROUNDS), todo="correct it")
    name = None if measured is None else table_named(measured)
    changes = None if name is None else read_named(name)  # one that cannot be read shows before anything is computed
    if propagate is not None:
        signed_edges(propagate)  # likewise
    network = resident_model(model, device=device) if isinstance(model, str | Path) else model
    known, title = frozenset(network.vocabulary), network.record.title
    panel = data.panel(cells=cells, vocabulary=known, model=title) if isinstance(data, Dataset) else data
    panel = panel.known_to(known, model=title)
    means = None
    if background == "context":
        if not isinstance(data, Dataset):
            message = "a group of cells was asked for without cells"
            raise RequestError(message, needed="a dataset with cells", todo="give the dataset, or ask a generic cell")
        means = group_means(
            data, cells if group is None else group, panel.genes, donor=donor, n_draws=n_draws, seed=seed
        )
    what = Change(change, left)
    table = predicted(network, panel, tfs, change=what, means=means, readout=readout, n_draws=n_draws, seed=seed)
    if propagate is not None:
        table = with_propagation(table, propagate)
    if name is None or changes is None:
        return table
    positions = positions_of(panel, tfs)
    others = of_others(network, panel, positions, change=what, means=means, readout=readout, seed=seed)
    symbols = [panel.genes[one] for one in positions]
    told, both = beside_named(table, changes, name=name, tfs=symbols, change=what.name, others=others, seed=seed)
    if both is not None:
        attrs, own = table.attrs, both[["gene", "measured", "p", "responded"]]
        table = table.merge(own, on="gene", how="left", validate="one_to_one")
        table.attrs = attrs
    table.attrs |= told
    return table
