"""Foretell the cost of a run from the figures of a machine (`Speed`) and the size of what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grn_core.coexpression import find_method
from grn_core.coexpression.job import SHOWN_CELLS
from grn_core.coexpression.registry import resolved
from grn_core.costs.cost import STARTING, Cost
from grn_core.datasets.large import LARGE
from grn_core.extractors.registry import EXTRACTORS

if TYPE_CHECKING:
    from grn_core.costs.speed import Speed
    from grn_core.models.record import ModelRecord

EDGE_DISK, GENE_DISK, RUN_DISK = 14, 60, 12_000
"""Bytes on disk for each edge of a table, each gene of a panel, and each run."""
EDGE_MEMORY = 420
"""Bytes of memory for each edge while the table is made."""
VALUE_MEMORY = 40
"""Bytes of memory for each value of a dataset above zero while it is read and scaled."""
PARAMETER_BYTES = 4
MEASURED_GENES = 1000
"""Genes of the largest panel on which a model is measured."""


@dataclass(frozen=True)
class Size:
    """How much is asked.

    Attributes
    ----------
    n_sources, n_genes
        Of the panel.
    n_cells, n_values
        Of the dataset that is read: cells, and values above zero; 0 for a gene list.
    """

    n_sources: int
    n_genes: int
    n_cells: int = 0
    n_values: int = 0

    @property
    def n_edges(self) -> int:
        """Pairs of a source and another gene."""
        return self.n_sources * (self.n_genes - 1)


def asked(record: ModelRecord, extractors: Sequence[str], readout: str) -> tuple[str, ...]:
    """Return what a model is asked for some extractors, each question once: a question costs what it costs alone.

    Parameters
    ----------
    record
        Of the model.
    extractors
        Names.
    readout
        That is read.
    """
    found = []
    levels = [EXTRACTORS[name] for name in extractors if EXTRACTORS[name].asks == "levels"]
    if levels:
        what = "tangent" if any("tangent" in one.needs for one in levels) else "value"
        found.append(f"levels {what} {readout}")
    whole = record.whole_cell_readout(readout) or readout
    for name in extractors:
        one = EXTRACTORS[name]
        if one.asks != "levels":
            found.append(f"{one.asks} {'+'.join(one.needs)}" + (f" {whole}" if one.asks == "cell" else ""))
    return tuple(dict.fromkeys(found))


def cost_of_inference(
    size: Size,
    record: ModelRecord,
    speed: Speed,
    *,
    extractors: Sequence[str],
    readout: str,
    n_seeds: int = 1,
    measured: bool = True,
) -> Cost:
    """Foretell an inference by a model.

    Parameters
    ----------
    size
        Of panel and dataset.
    record
        Of the model; where `speed` is of another one, it is scaled by what a pass multiplies by.
    speed
        Figures of the machine.
    extractors, readout
        What is read. The background is part of the readout: only some show the other genes to the model.
    n_seeds
        Of the translator.
    measured
        Whether the figures are of this machine and this model.
    """
    sources, genes = size.n_sources, size.n_genes
    grown = 1.0 if measured else max(weights_of(record) / max(speed.weights, 1), 0.2)
    asking, memory = 0.0, 0.0
    heavier = PARAMETER_BYTES * max(0, weights_of(record) - speed.weights)
    for what in asked(record, extractors, readout):
        asking += grown * seconds_asking(terms_of(speed.asks, what), sources, genes) * members_of(record, what, speed)
        memory = max(memory, grown**0.5 * _bytes(speed.gene_bytes, what, genes))
    numbers = {name: EXTRACTORS[name].length(record, readout, len(record.grid)) for name in extractors}
    of_genes = sum(length for name, length in numbers.items() if EXTRACTORS[name].is_term)
    of_pairs = sum(numbers.values()) - of_genes
    scoring = size.n_edges * (speed.edge_s + speed.score_s * len(extractors) * n_seeds)
    stages = begun(size, speed) | {"load": speed.load_s, "extract": asking, "score": scoring}
    held = (
        speed.load_bytes + heavier + max(memory, EDGE_MEMORY * size.n_edges) + VALUE_MEMORY * held_values(size.n_values)
    )
    disk = RUN_DISK + (GENE_DISK + 4 * of_genes) * genes + (4 * of_pairs + EDGE_DISK) * sources * genes
    return Cost(stages, int(held), int(disk), measured)


def cost_of_coexpression(
    method: str, size: Size, speed: Speed, *, options: Mapping[str, int] | None = None, measured: bool = True
) -> Cost:
    """Foretell a co-expression; parameters as of `cost_of_inference`, and the options of the method."""
    own, computing = cost_of_method(method, size, speed, options=options)
    stages = begun(size, speed) | {"co-expression": own + size.n_edges * speed.edge_s}
    memory = speed.start_bytes + max(computing, EDGE_MEMORY * size.n_edges) + VALUE_MEMORY * held_values(size.n_values)
    disk = RUN_DISK + GENE_DISK * size.n_genes + EDGE_DISK * size.n_edges
    disk += 4 * min(size.n_cells, SHOWN_CELLS) * size.n_genes
    return Cost(stages, int(memory), int(disk), measured)


def begun(size: Size, speed: Speed) -> dict[str, float]:
    """Return the seconds until a worker is there and has read the cells."""
    return {STARTING: speed.start_s, "read": speed.read_s * size.n_values}


def cost_of_method(
    method: str, size: Size, speed: Speed, *, options: Mapping[str, int] | None = None
) -> tuple[float, float]:
    """Foretell the seconds and the bytes of a co-expression method alone, where the cells are read already.

    Parameters
    ----------
    method, size, speed, options
        As of `cost_of_coexpression`.
    """
    record, chosen = find_method(method), resolved(method, options)
    own = record.seconds(size.n_cells, size.n_sources, size.n_genes, **chosen)
    load_s, each = speed.methods.get(method, (0.0, 1.0))
    held = 4 * 8 * size.n_cells * size.n_genes + record.held(size.n_cells, size.n_genes, **chosen)
    return load_s + own * each, held


def weights_of(record: ModelRecord) -> int:
    """Return the parameters of a model outside of its table of genes."""
    return max(record.n_parameters - record.n_genes * record.width, record.n_parameters // 20, 1)


def held_values(n_values: int) -> int:
    """Return how many values of a dataset are held at once: a matrix of more than `LARGE` goes through in blocks."""
    return min(n_values, LARGE)


def seconds_asking(terms: Sequence[float], sources: int, genes: int) -> float:
    """Return the seconds of a question by its terms (`terms_of`), for so many sources and genes."""
    sizes = (1.0, genes, genes**2, sources, sources * genes, sources * genes**2)
    return sum(term * size for term, size in zip(terms, sizes, strict=True))


def _bytes(gene_bytes: Mapping[str, float], what: str, genes: int) -> float:
    """Memory of a question: in proportion to the genes; of attention, whose weights are kept, to their square."""
    each = gene_bytes.get(what, max(gene_bytes.values(), default=0.0))
    return each * genes * (genes / MEASURED_GENES if "attention" in what else 1.0)


def terms_of(asks: Mapping[str, Sequence[float]], what: str) -> Sequence[float]:
    """Return the terms of what is asked, or of what is most like it."""
    if what in asks:
        return asks[what]
    words = what.split()
    like = [one for one in asks if one.split()[:2] == words[:2]] or [one for one in asks if one.split()[0] == words[0]]
    return asks[like[-1]] if like else (0.0,) * 6


def members_of(record: ModelRecord, what: str, speed: Speed) -> int:
    """How many readouts a question puts together, unless they were measured together."""
    return 1 if what in speed.asks else len(record.members(what.rsplit(maxsplit=1)[-1]))
