"""Pair features on disk: float32 arrays (sources, targets, levels) that are written chunk by chunk."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grn_core.errors import RunError
from grn_core.files import write_json


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
        Values the source takes (axis 2), model units.
    readout, background
        How the model was read; ``virtual`` or ``context``.
    context
        Digest of the background values if they are not the model's own.
    chunk
        Sources per chunk.
    block, seed
        Genes of a block and the seed of the draw where the panel is longer than what the model reads at once; else 0.
    precision
        ``float32`` or ``bfloat16``.
    members
        How many readouts a feature puts together (`ModelRecord.members`): axis 2 holds the levels of each in turn.
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
    def shape(self) -> tuple[int, int, int]:
        """(sources, targets, levels of all members)."""
        return len(self.sources), len(self.genes), len(self.levels) * self.members

    @property
    def n_chunks(self) -> int:
        """Number of chunks."""
        return -(-len(self.sources) // self.chunk)

    def digest(self) -> str:
        """SHA-256 of everything above."""
        return hashlib.sha256(json.dumps(self.__dict__, sort_keys=True).encode()).hexdigest()


class PairFeatures(Mapping[str, np.ndarray]):
    """Arrays by extractor name, each (sources, targets, levels) float32, row = source, column = target.

    Reading a name opens the file without loading it. Entries of a source with itself are NaN: a gene is no target of
    its own.
    """

    def __init__(self, spec: FeatureSpec, folder: Path, kinds: Iterable[str]) -> None:
        self.spec, self.folder, self.kinds = spec, folder, tuple(kinds)

    def __getitem__(self, kind: str) -> np.ndarray:
        if kind not in self.kinds:
            raise KeyError(kind)
        return np.load(self.folder / f"{kind}.npy", mmap_mode="r", allow_pickle=False)

    def __iter__(self) -> Iterable[str]:
        return iter(self.kinds)

    def __len__(self) -> int:
        return len(self.kinds)


class FeatureWriter:
    """Writes chunks to disk and remembers which are finished, so that a killed run goes on where it was.

    Parameters
    ----------
    spec
        What is computed. A folder that holds the features of another spec is emptied first.
    kinds
        Names of the arrays.
    folder
        Where to; a temporary folder that lives as long as the features if None.
    """

    def __init__(self, spec: FeatureSpec, kinds: Iterable[str], folder: Path | None) -> None:
        self.spec, self.kinds = spec, tuple(kinds)
        temporary = folder is None
        self.folder = Path(tempfile.mkdtemp(prefix="grn-features-")) if folder is None else folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.features = PairFeatures(spec, self.folder, self.kinds)
        if temporary:
            weakref.finalize(self.features, shutil.rmtree, self.folder, ignore_errors=True)
        self.done = self._resume()
        if self.done is None:
            self._start()

    @property
    def _state(self) -> Path:
        return self.folder / "chunks.json"

    def _resume(self) -> set[int] | None:
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            shapes = {kind: self.features[kind].shape for kind in self.kinds}
        except (OSError, ValueError):
            return None
        same = state.get("spec") == self.spec.digest() and state.get("kinds") == list(self.kinds)
        return set(state["done"]) if same and all(s == self.spec.shape for s in shapes.values()) else None

    def _start(self) -> None:
        self._state.unlink(missing_ok=True)
        self.done = set()
        for kind in self.kinds:
            array = np.lib.format.open_memmap(
                self.folder / f"{kind}.npy", mode="w+", dtype=np.float32, shape=self.spec.shape
            )
            array.flush()
        grid = {
            "levels": list(self.spec.levels),
            "members": self.spec.members,
            "genes": list(self.spec.genes),
            "sources": list(self.spec.sources),
        }
        (self.folder / "grid.json").write_text(json.dumps(grid), encoding="utf-8")
        self._save()

    def _save(self) -> None:
        state = {"spec": self.spec.digest(), "kinds": list(self.kinds), "done": sorted(self.done)}
        write_json(self._state, state)

    def write(self, chunk: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Write one chunk (its sources, targets, levels) of every array, then mark it as finished."""
        rows = slice(chunk * self.spec.chunk, (chunk + 1) * self.spec.chunk)
        for kind in self.kinds:
            if not np.isfinite(arrays[kind]).all():
                message = f"the model returned values that are not finite ({kind}, chunk {chunk})"
                raise RunError(message, needed="finite features", todo="check the model's weights and value range")
            array = np.load(self.folder / f"{kind}.npy", mmap_mode="r+", allow_pickle=False)
            array[rows] = arrays[kind]
            for row, source in enumerate(self.spec.sources[rows], start=rows.start):
                array[row, source] = np.nan
            array.flush()
        self.done.add(chunk)
        self._save()
