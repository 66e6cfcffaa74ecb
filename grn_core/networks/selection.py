"""Choose which edges of a run are shown, and keep count of what was left out and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grn_core.errors import DataError, RequestError
from grn_core.networks.edge_table import expected_precision, is_directed
from grn_core.settings import settings

EDGE_COLUMNS = ("source", "target", "score", "sign")
"""Columns without which a table is not a table of edges; runs of a translator also have ``probability``."""

SIGN_WORDS = {1: "activation", -1: "repression", 0: "no sign"}
TOGETHER = {1: "rise together", -1: "one rises, one falls", 0: "no sign"}
"""What a sign says where a method tells no direction: neither gene acts on the other."""

BETWEEN = {True: "→", False: "–"}
"""What stands between the two genes of an edge of a method that is directed, or not."""


ALSO_OF_EACH = 10
"""Edges that a gene asked for by name brings along, whatever the filters say."""


def sign_words(*, directed: bool) -> dict[int, str]:
    """Return what each sign of an edge says of a method that tells a direction, or none."""
    return SIGN_WORDS if directed else TOGETHER


def read_as(sign: int, *, directed: bool) -> str:
    """Return what an edge is read as, in words that stand within a sentence."""
    word = sign_words(directed=directed)[sign]
    return word if directed or not sign else f'"{word}"'


def strength_column(edges: pd.DataFrame) -> str:
    """Return the column that says how strong an edge is: ``probability`` where there is one, else ``score``."""
    return "probability" if "probability" in edges else "score"


def shares(edges: pd.DataFrame) -> pd.Series:
    """Return how strong each edge is beside the others, 0 to 1, in the order of the rows.

    The share of the highest probability, or score where there is none; where scores are below zero, as log-odds are,
    the place between the lowest and the highest.
    """
    strength = edges[strength_column(edges)].astype(float)
    if edges.empty:
        return strength
    low, high = min(float(strength.min()), 0.0), float(strength.max())
    return (strength - low) / max(high - low, 1e-12)


@dataclass(frozen=True)
class LeftOut:
    """Edges that one filter took away: the reason in plain words, and how many."""

    reason: str
    n_edges: int


@dataclass(frozen=True)
class Selection:
    """The edges that are shown, strongest first, and an account of the rest.

    Attributes
    ----------
    edges
        The chosen rows, sorted by falling score; ties in the order of `grn_core.networks.edge_table`.
    n_total
        Rows of the table that was chosen from.
    left_out
        One entry for every filter that took something away, in the order of the filters;
        ``n_total`` is always the chosen edges plus all that was left out.
    ordered
        Whether scores put some edges before others.
    """

    edges: pd.DataFrame
    n_total: int
    left_out: tuple[LeftOut, ...]
    ordered: bool = True

    def sentence(self) -> str:
        """Say in one or two sentences what is shown and what is not."""
        kind = "scored edges" if self.ordered else "edges"
        shown = f"{len(self.edges):,} of {self.n_total:,} {kind} are shown."
        if not self.left_out:
            return shown
        reasons = "; ".join(f"{part.n_edges:,} {part.reason}" for part in self.left_out)
        return f"{shown} Left out: {reasons}."


def select_edges(
    edges: pd.DataFrame,
    *,
    min_probability: float | None = None,
    min_percentile: float | None = None,
    min_precision: float | None = None,
    top_k_per_source: int | None = None,
    sources: Iterable[str] | None = None,
    targets: Iterable[str] | None = None,
    among: Iterable[str] | None = None,
    sign: int | None = None,
    also: Iterable[str] = (),
    pairs: Iterable[tuple[str, str]] = (),
    max_edges: int = 300,
) -> Selection:
    """Filter a table of edges; the order of its rows changes nothing.

    Parameters
    ----------
    edges
        Table with at least `EDGE_COLUMNS`; one row per (source TF, target gene).
    min_probability
        Smallest probability that is kept, from 0 to 1; only for edges that have one.
    min_percentile
        Smallest percentile that is kept: the share of all edges of the run that rank lower, 0 to 100.
    min_precision
        Keep the best edges of the run down to the rank at which this share of them, 0 to 1, is expected to be known
        edges; see `grn_core.networks.edge_table.expected_precision`. Only for edges that have a probability.
    top_k_per_source
        Keep only the `k` best of the edges of each source that passed the filters before.
    sources, targets
        Keep only edges that start (end) at one of these genes; None keeps all.
    among
        Keep only edges between two of these genes; None keeps all.
    sign
        +1 keeps activation only, -1 repression only, 0 what has no sign; without a direction rising together or apart.
    also
        Genes whose `ALSO_OF_EACH` best edges pass every filter.
    pairs
        Edges (source, target) that pass every filter.
    max_edges
        Keep at most this many, the best; never more than ``settings().max_graph_edges``.

    Raises
    ------
    DataError
        A column is missing.
    RequestError
        An option is out of range.
    """
    likely = min_probability if min_precision is None else min_precision
    _check_columns(edges, min_probability=likely, min_percentile=min_percentile)
    if min_precision is not None:
        _check_share(min_precision, "expected precision")
        last = int((expected_precision(edges.sort_values("rank")) >= min_precision).sum())
    _check(min_probability, min_percentile, top_k=top_k_per_source, sign=sign, max_edges=max_edges)
    left_out: list[LeftOut] = []
    kept, asked_for = edges, _best_of(edges, also).union(_rows_of(edges, pairs))

    def keep(mask: pd.Series, reason: str) -> None:
        nonlocal kept
        if len(asked_for):
            mask = mask | mask.index.isin(asked_for)
        dropped = len(kept) - int(mask.sum())
        if dropped:
            left_out.append(LeftOut(reason, dropped))
            kept = kept[mask]

    if sources is not None:
        keep(kept["source"].isin(set(sources)), "start at a TF that is not chosen")
    if targets is not None:
        keep(kept["target"].isin(set(targets)), "end at a gene that is not chosen")
    if among is not None:
        members = set(among)
        keep(kept["source"].isin(members) & kept["target"].isin(members), "are not between two of the chosen genes")
    if sign is not None:
        keep(kept["sign"] == sign, f"are not read as {read_as(sign, directed=is_directed(edges))}")
    if min_precision is not None:
        keep(kept["rank"] <= last, f"rank below the {last:,} best of the run")
    if min_probability is not None:
        keep(kept["probability"] >= min_probability, f"have a probability below {min_probability:z.2f}")
    if min_percentile is not None:
        keep(kept["percentile"] >= min_percentile, f"are below percentile {min_percentile:g}")
    kept = _best_first(kept)
    ordered = edges["score"].nunique() > 1 or len(edges) < 2
    if top_k_per_source is not None:
        place = kept.groupby("source").cumcount()
        best = "best" if ordered else "first by name"
        keep(place < top_k_per_source, f"are not among the {top_k_per_source} {best} of their TF")
    cap = settings().max_graph_edges
    limit = min(max_edges, cap)
    weaker = kept.index[~kept.index.isin(asked_for)][max(limit - len(asked_for), 0) :]
    if len(weaker) and len(kept) > limit:
        why = "the most that can be drawn" if limit == cap else "the limit that is set"
        words = f"are weaker than the {limit:,} best" if ordered else f"come after the {limit:,} first by name"
        left_out.append(LeftOut(f"{words} ({why})", len(weaker)))
        kept = kept.drop(weaker)
    return Selection(edges=kept.reset_index(drop=True), n_total=len(edges), left_out=tuple(left_out), ordered=ordered)


def _best_first(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by falling score, ties by name; names are compared only where scores are equal."""
    ends = ["source_symbol", "target_symbol"] if "source_symbol" in edges else ["source", "target"]
    order = np.argsort(-edges["score"].to_numpy(dtype=np.float64), kind="stable")
    tied = np.flatnonzero(edges["score"].duplicated(keep=False).to_numpy()[order])
    among = edges[["score", *ends]].iloc[order[tied]].reset_index(drop=True)
    order[tied] = order[tied][among.sort_values(["score", *ends], ascending=[False, True, True]).index.to_numpy()]
    return edges.iloc[order]


