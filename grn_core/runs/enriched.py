"""Enrichment within a finished run: of the best targets of a TF, or of genes that were chosen in its network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.errors import GeneError, RequestError
from grn_core.runs.kinds.consensus import ConsensusRequest
from grn_core.runs.kinds.import_network import ImportRequest
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd

    from grn_core.networks import GeneNames
    from grn_core.networks.enrichment import Enrichment

BEST = 50
"""Targets of a TF that are tested."""


def universe_of(run_id: str) -> frozenset[str] | None:
    """Return the genes that a TF of a run could have had, where its edges do not say so; None where they do.

    A run of ours asks a TF about every gene and keeps each answer. A file that was imported lists what its method has
    found alone, so that any gene of its network could have been a target; so does a consensus with one among its runs.
    """
    store = RunStore()
    request = store.request(run_id)
    runs = request.runs if isinstance(request, ConsensusRequest) else ()
    if isinstance(request, ImportRequest) or any(universe_of(one) is not None for one in runs):
        return frozenset(store.gene_names(run_id).symbols) - {""}
    return None


def of_tf(
    edges: pd.DataFrame, tf: str, *, sets: str, best: int = BEST, universe: Collection[str] | None = None
) -> Enrichment:
    """Test the best targets of a TF.

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
    universe
        The genes that could have been targets (`universe_of`); None for those that the edges list for this TF.

    Raises
    ------
    GrnError
        The run has no such TF, or nothing can be tested.
    """
    from grn_core.benchmark.references.gene_sets import gene_sets, is_all_that_is_known
    from grn_core.networks.enrichment import enrichment

    if best < 1:
        message = f"the number of best targets is {best}"
        raise RequestError(message, needed="1 or more", todo="choose another number")
    asked = edges.loc[edges["source"] == tf]
    own = asked["target_symbol"].tolist()
    if edges["score"].min() == 0 < edges["score"].max():  # of strengths, 0 is no edge, and no best target
        best = min(best, max(int((asked["score"] > 0).sum()), 1))
    if not own:
        message = f"the run has no TF {tf!r}"
        raise GeneError(message, needed="a TF as the run calls it", todo="see the column source of its edges")
    could = set(own if universe is None else universe) - set(asked["source_symbol"])  # no TF is its own target
    if could <= set(own[:best]):
        message = f"{best:,} best targets of {len(could):,} are all that {tf} was asked"
        raise RequestError(message, needed="fewer than all targets", todo="choose a smaller number")
    labels = dict(zip(own[::-1], asked["target"].iloc[::-1], strict=True))
    known = is_all_that_is_known(sets)
    return enrichment(own[:best], gene_sets(sets), universe=could, only_held=known, labels=labels)


def of_genes(names: GeneNames, genes: Iterable[str], *, sets: str) -> Enrichment:
    """Test chosen genes of a run; the universe are all genes of the run.

    Parameters
    ----------
    names
        The genes of the run.
    genes
        By any of their names, see `grn_core.networks.GeneNames.labels_of`.
    sets
        See `of_tf`.

    Raises
    ------
    GrnError
        A gene is not in the run, or nothing can be tested.
    """
    from grn_core.benchmark.references.gene_sets import gene_sets, is_all_that_is_known
    from grn_core.networks.enrichment import enrichment

    symbols, asked_for = dict(zip(names.labels, names.symbols, strict=True)), list(genes)
    found = names.labels_of(asked_for)
    if unknown := [gene for gene, label in zip(asked_for, found, strict=True) if label is None]:
        message = f"the run has no gene {', '.join(unknown[:5])}"
        raise GeneError(message, needed="genes of the run, by symbol or Ensembl id", todo="correct the names")
    chosen = list(dict.fromkeys(label for label in found if label is not None))
    universe = set(symbols.values()) - {""}
    asked = {symbols[gene] or gene: gene for gene in reversed(chosen)}
    known = is_all_that_is_known(sets)
    return enrichment(reversed(asked), gene_sets(sets), universe=universe, only_held=known, labels=asked)
