"""The activity of every TF in every cell, cells streamed in chunks, each computed by decoupler."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets import Dataset
from grn_core.datasets.large import blocks
from grn_core.datasets.values import grouped, groups_of
from grn_core.errors import DataError, GeneError
from grn_core.genes.usual import MIN_TARGETS, N_TARGETS, OMNIPATH
from grn_core.networks.activity.methods import ActivityMethod, find_method
from grn_core.networks.regulons import omnipath_edges, regulons
from grn_core.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class Scoring:
    """What is needed to score cells: the regulons that the cells express, as decoupler takes them.

    Attributes
    ----------
    method
        What computes.
    dataset, cells
        Measured cells, and which of them, (n_cells,) bool; None for all.
    genes
        Canonical symbols of the genes that some chosen cell expresses, in decoupler's order: the universe.
    tfs
        Names of the TFs, in the order of the scores.
    sizes
        Targets of each TF among `genes`.
    left_out
        TFs with too few targets, by name.
    handed
        What the function of decoupler takes beside the cells.
    """

    method: ActivityMethod
    dataset: Dataset
    cells: np.ndarray | None
    genes: tuple[str, ...]
    tfs: tuple[str, ...]
    sizes: tuple[int, ...]
    left_out: tuple[str, ...]
    handed: tuple[Any, ...]

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        dataset: Dataset,
        cells: np.ndarray | None = None,
        *,
        method: str = "ulm",
        min_targets: int = MIN_TARGETS,
    ) -> Scoring:
        """Match regulons (`grn_core.networks.regulons.regulons`) with the genes of a dataset.

        Raises
        ------
        GeneError
            No TF has `min_targets` targets among the genes that the cells express.
        DataError
            The method cannot tell the TFs apart.
        """
        import decoupler

        chosen = find_method(method)
        seen = sorted(_expressed(dataset, cells))
        known, enough = with_enough(table, seen, min_targets=min_targets)
        net = known[known["source"].isin(enough.index)].rename(columns={"target_symbol": "target"})
        net = net[["source", "target", "weight"]]
        # One made-up cell, so that decoupler says in which order it takes the genes: the order breaks ties.
        genes = decoupler.pp.extract(pd.DataFrame(np.ones((1, len(seen))), columns=seen))[2]
        handed: tuple[Any, ...]
        if chosen.is_linear:
            tfs, _, weights = decoupler.pp.adjmat(features=genes, net=net)
            _check_rank(chosen, weights)
            handed = (weights,)
        else:
            tfs, *handed_lists = decoupler.pp.idxmat(features=genes, net=net.copy())
            handed = tuple(handed_lists)
        names = tuple(map(str, tfs))
        left_out = tuple(sorted(set(table["source"]) - set(names)))
        whole = tuple(int(enough[name]) for name in names)
        return cls(chosen, dataset, cells, tuple(map(str, genes)), names, whole, left_out, handed)

    @property
    def n_cells(self) -> int:
        """Number of chosen cells."""
        return self.dataset.n_cells if self.cells is None else int(self.cells.sum())

    @property
    def facts(self) -> dict[str, Any]:
        """What is kept of it: ``tfs``, ``sizes``, ``left_out``, how many ``genes``, and the ``method``; JSON types."""
        names = {"tfs": list(self.tfs), "sizes": list(self.sizes), "left_out": list(self.left_out)}
        return {**names, "genes": len(self.genes), "method": self.method.name}

    def chunks(self, start: int = 0) -> Iterator[np.ndarray]:
        """Yield the scores of the chosen cells from number `start` on, chunk by chunk, float64 (cells, TFs).

        A cell that expresses none of the genes, or by ``ulm`` and ``mlm`` all of them alike, has no activity: NaN. The
        scores do not depend on the chunks.
        """
        import decoupler

        function = getattr(decoupler.mt, self.method.name).func
        group = groups_of(self.dataset.match.symbols, self.genes)
        rows = max(self.method.at_once // max(len(self.genes), 1), 1)
        done = 0
        for block in blocks(self.dataset.matrix, self.cells):
            for first in range(0, block.shape[0], rows):
                part = block[first : first + rows]
                done += part.shape[0]
                if done <= start:
                    continue
                values = grouped(part, group, kind=self.dataset.value_kind, n_groups=len(self.genes))
                yield self._scores(function, values)[max(0, start - (done - part.shape[0])) :]

    def _scores(self, function: Any, values: sparse.csr_matrix) -> np.ndarray:
        found = np.full((values.shape[0], len(self.tfs)), np.nan)
        there = np.flatnonzero(np.diff(values.indptr))
        if len(there):
            with np.errstate(all="ignore"):  # a cell whose genes are all alike has no slope
                found[there] = function(values[there].toarray().astype(np.float64), *self.handed)[0]
        found[~np.isfinite(found)] = np.nan
        return found


def with_enough(table: pd.DataFrame, genes: Collection[str], *, min_targets: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return the regulons among some genes, and how many targets each TF has there that has enough of them.

    Parameters
    ----------
    table
        Of `grn_core.networks.regulons.regulons`.
    genes
        Canonical symbols.
    min_targets
        A TF with fewer is left out.

    Raises
    ------
    GeneError
        No TF has enough.
    """
    known = table[table["target_symbol"].isin(genes)]
    sizes = known.groupby("source").size()
    enough = sizes[sizes >= max(min_targets, 1)]
    if enough.empty:
        n_shared = known["target_symbol"].nunique()
        message = f"no TF of the network has {min_targets} targets in these cells: {n_shared:,} targets are in them"
        raise GeneError(message, needed="a network of genes that the cells express", todo="choose another network")
    return known, enough


