"""From a dataset and two groups of its cells to the edges that differ: what a run of that kind computes."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from grn_core.coexpression import find_method
from grn_core.datasets import Dataset, GenePanel, expression
from grn_core.datasets.groups import CellGroup, Groups
from grn_core.datasets.replicates import Replicates, replicates
from grn_core.differential.asking import model_scores, told_of_model
from grn_core.differential.comparing import SEEN, Differential, compared
from grn_core.differential.each_group import scores_of_each
from grn_core.differential.labellings import facts_before
from grn_core.differential.of_cells import scores_of_cells, told_of_cells
from grn_core.differential.pairs import Pairs
from grn_core.differential.scorers import InCells, InMeanCell, OfDonors, Scorer, in_order
from grn_core.differential.ways import N_PERMUTATIONS, planned
from grn_core.differential.words import limit_of, null_in_words
from grn_core.executors import HERE, Executor
from grn_core.networks import GeneNames
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd
    from scipy import sparse

    from grn_core.planning import Plan

DONORS_STAGE = "donors"


@dataclass(frozen=True, eq=False)
class _Samples:
    """Cells of both groups, and which of them make a sample.

    Attributes
    ----------
    values
        (cells, genes) log1p(CP10k).
    of_a
        (cells,) bool.
    own
        (cells,) bool of each sample, those of A first; None where each cell is one.
    """

    values: sparse.csr_matrix
    of_a: np.ndarray
    own: list[np.ndarray] | None
    found: Replicates

    @property
    def true(self) -> np.ndarray:
        """(samples,) bool, the samples of A."""
        if self.own is None:
            return self.of_a
        return np.arange(len(self.own)) < len(self.found.of_a)


def compare_groups(
    dataset: Dataset,
    groups: Groups,
    panel: GenePanel,
    *,
    method: str = "pearson",
    asked: Plan | None = None,
    among: np.ndarray | None = None,
    n: int = N_PERMUTATIONS,
    seed: int = 0,
    folder: Path | None = None,
    progress: Progress = silent,
    executor: Executor = HERE,
) -> Differential:
    """Compare the networks of two groups of cells on one panel.

    Cells of one donor are no replicates of each other. Where donors are named (`Groups.donor`) and enough of them have
    10 cells in each group, whole donors are permuted: a donor's network by co-expression in its own cells, or its
    pseudo-bulk for the model, counts as one, and the mean of A's donors is compared with that of B's. Else labels of
    cells are permuted, which says whether these cells differ, not whether donors do.

    Parameters
    ----------
    dataset, groups
        Measured cells, and the groups.
    panel
        Genes and TFs, chosen over the cells of both groups.
    method
        A name in `grn_core.coexpression.METHODS`, or ``context``: the model is asked with the other genes at the mean
        of the group.
    asked
        What the model is asked; for ``context`` alone.
    among
        (n_cells,) bool, the cells that are looked at; None for all.
    n
        Permutations at most; where there are fewer, all are taken.
    seed
        Of the permutations, and of methods that draw.
    folder
        Where parts are kept.
    progress
        Listener: stages ``donors`` and ``permutations``.
    executor
        What computes the networks of donors, and the permutations that are kept in a folder.

    Raises
    ------
    GrnError
        A subclass that says what was found, needed and what to do.
    """
    from threadpoolctl import threadpool_limits

    a, b = groups.masks(dataset, among=among)
    donors = dataset.column(groups.donor) if groups.donor else None
    samples = _samples(dataset, panel, a, b, found=replicates(a, b, donors))
    pairs, names = Pairs(tuple(panel.genes), tuple(int(one) for one in panel.sources)), GeneNames.of(panel)
    told = {
        "cells": [int(a.sum()), int(b.sum())],
        "a": groups.a.title,
        "b": groups.b.title,
        "donor": groups.donor,
        "method": method,
    } | {name: getattr(samples.found, name) for name in ("left_out", "in_both", "unnamed")}
    if asked is None:
        record = find_method(method)
        signed, sized, directed = record.signed, True, record.directed
    else:
        signed, sized, directed = False, False, True
    with nullcontext() if asked is not None else threadpool_limits(limits=1):  # torch sets its own
        if asked is None:
            scorer = _by_coexpression(
                samples, pairs, method, seed=seed, folder=folder, progress=progress, executor=executor
            )
        else:
            scorer = _in_mean_cell(samples, panel, asked)
        found = compared(
            scorer,
            pairs,
            names=names,
            unit=samples.found.unit,
            n=n,
            signed=signed,
            sized=sized,
            directed=directed,
            seen=None if asked is not None else _seen(samples),
            seed=seed,
            folder=folder,
            progress=progress,
            executor=executor,
        )
    return replace(found, facts=found.facts | told)


def groups(
    dataset: Dataset,
    *,
    a: tuple[str, Iterable[str]],
    b: tuple[str, Iterable[str]],
    donors: str = "",
    method: str = "pearson",
    permutations: int = N_PERMUTATIONS,
    seed: int = 0,
    n_variable: int = 500,
    tfs: str | Iterable[str] = "auto",
    genes: Iterable[str] | None = None,
    model: str = "compact",
    progress: Progress = silent,
) -> pd.DataFrame:
    """Find the edges that differ between two groups of cells.

    Parameters
    ----------
    dataset
        Measured cells.
    a, b
        The groups: a column of the cells, and its values.
    donors
        Column that tells donors apart; whole donors are permuted then.
    method
        ``context``, or a co-expression method: see `compare_groups`.
    permutations, seed
        See `compare_groups`.
    n_variable, tfs, genes
        Of the panel, as in `Dataset.panel`; it is chosen over the cells of both groups.
    model
        Model whose genes the panel may hold, and that ``context`` asks.
    progress
        Listener.

    Returns
    -------
    pandas.DataFrame
        Tested edges, the surest first, row = TF (``source``) and ``target``: ``score_a``, ``score_b`` in the method's
        unit, ``difference`` = A minus B, ``stronger`` (the group in which the edge is), ``p`` and ``q`` (adjusted over
        all tested edges), see `Differential.table`. ``attrs`` are its facts, ``attrs["words"]`` say on what the
        p-values stand.

    Warns
    -----
    UserWarning
        Before anything is computed: so few donors or permutations allow no edge to be sure, or only if many are.

    Raises
    ------
    GrnError
        A subclass that says what was found, needed and what to do: groups that share cells or have too few of them, a
        column, value, method or number that there cannot be, no TF or gene that is left.
    """
    from grn_core.models.registry import record_of, vocabulary

    chosen = Groups(CellGroup(a[0], tuple(a[1])), CellGroup(b[0], tuple(b[1])), donors)
    asked = planned(method, model)
    masks = chosen.masks(dataset)
    panel = dataset.panel(
        n_variable=n_variable,
        tfs=tfs,
        genes=None if genes is None else tuple(genes),
        cells=masks[0] | masks[1],
        vocabulary=vocabulary(model),
        model=record_of(model).title,
    )
    found_donors = replicates(*masks, dataset.column(donors) if donors else None)
    limit = limit_of(facts_before(found_donors, *masks, n=permutations))
    if limit is not None:
        warnings.warn(limit.words, stacklevel=2)
    found = compare_groups(
        dataset, chosen, panel, method=method, asked=asked, n=permutations, seed=seed, progress=progress
    )
    null = null_in_words(found.facts)
    found.table.attrs |= found.facts | {"words": f"{limit.words} {null}" if limit else null}
    return found.table


def _samples(dataset: Dataset, panel: GenePanel, a: np.ndarray, b: np.ndarray, *, found: Replicates) -> _Samples:
    either = a | b
    values, of_a = expression(dataset, panel, either), a[either]
    if found.codes is None:
        return _Samples(values, of_a, None, found)
    codes = found.codes[either]
    own = [of_a & (codes == donor) for donor in found.of_a] + [~of_a & (codes == donor) for donor in found.of_b]
    return _Samples(values, of_a, own, found)


def _seen(samples: _Samples) -> np.ndarray:
    """Return which genes are seen in `SEEN` cells of each group at least, (genes,) bool."""
    shown = [np.asarray((samples.values[of] > 0).sum(axis=0)).ravel() for of in (samples.of_a, ~samples.of_a)]
    found: np.ndarray = np.minimum(*shown) >= SEEN
    return found


def _by_coexpression(
    samples: _Samples,
    pairs: Pairs,
    method: str,
    *,
    seed: int,
    folder: Path | None,
    progress: Progress,
    executor: Executor,
) -> Scorer:
    if (own := samples.own) is None:
        return InCells(samples.values.toarray(), samples.true, pairs=pairs, method=method, seed=seed)
    networks = scores_of_each(
        len(own),
        lambda place: samples.values[own[place]].toarray(),
        scores_of_cells(pairs, method, seed=seed),
        told=lambda: told_of_cells(pairs, method, seed=seed),
        called="donor",
        stage=DONORS_STAGE,
        folder=folder,
        progress=progress,
        executor=executor,
    )
    return OfDonors(np.array(networks), samples.true)


def _in_mean_cell(samples: _Samples, panel: GenePanel, asked: Plan) -> Scorer:
    ask, told = model_scores(panel, asked), partial(told_of_model, panel, asked)
    if samples.own is None:
        values = samples.values.toarray()
        order = in_order(values, tuple(panel.genes))
        return InMeanCell(values[order], samples.true[order], ask=ask, told=told)
    bulks = np.array([np.asarray(samples.values[cells].mean(axis=0)).ravel() for cells in samples.own])
    return InMeanCell(bulks, samples.true, ask=ask, told=told)
