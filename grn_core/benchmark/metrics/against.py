"""Measure scored networks against a reference network, all on the same pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from grn_core.benchmark.metrics.draws import N_DRAWS, check_draws
from grn_core.benchmark.metrics.found_against import Against
from grn_core.benchmark.metrics.measures import measure, per_source
from grn_core.benchmark.metrics.resampled import FEWEST_TFS, GRID, Resampled, draws_of, interval, resampled
from grn_core.benchmark.references.named import any_reference
from grn_core.errors import DataError
from grn_core.networks.matched import Matched, match_networks
from grn_core.progress import Progress, further, silent
from grn_core.sums import keep_array, kept_array
from grn_core.translator.pairs import Pairs
from grn_core.translator.precision import steps

POINTS = 200
"""Points of a curve, at most: more cannot be told apart on a screen."""
ENDS = ("auprc_low", "auprc_high", "auroc_low", "auroc_high")
BANDS = ("precision_low", "precision_high", "recall_low", "recall_high")
STAGE = "draw"


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


def asked_edges(matched: Matched, edges: pd.DataFrame) -> pd.DataFrame:
    """Return the edges of a reference that `labelled_pairs` labels so: columns ``source`` and ``target``.

    Parameters
    ----------
    matched, edges
        As of `labelled_pairs`.

    Raises
    ------
    DataError
        As `labelled_pairs`.
    """
    pairs, rows = labelled_pairs(matched, edges)
    source, target = (names[rows[pairs.label > 0]] for names in matched.symbols)
    return pd.DataFrame({"source": source, "target": target})


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
        with canonical human symbols as ``source`` (the TF) and ``target``.
    n_draws, seed
        Of the intervals: whole TFs are drawn, 2 to 10,000 times; with 0 draws there are no intervals.

    Returns
    -------
    Against
        ``table``: a row a network with ``auprc`` and ``auroc``, 0 to 1 and the higher the better, beside
        ``prevalence``, the AUPRC of a random guess; ``auprc_low``, ``auprc_high``, ``auroc_low``, ``auroc_high``: 95 %
        intervals, NaN without draws or with too few TFs; and the universe: TFs, targets, pairs, edges among them.
        ``curves``, ``per_tf``, ``bands``, ``leads``: see `grn_core.benchmark.metrics.found_against.Against`.
        ``words``: all of it in sentences.

    Raises
    ------
    RequestError
        Fewer than two networks, or draws or a seed that there cannot be.
    DataError
        They have no pair in common, or the reference none of them; a table lacks a column, or names a pair twice.
    """
    check_draws(n_draws, seed=seed, none=True)
    edges = reference if isinstance(reference, pd.DataFrame) else any_reference(str(reference)).edges
    if missing := [end for end in ("source", "target") if end not in edges]:
        message = f"the reference has no {' and no '.join(missing)}, only {', '.join(map(str, edges)) or 'no column'}"
        raise DataError(message, needed="the columns source and target", todo="rename its columns")
    return against_reference(match_networks(networks), edges, n_draws=n_draws, seed=seed)


def against_reference(
    matched: Matched,
    edges: pd.DataFrame,
    *,
    n_draws: int = N_DRAWS,
    seed: int = 0,
    folder: Path | None = None,
    progress: Progress = silent,
) -> Against:
    """Measure every network on the common pairs of the TFs that the reference knows.

    Parameters
    ----------
    matched, edges
        See `labelled_pairs`.
    n_draws, seed
        Of the intervals; without draws there are none. TFs are drawn in the order of their symbols, so that the order
        of the data changes nothing.
    folder
        Where the draws of each network are kept when they are done; there they are taken from where they are whole.
    progress
        Listener: draws done of those of all networks; may raise `Cancelled`.

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
    whole_of = len(matched.names) * len(times)
    for place, network in enumerate(matched.names):
        score = matched.score[rows, place]
        told = further(progress, STAGE, place * len(times), total=whole_of)
        part = None if folder is None else folder / f"draws-{place}.npy"
        row, band, drawn[network] = _intervals(pairs, score, times, part=part, told=told)
        tfs = per_source(pairs, score)
        table.append({"network": network, **measure(pairs, score, own=tfs).row(), **row})
        curves.append(_curve(pairs, score).assign(network=network))
        bands.append(band.assign(network=network))
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


def _intervals(
    pairs: Pairs, score: np.ndarray, times: np.ndarray, *, part: Path | None, told: Callable[[int], object]
) -> tuple[dict[str, float], pd.DataFrame, np.ndarray]:
    """Return the columns of intervals, the bands of the curves, and the AUPRC of every draw."""
    if not len(times):
        return dict.fromkeys(ENDS, float("nan")), pd.DataFrame(columns=["at", *BANDS], dtype=float), np.empty(0)
    shape = (len(times), 2 + 2 * len(GRID))
    kept = None if part is None else kept_array(part, shape=shape, dtype=np.float64)
    found = resampled(pairs, score, times, told=told) if kept is None else Resampled.of_one(kept)
    if part is not None and kept is None:
        keep_array(part, found.in_one())
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
