"""A small planted network, in columns that are not in order of names."""

from __future__ import annotations

import numpy as np

from grn_core.coexpression import METHODS

GENES = ("TFC", "NOISE1", "TGTB", "TFA", "TGTA", "FLAT", "TFB", "TGTC", "NOISE2", "TFD")
SOURCES = (3, 6, 0, 9)
TRUTH = {("TFA", "TGTA"): 1, ("TFB", "TGTB"): -1, ("TFC", "TGTC"): 1}


def planted(*, n_cells=200, seed=0):
    """Expression (cells, genes): each target follows one TF, FLAT is constant, the rest is independent."""
    draw = np.random.default_rng(seed)
    columns = {name: draw.gamma(3.0, 0.7, size=n_cells) for name in sorted(GENES)}
    for (source, target), sign in TRUTH.items():
        columns[target] = 4.0 + sign * 0.6 * columns[source] + draw.normal(0.0, 0.15, size=n_cells)
    columns["FLAT"] = np.full(n_cells, 0.1)
    return np.column_stack([columns[name] for name in GENES])


def few_trees(method):
    """Options that make a method quick."""
    return {option.name: 8 for option in METHODS[method].options if option.name == "trees"}
