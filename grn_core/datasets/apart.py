"""A dataset whose matrix is never opened in this process: what has to be computed of it, a process of its own computes.

The web server knows a dataset so: its genes, its cells' columns and what was guessed are here; the panel and the
quality figures are computed where files are read (`grn_core.datasets.isolation`), and only they come back. Each is kept
by the dataset's content and what was asked, so that it is computed once.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from grn_core.datasets import closer
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.isolation import read_apart, stored
from grn_core.datasets.isolation.unopened import Unopened
from grn_core.datasets.isolation.whole import check_whole
from grn_core.datasets.panel import GenePanel
from grn_core.errors import DataError

T = TypeVar("T")
DAMAGED = "what was read of these cells is damaged on the disk"
AGAIN = "open them again: the file is then read anew"
CELLS, FIGURES = "cells", "figures"
"""Arrays that are handed over: which cells are chosen; what was found of each."""


@dataclass(frozen=True, eq=False)
class DatasetApart(Dataset):
    """A dataset that shows all but its matrix, of which it knows the size and the place."""

    matrix: Unopened

    @cached_property
    def sha256(self) -> str:
        """Hash of the content, as the reader found it."""
        return self.matrix.sha256

    @property
    def is_there(self) -> bool:
        """Whether what was read of it still lies where it did."""
        return (self.matrix.folder / stored.RECORD).is_file()

    def panel(
        self,
        *,
        n_variable: int = 500,
        tfs: str | Iterable[str] = "auto",
        genes: Sequence[str] | None = None,
        cells: np.ndarray | None = None,
        vocabulary: Collection[str] | None = None,
        model: str = "the model",
    ) -> GenePanel:
        """Choose the genes and TFs to ask a model about, as `Dataset.panel` does, in a process of its own."""
        options = {
            "n_variable": n_variable,
            "tfs": tfs if isinstance(tfs, str) else list(tfs),
            "genes": None if genes is None else list(genes),
            "vocabulary": None if vocabulary is None else sorted(vocabulary),
            "model": model,
            "ref": self.ref,
        }
        arrays = {} if cells is None else {CELLS: np.asarray(cells)}
        return _found(self, "panel", options, arrays=arrays, load=lambda folder: stored.load_record(folder, GenePanel))


def apart(dataset: Dataset) -> DatasetApart:
    """Return a dataset whose matrix was left unopened as what it is."""
    return DatasetApart(**{one.name: getattr(dataset, one.name) for one in fields(Dataset)})


def quality(dataset: Dataset) -> np.ndarray:
    """Return the quality figures of each cell, as `closer.quality`; of a dataset apart without opening its matrix."""
    if not isinstance(dataset, DatasetApart):
        return closer.quality(dataset)

    def load(folder: Path) -> np.ndarray:
        values: np.ndarray = np.load(folder / f"{FIGURES}.npy", allow_pickle=False)
        if values.shape != (dataset.n_cells, len(closer.FIGURES)):
            message = f"{values.shape} figures"
            raise ValueError(message)
        return values

    return _found(dataset, "quality", {}, arrays={}, load=load)


def _found(
    dataset: DatasetApart,
    work: str,
    options: dict[str, Any],
    *,
    arrays: dict[str, np.ndarray],
    load: Callable[[Path], T],
) -> T:
    folder = dataset.matrix.folder
    if not folder.is_dir():
        message = "what was read of these cells is no longer there"
        raise DataError(message, todo=AGAIN)
    try:
        _refuse_damaged(folder, matrix=False)  # the matrix, which may be large, is looked at where it is read
        return read_apart(
            folder,
            reader=__name__,
            options={"work": work, **options},
            load=load,
            keep=True,
            of=dataset.sha256,
            arrays=arrays,
        )
    except DataError as error:
        if error.found == DAMAGED:
            shutil.rmtree(folder, ignore_errors=True)  # whoever opens the dataset has the file read again
        raise


def _refuse_damaged(folder: Path, *, matrix: bool) -> None:
    """Raise a `DataError` that has found `DAMAGED` where what was read of some cells is not as it was written."""
    try:
        check_whole(folder, matrix=matrix)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in (errno.ENOENT, errno.EIO):
            raise  # what the machine refuses just now, as too many open files, is no damage
        raise DataError(DAMAGED, todo=AGAIN) from error


def read_into(path: Path, folder: Path, options: dict[str, Any]) -> None:
    """Compute what was asked of the dataset that lies in `path`, and write it into `folder`; called by the reader."""
    _refuse_damaged(path, matrix=True)
    dataset = stored.load(path).hashed(stored.content_of(path))
    work = options.pop("work")
    if work == "quality":
        np.save(folder / f"{FIGURES}.npy", closer.quality(dataset), allow_pickle=False)
        return
    ref, cells = options.pop("ref"), folder / f"{CELLS}.npy"
    chosen = np.load(cells, allow_pickle=False) if cells.exists() else None
    panel = dataset.panel(**options, cells=chosen)
    cells.unlink(missing_ok=True)
    stored.save_record(replace(panel, dataset_ref=ref), folder)
