"""Matrices that are kept on disk row by row, by content: co-expression."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from grn_core.benchmark.features.cache import array_writer, code_digest, digest, read_parts, root
from grn_core.caches import made, used
from grn_core.files import write_atomic


class RowCache:
    """Rows of a matrix (sources x genes), kept as they are computed.

    Parameters
    ----------
    key
        Everything that decides the matrix.
    code
        Parts of the source code that compute it, as for `code_digest`.
    home
        Data folder; the one of the settings if None.
    """

    def __init__(self, key: Mapping[str, Any], *, code: tuple[str, ...], home: Path | None = None) -> None:
        self.folder, self.home = root(home) / "rows" / digest({"code": code_digest(code), **key})[:32], home
        used(self.folder, home=home)
        self._rows: dict[int, np.ndarray] = {}
        for part in read_parts(self.folder, ("sources", "rows")):
            self._rows.update(zip(part["sources"].tolist(), part["rows"], strict=True))

    def get(self, sources: np.ndarray, compute: Callable[[np.ndarray], np.ndarray], *, at_once: int = 0) -> np.ndarray:
        """Return rows of sources, in the order asked for.

        Parameters
        ----------
        sources
            (S,) positions.
        compute
            Positions (N,) -> rows (N, genes), called for those that are new.
        at_once
            How many rows `compute` is asked for between two writes; 0: all.

        Returns
        -------
        ndarray
            (S, genes).
        """
        new = np.array([one for one in np.unique(sources) if int(one) not in self._rows], dtype=np.int64)
        step = at_once or max(1, len(new))
        for start in range(0, len(new), step):
            part = new[start : start + step]
            rows = compute(part)
            name = f"{hashlib.sha256(part.tobytes()).hexdigest()[:16]}.npz"
            write_atomic(self.folder / name, array_writer(sources=part, rows=rows))
            made(self.folder, home=self.home)
            self._rows.update(zip(part.tolist(), rows, strict=True))
        return np.stack([self._rows[int(one)] for one in sources])
