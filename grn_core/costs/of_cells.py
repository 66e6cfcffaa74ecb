"""Foretell what is asked of groups of cells: two compared, all of a column, TF activity, and what if."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

from grn_core.costs.cost import Cost
from grn_core.costs.foretell import GENE_DISK, RUN_DISK, VALUE_MEMORY, Size, begun, held_values
from grn_core.costs.speed import Speed

if TYPE_CHECKING:
    from grn_core.networks.activity.methods import ActivityMethod

IN_NULL, OF_A_MEAN = 3e-7, 5e-8
"""Seconds for each edge to be put into a null, and for its mean over some donors."""
DECOUPLER_S, DECOUPLER_MEMORY = 3.0, 200e6
"""Seconds and bytes to load decoupler, with all that it loads."""
OF_A_TF = {"compared": 1.6e-3, "described": 4e-4}
"""Seconds for each TF to be compared between two groups, and to be described in all groups of a column."""
TABLE_BYTES = 130
"""Bytes on disk for each TF in the tables of a run."""
COMPUTED = ("load", "co-expression", "extract", "score")
LEVELS = 8
"""Cells that a source takes where it is asked at every level: as `asked` counts them."""


def load_and_network_s(one: Cost, size: Size, speed: Speed, *, method: str) -> tuple[float, float]:
    """Return the seconds until a model or method is loaded, once, and those of each network without its table."""
    method_s = speed.methods.get(method, (0.0, 1.0))[0]
    computing = sum(one.stages.get(name, 0.0) for name in COMPUTED[1:]) - size.n_edges * speed.edge_s - method_s
    return one.stages.get("load", 0.0) + method_s, max(computing, 1e-3)


def cost_of_groups(
    one: Cost, size: Size, speed: Speed, *, method: str, n: int, asks: bool, donors: bool, null_bytes: int
) -> tuple[Cost, float]:
    """Foretell a comparison of two groups, and the seconds of each permutation in it.

    Parameters
    ----------
    one
        What a network of all cells of both groups costs alone.
    size
        Of panel and dataset.
    speed
        Figures of the machine.
    method
        Co-expression method, or another name where a model is asked.
    n
        Permutations.
    asks
        Whether a model is asked: then every group costs as much as all cells.
    donors
        Whether whole donors are permuted: by co-expression only their networks' means are taken anew.
    null_bytes
        That the null takes on disk.
    """
    (load, network), means = load_and_network_s(one, size, speed, method=method), donors and not asks
    each = 2 * network if asks else OF_A_MEAN * size.n_edges if means else network + IN_NULL * size.n_edges
    before = 0.0 if means else load + 3 * network
    stages = begun(size, speed) | ({"donors": load + network} if means else {})
    stages |= {"permutations": before + n * each, "tables": 2 * size.n_edges * speed.edge_s}
    return Cost(stages, one.memory, one.disk + null_bytes, one.measured), each


def cost_of_all_groups(each: Sequence[Cost], size: Size, speed: Speed, *, method: str) -> Cost:
    """Foretell the networks of all groups of a column.

    Parameters
    ----------
    each
        What the network of each group costs alone.
    size, speed, method
        As of `cost_of_groups`.
    """
    found = [load_and_network_s(one, size, speed, method=method) for one in each]
    seconds = sum(network + size.n_edges * speed.edge_s for _, network in found)
    stages = begun(size, speed) | {"networks": found[0][0] + seconds}
    memory, disk = max(one.memory for one in each), max(one.disk for one in each)
    return Cost(stages, memory, disk, all(one.measured for one in each))


def cost_of_activity(
    method: ActivityMethod, size: Size, speed: Speed, *, described: bool, compared: bool, measured: bool
) -> Cost:
    """Foretell TF activity.

    Parameters
    ----------
    method
        How it is read.
    size
        TFs, genes of the cells, cells that are scored, and values of the dataset.
    speed, measured
        Figures of the machine, and whether they are of this one.
    described, compared
        Whether groups of a column are described, and two groups compared.
    """
    scoring = DECOUPLER_S + size.n_cells * size.n_genes * (method.value_s + method.tf_s * size.n_sources)
    of_tf = sum(OF_A_TF[name] for name, asked in (("described", described), ("compared", compared)) if asked)
    stages = begun(size, speed) | {"activity": scoring, "groups": of_tf * size.n_sources}
    at_once = 16 * min(method.at_once, size.n_cells * size.n_genes)
    memory = speed.start_bytes + DECOUPLER_MEMORY + at_once + VALUE_MEMORY * held_values(size.n_values)
    disk = RUN_DISK + 8 * size.n_cells + (4 * size.n_cells + TABLE_BYTES) * size.n_sources
    return Cost(stages, int(memory), int(disk), measured)


def passes(n_cells: int) -> int:
    """Return how many sources cost as much as a model that reads so many cells, before a change and after it."""
    return max(1, ceil(2 * n_cells / LEVELS))


def cost_of_what_if(asked: Cost, size: Size) -> Cost:
    """Foretell what a model says of changed TFs.

    Parameters
    ----------
    asked
        What asking about as many sources as `passes` says costs.
    size
        Of panel and dataset.
    """
    stages = {name: asked.stages[name] for name in asked.stages if name not in COMPUTED[1:]}
    asking = sum(asked.stages.get(name, 0.0) for name in COMPUTED[1:])
    disk = RUN_DISK + GENE_DISK * size.n_genes
    return Cost(stages | {"ask": asking}, asked.memory, disk, asked.measured)
