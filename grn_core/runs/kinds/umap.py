"""The map of the cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.files import write_array
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.panel import CellsRequest
from grn_core.runs.request import refuse

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.progress import Progress


@dataclass(frozen=True, kw_only=True)
class UmapRequest(CellsRequest):
    """Two dimensions for every cell of a dataset.

    Attributes
    ----------
    seed
        Decides every draw.
    """

    kind: ClassVar[str] = "umap"

    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what no worker could compute."""
        super().__post_init__()
        if self.cells is not None:
            refuse("a map of some of the cells was asked for", "all of them")
        if self.seed < 0:
            refuse(f"the seed is {self.seed}", "0 or more")

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "scanpy", "scikit-learn", "scipy", "umap-learn")


def _umap(request: UmapRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import numpy as np

    progress("read", 0, 1)
    dataset = request.dataset()
    progress("read", 1, 1)
    from grn_core.datasets.embedding import compute_umap

    progress("umap", 0, 1)
    points = np.asarray(compute_umap(dataset, seed=request.seed), dtype=np.float32)
    write_array(folder / "embedding.npy", points)
    progress("umap", 1, 1)
    return {"cells": len(points)}


UMAP = JobKind(
    request=UmapRequest,
    run=_umap,
    result="embedding.npy",
    stages={"read": 0.1, "umap": 0.9},
)
