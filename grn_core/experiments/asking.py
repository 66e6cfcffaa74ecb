"""What if: the change of every gene that a model foretells when TFs are knocked out, knocked down or over-expressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.datasets import Dataset, GenePanel
from grn_core.errors import RequestError
from grn_core.experiments.change import KNOCK_OUT, LEFT, Change, positions_of
from grn_core.experiments.draw_limits import N_DRAWS, check_draws
from grn_core.experiments.draws import (
    COVERS,
    CUT,
    CUT_OFF,
    LEAVES_OUT,
    NO_DRAWS,
    STRENGTH,
    STRENGTHS,
    Means,
    group_means,
    other_cells,
)
from grn_core.experiments.named import beside_named, read_named, table_named
from grn_core.experiments.others import levels_after, of_others
from grn_core.experiments.propagation import signed_edges, with_propagation
from grn_core.experiments.responding import Moved
from grn_core.experiments.unmoved import unmoved
from grn_core.models.record import CONDITIONS
from grn_core.planning import BACKGROUNDS

if TYPE_CHECKING:
    from grn_core.models.interface import FoundationModel

COLUMNS = ("rank", "gene", "symbol", "change", "uncertainty", "agree")


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
    if group is not None and background != "context":
        message = "a group of cells was named for a generic cell"
        raise RequestError(message, needed='background="context"', todo="give it, or leave out the group")
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


def predicted(
    model: FoundationModel,
    panel: GenePanel,
    tfs: Sequence[str],
    *,
    change: Change,
    means: Means | None = None,
    readout: str | None = None,
    n_draws: int = N_DRAWS,
    seed: int = 0,
    batch: int | None = None,
    note: Callable[[str], object] = lambda _text: None,
) -> pd.DataFrame:
    """Ask a model what happens to the genes of a panel.

    Parameters
    ----------
    model
        Model of values that knows every gene of the panel.
    panel
        Genes and TFs.
    tfs
        Names of the TFs that are changed.
    change
        How.
    means
        The group of cells in which it is asked, over the panel's genes; a generic cell if None.
    readout, n_draws, seed
        As in `what_if`.
    batch, note
        As of `grn_core.extractors.engine.extract_features`.

    Returns
    -------
    DataFrame
        Every gene but the TFs that are changed, the largest change first: ``rank``; ``gene``, as the data call it;
        ``symbol``; ``change``, the model's value afterwards minus the one before, in its own units; ``uncertainty`` and
        ``agree``, the standard deviation of the change over draws and the share of them that have its sign; NaN in a
        group whose mean of a TF is beyond what the model reads.
        ``attrs``: ``tfs``, ``levels`` (before and after, of each), ``units``, ``covers`` (what the uncertainty is),
        ``over`` and ``draws``, ``readout``, ``notes``.

    Notes
    -----
    In a generic cell the other genes stand at the model's middle value, or are hidden from it where its readout hides
    them. The uncertainty is taken over the model's conditions where it has some, else over other generic cells, else
    over strengths of the change, which is no uncertainty; in a group over draws of its cells or donors. See
    `grn_core.experiments.draws`.
    """
    check_draws(n_draws, seed=seed)
    record, positions = model.record, positions_of(panel, tfs)
    if means is not None and readout is None:
        readout = record.whole_cell_readout()
    context = None if means is None else np.asarray(model.to_units(panel.genes, means.mean), dtype=np.float64)
    asked = Moved.of(model, panel.genes, positions, readout=readout, context=context, batch=batch, note=note)
    cell = np.full(len(panel.genes), record.background) if context is None else context
    after = levels_after(model, panel, positions, change=change, mean=None if means is None else means.mean)
    best = asked.by_member(cell[None], after[None])[:, 0]
    if means is not None:
        over, spread = means.over, _over_means(asked, model, panel, means=means, change=change)
    elif len(best) > 1:
        over, spread = "conditions", best
    elif asked.hides and CONDITIONS in record.readouts and record.conditions:
        told = Moved.of(model, panel.genes, positions, readout=CONDITIONS, batch=batch)
        over, spread = "conditions", told.by_member(cell[None], after[None])[:, 0]
    elif asked.hides:
        part = np.array(STRENGTHS)[:, None]
        levels = record.background + part * (after - record.background)
        over, spread = STRENGTH, asked.by_member(np.tile(cell, (len(part), 1)), levels)[0]
    else:
        cells = other_cells(record, panel.genes, n_draws=n_draws, seed=seed)
        cells[:, positions] = record.background
        over, spread = "backgrounds", asked.by_member(cells, np.tile(after, (len(cells), 1)))[0]
    table = ranked(panel, positions, best.mean(axis=0), spread)
    before = cell[list(positions)]
    covers = _covers(over, len(spread))
    if means is not None and (cut := _cut_off(panel, positions, before, after, means, model)):
        over, covers, table = CUT, f"{cut} {LEAVES_OUT}", table.assign(uncertainty=np.nan, agree=np.nan)
    table.attrs |= {
        "tfs": [panel.labels[one] for one in positions],
        "levels": [[float(a), float(b)] for a, b in zip(before, after, strict=True)],
        "units": record.units,
        "readout": readout or record.default_readout,
        "over": over,
        "draws": len(spread),
        "covers": covers,
        "notes": unmoved(
            [panel.labels[one] for one in positions],
            before,
            after,
            change=change,
            record=record,
            means=None if means is None else means.mean[list(positions)],
        ),
    }
    return table


def ranked(panel: GenePanel, tfs: Sequence[int], change: np.ndarray, spread: np.ndarray) -> pd.DataFrame:
    """Return the table of `predicted` of changes (L,) and those of draws (D, L)."""
    kept = np.setdiff1d(np.arange(len(panel.genes)), tfs)
    table = pd.DataFrame(
        {
            "gene": np.array(panel.labels, dtype=object)[kept],
            "symbol": np.array(panel.genes, dtype=object)[kept],
            "change": change[kept],
            "uncertainty": spread.std(axis=0)[kept],
            "agree": (np.sign(spread) == np.sign(change)).mean(axis=0)[kept],
        }
    )
    order = np.lexsort([table["gene"].to_numpy(dtype=str), -table["change"].abs().to_numpy()])
    table = table.iloc[order].reset_index(drop=True)
    return table.assign(rank=np.arange(1, len(table) + 1))[list(COLUMNS)]


def _over_means(asked: Moved, model: FoundationModel, panel: GenePanel, *, means: Means, change: Change) -> np.ndarray:
    """Return the changes (D, L) in draws of a group."""
    cells = np.stack([model.to_units(panel.genes, one) for one in means.draws]).astype(np.float64)
    levels = np.stack([change.levels_in_group(model, panel.genes, one, tfs=asked.tfs.tolist()) for one in means.draws])
    found: np.ndarray = asked.by_member(cells, levels).mean(axis=0)
    return found


def _cut_off(
    panel: GenePanel, tfs: Sequence[int], before: np.ndarray, after: np.ndarray, means: Means, model: FoundationModel
) -> str:
    """Say which TFs that move are at an end of a model's range, so that how they vary does not reach it; or nothing.

    A TF that no cell shows does not vary, and is at no end.
    """
    low, high = model.record.value_range
    moved = ~np.isclose(before, after)
    said = []
    for end, beyond in (("upper", before >= high), ("lower", (before <= low) & (means.mean[list(tfs)] > 0))):
        if names := [panel.labels[one] for one, yes in zip(tfs, beyond & moved, strict=True) if yes]:
            said.append(CUT_OFF.format(end=end, tfs=", ".join(names)))
    return " ".join(said)


def _covers(over: str, n: int) -> str:
    """Say what a spread over `n` draws is."""
    known = f"Uncertainty is {COVERS[over].format(n=n)}." if over in COVERS else NO_DRAWS.format(n=n)
    return f"{known} {LEAVES_OUT}"
