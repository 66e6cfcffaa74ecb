"""Measure scored networks against a reference network, all on the same pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from grn_core.benchmark.metrics.measures import measure, per_source
from grn_core.benchmark.metrics.ranking import steps
from grn_core.benchmark.references.reference import Reference, read_reference
from grn_core.datasets import boolean
from grn_core.datasets.curated import MODELS
from grn_core.errors import DataError
from grn_core.genes import match_genes
from grn_core.networks.matched import Matched
from grn_core.translator.pairs import Pairs

POINTS = 200
"""Points of a curve, at most: more cannot be told apart on a screen."""


@dataclass(frozen=True, eq=False)
class Against:
    """Networks beside one reference.

    Attributes
    ----------
    table
        One row per network: ``network``, ``auprc`` (average precision), ``auprc_ratio``, ``auroc``, ``epr`` and the
        universe (``n_sources``, ``n_targets``, ``n_positives``, ``n_pairs``, ``prevalence``).
    curves
        ``network``, ``recall``, ``precision``, ``false_positive_rate``; from the strictest threshold on.
    per_tf
        ``network``, ``source``, ``n_positives``, ``prevalence``, ``auprc``.
    """

    table: pd.DataFrame
    curves: pd.DataFrame
    per_tf: pd.DataFrame


def named_reference(name: str) -> Reference:
    """Return a reference that ships with the product, in human symbols: ``omnipath``, or a curated Boolean model.

    Raises
    ------
    DataError
        There is none of that name.
    """
    if name == "omnipath":
        return read_reference(name)
    if name not in MODELS:
        message = f"there is no reference {name!r} here"
        raise DataError(message, needed=f"omnipath or one of {', '.join(MODELS)}", todo="choose another, or upload one")
    edges = boolean.gene_edges(MODELS[name])[["source", "target"]]
    genes = sorted({*edges["source"], *edges["target"]})
    match = match_genes(genes, species=MODELS[name].species)
    symbol = {gene: found for gene, found in zip(genes, match.symbols, strict=True) if found}
    edges = edges.apply(lambda end: end.map(symbol)).dropna().drop_duplicates()
    return Reference(f"{name}, curated truth", name, "truth", tuple(sorted(set(symbol.values()))), edges)


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


def against_reference(matched: Matched, edges: pd.DataFrame) -> Against:
    """Measure every network on the common pairs of the TFs that the reference knows.

    Parameters
    ----------
    matched, edges
        See `labelled_pairs`.

    Raises
    ------
    DataError
        As `labelled_pairs`.
    """
    pairs, rows = labelled_pairs(matched, edges)
    names = matched.source[rows]
    table, curves, own = [], [], []
    for place, network in enumerate(matched.names):
        score = matched.score[rows, place]
        table.append({"network": network, **measure(pairs, score).row()})
        curves.append(_curve(pairs, score).assign(network=network))
        tfs = per_source(pairs, score)
        first = pd.Series(names, index=pairs.source).groupby(level=0).first()
        own.append(tfs.assign(network=network, source=tfs["source"].map(first)))
    return Against(
        pd.DataFrame(table),
        pd.concat(curves, ignore_index=True)[["network", "recall", "precision", "false_positive_rate"]],
        pd.concat(own, ignore_index=True)[["network", "source", "n_positives", "prevalence", "auprc"]],
    )


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