def _best_of(edges: pd.DataFrame, genes: Iterable[str]) -> pd.Index:
    """Return the rows that are among the best `ALSO_OF_EACH` of the edges of one of `genes`."""
    found = edges.index[:0]
    for gene in sorted(set(genes)):
        own = edges[(edges["source"] == gene) | (edges["target"] == gene)]
        found = found.union(_best_first(own).index[:ALSO_OF_EACH])
    return found


def _rows_of(edges: pd.DataFrame, pairs: Iterable[tuple[str, str]]) -> pd.Index:
    """Return the rows of some edges."""
    wanted = set(pairs)
    some = edges[edges["source"].isin({source for source, _ in wanted})] if wanted else edges.iloc[:0]
    inside = [pair in wanted for pair in zip(some["source"], some["target"], strict=True)]
    return some.index[inside]


def _check_columns(edges: pd.DataFrame, **limits: float | None) -> None:
    asked = tuple(name.removeprefix("min_") for name, limit in limits.items() if limit is not None)
    missing = [name for name in (*EDGE_COLUMNS, *asked) if name not in edges.columns]
    if missing:
        message = f"the table of edges has no column {', '.join(missing)}"
        raise DataError(
            message, needed=f"the columns {', '.join(EDGE_COLUMNS + asked)}", todo="run the inference again"
        )


def _check(
    min_probability: float | None,
    min_percentile: float | None,
    *,
    top_k: int | None,
    sign: int | None,
    max_edges: int,
) -> None:
    if min_percentile is not None and not 0 <= min_percentile <= 100:
        message = f"the smallest percentile is {min_percentile}"
        raise RequestError(message, needed="a number from 0 to 100", todo="choose another value")
    if min_probability is not None:
        _check_share(min_probability, "probability")
    if top_k is not None and top_k < 1:
        message = f"the number of edges per TF is {top_k}"
        raise RequestError(message, needed="1 or more", todo="choose another value")
    if sign not in (None, 1, -1, 0):
        message = f"the sign is {sign!r}"
        raise RequestError(
            message, needed="1 (activation), -1 (repression), 0 (no sign) or None", todo="choose one of these"
        )
    if max_edges < 1:
        message = f"the largest number of edges is {max_edges}"
        raise RequestError(message, needed="1 or more", todo="choose another value")


def _check_share(value: float, name: str) -> None:
    if not 0 <= value <= 1:
        message = f"the smallest {name} is {value}"
        raise RequestError(message, needed="a number from 0 to 1", todo="choose another value")
