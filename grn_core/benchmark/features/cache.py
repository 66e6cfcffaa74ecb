"""What has been computed before, on disk, by content: the measurements of a table, and how files of it are named.

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

from grn_core.benchmark.references.reference import Reference
from grn_core.caches import made, used
from grn_core.settings import settings
from grn_core.sums import read_summed, write_summed

FEATURE_CODE = ("models", "extractors")
MEAN_CELL_CODE = ("benchmark/features/mean_cell.py", "benchmark/features/expression.py")
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
    "benchmark/perturbed",
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
    """One JSON file per measurement.

    Parameters
    ----------
    home
        Data folder; the one of the settings if None.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.folder, self.home = root(home) / "results", home

    def path(self, key: Mapping[str, Any]) -> Path:
        """File of the measurement with this key."""
        return self.folder / f"{digest({'code': code_digest(RESULT_CODE), **key})[:32]}.json"

    def get(self, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return a measurement, None if it has not been computed."""
        path = self.path(key)
        found = (read_summed(path) or {}).get("result")
        if not isinstance(found, dict):
            return None
        used(path, home=self.home)
        return found

    def put(self, key: Mapping[str, Any], result: dict[str, Any]) -> None:
        """Keep a measurement, with its key in plain words beside it."""
        path = self.path(key)
        write_summed(path, {"key": dict(key), "result": result})
        made(path, home=self.home)


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
