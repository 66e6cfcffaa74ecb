"""BEELINE's four curated Boolean models as references: small networks whose signed edges are exactly known."""

from __future__ import annotations

import pandas as pd

from grn_core.benchmark.references.reference import Reference
from grn_core.datasets import boolean
from grn_core.datasets.curated import MODELS
from grn_core.errors import RequestError
from grn_core.genes import match_genes

PREFIX = "curated:"
NAMES = tuple(MODELS)


def truth_of(ref: str) -> Reference:
    """Return the network of a Boolean model.

    Parameters
    ----------
    ref
        Name of the Boolean model, e.g. ``mCAD``.

    Returns
    -------
    Reference
        In human symbols; ``edges`` has a column ``sign``: +1 activation, -1 repression, 0 both.

    Raises
    ------
    RequestError
        If there is no such Boolean model.
    """
    if ref not in MODELS:
        message = f"there is no curated model {ref!r}"
        raise RequestError(message, needed=f"one of {', '.join(MODELS)}")
    edges = boolean.gene_edges(MODELS[ref])
    names = sorted({*edges["source"], *edges["target"]})
    match = match_genes(names, species=MODELS[ref].species)
    symbol = {name: found for name, found in zip(names, match.symbols, strict=True) if found}
    mapped = edges.assign(source=edges["source"].map(symbol), target=edges["target"].map(symbol)).dropna()
    mapped = pd.DataFrame(mapped, columns=["source", "target", "sign"]).reset_index(drop=True)
    lost = len(names) - len(symbol)
    notes = (f"{lost} of {len(names)} genes have no human symbol.",) if lost else ()
    return Reference(f"{ref} Boolean model", ref, "truth", tuple(sorted(set(symbol.values()))), mapped, notes)
