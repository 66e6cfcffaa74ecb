"""Pair features on disk: float32 arrays (sources, targets, length) that are written chunk by chunk."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from grn_core.extractors.gene_pairs import GenePairs
from grn_core.extractors.registry import end_of, is_of_both
from grn_core.files import reserve, write_json
from grn_core.sums import read_summed, sum_of_arrays, write_summed


@dataclass(frozen=True)
class FeatureSpec:
    """What decides the content of the arrays.

    Attributes
    ----------
    model, model_sha
        Name and digest of the network's weights.
    genes, sources
        Gene names (targets, axis 1) and positions of the sources among them (axis 0).
    levels
        Values the source takes, model units.
    readout, background
        How the model was read; ``virtual`` or ``context``.
    context
        Digest of the mean measured cell where it takes part: as background, or because an extractor is read there.
    chunk
        Sources per chunk.
    block, seed
        Genes of a block and the seed of the draw where the panel is longer than what the model reads at once; else 0.
    precision
        ``float32`` or ``bfloat16``.
    members
        How many readouts a feature of levels puts together (`ModelRecord.members`), one after the other.
    adapted_from
        `model_sha` of the base if the network is a base that was adapted to some cells; else empty.
    """

    model: str
    model_sha: str
    genes: tuple[str, ...]
    sources: tuple[int, ...]
    levels: tuple[float, ...]
    readout: str
    background: str
    context: str
    chunk: int
    block: int = 0
    seed: int = 0
    precision: str = "float32"
    adapted_from: str = ""
    members: int = 1

    @property
    def n_chunks(self) -> int:
        """Number of chunks."""
        return -(-len(self.sources) // self.chunk)

    def digest(self) -> str:
        """SHA-256 of everything above."""
        return hashlib.sha256(json.dumps(self.__dict__, sort_keys=True).encode()).hexdigest()


class PairFeatures(Mapping[str, "np.ndarray | GenePairs"]):
    """Arrays by extractor name, each (sources, targets, length) float32, row = source, column = target.

    Reading a name opens the file without loading it. Entries of a source with itself are NaN, since a gene is no target
    of its own, but for extractors of which vectors of single genes are kept (`ExtractorRecord.is_term`).

    Attributes
    ----------
    spec
        What decides them.
    folder
        Where they are.
    lengths
        Numbers of a pair's feature by extractor.
    """

    def __init__(self, spec: FeatureSpec, folder: Path, lengths: Mapping[str, int]) -> None:
        self.spec, self.folder, self.lengths = spec, folder, dict(lengths)

    def __getitem__(self, extractor: str) -> np.ndarray | GenePairs:
        if extractor not in self.lengths:
            raise KeyError(extractor)
        found: np.ndarray = np.load(self.folder / f"{extractor}.npy", mmap_mode="r", allow_pickle=False)
        if is_of_both(extractor) and found.shape == self.stored(extractor):
            return GenePairs(found[0], self.spec.sources)
        if found.shape != self.stored(extractor):
            return found
        whole: np.ndarray = np.broadcast_to(found, self.shape(extractor))
        return whole

    def __iter__(self) -> Iterator[str]:
        return iter(self.lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def shape(self, extractor: str) -> tuple[int, int, int]:
        """(sources, targets, length) of an extractor's array."""
        return len(self.spec.sources), len(self.spec.genes), self.lengths[extractor]

    def stored(self, extractor: str) -> tuple[int, int, int]:
        """The same on disk, where what is read off single genes is kept once a gene."""
        n_sources, n_targets, length = self.shape(extractor)
        if is_of_both(extractor):
            return 1, n_targets, length // 2
        end = end_of(extractor)
        return 1 if end == "target" else n_sources, 1 if end == "source" else n_targets, length