def activity(
    data: Dataset,
    network: pd.DataFrame | str = OMNIPATH,
    *,
    method: str = "ulm",
    n_targets: int = N_TARGETS,
    min_targets: int = MIN_TARGETS,
    cells: np.ndarray | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Return the activity of every TF in every cell, by decoupler.

    Parameters
    ----------
    data
        Measured cells; their log1p(CP10k) over canonical genes is scored.
    network
        Edges (`infer`, `read_network`), or ``omnipath``, the bundled one. Signs are the weights: -1 for a repressed
        target, else 1.
    method
        Name in `METHODS`: ``ulm``, ``aucell`` or ``mlm``.
    n_targets
        Best targets of each TF that are taken, 0 for all; see `grn_core.networks.regulons.regulons`.
    min_targets
        A TF of which the cells express fewer targets is left out.
    cells
        (n_cells,) bool, which cells; None takes all.
    progress
        Listener, stage ``activity``; may cancel.

    Returns
    -------
    pandas.DataFrame
        Row = cell by its name, column = TF by its name in the network; in the method's unit: t-values of ``ulm``
        and ``mlm``, above 0 where the targets are high in the cell; areas, 0 to 1, of ``aucell``. NaN in a cell that
        expresses none of the genes, or by ``ulm`` and ``mlm`` all of them alike. ``attrs["genes"]`` is how many genes
        were looked at.

    Raises
    ------
    GrnError
        A subclass that says what was found, needed and what to do.
    """
    edges = network if isinstance(network, pd.DataFrame) else named_network(network, species=data.match.species)
    scoring = Scoring.of(regulons(edges, n_targets=n_targets), data, cells, method=method, min_targets=min_targets)
    parts: list[np.ndarray] = []
    progress("activity", 0, scoring.n_cells)
    for part in scoring.chunks():
        parts.append(part)
        progress("activity", sum(map(len, parts)), scoring.n_cells)
    index = data.obs.index if cells is None else data.obs.index[cells]
    table = pd.DataFrame(np.concatenate(parts), index=index, columns=list(scoring.tfs))
    table.attrs["genes"] = len(scoring.genes)
    return table


def named_network(name: str, *, species: str) -> pd.DataFrame:
    """Return a bundled network in the names of a species; `DataError` if there is none of that name."""
    if name != OMNIPATH:
        message = f"there is no bundled network {name!r}"
        raise DataError(message, needed=f"{OMNIPATH}, or a table of edges", todo="give the table itself")
    return omnipath_edges(species)


def _expressed(dataset: Dataset, cells: np.ndarray | None) -> set[str]:
    """Return the canonical symbols with a value other than 0 in one of the cells."""
    if not dataset.mask_of(cells).any():
        message = "no cell was chosen"
        raise DataError(message, needed="at least one cell", todo="widen the choice of cells")
    times = np.zeros(dataset.n_genes, dtype=np.int64)
    for block in blocks(dataset.matrix, cells):
        times += np.bincount(block.indices[block.data != 0], minlength=dataset.n_genes)
    return {symbol for symbol, n in zip(dataset.match.symbols, times, strict=True) if symbol and n}


def _check_rank(method: ActivityMethod, weights: np.ndarray) -> None:
    """Refuse regulons that a model of all TFs together cannot tell apart."""
    if method.name != "mlm":
        return
    rank, n_tfs = int(np.linalg.matrix_rank(np.column_stack([np.ones(len(weights)), weights]))), weights.shape[1]
    if rank <= n_tfs or len(weights) <= n_tfs + 1:
        message = f"{n_tfs:,} TFs on {len(weights):,} genes cannot be told apart by their targets"
        todo = "choose ULM, fewer targets of each TF, or a TF list without TFs of the same targets"
        raise DataError(message, needed=f"regulons that differ ({rank:,} of {n_tfs + 1:,} do)", todo=todo)
