"""The change of every gene that a model foretells when TFs are knocked out, knocked down or over-expressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from grn_core.datasets import GenePanel
from grn_core.experiments.change import Change, positions_of
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
    other_cells,
)
from grn_core.experiments.others import levels_after
from grn_core.experiments.responding import Moved
from grn_core.experiments.unmoved import unmoved
from grn_core.models.interface import FoundationModel
from grn_core.models.record import CONDITIONS

COLUMNS = ("rank", "gene", "symbol", "change", "uncertainty", "agree")


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
        As in `grn_core.experiments.asking.what_if`.
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
    if means is not None and (cut := _cut_off(panel, positions, before, after, means, model, change)):
        over, covers, table = CUT, f"{cut} {LEAVES_OUT}", table.assign(uncertainty=np.nan, agree=np.nan)
    table.attrs |= {
        "tfs": [panel.labels[one] for one in positions],
        "levels": [[float(a), float(b)] for a, b in zip(before, after, strict=True)],
        "units": record.units,
        "readout": readout or record.default_readout,
        "over": over,
        "draws": len(spread),
        "covers": covers,
        "notes": [
            *([] if means is None else means.notes),
            *unmoved(
                [panel.labels[one] for one in positions],
                before,
                after,
                change=change,
                record=record,
                means=None if means is None else means.mean[list(positions)],
            ),
        ],
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
    panel: GenePanel,
    tfs: Sequence[int],
    before: np.ndarray,
    after: np.ndarray,
    means: Means,
    model: FoundationModel,
    change: Change,
) -> str:
    """Say which TFs that move are at an end of a model's range, so that how they vary does not reach it; or nothing.

    A TF that no cell shows does not vary, and is at no end. One that is lowered from beyond the upper end moves in the
    cells, also where what is left is beyond it too and the model sees no change.
    """
    low, high = model.record.value_range
    moved = ~np.isclose(before, after) | (change.takes and change.lowers and before >= high)
    said = []
    for end, beyond in (("upper", before >= high), ("lower", (before <= low) & (means.mean[list(tfs)] > 0))):
        if names := [panel.labels[one] for one, yes in zip(tfs, beyond & moved, strict=True) if yes]:
            said.append(CUT_OFF.format(end=end, tfs=", ".join(names)))
    return " ".join(said)


def _covers(over: str, n: int) -> str:
    """Say what a spread over `n` draws is."""
    known = f"Uncertainty is {COVERS[over].format(n=n)}." if over in COVERS else NO_DRAWS.format(n=n)
    return f"{known} {LEAVES_OUT}"
