"""Measure scored networks against a reference network, all on the same pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from grn_core.benchmark.metrics.measures import measure, per_source
from grn_core.benchmark.metrics.ranking import steps
from grn_core.benchmark.metrics.resampled import FEWEST_TFS, GRID, N_DRAWS, draws_of, interval, resampled
from grn_core.benchmark.references.named import any_reference
from grn_core.errors import DataError
from grn_core.networks.matched import Matched, match_networks
from grn_core.translator.pairs import Pairs

POINTS = 200
"""Points of a curve, at most: more cannot be told apart on a screen."""
ENDS = ("auprc_low", "auprc_high", "auroc_low", "auroc_high")
BANDS = ("precision_low", "precision_high", "recall_low", "recall_high")


@dataclass(frozen=True, eq=False)
class Against:
    """Networks beside one reference.

    Attributes
    ----------
    table
        One row per network: ``network``, ``auprc`` (average precision), ``auprc_ratio``, ``auroc``, ``epr`` and the
        universe (``n_sources``, ``n_targets``, ``n_positives``, ``n_pairs``, ``prevalence``); ``auprc_low``,
        ``auprc_high``, ``auroc_low``, ``auroc_high``: 95 % intervals over draws of whole TFs, NaN of fewer than
        `FEWEST_TFS`.
    curves
        ``network``, ``recall``, ``precision``, ``false_positive_rate``; from the strictest threshold on.
    per_tf
        ``network``, ``source``, ``n_positives``, ``prevalence``, ``auprc``.
    bands
        ``network``, ``at``, and the 95 % intervals of the curves: ``precision_low``, ``precision_high`` at this recall,
        ``recall_low``, ``recall_high`` at this false positive rate; no rows without intervals.
    leads
        ``a``, ``b``, ``lead``: AUPRC of the better network minus that of the other; ``low``, ``high``: the interval of
        the difference, both measured in the same draws; a row for every two networks.
    n_draws, seed
        Of the intervals.
    """

    table: pd.DataFrame
    curves: pd.DataFrame
    per_tf: pd.DataFrame
    bands: pd.DataFrame
    leads: pd.DataFrame
    n_draws: int
    seed: int

    @property
    def words(self) -> list[str]:
        """Say the universe, which network is best and how surely, and what an interval is, a sentence each."""
        first = self.table.iloc[0]
        universe = (
            f"Universe: {first['n_pairs']:,} common pairs of {first['n_sources']:,} TFs that the reference knows and "
            f"{first['n_targets']:,} targets, {first['n_positives']:,} of them edges: a random guess has an AUPRC of "
            f"{first['prevalence']:.3g}."
        )
        best = self.table.loc[self.table["auprc"].idxmax()]
        sure = bool(np.isfinite(best["auprc_low"]))
        told = f"Best AUPRC: {best['network']} with {best['auprc']:.3f}"
        told += f" ({best['auprc_low']:.3f} to {best['auprc_high']:.3f})" if sure else ""
        behind = self.leads[self.leads["a"] == best["network"]].sort_values("lead", kind="stable")
        if sure and len(behind):
            next_ = behind.iloc[0]
            verdict = "" if next_["low"] > 0 else ", which is no sure difference"
            told += f"; {next_['b']} is {next_['lead']:.3f} behind ({next_['low']:.3f} to {next_['high']:.3f}){verdict}"
        if not sure:
            few = f"{first['n_sources']:,} TFs are too few to draw from ({FEWEST_TFS} are needed)"
            why = few if first["n_sources"] < FEWEST_TFS else "no draws were asked for"
            return [universe, f"{told}.", f"No interval: {why}."]
        how = f"Intervals: 95 %, over {self.n_draws:,} draws of whole TFs with replacement (seed {self.seed})"
        return [universe, f"{told}.", f"{how}; how far another reference would give the same is not in them."]


def labelled_pairs(matched: Matched, edges: pd.DataFrame) -> tuple[Pairs, np.ndarray]:
    """Label the common pairs of compared networks with a reference.

    Parameters
    ----------
    matched
        Compared networks; their canonical symbols are looked up.
    edges
        Columns ``source`` and ``target``, canonical symbols.

    Returns
    -------
    pairs, rows
        The pairs whose source has an edge in the reference among the common pairs (every target counts, at the natural
        prevalence), and their positions in `matched`.

    Raises
    ------
    DataError
        No edge of the reference is among the common pairs, or nothing else is.
    """
    listed = pd.MultiIndex.from_frame(edges[["source", "target"]].drop_duplicates())
    label = pd.MultiIndex.from_arrays(matched.symbols).isin(listed)
    rows = np.flatnonzero(np.isin(matched.source_at, np.unique(matched.source_at[label])))
    if not len(rows) or label[rows].all():
        message = f"{int(label.sum())} edges of the reference are among the {len(matched):,} common pairs"
        raise DataError(
            message, needed="edges and negatives of a TF that was asked", todo="choose another reference or other runs"
        )
    _, codes = np.unique(np.concatenate([matched.source_at[rows], matched.target_at[rows]]), return_inverse=True)
    return Pairs(codes[: len(rows)], codes[len(rows) :], label[rows].astype(np.float32), "natural"), rows


def against(
    networks: Mapping[str, pd.DataFrame],
    reference: str | pd.DataFrame = "omnipath",
    *,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> Against:
    """Measure networks against a reference, on the pairs that all of them scored of the TFs that it knows.

    Parameters
    ----------
    networks
        Name -> edges, of `infer` or `read_network`; two or more.
    reference
        ``omnipath``, a curated Boolean model (``mCAD``, ``GSD``, ``HSC``, ``VSC``), the path of an edge list, or edges
        with canonical human symbols as ``source`` and ``target``.
    n_draws, seed
        Of the intervals: whole TFs are drawn.

    Raises
    ------
    RequestError
        Fewer than two networks.
    DataError
        They have no pair in common, or the reference none of them.
    """
    edges = reference if isinstance(reference, pd.DataFrame) else any_reference(str(reference)).edges
    return against_reference(match_networks(networks), edges, n_draws=n_draws, seed=seed)


def against_reference(matched: Matched, edges: pd.DataFrame, *, n_draws: int = N_DRAWS, seed: int = 0) -> Against:
    """Measure every network on the common pairs of the TFs that the reference knows.

    Parameters
    ----------
    matched, edges
        See `labelled_pairs`.
    n_draws, seed
        Of the intervals; without draws there are none. TFs are drawn in the order of their symbols, so that the order
        of the data changes nothing.

    Raises
    ------
    DataError
        As `labelled_pairs`.
    """
    pairs, rows = labelled_pairs(matched, edges)
    names = matched.source[rows]
    n_tfs = len(np.unique(pairs.source))
    times = draws_of(n_tfs, n_draws=n_draws if n_tfs >= FEWEST_TFS else 0, seed=seed)
    table, curves, own, bands, drawn = [], [], [], [], {}
    for place, network in enumerate(matched.names):
        score = matched.score[rows, place]
        row, band, drawn[network] = _intervals(pairs, score, times)
        table.append({"network": network, **measure(pairs, score).row(), **row})
        curves.append(_curve(pairs, score).assign(network=network))
        bands.append(band.assign(network=network))
        tfs = per_source(pairs, score)
        first = pd.Series(names, index=pairs.source).groupby(level=0).first()
        own.append(tfs.assign(network=network, source=tfs["source"].map(first)))
    whole = pd.DataFrame(table)
    return Against(
        whole,
        pd.concat(curves, ignore_index=True)[["network", "recall", "precision", "false_positive_rate"]],
        pd.concat(own, ignore_index=True)[["network", "source", "n_positives", "prevalence", "auprc"]],
        pd.concat(bands, ignore_index=True)[["network", "at", *BANDS]],
        _leads(whole, drawn),
        len(times),
        seed,
    )


def _intervals(pairs: Pairs, score: np.ndarray, times: np.ndarray) -> tuple[dict[str, float], pd.DataFrame, np.ndarray]:
    """Return the columns of intervals, the bands of the curves, and the AUPRC of every draw."""
    if not len(times):
        return dict.fromkeys(ENDS, float("nan")), pd.DataFrame(columns=["at", *BANDS], dtype=float), np.empty(0)
    found = resampled(pairs, score, times)
    ends = [float(end) for values in (found.auprc, found.auroc) for end in interval(values)]
    band = [end for values in (found.precision, found.recall) for end in interval(values)]
    columns = dict(zip(BANDS, band, strict=True))
    return dict(zip(ENDS, ends, strict=True)), pd.DataFrame({"at": GRID, **columns}), found.auprc


def _leads(table: pd.DataFrame, drawn: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return by how much the better of every two networks leads, with the interval over the draws."""
    ranked = table.sort_values("auprc", ascending=False, kind="stable")
    auprc = dict(zip(ranked["network"], ranked["auprc"], strict=True))
    rows = []
    for a, b in combinations(auprc, 2):
        low, high = interval(drawn[a] - drawn[b]) if len(drawn[a]) else (np.nan, np.nan)
        rows.append((a, b, auprc[a] - auprc[b], float(low), float(high)))
    return pd.DataFrame(rows, columns=["a", "b", "lead", "low", "high"])


def _curve(pairs: Pairs, score: np.ndarray) -> pd.DataFrame:
    """Precision, recall and false positive rate down the ranking, thinned to `POINTS` even steps of each rate."""
    true, false = steps(pairs.label, score)
    recall, wrong = true / true[-1], false / false[-1]
    even = np.linspace(0, 1, POINTS // 2)
    # Both ends are among them: the first step reaches 0 of each rate, and the last is the first to reach 1 of one.
    kept = np.unique(np.concatenate([np.searchsorted(recall, even), np.searchsorted(wrong, even)]))
    return pd.DataFrame(
        {"recall": recall[kept], "precision": (true / (true + false))[kept], "false_positive_rate": wrong[kept]}
    )
