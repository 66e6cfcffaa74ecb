"""What a run on groups of cells will take: two compared, all of a column, TF activity, and what if."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grn_core.costs import Cost, reference_speed
from grn_core.costs.foretell import Size
from grn_core.costs.of_cells import cost_of_activity, cost_of_all_groups, cost_of_groups, cost_of_what_if, passes
from grn_core.errors import RequestError
from grn_core.runs.foretold import BUNDLED, foretell_coexpression, foretell_inference, measured_speed
from grn_core.runs.jobs import job_kind
from grn_core.runs.kinds.activity import ActivityRequest
from grn_core.runs.kinds.groups import MOST_PERMUTATIONS, AllGroupsRequest, GroupsRequest, OfGroupsRequest
from grn_core.runs.kinds.panel import CellsRequest
from grn_core.runs.kinds.what_if import WhatIfRequest

if TYPE_CHECKING:
    from grn_core.datasets import Dataset
    from grn_core.runs.request import Request

MINUTE = 60.0


@dataclass(frozen=True)
class ForetoldGroups:
    """What a comparison of two groups will take.

    Attributes
    ----------
    cost
        Time, memory and disk.
    in_a_minute
        Permutations that fit into a minute, of those that there are.
    facts
        What is known of it before: see `grn_core.differential.labellings.facts_before`.
    """

    cost: Cost
    in_a_minute: int
    facts: dict[str, Any]


def foretell(request: Request, dataset: Dataset | None = None) -> Cost:
    """Foretell what a request on cells takes, stage by stage.

    Parameters
    ----------
    request
        Two groups compared, all groups of a column, TF activity, or what if.
    dataset
        Its cells; None for what if in a gene list.

    Raises
    ------
    GrnError
        It cannot be computed, or is of another kind.
    """
    if isinstance(request, WhatIfRequest):
        return _what_if(request, dataset)
    if dataset is not None and isinstance(request, GroupsRequest):
        return foretell_groups(request, dataset).cost
    if dataset is not None and isinstance(request, AllGroupsRequest):
        return _all_groups(request, dataset)
    if dataset is not None and isinstance(request, ActivityRequest):
        return _activity(request, dataset)
    message = f"{request.kind} without cells, or of a kind that is not foretold here"
    raise RequestError(message, needed="groups, all-groups, activity or what-if")


def foretell_groups(request: GroupsRequest, dataset: Dataset, *, size: Size | None = None) -> ForetoldGroups:
    """Foretell a comparison of two groups, and how many permutations fit into a minute.

    Parameters
    ----------
    request
        What is asked.
    dataset
        Its cells.
    size
        Of panel and dataset, where it is known already; else the panel is chosen here.

    Raises
    ------
    GrnError
        The groups cannot be compared in that way.
    """
    from grn_core.datasets.replicates import CELLS, replicates
    from grn_core.differential.comparing import MOST_TESTED
    from grn_core.differential.labellings import facts_before
    from grn_core.differential.null import null_bytes
    from grn_core.differential.ways import check_way

    groups = request.groups()
    a, b = groups.masks(dataset, among=CellsRequest.mask(request, dataset))
    found = replicates(a, b, dataset.column(groups.donor) if groups.donor else None)
    check_way(request.method, of_cells=found.unit == CELLS)
    if size is None:
        panel = request.panel(dataset)
        size = Size(len(panel.sources), len(panel.genes), int(a.sum() + b.sum()), dataset.n_values)
    facts = facts_before(found, a, b, n=request.permutations)
    n, asks, donors = facts["labellings"], request.asked is not None, found.unit != CELLS
    kept = 0 if donors and not asks else null_bytes(n, min(size.n_edges, MOST_TESTED))
    speed = measured_speed(BUNDLED) or reference_speed()
    one, method = _network(request, size), _reads(request.method)
    cost, each = cost_of_groups(one, size, speed, method=method, n=n, asks=asks, donors=donors, null_bytes=kept)
    fit = int(max(MINUTE - cost.seconds + n * each, 0.0) / each)
    stages = job_kind(request.kind).stages_of(request)
    return ForetoldGroups(cost.in_stages(stages), min(fit, MOST_PERMUTATIONS, facts["distinct"]), facts)


def _all_groups(request: AllGroupsRequest, dataset: Dataset) -> Cost:
    from grn_core.differential.all_groups import large_groups

    panel = request.panel(dataset)
    _, _, counts, large = large_groups(dataset, request.by, among=request.mask(dataset))
    sizes = [Size(len(panel.sources), len(panel.genes), int(counts[one]), dataset.n_values) for one in large]
    speed = measured_speed(BUNDLED) or reference_speed()
    return cost_of_all_groups(
        [_network(request, size) for size in sizes], sizes[0], speed, method=_reads(request.method)
    )


def _reads(method: str) -> str:
    """Return what computes: of ranks it is Pearson's correlation."""
    return "pearson" if method == "spearman" else method


def _network(request: OfGroupsRequest, size: Size) -> Cost:
    """Return what the network of a group of so many cells costs alone."""
    asked = request.asked
    if asked is None:
        return foretell_coexpression(_reads(request.method), size)
    return foretell_inference(
        size, asked.record, extractors=asked.extractors, readout=asked.reads, n_seeds=len(asked.seeds)
    )


def _activity(request: ActivityRequest, dataset: Dataset) -> Cost:
    from grn_core.networks.activity.methods import find_method
    from grn_core.networks.activity.scores import with_enough

    genes = frozenset(filter(None, dataset.match.symbols))
    _, enough = with_enough(request.regulons(dataset), genes, min_targets=request.min_targets)
    mask = request.mask(dataset)
    n_cells = dataset.n_cells if mask is None else int(mask.sum())
    own = measured_speed(BUNDLED)
    return cost_of_activity(
        find_method(request.method),
        Size(len(enough), len(genes), n_cells, dataset.n_values),
        own or reference_speed(),
        described=bool(request.group),
        compared=request.a is not None,
        measured=own is not None,
    )


def _what_if(request: WhatIfRequest, dataset: Dataset | None) -> Cost:
    from grn_core.experiments.others import N_OTHERS
    from grn_core.models.registry import record_of

    panel, record = request.panel(dataset), record_of(request.model)
    whole = request.readout or (record.whole_cell_readout() if request.in_group else None) or record.default_readout
    n = passes(1 + request.n_draws) + (passes(N_OTHERS) if request.measured else 0)
    n_cells, n_values = (0, 0) if dataset is None else (dataset.n_cells, dataset.n_values)
    size = Size(n, len(panel.genes), n_cells, n_values)
    asked = foretell_inference(size, record, extractors=("vvp",), readout=whole, n_seeds=0)
    return cost_of_what_if(asked, size)
