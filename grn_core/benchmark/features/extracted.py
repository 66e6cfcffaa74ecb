"""Features of pairs, kept as they are computed: the one cache of all extractors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from grn_core.benchmark.features.cache import (
    FEATURE_CODE,
    MEAN_CELL_CODE,
    array_writer,
    code_digest,
    digest,
    read_parts,
    root,
)
from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.features.handle import ModelHandle
from grn_core.benchmark.features.mean_cell import mean_cell
from grn_core.caches import made, used
from grn_core.executors import HERE, Executor, Parcel, Work
from grn_core.extractors import EXTRACTORS, extractors_of
from grn_core.files import write_atomic
from grn_core.models.record import ModelRecord
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from grn_core.benchmark.features.remote import Asked

SOURCES_AT_ONCE = 16  # sources between two writes of features: what an interruption can lose
PER_SOURCE = ("value", "tangent")
"""What a model is asked anew for every source; all else it gives for every source at once."""


def read_together(name: str, model: ModelRecord) -> tuple[str, ...]:
    """Extractors that a model answers in the pass of one of them, sorted: those of levels; else it alone."""
    if EXTRACTORS[name].asks != "levels":
        return (name,)
    return tuple(sorted(one for one in extractors_of(model) if EXTRACTORS[one].asks == "levels"))


class FeatureCache:
    """Features of pairs of one gene list by one model.

    Of extractors that read a whole cell all targets of a source are kept, because they cost what one does. Of those
    that ask which genes a pair is and no more (``genes``) nothing is: they are read as fast as a file, and long.

    Parameters
    ----------
    handle
        The model, loaded only if a pair is new.
    genes
        Gene list; positions in pairs refer to it.
    extractors
        Extractors that ask the same, see `read_together`.
    readout
        Output that is read.
    background
        ``virtual``, or ``context``: the other genes at their values in `mean_cell`.
    cells
        Measured cells, whose mean extractors of a whole cell are read at; at the model's background if None.
    home
        Data folder; the one of the settings if None.
    """

    def __init__(
        self,
        handle: ModelHandle,
        genes: Sequence[str],
        *,
        extractors: Sequence[str],
        readout: str,
        background: str = "virtual",
        cells: Cells | None = None,
        home: Path | None = None,
    ) -> None:
        self.handle, self.genes, self.extractors = handle, tuple(genes), tuple(extractors)
        self.readout, self.background, self.cells = readout, background, cells
        (self.asks,) = {EXTRACTORS[name].asks for name in self.extractors}
        key = {
            "code": code_digest(FEATURE_CODE),
            "model": handle.sha,
            "extractors": list(self.extractors),
            "readout": readout,
            "grid": list(handle.record.grid),
            "background": [background, handle.record.background],
            "genes": list(self.genes),
        }
        if self.asks == "cell":
            key |= {"cells": "" if cells is None else cells.sha, "code of the cell": code_digest(MEAN_CELL_CODE)}
        self.folder, self.home = root(home) / "features" / digest(key)[:32], home
        self._codes = np.empty(0, dtype=np.int64)
        self._values: dict[str, np.ndarray] = {}
        if self.asks != "genes":
            used(self.folder, home=home)
            found = list(read_parts(self.folder, ("codes", *self.extractors)))
            if found:
                whole = {name: np.concatenate([part[name] for part in found]) for name in ("codes", *self.extractors)}
                self._add(whole.pop("codes"), whole)

    def get(
        self, pairs: np.ndarray, *, progress: Progress = silent, executor: Executor = HERE
    ) -> dict[str, np.ndarray]:
        """Return features of pairs, extracting those that are new.

        Parameters
        ----------
        pairs
            (N, 2) positions: source, target; at least one.
        progress
            Listener; may cancel, what is finished stays.
        executor
            What asks the model, of some sources at a time.

        Returns
        -------
        dict
            Extractor -> float32 (N, length).
        """
        if self.asks == "genes":
            return self._read(pairs)
        codes = pairs[:, 0].astype(np.int64) * len(self.genes) + pairs[:, 1]
        self._extract(np.setdiff1d(codes, self._codes), progress, executor)
        rows = np.searchsorted(self._codes, codes)
        return {name: values[rows] for name, values in self._values.items()}

    def _extract(self, codes: np.ndarray, progress: Progress, executor: Executor) -> None:
        from grn_core.benchmark.features.remote import given_of, prepared

        sources = np.unique(codes // len(self.genes))
        parts = [self._codes_of(codes, some) for some in self._at_once(sources)]
        work = Work(
            here=lambda number: self._read(self._pairs(parts[number])),
            module=prepared.__module__,
            given=lambda: given_of(self.handle, self._asked(), context=self._context()),
            part=lambda number: Parcel(arrays={"pairs": self._pairs(parts[number])}),
        )
        done = 0
        executor = executor if self.handle.called else HERE

        def listen() -> None:
            progress("extract", done, len(sources))

        for number, found in executor.results(work, range(len(parts)), listen=listen):
            part = parts[number]
            name = f"{hashlib.sha256(part.tobytes()).hexdigest()[:16]}.npz"
            write_atomic(self.folder / name, array_writer(codes=part, **found))
            made(self.folder, home=self.home)
            self._add(part, found)
            done += len(np.unique(part // len(self.genes)))
        if len(sources):
            progress("extract", len(sources), len(sources))

    def _read(self, pairs: np.ndarray) -> dict[str, np.ndarray]:
        """Ask the model about pairs (N, 2), in this process."""
        from grn_core.benchmark.features.remote import features_of

        return features_of(self.handle.load(), self._asked(), pairs, context=self._context())

    def _at_once(self, sources: np.ndarray) -> list[np.ndarray]:
        """Divide sources into those that are asked about together."""
        per_source = any(need in PER_SOURCE for name in self.extractors for need in EXTRACTORS[name].needs)
        step = SOURCES_AT_ONCE if per_source else max(1, len(sources))
        return [sources[start : start + step] for start in range(0, len(sources), step)]

    def _codes_of(self, codes: np.ndarray, sources: np.ndarray) -> np.ndarray:
        """Codes of the pairs that are asked of some sources: of a whole cell all."""
        if self.asks == "cell":
            return (sources[:, None] * len(self.genes) + np.arange(len(self.genes))).ravel()
        return codes[np.isin(codes // len(self.genes), sources)]

    def _pairs(self, codes: np.ndarray) -> np.ndarray:
        return np.stack([codes // len(self.genes), codes % len(self.genes)], axis=1)

    def _asked(self) -> Asked:
        from grn_core.benchmark.features.remote import Asked

        return Asked(
            genes=self.genes,
            extractors=self.extractors,
            readout=self.readout,
            background=self.background,
            asks=self.asks,
            at_once=SOURCES_AT_ONCE,
        )

    def _context(self) -> np.ndarray | None:
        return mean_cell(self.handle.load(), self.genes, self.cells) if self.asks == "cell" else None

    def _add(self, codes: np.ndarray, values: Mapping[str, np.ndarray]) -> None:
        """Put pairs among those at hand, in order of their codes; of a pair that is there twice the first stays."""
        every, first = np.unique(np.concatenate([self._codes, codes]), return_index=True)
        known = self._values or {name: array[:0] for name, array in values.items()}
        self._values = {name: np.concatenate([known[name], values[name]])[first] for name in self.extractors}
        self._codes = every
