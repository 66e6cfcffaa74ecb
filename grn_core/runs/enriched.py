"""Enrichment within a finished run: of the best targets of a TF, or of genes that were chosen in its network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.errors import GeneError, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from grn_core.networks import GeneNames
    from grn_core.networks.enrichment import Enrichment

BEST = 50
"""Targets of a TF that are tested."""


def of_tf(edges: pd.DataFrame, tf: str, *, sets: str, best: int = BEST) -> Enrichment:
    """Test the best targets of a TF; the universe are the genes that the run has asked of it.

    Parameters
    ----------
    edges
        Every edge of the run, the best first.
    tf
        By its name in the run.
    sets
        See `grn_core.benchmark.references.gene_sets.gene_sets`.
    best
        So many targets.

    Raises
    ------
    GrnError
        The run has no such TF, or nothing can be tested.
    """
    from grn_core.benchmark.references.gene_sets import gene_sets
    from grn_core.networks.enrichment import enrichment

    if best < 1:
        message = f"the number of best targets is {best}"
        raise RequestError(message, needed="1 or more", todo="choose another number")
    own = edges.loc[edges["source"] == tf, "target_symbol"].tolist()
    if not own:
        message = f"the run has no TF {tf!r}"
        raise GeneError(message, needed="a TF as the run calls it", todo="see the column source of its edges")
    if best >= len(set(own)):
        message = f"{best:,} best targets of {len(set(own)):,} are all that {tf} was asked"
        raise RequestError(message, needed="fewer than all targets", todo="choose a smaller number")
    return enrichment(own[:best], gene_sets(sets), universe=set(own))


def of_genes(names: GeneNames, genes: Iterable[str], *, sets: str) -> Enrichment:
    """Test chosen genes of a run; the universe are all genes of the run.

    Parameters
    ----------
    names
        The genes of the run.
    genes
        By their names in the run.
    sets
        See `of_tf`.

    Raises
    ------
    GrnError
        A gene is not in the run, or nothing can be tested.
    """
    from grn_core.benchmark.references.gene_sets import gene_sets
    from grn_core.networks.enrichment import enrichment

    symbols = dict(zip(names.labels, names.symbols, strict=True))
    chosen = list(genes)
    if unknown := [gene for gene in chosen if gene not in symbols]:
        message = f"the run has no gene {', '.join(unknown[:5])}"
        raise GeneError(message, needed="genes as the run calls them", todo="correct the names")
    return enrichment([symbols[gene] for gene in chosen], gene_sets(sets), universe=set(symbols.values()))
