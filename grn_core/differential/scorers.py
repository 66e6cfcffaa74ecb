"""What gives a group of samples a network: co-expression in its cells, the mean of its donors, a model's answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from grn_core.coexpression.engine import STILL
from grn_core.differential.of_cells import scores_of_cells, shared_shrinkage, told_of_cells
from grn_core.differential.pairs import Pairs
from grn_core.differential.ways import check_way
from grn_core.executors import Parcel


class Scorer(Protocol):
    """Scores all pairs in any group of samples.

    Attributes
    ----------
    true
        (samples,) bool, the samples of group A.
    at_once
        Labellings that are computed together.
    quick
        Whether they are computed anew sooner than read from disk.
    given
        Makes what `grn_core.differential.remote` is given to compute the differences elsewhere; None where it cannot.
    """

    true: np.ndarray
    at_once: int
    quick: bool

    @property
    def given(self) -> Callable[[], Parcel] | None:
        """Make what computes the differences elsewhere."""

    def of(self, members: np.ndarray) -> np.ndarray:
        """Return the scores of the pairs in the samples of `members`, (samples,) bool; (pairs,) float64."""

    def differences(self, labels: np.ndarray) -> np.ndarray:
        """Return A minus B under each labelling of `labels`, (labellings, samples) bool; (labellings, pairs)."""

    def tails(self) -> np.ndarray | None:
        """Return how long the tails of each pair's null are, (pairs,), whatever the labels; None where not known."""


class InCells:
    """Co-expression in the cells of each group; a sample is a cell.

    Every gene is brought to mean 0 and variance 1 in each group first. That changes no correlation within a group, and
    where labels are permuted it keeps genes that are merely higher in one group from being correlated by the mixture.

    Partial correlation is shrunk by one share for both groups and all labellings, see `shared_shrinkage`. With a share
    of its own for each, all edges of a group move by that number, and p are small or large together.

    Parameters
    ----------
    values
        (cells, genes) log1p(CP10k), float64, the cells of both groups.
    of_a
        (cells,) bool, which are of A; the others are of B.
    pairs
        Genes and sources, in the order of the columns.
    method
        Name in `grn_core.coexpression.METHODS`, out of `grn_core.differential.ways.OF_CELLS`.
    seed
        Of methods that draw.

    Raises
    ------
    RequestError
        Labels of cells cannot be permuted by that method.
    """

    at_once, quick = 10, False

    def __init__(
        self, values: np.ndarray, of_a: np.ndarray, *, pairs: Pairs, method: str = "pearson", seed: int = 0
    ) -> None:
        check_way(method, of_cells=True)
        by_ranks = method == "spearman"
        order = in_order(values, pairs.genes)  # first: sums over cells in another order differ in their last digit
        self.true = np.asarray(of_a)[order]
        self._values = np.empty(values.shape, dtype=np.float64)
        for group in (self.true, ~self.true):
            self._values[group] = _alike(values[order[group]], by_ranks=by_ranks)
        self._pairs, self._seed = pairs, seed
        self._method = "pearson" if by_ranks else method
        self._shrinkage = shared_shrinkage(self._values) if method == "partial" else None
        self._score = scores_of_cells(pairs, self._method, seed=seed, shrinkage=self._shrinkage)

    def given(self) -> Parcel:
        """Return what computes the same elsewhere."""
        told = told_of_cells(self._pairs, self._method, seed=self._seed, shrinkage=self._shrinkage)
        return Parcel(told, {"samples": self._values})

    def of(self, members: np.ndarray) -> np.ndarray:
        """Return the scores in the cells of `members`."""
        return self._score(self._values[members])

    def differences(self, labels: np.ndarray) -> np.ndarray:
        """Return A minus B under each labelling."""
        return differences_of(self.of, labels)

    def tails(self) -> np.ndarray:
        """Return the fourth moment of the product of both genes over the cells: large where a few cells decide all.

        A correlation is the mean of that product over cells, so by it go the tails of what a permutation gives.
        """
        square = np.square(self._values)
        row, target = self._pairs.places
        own = square[:, list(self._pairs.sources)]
        second, fourth = own.T @ square, np.square(own).T @ np.square(square)
        found = np.divide(fourth, second**2, out=np.zeros_like(fourth), where=second > 0)
        tails: np.ndarray = found[row, target]
        return tails


