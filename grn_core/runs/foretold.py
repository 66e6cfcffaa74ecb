"""What a run will take, by what was measured on this machine, or until then on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core import in_words
from grn_core.adapt import estimate as seconds_to_adapt
from grn_core.benchmark.references.reference import read_reference, restrict
from grn_core.benchmark.references.usual import USUAL_SEEDS
from grn_core.coexpression.added import METHOD
from grn_core.costs import Cost, Speed, cost_of_coexpression, cost_of_inference, reference_speed
from grn_core.costs.foretell import Size, cost_of_method
from grn_core.costs.training import Known, seconds_to_train
from grn_core.errors import GrnError, RequestError
from grn_core.models.registry import record_of, vocabulary
from grn_core.planning import BACKGROUNDS, EXTRACTORS, plan
from grn_core.runs.jobs import job_kind
from grn_core.runs.kinds.coexpression import CoexpressionRequest
from grn_core.runs.kinds.infer import InferRequest
from grn_core.runs.kinds.measure import RESULT, MeasureRequest
from grn_core.runs.kinds.ranks import RanksRequest
from grn_core.runs.store import RunStore
from grn_core.sums import read_summed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    stages = dict(cost.stages)
    extracting = {name: stages.pop(name) for name in ("extract", "score")}
    stages |= {"adapt": adapt_s} if adapt_s else {}
    stages |= {"co-expression": more} if with_coexpression else {}
    return Cost(stages | extracting, memory, cost.disk, own is not None)


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
    cost = foretell_inference(
        size,
        asked.record,
        extractors=asked.extractors,
        readout=asked.reads,
        n_seeds=max(len(asked.seeds), 1),
        adapt_s=adapt_s,
        with_coexpression=asked.with_coexpression,
    )
    return cost.in_stages(job_kind(request.kind).stages_of(request))


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
    return f"about {in_words.duration(seconds)} on one core{rough}; longer beside other work{more}"


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