class FeatureWriter:
    """Writes chunks to disk and remembers which are finished, so that a killed run goes on where it was.

    Parameters
    ----------
    spec
        What is computed. A folder that holds the features of another spec or other extractors is emptied first.
    lengths
        Extractor -> numbers of a pair's feature.
    folder
        Where to; a temporary folder that lives as long as the features if None.
    """

    def __init__(self, spec: FeatureSpec, lengths: Mapping[str, int], folder: Path | None) -> None:
        self.spec, self.lengths = spec, dict(lengths)
        self.folder = Path(tempfile.mkdtemp(prefix="grn-features-")) if folder is None else folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.features = PairFeatures(spec, self.folder, self.lengths)
        if folder is None:
            weakref.finalize(self.features, shutil.rmtree, self.folder, ignore_errors=True)
        found = self._finished()
        self._sums = {} if found is None else found
        if found is None:
            self._start()

    @property
    def done(self) -> set[int]:
        """Chunks that are finished."""
        return {int(chunk) for chunk in self._sums}

    @property
    def _state(self) -> Path:
        return self.folder / "chunks.json"

    def _finished(self) -> dict[str, str] | None:
        """Sums of the chunks that an earlier run has finished and that are still so; None if nothing here is of use."""
        state = read_summed(self._state) or {}
        if state.get("spec") != self.spec.digest() or state.get("lengths") != self.lengths:
            return None
        try:
            whole = all(self.features[name].shape == self.features.shape(name) for name in self.lengths)
            sums = {chunk: self._sum(int(chunk)) for chunk in state["sums"]} if whole else {}
        except (OSError, ValueError):
            return None
        return {chunk: told for chunk, told in state["sums"].items() if sums[chunk] == told} if whole else None

    def _sum(self, chunk: int) -> str:
        """Sum of what `write` wrote of a chunk; where all chunks write the same, of that."""
        rows = self._rows(chunk)
        arrays = (self._stored(name, mode="r") for name in sorted(self.lengths))
        return sum_of_arrays(array if len(array) == 1 else array[rows] for array in arrays)

    def _rows(self, chunk: int) -> slice:
        return slice(chunk * self.spec.chunk, (chunk + 1) * self.spec.chunk)

    def _stored(self, name: str, *, mode: Literal["r", "r+"]) -> np.memmap:
        found: np.memmap = np.load(self.folder / f"{name}.npy", mmap_mode=mode, allow_pickle=False)
        return found

    def _start(self) -> None:
        self._state.unlink(missing_ok=True)
        for name in self.lengths:
            array = np.lib.format.open_memmap(
                self.folder / f"{name}.npy", mode="w+", dtype=np.float32, shape=self.features.stored(name)
            )
            array.flush()
            reserve(self.folder / f"{name}.npy")
        grid = {
            "levels": list(self.spec.levels),
            "members": self.spec.members,
            "genes": list(self.spec.genes),
            "sources": list(self.spec.sources),
        }
        write_json(self.folder / "grid.json", grid)
        self._save()

    def _save(self) -> None:
        done = sorted(self.done)  # whichever was finished first: the same file
        sums = {str(chunk): self._sums[str(chunk)] for chunk in done}
        state = {"spec": self.spec.digest(), "lengths": self.lengths, "done": done, "sums": sums}
        write_summed(self._state, state)

    def write(self, chunk: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Write one chunk (its sources, targets, length) of every array, then mark it as finished.

        Of an extractor whose feature is the vectors of both genes, those of the genes stand in its place, (1, L, D).
        """
        rows = self._rows(chunk)
        for name in self.lengths:
            array = self._stored(name, mode="r+")
            if end_of(name) == "target" or is_of_both(name):
                array[:] = arrays[name][:1]
            elif end_of(name) == "source":
                array[rows] = arrays[name][:, :1]
            else:
                array[rows] = arrays[name]
                for row, source in enumerate(self.spec.sources[rows], start=rows.start):
                    array[row, source] = np.nan
            array.flush()
        self._sums[str(chunk)] = self._sum(chunk)
        self._save()
