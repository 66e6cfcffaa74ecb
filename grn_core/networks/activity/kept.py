"""TF activity as a run keeps it: plain arrays and tables in a folder, of which a page reads one TF at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.datasets.large import let_go
from grn_core.errors import GeneError
from grn_core.files import read_json, reserve
from grn_core.networks.activity.scores import Scoring
from grn_core.progress import Progress, silent
from grn_core.sums import read_summed, sum_of_arrays, write_summed

SCORES, CELLS, FACTS, PARTS = "activity.npy", "cells.npy", "activity.json", "parts"
GROUPS, DIFFERENCES, OVERVIEW = "groups.parquet", "differences.parquet", "overview.parquet"


@dataclass(frozen=True, eq=False)
class KeptActivity:
    """The activity of TFs in cells, in a folder.

    Attributes
    ----------
    folder
        Where it lies.
    """

    folder: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        """``tfs``, ``sizes`` (targets of each), ``left_out``, ``genes`` (how many were looked at), ``method``."""
        found: dict[str, Any] = read_json(self.folder / FACTS)
        return found

    @property
    def tfs(self) -> tuple[str, ...]:
        """Names of the TFs, in the order of `scores`."""
        return tuple(self.facts["tfs"])

    @cached_property
    def scores(self) -> np.ndarray:
        """float32 (TFs, cells), on disk; NaN in cells without any activity."""
        found: np.ndarray = np.load(self.folder / SCORES, mmap_mode="r", allow_pickle=False)
        return found

    @cached_property
    def cells(self) -> np.ndarray:
        """Numbers of the cells in their dataset, ascending."""
        found: np.ndarray = np.load(self.folder / CELLS, allow_pickle=False)
        return found

    @property
    def groups(self) -> pd.DataFrame | None:
        """Means and specificity, see `grn_core.networks.activity.by_group`; None where no column was asked."""
        return self._table(GROUPS)

    @property
    def differences(self) -> pd.DataFrame | None:
        """A against B, see `grn_core.networks.activity.differences`; None where no groups were asked."""
        return self._table(DIFFERENCES)

    def of_tf(self, tf: str) -> np.ndarray:
        """Return the activity of one TF in `cells`, float32; `GeneError` for one that is not there."""
        if tf not in self.tfs:
            message = f"there is no activity of {tf!r}"
            raise GeneError(message, needed="a TF with enough targets in these cells", todo="choose one of the list")
        return np.array(self.scores[self.tfs.index(tf)])

    def overview(self) -> pd.DataFrame:
        """Return `overview_of` the TFs; of a run that has not written it, it is made from all scores."""
        found = self._table(OVERVIEW)
        return overview_of(self.facts, self.scores) if found is None else found

    def _table(self, name: str) -> pd.DataFrame | None:
        path = self.folder / name
        return pd.read_parquet(path) if path.is_file() else None


def overview_of(facts: Mapping[str, Any], scores: np.ndarray) -> pd.DataFrame:
    """Return ``tf``, ``targets``, ``mean`` and ``sd`` over the cells, the most variable TF first.

    Parameters
    ----------
    facts
        Of `Scoring.facts`.
    scores
        (TFs, cells), read one TF at a time.
    """
    spread = [(float(np.nanmean(own)), float(np.nanstd(own))) if np.isfinite(own).any() else (np.nan, np.nan)
              for own in scores]  # fmt: skip
    table = pd.DataFrame({"tf": list(facts["tfs"]), "targets": facts["sizes"]})
    table = table.assign(mean=[mean for mean, _ in spread], sd=[sd for _, sd in spread])
    return table.sort_values(["sd", "tf"], ascending=[False, True], ignore_index=True)


def n_silent(scores: np.ndarray) -> int:
    """Return how many cells have no activity of any TF; scores (TFs, cells) are read one TF at a time."""
    silent = np.full(scores.shape[1], len(scores) > 0)
    for own in scores:
        silent &= np.isnan(own)
        if not silent.any():
            break
    return int(silent.sum())


def streamed(scoring: Scoring, parts: Path, *, progress: Progress = silent) -> np.ndarray:
    """Score the cells chunk by chunk into a file, from where an earlier attempt stopped.

    Parameters
    ----------
    scoring
        What is scored.
    parts
        Folder of what is not whole yet.
    progress
        Listener, stage ``activity``; may raise `Cancelled`, and the next call goes on after the last finished chunk.

    Returns
    -------
    numpy.ndarray
        float32 (TFs, cells), on disk in `parts`.
    """
    shape = (len(scoring.tfs), scoring.n_cells)
    parts.mkdir(exist_ok=True)
    path, noted = parts / "scores.npy", parts / "done.json"
    before = read_summed(noted) or {}
    goes_on = before.get("shape") == list(shape) and path.is_file()
    ends = _unharmed(path, before["parts"], shape) if goes_on else {}
    done = max(map(int, ends), default=0)
    scores = np.lib.format.open_memmap(path, mode="r+" if done else "w+", dtype=np.float32, shape=shape)
    reserve(path)
    progress("activity", done, scoring.n_cells)
    for part in scoring.chunks(done):
        rows = slice(done, done + len(part))
        scores[:, rows] = part.T
        scores.flush()
        done = rows.stop
        ends[str(done)] = sum_of_arrays([scores[:, rows]])
        let_go(scores)
        write_summed(noted, {"parts": ends, "shape": list(shape)})
        progress("activity", done, scoring.n_cells)
    return scores


def _unharmed(path: Path, parts: Mapping[str, str], shape: tuple[int, int]) -> dict[str, str]:
    """Return the sums of the finished chunks, by their last cell, up to the first that is not as it was written."""
    found: dict[str, str] = {}
    try:
        scores: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return found
    first = 0
    for end, told in sorted(parts.items(), key=lambda part: int(part[0])):
        if scores.shape != shape or sum_of_arrays([scores[:, first : int(end)]]) != told:
            break
        found[end], first = told, int(end)
    return found
