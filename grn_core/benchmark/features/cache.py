"""What has been computed before, on disk, by content: results of table cells, features of pairs.

Keys hold hashes of weights, references, options and of the source code that computes, so that whatever changes,
nothing old is taken for new. Every file is whole or absent; a damaged one counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from grn_core.benchmark.features.handle import ModelHandle
from grn_core.benchmark.references.reference import Reference
from grn_core.caches import made, used
from grn_core.files import write_atomic, write_json
from grn_core.progress import Progress, silent
from grn_core.settings import settings

KINDS = ("gdt", "vvp")
SOURCES_AT_ONCE = 16  # sources between two writes of features: what an interruption can lose
FEATURE_CODE = ("models", "extractors")
ORIGIN_CODE = ("models", "benchmark/features/origin.py", "benchmark/features/expression.py")
COEXPRESSION_CODE = ("coexpression",)
CORPUS_CODE = ("pretrain", "benchmark/features/corpus.py")
RESULT_CODE = (
    *FEATURE_CODE,
    "translator",
    "benchmark/references",
    "benchmark/pairs",
    "benchmark/metrics",
    "benchmark/features",
    "benchmark/protocol",
)
"""What decides every result beside its inputs, whose content is part of the keys; pages and tables are not in it."""


def root(home: Path | None = None) -> Path:
    """Folder of everything the benchmark keeps."""
    return (settings().home if home is None else home) / "benchmark"


def digest(content: Any) -> str:
    """SHA-256 of JSON types, whatever the order of the keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=8)
def code_digest(parts: tuple[str, ...]) -> str:
    """SHA-256 of the source code of some parts of `grn_core`: folders or files."""
    home = Path(__file__).parents[2]
    whole = hashlib.sha256()
    found = [[home / part] if part.endswith(".py") else (home / part).rglob("*.py") for part in parts]
    for path in sorted(path for own in found for path in own):
        whole.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def reference_digest(reference: Reference) -> str:
    """SHA-256 of what decides a result: genes and edges in canonical order."""
    columns = [reference.edges[name] for name in reference.edges.columns]
    return digest([list(reference.genes), list(reference.edges.columns), sorted(zip(*columns, strict=True))])


class ResultCache:
    """One JSON file per cell of a table.

    Parameters
    ----------
    home
        Data folder; the one of the settings if None.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.folder, self.home = root(home) / "results", home

    def path(self, key: Mapping[str, Any]) -> Path:
        """File of the cell with this key."""
        return self.folder / f"{digest({'code': code_digest(RESULT_CODE), **key})[:32]}.json"

    def get(self, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return a cell, None if it has not been computed."""
        path = self.path(key)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))["result"]
        except (OSError, ValueError, KeyError):
            return None
        used(path, home=self.home)
        return found if isinstance(found, dict) else None

    def put(self, key: Mapping[str, Any], result: dict[str, Any]) -> None:
        """Keep a cell, with its key in plain words beside it."""
        path = self.path(key)
        write_json(path, {"key": dict(key), "result": result})
        made(path, home=self.home)


class FeatureCache:
    """Features of pairs of one gene list by one model, kept as they are computed.

    Parameters
    ----------
    handle
        The model, loaded only if a pair is new.
    genes
        Gene list; positions in pairs refer to it.
    readout
        Output that is read.
    home
        Data folder; the one of the settings if None.
    """

    def __init__(self, handle: ModelHandle, genes: Sequence[str], *, readout: str, home: Path | None = None) -> None:
        self.handle, self.genes, self.readout = handle, tuple(genes), readout
        key = {
            "code": code_digest(FEATURE_CODE),
            "model": handle.sha,
            "readout": readout,
            "grid": list(handle.record.grid),
            "background": handle.record.background,
            "genes": list(self.genes),
        }
        self.folder, self.home = root(home) / "features" / digest(key)[:32], home
        used(self.folder, home=home)
        self._codes = np.empty(0, dtype=np.int64)
        length = len(handle.record.grid) * len(handle.record.members(readout))
        self._values = {kind: np.empty((0, length), dtype=np.float32) for kind in KINDS}
        found = list(read_parts(self.folder, ("codes", *KINDS)))
        if found:
            whole = {name: np.concatenate([part[name] for part in found]) for name in ("codes", *KINDS)}
            self._add(whole.pop("codes"), whole)

    def get(self, pairs: np.ndarray, *, progress: Progress = silent) -> dict[str, np.ndarray]:
        """Return features of pairs, extracting those that are new.

        Parameters
        ----------
        pairs
            (N, 2) positions: source, target.
        progress
            Listener; may cancel, what is finished stays.

        Returns
        -------
        dict
            Kind -> float32 (N, levels of all members of the readout).
        """
        codes = pairs[:, 0].astype(np.int64) * len(self.genes) + pairs[:, 1]
        self._extract(np.setdiff1d(codes, self._codes), progress)
        rows = np.searchsorted(self._codes, codes)
        return {kind: values[rows] for kind, values in self._values.items()}

    def _extract(self, codes: np.ndarray, progress: Progress) -> None:
        if not len(codes):
            return
        from grn_core.extractors.engine import extract_for_pairs

        model = self.handle.load()
        own = codes // len(self.genes)
        sources = np.unique(own)
        for start in range(0, len(sources), SOURCES_AT_ONCE):
            progress("extract", start, len(sources))
            part = codes[np.isin(own, sources[start : start + SOURCES_AT_ONCE])]
            pairs = np.stack([part // len(self.genes), part % len(self.genes)], axis=1)
            found = extract_for_pairs(model, self.genes, pairs, extractors=KINDS, readout=self.readout)
            name = f"{hashlib.sha256(part.tobytes()).hexdigest()[:16]}.npz"
            write_atomic(self.folder / name, array_writer(codes=part, **found))
            made(self.folder, home=self.home)
            self._add(part, found)
        progress("extract", len(sources), len(sources))

    def _add(self, codes: np.ndarray, values: Mapping[str, np.ndarray]) -> None:
        """Put pairs among those at hand, in order of their codes; of a pair that is there twice the first stays."""
        every, first = np.unique(np.concatenate([self._codes, codes]), return_index=True)
        self._values = {kind: np.concatenate([self._values[kind], values[kind]])[first] for kind in KINDS}
        self._codes = every


def read_parts(folder: Path, names: Sequence[str]) -> Iterator[dict[str, np.ndarray]]:
    """Read the arrays of every file of a folder; damaged files are passed over."""
    for path in sorted(folder.glob("[!.]*.npz")):
        with suppress(OSError, ValueError, KeyError, zipfile.BadZipFile), path.open("rb") as file:
            part = np.load(file)
            found = {name: part[name] for name in names}
            yield found


def array_writer(**arrays: np.ndarray) -> Callable[[Path], None]:
    """Return a function that writes arrays by name, for `grn_core.files.write_atomic`."""

    def save(path: Path) -> None:
        with path.open("wb") as handle:
            np.savez(handle, allow_pickle=False, **arrays)

    return save
