"""The map of the cells, and with it their clusters, quality figures and genes."""

from __future__ import annotations

import math
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
    resolution
        Of Leiden clusters, which are then computed too, with all of `grn_core.datasets.closer`; None for the map alone.
    seed
        Decides every draw.
    """

    kind: ClassVar[str] = "umap"

    resolution: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what no worker could compute."""
        super().__post_init__()
        if self.cells is not None:
            refuse("a map of some of the cells was asked for", "all of them")
        if self.seed < 0:
            refuse(f"the seed is {self.seed}", "0 or more")
        if self.resolution is not None:
            self._set("resolution", float(self.resolution))
            if not (math.isfinite(self.resolution) and self.resolution > 0):
                refuse(f"the resolution of the clusters is {self.resolution}", "a number above 0, usually 0.2 to 3")

    def decides(self) -> dict[str, Any]:
        """Return the fields that decide the result; a map alone is the same as before there were clusters."""
        return {name: value for name, value in super().decides().items() if (name, value) != ("resolution", None)}

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        clusters = () if self.resolution is None else ("igraph",)
        return ("numpy", "scanpy", "scikit-learn", "scipy", "umap-learn", *clusters)


def _umap(request: UmapRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    progress("read", 0, 1)
    dataset = request.dataset()
    progress("read", 1, 1)
    if request.resolution is None:
        import numpy as np

        from grn_core.datasets.embedding import MOST_MAPPED, compute_umap

        progress("umap", 0, 1)
        points = np.asarray(compute_umap(dataset, seed=request.seed), dtype=np.float32)
        write_array(folder / "embedding.npy", points)
        progress("umap", 1, 1)
        return {"cells": len(points), "mapped": min(MOST_MAPPED, len(points))}
    from grn_core.datasets.closer import look

    found = look(dataset, folder, resolution=request.resolution, seed=request.seed, progress=progress)
    return {"cells": len(found.points), "clusters": int(found.clusters.max()) + 1, "genes": len(found.genes)}


def _deliver(request: UmapRequest, folder: Path) -> None:
    """Keep the clusters as a column of the cells, by which they can be chosen."""
    if request.resolution is None:
        return
    from grn_core.datasets.annotations import annotate
    from grn_core.datasets.closer import CloserLook

    clusters = CloserLook(folder).clusters.tolist()
    title = f"Leiden clusters, resolution {request.resolution:g}" + (f", seed {request.seed}" if request.seed else "")
    order = [str(number) for number in range(max(clusters) + 1)]
    annotate(request.dataset_sha, [str(one) for one in clusters], title=title, order=order)


UMAP = JobKind(
    request=UmapRequest,
    run=_umap,
    result="embedding.npy",
    stages={"read": 0.1, "umap": 0.9},
    deliver=_deliver,
)