class OfDonors:
    """The mean of the networks of donors; a sample is a donor in one of the groups, and counts as one.

    Parameters
    ----------
    networks
        (samples, pairs) float64, the scores of each donor's own cells.
    of_a
        (samples,) bool.
    """

    at_once, quick, given = 100, True, None

    def __init__(self, networks: np.ndarray, of_a: np.ndarray) -> None:
        self._networks, self.true = networks, np.asarray(of_a)

    def of(self, members: np.ndarray) -> np.ndarray:
        """Return the mean of the networks of `members`."""
        mean: np.ndarray = self._networks[members].mean(axis=0)
        return mean

    def differences(self, labels: np.ndarray) -> np.ndarray:
        """Return A minus B under each labelling."""
        of_a = labels.sum(axis=1, keepdims=True)
        weights = np.where(labels, 1.0 / of_a, -1.0 / (labels.shape[1] - of_a))
        found: np.ndarray = weights @ self._networks
        return found

    def tails(self) -> None:
        """Return nothing: each edge has its own null."""


class InMeanCell:
    """A model that is asked in the mean cell of each group; a sample is a cell, or a donor in one of the groups.

    Parameters
    ----------
    means
        (samples, genes), a cell, or the pseudo-bulk of a donor: its mean log1p(CP10k). Each sample counts as one.
    of_a
        (samples,) bool.
    ask
        ``ask(mean)`` returns the scores of the pairs where the other genes are at `mean`, (genes,).
    told
        Makes what asks the same elsewhere, see `grn_core.differential.asking.told_of_model`; None where nothing does.
    """

    at_once, quick = 1, False

    def __init__(
        self,
        means: np.ndarray,
        of_a: np.ndarray,
        *,
        ask: Callable[[np.ndarray], np.ndarray],
        told: Callable[[], dict[str, Any]] | None = None,
    ) -> None:
        self._means, self.true, self._ask = means, np.asarray(of_a), ask
        self.given = None if told is None else lambda: Parcel(told(), {"samples": self._means})

    def of(self, members: np.ndarray) -> np.ndarray:
        """Return the scores in the mean of `members`."""
        return self._ask(mean_of(self._means, members))

    def differences(self, labels: np.ndarray) -> np.ndarray:
        """Return A minus B under each labelling."""
        return differences_of(self.of, labels)

    def tails(self) -> None:
        """Return nothing: what decides a model's answer is not known."""


def differences_of(of: Callable[[np.ndarray], np.ndarray], labels: np.ndarray) -> np.ndarray:
    """Return A minus B under each labelling, where `of` scores the samples of a group."""
    return np.array([of(own) - of(~own) for own in labels])


def mean_of(means: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return the mean of some samples, (genes,) float64."""
    found: np.ndarray = means[members].mean(axis=0, dtype=np.float64)
    return found


def in_order(values: np.ndarray, genes: tuple[str, ...]) -> np.ndarray:
    """Return an order of cells that neither theirs nor that of the genes decides: by their values, genes by name."""
    by_name = np.argsort(np.array(genes, dtype=object), kind="stable")
    rows = np.ascontiguousarray(values[:, by_name]) + 0.0
    keys = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    order: np.ndarray = np.argsort(keys, kind="stable")
    return order


def _alike(values: np.ndarray, *, by_ranks: bool) -> np.ndarray:
    """Bring each gene to mean 0 and variance 1, of ranks if asked; one that does not vary is 0."""
    from scipy.stats import rankdata

    own = rankdata(values, axis=0) if by_ranks else np.asarray(values, dtype=np.float64)
    varies = np.ptp(values, axis=0) > STILL * np.abs(values).max(axis=0)
    centred = own - own.mean(axis=0)
    spread = np.sqrt(np.square(centred).mean(axis=0))
    found: np.ndarray = np.divide(centred, spread, out=np.zeros_like(centred), where=varies & (spread > 0))
    return found
