"""What a run will take, by what was measured on this machine, or until then on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grn_core import in_words
from grn_core.adapt import estimate as seconds_to_adapt
from grn_core.benchmark.references.reference import read_reference, restrict
from grn_core.benchmark.references.usual import USUAL_SEEDS
from grn_core.coexpression.added import METHOD
from grn_core.costs import Cost, Speed, cost_of_coexpression, cost_of_inference, reference_speed
from grn_core.costs.foretell import Size, cost_of_method, cost_of_permutations
from grn_core.costs.training import Known, seconds_to_train
from grn_core.errors import GrnError, RequestError
from grn_core.models.registry import record_of, vocabulary
from grn_core.planning import BACKGROUNDS, EXTRACTORS, plan
from grn_core.runs.kinds.coexpression import CoexpressionRequest
from grn_core.runs.kinds.groups import MOST_PERMUTATIONS, GroupsRequest
from grn_core.runs.kinds.infer import InferRequest
from grn_core.runs.kinds.measure import RESULT, MeasureRequest
from grn_core.runs.kinds.panel import CellsRequest
from grn_core.runs.kinds.ranks import RanksRequest
from grn_core.runs.store import RunStore
from grn_core.sums import read_summed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grn_core.datasets import Dataset
    from grn_core.datasets.panel import GenePanel
    from grn_core.models.record import ModelRecord
    from grn_core.runs.kinds.panel import PanelRequest
    from grn_core.runs.kinds.train_translator import TrainTranslatorRequest

BUNDLED = "compact"


def measured_speed(model: str) -> Speed | None:
    """Return what was measured here with a model, by the present device, threads and versions; None if nothing was."""
    try:
        folder = RunStore().path(MeasureRequest(model=model).run_id())
    except GrnError:
        return None
    try:
        return Speed.from_json(read_summed(folder / RESULT, unsummed=True) or {})
    except (KeyError, TypeError, ValueError):
        return None


def foretell_inference(
    size: Size,
    record: ModelRecord,
    *,
    extractors: Sequence[str],
    readout: str,
    n_seeds: int = 1,
    adapt_s: float = 0.0,
    with_coexpression: bool = False,
) -> Cost:
    """Foretell an inference.

    Parameters
    ----------
    size
        Of panel and dataset.
    record
        Of the model, under the name by which it is asked.
    extractors, readout, n_seeds
        As in `grn_core.costs.cost_of_inference`.
    adapt_s
        Seconds of an adaptation that comes first.
    with_coexpression
        Whether co-expression in the cells is added.
    """
    own = measured_speed(record.name)
    speed = own or measured_speed(BUNDLED) or reference_speed()
    cost = cost_of_inference(
        size,
        record,
        speed,
        extractors=extractors,
        readout=readout,
        n_seeds=n_seeds,
        measured=own is not None or (record.name == BUNDLED and speed is reference_speed()),
    )
    more, held = cost_of_method(METHOD, size, speed) if with_coexpression else (0.0, 0.0)
    memory = max(cost.memory, int(speed.start_bytes + held))
    return Cost(cost.seconds + adapt_s + more, memory, cost.disk, own is not None)


def foretell_usual(size: Size, record: ModelRecord, *, background: str = BACKGROUNDS[0]) -> Cost:
    """Foretell an inference that is asked as it usually is: every place that estimates without a form tells the same.

    Parameters
    ----------
    size, record
        As of `foretell_inference`.
    background
        Out of `grn_core.planning.BACKGROUNDS`.
    """
    try:
        asked = plan(record.name, background=background, has_cells=size.n_cells > 0)
    except GrnError:  # no translator fits it yet
        return foretell_inference(
            size, record, extractors=EXTRACTORS, readout=record.default_readout, n_seeds=USUAL_SEEDS
        )
    return foretell_inference(size, record, extractors=asked.extractors, readout=asked.reads, n_seeds=len(asked.seeds))


def foretell_network(request: PanelRequest, panel: GenePanel, *, n_cells: int, n_values: int) -> Cost:
    """Foretell the network that a request asks for, by a model or by co-expression.

    Parameters
    ----------
    request
        An `InferRequest`, a `RanksRequest` or a `CoexpressionRequest`.
    panel
        That it leads to.
    n_cells, n_values
        Of the chosen cells, and of the whole dataset, as in `Size`; 0 for a gene list.
    """
    size = Size(len(panel.sources), len(panel.genes), n_cells, n_values)
    if isinstance(request, CoexpressionRequest):
        return foretell_coexpression(request.method, size, options=dict(request.options))
    if not isinstance(request, InferRequest | RanksRequest):
        message = f"{request.kind} infers no network"
        raise RequestError(message, needed="infer, ranks or coexpression")
    asked = request.plan()
    adapt_s = 0.0 if asked.adapt is None else seconds_to_adapt(asked.adapt.steps)
    return foretell_inference(
        size,
        asked.record,
        extractors=asked.extractors,
        readout=asked.reads,
        n_seeds=max(len(asked.seeds), 1),
        adapt_s=adapt_s,
        with_coexpression=asked.with_coexpression,
    )


def foretell_training(request: TrainTranslatorRequest) -> str:
    """Say about how long the training of a translator takes, and what is not in it.

    Raises
    ------
    GrnError
        A network or the model cannot be read.
    """
    record, known = record_of(request.model), frozenset(vocabulary(request.model))
    own = measured_speed(request.model)
    seconds = seconds_to_train(
        _known_of(request.references, known),
        record,
        own or measured_speed(BUNDLED) or reference_speed(),
        beside=_known_of(request.beside, known) if request.beside else None,
        extractors=request.extractors,
        readout=request.readout or record.default_readout,
        n_seeds=request.n_seeds,
    )
    rough = "" if own is not None else ", by figures of another machine or model"
    more = "; measuring and its controls come on top" if request.tests else ""
    return f"about {in_words.duration(seconds)} on one core{rough}{more}"


def _known_of(networks: Sequence[str], vocabulary: frozenset[str]) -> Known:
    """Return how much networks together teach a model."""
    found = [restrict(read_reference(text), vocabulary).edges for text in networks]
    columns = ("source", "target")
    sources, targets = (sum(edges[column].nunique() for edges in found) for column in columns)
    return Known(sum(map(len, found)), sources, targets)


def foretell_coexpression(method: str, size: Size, *, options: Mapping[str, int] | None = None) -> Cost:
    """Foretell a co-expression; `options` are those of the method."""
    own = measured_speed(BUNDLED)
    return cost_of_coexpression(method, size, own or reference_speed(), options=options, measured=own is not None)


def foretell_groups(request: GroupsRequest, dataset: Dataset, *, size: Size | None = None) -> tuple[Cost, int]:
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
    from grn_core.differential.labellings import Labellings
    from grn_core.differential.null import null_bytes
    from grn_core.differential.ways import check_way

    groups = request.groups()
    a, b = groups.masks(dataset, among=CellsRequest.mask(request, dataset))
    found = replicates(a, b, dataset.column(groups.donor) if groups.donor else None)
    check_way(request.method, of_cells=found.unit == CELLS)
    if size is None:
        panel = request.panel(dataset)
        size = Size(len(panel.sources), len(panel.genes), int(a.sum() + b.sum()), dataset.n_values)
    samples = [int(a.sum()), int(b.sum())] if found.unit == CELLS else [len(found.of_a), len(found.of_b)]
    true = np.arange(sum(samples)) < samples[0]
    others = Labellings.of(true, unit=found.unit, n=request.permutations)
    n = others.n
    asked = request.asked
    if asked is None:
        one = foretell_coexpression("pearson" if request.method == "spearman" else request.method, size)
    else:
        one = foretell_inference(
            size, asked.record, extractors=asked.extractors, readout=asked.reads, n_seeds=len(asked.seeds)
        )
    own = measured_speed(BUNDLED) or reference_speed()
    before, each = cost_of_permutations(one, size, own, asks=asked is not None, of_donors=found.unit != CELLS)
    fit = int(max(60.0 - before, 0.0) / each)
    of_means = asked is None and found.unit != CELLS
    disk = one.disk + (0 if of_means else null_bytes(n, min(size.n_edges, MOST_TESTED)))
    return Cost(before + n * each, one.memory, disk, one.measured), min(fit, MOST_PERMUTATIONS, others.distinct)
