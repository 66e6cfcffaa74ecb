"""Several networks side by side on the pairs that all of them scored.

Genes are matched by their canonical symbols and shown by one label each, see `grn_core.networks.gene_names`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from grn_core.errors import DataError, RequestError
from grn_core.networks.edge_table import in_todays_columns
from grn_core.networks.gene_names import GeneNames, shared_labels

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

    def __len__(self) -> int:
        return len(self.source_at)

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
        return pd.DataFrame(self.score).rank(ascending=False, method="average").to_numpy()

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
        A table names a pair twice, or no pair is in all tables.
    """
    if len(tables) < 2:
        message = f"{len(tables)} network was given"
        raise RequestError(message, needed="two or more", todo="choose another one beside it")
    columns, labels, ids = {}, [], []
    for name, given in tables.items():
        table = in_todays_columns(given)
        if table.duplicated(["source", "target"]).any():
            message = f"the network {name} names the same source and target twice"
            raise DataError(message, needed="one row per pair", todo="drop the duplicates")
        columns[name] = table.drop_duplicates(PAIR).set_index(PAIR)
        labels.append(_by_symbol(table, ""))
        ids.append(_by_symbol(table, "_id"))
    first, *others = (indexed.index for indexed in columns.values())
    common = first
    for index in others:
        common = common.intersection(index)
    if not len(common):
        message = "no pair of a TF and a target is in all of these networks"
        raise DataError(message, needed="panels that share TFs and genes", todo="choose other runs")
    common = common.sort_values()
    chosen = [indexed.reindex(common) for indexed in columns.values()]

    def stack(column: str, otherwise: float) -> np.ndarray:
        parts = [one[column].to_numpy(dtype=float) if column in one else np.full(len(one), otherwise) for one in chosen]
        return np.column_stack(parts)

    ends = [common.get_level_values(level).to_numpy(dtype=object) for level in (0, 1)]
    symbols, positions = np.unique(np.concatenate(ends), return_inverse=True)
    shown = shared_labels(labels)
    return Matched(
        names=tuple(columns),
        genes=GeneNames(
            symbols=tuple(symbols),
            labels=tuple(shown[symbol] for symbol in symbols),
            ids=tuple(_one_id(symbol, ids) for symbol in symbols),
        ),
        source_at=positions[: len(common)],
        target_at=positions[len(common) :],
        score=stack("score", np.nan),
        probability=stack("probability", np.nan),
        uncertainty=stack("uncertainty", np.nan),
        sign=np.nan_to_num(stack("sign", 0.0)).astype(np.int8),
        sizes=tuple(len(one) for one in columns.values()),
    )


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
