"""Compare scored networks: on the pairs that all of them scored, what is common and what differs.

Every function works on one `Matched`: row = one (source TF, target gene) pair, column = one network. Scores of
different methods have different scales, so that only their order is compared. Ties among the best are broken by name.
Genes are matched by their canonical symbols and shown by one label each, see `grn_core.networks.gene_names`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from grn_core.errors import DataError, RequestError
from grn_core.networks.edge_table import in_todays_columns, percentile
from grn_core.networks.gene_names import GeneNames, shared_labels

COMMON = "both"
PAIR = ["source_symbol", "target_symbol"]
STEPS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
"""Lengths of the lists of best edges whose overlap is counted."""


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
    score, probability, sign
        Of each pair in each network, shape (pairs, networks); `sign` is +1, -1, or 0 where a network has none, and
        `probability` NaN where a network has none.
    sizes
        Number of pairs that each network scored, common or not.
    """

    names: tuple[str, ...]
    genes: GeneNames
    source_at: np.ndarray
    target_at: np.ndarray
    score: np.ndarray
    probability: np.ndarray
    sign: np.ndarray
    sizes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.source_at)

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


def rank_correlation(matched: Matched) -> pd.DataFrame:
    """Return Spearman's correlation of the scores of every two networks; row and column = network.

    It is NaN where a network gives every pair the same score.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.corrcoef(matched.rank, rowvar=False)
    return pd.DataFrame(values, index=list(matched.names), columns=list(matched.names))


def sign_agreement(matched: Matched) -> pd.DataFrame:
    """Return the share of pairs to which every two networks give the same sign; NaN where one has no signs."""
    n = len(matched.names)
    values = np.full((n, n), np.nan)
    for i in range(n):
        for j in range(n):
            signed = (matched.sign[:, i] != 0) & (matched.sign[:, j] != 0)
            if signed.any():
                values[i, j] = float((matched.sign[signed, i] == matched.sign[signed, j]).mean())
    return pd.DataFrame(values, index=list(matched.names), columns=list(matched.names))


def overlap_at_k(matched: Matched, *, ks: Sequence[int] = STEPS) -> pd.DataFrame:
    """Count the edges that the best k of every two networks share.

    Returns
    -------
    pandas.DataFrame
        ``k``, ``a``, ``b`` (networks), ``shared`` (edges), ``share`` (shared / k), ``expected`` (the share that two
        random orders would give: k / pairs); only k that are not above the number of pairs.
    """
    n, rows = len(matched), []
    for k in sorted({k for k in ks if 0 < k <= n}):
        best = [np.zeros(n, dtype=bool) for _ in matched.names]
        for place, chosen in enumerate(best):
            chosen[matched.order[:k, place]] = True
        for i, a in enumerate(matched.names):
            for j in range(i + 1, len(matched.names)):
                shared = int((best[i] & best[j]).sum())
                rows.append((k, a, matched.names[j], shared, shared / k, k / n))
    return pd.DataFrame(rows, columns=["k", "a", "b", "shared", "share", "expected"])


def edge_sets(matched: Matched, *, a: str, b: str, k: int) -> pd.DataFrame:
    """List the best k edges of two networks, and say which are in both.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``target``, ``found`` (`COMMON`, or the name of the only network that has it), ``rank_a``,
        ``rank_b`` (among the common pairs), ``score_a``, ``score_b``, ``probability_a``, ``probability_b``, ``sign_a``,
        ``sign_b``; common edges first, then by the better of the two ranks.
    """
    one, other = matched.names.index(a), matched.names.index(b)
    best = {place: np.zeros(len(matched), dtype=bool) for place in (one, other)}
    for place, chosen in best.items():
        chosen[matched.order[:k, place]] = True
    rows = np.flatnonzero(best[one] | best[other])
    found = np.where(best[one][rows] & best[other][rows], COMMON, np.where(best[one][rows], a, b))
    table = pd.DataFrame({"source": matched.source[rows], "target": matched.target[rows], "found": found})
    for letter, place in (("a", one), ("b", other)):
        table[f"rank_{letter}"] = matched.rank[rows, place]
        table[f"score_{letter}"] = matched.score[rows, place]
        table[f"probability_{letter}"] = matched.probability[rows, place]
        table[f"sign_{letter}"] = matched.sign[rows, place]
    better = table[["rank_a", "rank_b"]].min(axis=1)
    group = table["found"].map({COMMON: 0, a: 1, b: 2})
    order = np.lexsort((matched.target_at[rows], matched.source_at[rows], better, group))
    return table.iloc[order].reset_index(drop=True)


def per_tf(matched: Matched, *, a: str, b: str, k: int = 10) -> pd.DataFrame:
    """Compare two networks TF by TF.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``targets`` (common pairs of the TF), ``correlation`` (Spearman's, NaN below 3 targets), ``shared``
        (of its best `k` targets, or of as many as it has), ``of`` (that number), ``first_a``, ``first_b`` (its best
        target in each); TFs that differ most first.
    """
    one, other = matched.names.index(a), matched.names.index(b)
    rows = []
    starts = np.flatnonzero(np.append(True, matched.source_at[1:] != matched.source_at[:-1]))
    for start, end in zip(starts, np.append(starts[1:], len(matched)), strict=True):
        own = [matched.score[start:end, place] for place in (one, other)]
        best = [np.argsort(-score, kind="stable") for score in own]
        of = min(k, end - start)
        shared = len(set(best[0][:of].tolist()) & set(best[1][:of].tolist()))
        targets = matched.target[start:end]
        rows.append((matched.source[start], end - start, _spearman(*own), shared, of, *(targets[o[0]] for o in best)))
    table = pd.DataFrame(rows, columns=["source", "targets", "correlation", "shared", "of", "first_a", "first_b"])
    return table.sort_values(["correlation", "source"], na_position="last").reset_index(drop=True)


def sample_pairs(matched: Matched, *, a: str, b: str, n: int = 4000, seed: int = 0) -> pd.DataFrame:
    """Draw pairs for a scatter of ranks: uniformly, so that the cloud is that of all pairs.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``target``, ``score_a``, ``score_b``, ``percentile_a``, ``percentile_b`` (share of the other
        pairs that rank lower, in percent: 100 = best); every pair if there are no more than `n`.
    """
    chosen = np.arange(len(matched))
    if len(chosen) > n:
        chosen = np.sort(np.random.default_rng(seed).choice(len(matched), n, replace=False))
    table = pd.DataFrame({"source": matched.source[chosen], "target": matched.target[chosen]})
    for letter, name in (("a", a), ("b", b)):
        place = matched.names.index(name)
        table[f"score_{letter}"] = matched.score[chosen, place]
        table[f"percentile_{letter}"] = percentile(matched.rank[chosen, place], n=len(matched))
    return table


def _spearman(one: np.ndarray, other: np.ndarray) -> float:
    if len(one) < 3:
        return float("nan")
    ranks = [pd.Series(values).rank().to_numpy() for values in (one, other)]
    deviations = np.std(ranks[0]) * np.std(ranks[1])
    return float(np.cov(ranks[0], ranks[1], ddof=0)[0, 1] / deviations) if deviations > 0 else float("nan")
