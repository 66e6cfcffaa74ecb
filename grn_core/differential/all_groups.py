"""The network of every group of a column on one panel, and which edge stands in which."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.coexpression import find_method
from grn_core.datasets import Dataset, GenePanel, expression
from grn_core.datasets.annotations import column_title
from grn_core.datasets.groups import MIN_CELLS
from grn_core.datasets.replicates import NO_LABEL, labelled
from grn_core.differential.asking import model_scores, told_of_model
from grn_core.differential.each_group import scores_of_each
from grn_core.differential.of_cells import scores_of_cells, told_of_cells
from grn_core.differential.pairs import Pairs
from grn_core.errors import DataError
from grn_core.executors import HERE, Executor
from grn_core.in_words import counted, short
from grn_core.networks.signs import score_signs
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from scipy import sparse

    from grn_core.planning import Plan

STAGE = "networks"
MOST_GROUPS = 60
BEST = 500


def large_groups(
    dataset: Dataset, by: str, *, among: np.ndarray | None = None
) -> tuple[list[str], np.ndarray, np.ndarray, list[int]]:
    """Return the groups of a column, and the numbers of those that get a network.

    Returns
    -------
    labels, codes, counts, large
        Name of every group; number of each cell's group, (n_cells,), -1 for none; cells of each group; numbers of the
        groups with 10 cells or more.

    Raises
    ------
    DataError
        There is no such column, or there are fewer than two such groups, or more than 60.
    """
    labels, codes = labelled(dataset.column(by))
    codes = np.where(among, codes, NO_LABEL) if among is not None else codes
    counts = np.bincount(codes[codes != NO_LABEL], minlength=len(labels))
    large = [number for number in range(len(labels)) if counts[number] >= MIN_CELLS]
    if not 2 <= len(large) <= MOST_GROUPS:
        of = repr(short(column_title(by)))
        message = f"{counted(len(large), f'group of {of} has', f'groups of {of} have')} {MIN_CELLS} cells or more"
        raise DataError(message, needed=f"2 to {MOST_GROUPS} such groups", todo="choose another column")
    return list(labels), codes, counts, large


def networks_of_groups(
    dataset: Dataset,
    by: str,
    panel: GenePanel,
    *,
    method: str = "pearson",
    asked: Plan | None = None,
    among: np.ndarray | None = None,
    best: int = BEST,
    seed: int = 0,
    folder: Path | None = None,
    progress: Progress = silent,
    executor: Executor = HERE,
) -> pd.DataFrame:
    """Give every group of a column its network, and list where each edge stands.

    Parameters
    ----------
    dataset, by
        Measured cells, and the column; groups of fewer than 10 cells get no network.
    panel
        Genes and TFs, the same for all groups.
    method, asked, among, seed
        As of `grn_core.differential.compare_groups`.
    best
        An edge stands in a group if it is among so many best of that group.
    folder
        Where finished networks are kept.
    progress
        Listener: stage ``networks``, groups done.
    executor
        What computes the networks.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``target`` (two TFs once where the method is symmetric), ``group``, ``rank`` (among all pairs of the
        group), ``score``, ``sign``, ``stands``,
        ``groups`` (in how many the edge stands), of all edges that stand somewhere, in each group; edges that stand in
        most groups first. ``attrs``: ``groups`` (name -> cells), ``left_out`` (groups), ``unnamed`` (cells without
        a value in the column), ``pairs``, ``best``, ``signed``, ``directed``, ``method``.

    Raises
    ------
    DataError
        There are fewer than two such groups, or more than 60.
    """
    from threadpoolctl import threadpool_limits

    labels, codes, counts, large = large_groups(dataset, by, among=among)
    pairs = Pairs(tuple(panel.genes), tuple(int(one) for one in panel.sources))
    values = expression(dataset, panel, np.isin(codes, large))
    own = codes[np.isin(codes, large)]
    each = partial(
        scores_of_each,
        len(large),
        called="group",
        stage=STAGE,
        folder=folder,
        progress=progress,
        executor=executor,
    )
    sized, signed, directed = True, False, True
    if asked is None:
        record = find_method(method)
        signed, directed = record.signed, record.directed
        score, told = scores_of_cells(pairs, method, seed=seed), partial(told_of_cells, pairs, method, seed=seed)
        with threadpool_limits(limits=1):
            found = each(lambda place: values[own == large[place]].toarray(), score, told=told)
    else:
        sized, told = False, partial(told_of_model, panel, asked)
        found = each(lambda place: _mean(values[own == large[place]]), model_scores(panel, asked), told=told)
    source, target = pairs.ends
    if not directed:  # an edge between two TFs is one edge, not two
        found, source, target = [score[pairs.once] for score in found], source[pairs.once], target[pairs.once]
    ends = np.array(panel.labels, dtype=object)[np.array([source, target])]
    table = _standing(found, ends, [labels[number] for number in large], best=best, sized=sized)
    if not signed:
        table["sign"] = 0
    table.attrs = {
        "groups": {labels[number]: int(counts[number]) for number in large},
        "left_out": [labels[number] for number in range(len(labels)) if 0 < counts[number] < MIN_CELLS],
        "unnamed": int((dataset.n_cells if among is None else among.sum()) - counts.sum()),
        "pairs": len(found[0]),
        "best": best,
        "signed": signed,
        "directed": directed,
        "method": method,
        "by": by,
    }
    return table


def _mean(cells: sparse.csr_matrix) -> np.ndarray:
    return np.asarray(cells.mean(axis=0)).ravel()


def _standing(scores: list[np.ndarray], ends: np.ndarray, groups: list[str], *, best: int, sized: bool) -> pd.DataFrame:
    rank = np.empty((len(groups), len(scores[0])), dtype=np.int64)
    for place, score in enumerate(scores):
        order = np.argsort(-(np.abs(score) if sized else score), kind="stable")
        rank[place, order] = np.arange(1, len(order) + 1)
    stands = rank <= best
    if sized:  # an edge of strength 0 is none
        stands &= np.array(scores) != 0
    edges = np.flatnonzero(stands.any(axis=0))
    edges = edges[np.lexsort((rank[:, edges].min(axis=0), -stands[:, edges].sum(axis=0)))]
    n = len(groups)
    source, target = (np.repeat(names[edges], n) for names in ends)
    score = np.array(scores)[:, edges].T.ravel()
    return pd.DataFrame(
        {
            "source": source,
            "target": target,
            "group": np.tile(np.array(groups, dtype=object), len(edges)),
            "rank": rank[:, edges].T.ravel(),
            "score": np.abs(score) if sized else score,
            "sign": score_signs(score) if sized else 0,
            "stands": stands[:, edges].T.ravel(),
            "groups": np.repeat(stands[:, edges].sum(axis=0), n),
        }
    )


def once(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of a symmetric method with every edge between two TFs once, as runs of before listed both orders.

    The ranks of edges where they stand are those among edges counted once; elsewhere they are no better than shown.

    Parameters
    ----------
    table
        Of `networks_of_groups`.
    """
    groups = list(dict.fromkeys(table["group"]))
    n = len(groups)
    ends = table[["source", "target"]].iloc[:: max(n, 1)].to_numpy(dtype=object)
    first: dict[frozenset[str], int] = {}
    for place, (source, target) in enumerate(ends):
        first.setdefault(frozenset((source, target)), place)
    either = np.array([first[frozenset(pair)] for pair in ends], dtype=np.int64)
    kept = np.unique(either)
    if len(kept) == len(ends):
        return table
    rank = table["rank"].to_numpy(dtype=np.int64).reshape(-1, n)
    best, again = rank.copy(), np.flatnonzero(either != np.arange(len(ends)))
    best[either[again]] = np.minimum(rank[either[again]], rank[again])
    doubled = np.sort(np.maximum(rank[either[again]], rank[again]), axis=0)
    stands = table["stands"].to_numpy(dtype=bool).reshape(-1, n).copy()
    stands[either[again]] |= stands[again]
    for place in range(n):
        best[:, place] -= np.searchsorted(doubled[:, place], best[:, place])
    order = kept[np.lexsort((best[kept].min(axis=1), -stands[kept].sum(axis=1)))]
    rows = (order[:, None] * n + np.arange(n)).ravel()
    found = table.iloc[rows].reset_index(drop=True)
    in_groups = np.repeat(stands[order].sum(axis=1), n)
    return found.assign(rank=best[order].ravel(), stands=stands[order].ravel(), groups=in_groups)


def matrix_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return edges x groups: the rank of each edge where it stands, else NaN; index ``source``, ``target``."""
    groups = list(dict.fromkeys(table["group"]))
    n = len(groups)
    rank = table["rank"].where(table["stands"]).to_numpy(dtype=float).reshape(len(table) // max(n, 1), n)
    ends = pd.MultiIndex.from_frame(table[["source", "target"]].iloc[:: max(n, 1)])
    return pd.DataFrame(rank, index=ends, columns=pd.Index(groups, name="group"))


def written(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return a matrix of `matrix_of` as a table: ``source``, ``target``, and ``rank in NAME`` of each group.

    A group may be called by any name, ``target`` among them; with the words before it none is that of another column.
    """
    return matrix.rename(columns=lambda group: f"rank in {group}").reset_index()
