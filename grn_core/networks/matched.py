"""Several networks side by side on the pairs that all of them scored.

Genes are matched by their canonical symbols and shown by one label each, see `grn_core.networks.gene_names`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial, reduce

import numpy as np
import pandas as pd

from grn_core.errors import DataError, RequestError
from grn_core.networks.edge_columns import check_numbers, check_once
from grn_core.networks.edge_table import in_todays_columns, is_directed
from grn_core.networks.gene_names import GeneNames, shared_labels
from grn_core.networks.in_common import Places

WIDEST = 2**31
"""Above the number of genes of any network: a pair of their positions is one number of 64 bits."""
PAIR = ["source_symbol", "target_symbol"]


@dataclass(frozen=True, eq=False)
class Matched:
    """Several networks on the pairs that all of them scored.

    Attributes
    ----------
    names
        One for each network.
    genes
        Names of every gene of the pairs, in the order of their symbols; a gene that the networks know by different ids
        has none.
    source_at, target_at
        Positions of the genes of each pair in `genes`, shape (pairs,); pairs are sorted by them.
    score, probability, uncertainty, sign
        Of each pair in each network, shape (pairs, networks); `sign` is +1, -1, or 0 where a network has none,
        `probability` and `uncertainty` NaN where a network has none.
    sizes
        Number of pairs that each network scored, common or not.
    directed
        Whether any of the networks tells source -> target from target -> source.
    sizes_once
        As `sizes`, the two orders of a pair counted once; as `sizes` where not given.
    """

    names: tuple[str, ...]
    genes: GeneNames
    source_at: np.ndarray
    target_at: np.ndarray
    score: np.ndarray
    probability: np.ndarray
    uncertainty: np.ndarray
    sign: np.ndarray
    sizes: tuple[int, ...]
    directed: bool = True
    sizes_once: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.source_at)

    @cached_property
    def once(self) -> Matched:
        """The same networks with two TFs once, where none of them tells which of the two regulates the other.

        What is counted is counted in these pairs: the orders A, B and B, A of a symmetric method are one finding.
        """
        if self.directed:
            return self
        pair, turned = (
            _numbered(*ends) for ends in ((self.source_at, self.target_at), (self.target_at, self.source_at))
        )
        kept = np.flatnonzero((self.source_at < self.target_at) | ~np.isin(turned, pair))
        return replace(
            self,
            source_at=self.source_at[kept],
            target_at=self.target_at[kept],
            score=self.score[kept],
            probability=self.probability[kept],
            uncertainty=self.uncertainty[kept],
            sign=self.sign[kept],
            sizes=self.sizes_once or self.sizes,
        )

    @cached_property
    def unranked(self) -> tuple[str, ...]:
        """Names of the networks that put no common pair before another, such as a list of edges without scores."""
        alike = (self.score == self.score[:1]).all(axis=0) if len(self) > 1 else np.zeros(len(self.names), dtype=bool)
        return tuple(name for name, yes in zip(self.names, alike.tolist(), strict=True) if yes)

    @cached_property
    def source(self) -> np.ndarray:
        """Label of the source of each pair, shape (pairs,)."""
        return np.take(self._labels, self.source_at)

    @cached_property
    def target(self) -> np.ndarray:
        """Label of the target of each pair, shape (pairs,)."""
        return np.take(self._labels, self.target_at)

    @cached_property
    def _labels(self) -> np.ndarray:
        return np.array(self.genes.labels, dtype=object)

    @cached_property
    def symbols(self) -> tuple[np.ndarray, np.ndarray]:
        """Canonical symbols of source and target of each pair, shape (pairs,) each, for looking up references."""
        known = np.array(self.genes.symbols, dtype=object)
        return known[self.source_at], known[self.target_at]

    @cached_property
    def rank(self) -> np.ndarray:
        """Rank of each pair in each network, shape (pairs, networks): 1 = best, ties share the mean of their ranks."""
        return np.column_stack([one.above + (one.tied + 1) / 2 for one in self.places])

    @cached_property
    def places(self) -> tuple[Places, ...]:
        """Where the pairs stand in each network, with ties."""
        return tuple(Places.of(*both) for both in zip(self.score.T, self.order.T, strict=True))

    @cached_property
    def order(self) -> np.ndarray:
        """Positions of the pairs from best to worst in each network, shape (pairs, networks)."""
        return np.argsort(-self.score, axis=0, kind="stable")  # pairs are sorted by name, which breaks ties


def match_networks(tables: Mapping[str, pd.DataFrame]) -> Matched:
    """Put networks side by side on the pairs that all of them scored.

    Parameters
    ----------
    tables
        Name -> edges, see `grn_core.networks.edge_table`; at least ``source``, ``target`` and ``score``. Of two labels
        with one symbol in a table the better edge counts.

    Raises
    ------
    RequestError
        Fewer than two networks.
    DataError
        A table names a pair twice, a score is not finite or a probability is none, or no pair is in all tables.
    """
    if len(tables) < 2:
        message = f"{len(tables)} network was given"
        raise RequestError(message, needed="two or more", todo="choose another one beside it")
    edges = {name: in_todays_columns(given) for name, given in tables.items()}
    for name, table in edges.items():
        check_numbers(table, called=f"the network {name}")
    symbols = pd.Index(
        np.unique(np.concatenate([pd.unique(table[end]) for table in edges.values() for end in PAIR]).astype(object))
    )
    at: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, table in edges.items():
        check_once(table, called=f"the network {name}")
        # The first row of a pair is its best: tables stand best first.
        source, target = (symbols.get_indexer(pd.Index(table[end])) for end in PAIR)
        at[name] = np.unique(_numbered(source, target), return_index=True)
    common = reduce(partial(np.intersect1d, assume_unique=True), (pairs for pairs, _ in at.values()))
    if not len(common):
        message = "no pair of a TF and a target is in all of these networks"
        raise DataError(message, needed="panels that share TFs and genes", todo="choose other runs")
    chosen = [(edges[name], rows[np.searchsorted(pairs, common)]) for name, (pairs, rows) in at.items()]
    source, target = np.divmod(common, WIDEST)
    used = np.zeros(len(symbols), dtype=bool)
    used[source] = used[target] = True
    position = np.cumsum(used) - 1
    shown = shared_labels([_by_symbol(table, "") for table in edges.values()])
    ids = [_by_symbol(table, "_id") for table in edges.values()]

    def stack(column: str, otherwise: float) -> np.ndarray:
        parts = [
            table[column].to_numpy(dtype=float)[rows] if column in table else np.full(len(rows), otherwise)
            for table, rows in chosen
        ]
        return np.column_stack(parts)

    genes = tuple(symbols[used])
    return Matched(
        names=tuple(edges),
        genes=GeneNames(
            symbols=genes,
            labels=tuple(shown[symbol] for symbol in genes),
            ids=tuple(_one_id(symbol, ids) for symbol in genes),
        ),
        source_at=position[source],
        target_at=position[target],
        score=stack("score", np.nan),
        probability=stack("probability", np.nan),
        uncertainty=stack("uncertainty", np.nan),
        sign=np.nan_to_num(stack("sign", 0.0)).astype(np.int8),
        sizes=tuple(len(rows) for _, rows in at.values()),
        directed=any(map(is_directed, tables.values())),
        sizes_once=tuple(_n_once(pairs) for pairs, _ in at.values()),
    )


def _numbered(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return one number for each pair of positions, in the order of the first and then of the second."""
    numbered: np.ndarray = source.astype(np.int64) * WIDEST + target
    return numbered


def _n_once(numbered: np.ndarray) -> int:
    """Count pairs of `_numbered`, the two orders of one once."""
    source, target = np.divmod(numbered, WIDEST)
    turned = _numbered(target, source)
    return len(numbered) - int(np.isin(turned[source > target], numbered).sum())


def _by_symbol(table: pd.DataFrame, suffix: str) -> dict[str, str]:
    """Map the symbol of every gene in a table to its name in the columns that end in `suffix`; the first counts."""
    found: dict[str, str] = {}
    for end in ("target", "source"):
        one = table[[f"{end}_symbol", f"{end}{suffix}"]].drop_duplicates(f"{end}_symbol")
        found |= dict(zip(one.iloc[:, 0], one.iloc[:, 1], strict=True))
    return found


def _one_id(symbol: str, ids: Sequence[Mapping[str, str]]) -> str:
    """Return the id that the networks have for a gene, if all that have one have the same."""
    known = {own.get(symbol, "") for own in ids} - {""}
    return known.pop() if len(known) == 1 else ""
