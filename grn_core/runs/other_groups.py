"""The same edge in the finished runs that asked the same of other cells of the same dataset."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from grn_core.errors import RunError
from grn_core.runs.kinds.panel import PanelRequest
from grn_core.runs.names import cells_of
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.runs.request import Request

MOST = 12
ALL_CELLS = "All cells"
COLUMNS = ("group", "rank", "percentile", "score", "sign", "run")


def runs_of_other_groups(run_id: str, request: Request, *, most: int = MOST) -> dict[str, str]:
    """Return the runs that differ from one only in the cells that were asked about, newest first.

    Parameters
    ----------
    run_id, request
        The run, and what it was asked.
    most
        At most so many.

    Returns
    -------
    dict
        Run id -> its cells in words, numbered where two choices of cells, one of them the run's own, have the same
        words; of each choice of cells the newest run.
    """
    if not isinstance(request, PanelRequest) or not request.has_cells:
        return {}
    asked, seen, found = _but_cells(request), {request.cells}, {}
    n_called = Counter([words_of_cells(request)])
    for info in RunStore().list_runs():
        other = info.request
        if info.run_id == run_id or info.status.state != "done" or not isinstance(other, PanelRequest):
            continue
        if other.cells in seen or _but_cells(other) != asked:
            continue
        seen.add(other.cells)
        words = words_of_cells(other)
        n_called[words] += 1
        found[info.run_id] = words if n_called[words] == 1 else f"{words} ({n_called[words]})"
        if len(found) == most:
            break
    return found


def words_of_cells(request: Request) -> str:
    """Return the cells of a request in words."""
    return cells_of(request) or ALL_CELLS


def _but_cells(request: PanelRequest) -> dict[str, Any]:
    """Return what a request asks whatever the cells; the dataset by its content, not by its name."""
    named = ("cells", "title", "dataset_ref")
    return {name: value for name, value in request.to_json().items() if name not in named}


def edge_in_runs(runs: dict[str, str], source: str, target: str) -> pd.DataFrame:
    """Return what several runs say of one edge.

    Parameters
    ----------
    runs
        Run id -> its cells in words.
    source, target
        Human symbols of the TF and the target.

    Returns
    -------
    pandas.DataFrame
        A row for each run that scored the pair, in their order: ``group``, ``rank`` (1 is the best), ``percentile`` (of
        the run's edges so many rank lower), ``score``, ``sign`` (+1, -1, 0) and ``run``.
    """
    rows = []
    for run_id, group in runs.items():
        try:
            row = _edge(run_id, source, target)
        except RunError:  # removed or damaged since
            continue
        if row is not None:
            rows.append({"group": group, **row, "run": run_id})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _edge(run_id: str, source: str, target: str) -> dict[str, float] | None:
    store = RunStore()
    names = store.gene_names(run_id)
    label = dict(zip(names.symbols, names.labels, strict=True))
    ends = (label.get(source, source), label.get(target, target))
    found: dict[str, float] | None = store.part(run_id, "edges.parquet", partial(_row, ends=ends))
    return found


def _row(path: Path, *, ends: tuple[str, str]) -> dict[str, float] | None:
    wanted = [("source", "==", ends[0]), ("target", "==", ends[1])]
    rows = pd.read_parquet(path, columns=["rank", "percentile", "score", "sign"], filters=wanted)
    return None if rows.empty else {str(name): float(value) for name, value in rows.iloc[0].items()}
