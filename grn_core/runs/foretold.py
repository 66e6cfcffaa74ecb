"""What a run will take, by what was measured on this machine, or until then on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.costs import Cost, Speed, cost_of_coexpression, cost_of_inference, reference_speed
from grn_core.costs.foretell import Size
from grn_core.errors import GrnError
from grn_core.files import read_json
from grn_core.runs.kinds.measure import RESULT, MeasureRequest
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grn_core.models.record import ModelRecord

BUNDLED = "compact"


def measured_speed(model: str) -> Speed | None:
    """Return what was measured here with a model, by the present device, threads and versions; None if nothing was."""
    try:
        folder = RunStore().path(MeasureRequest(model=model).run_id())
    except GrnError:
        return None
    try:
        return Speed.from_json(read_json(folder / RESULT))
    except (KeyError, TypeError, ValueError):
        return None


def foretell_inference(
    size: Size, record: ModelRecord, *, extractors: Sequence[str], readout: str, n_seeds: int = 1, adapt_s: float = 0.0
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
    return Cost(cost.seconds + adapt_s, cost.memory, cost.disk, own is not None)


def foretell_coexpression(method: str, size: Size, *, options: Mapping[str, int] | None = None) -> Cost:
    """Foretell a co-expression; `options` are those of the method."""
    own = measured_speed(BUNDLED)
    return cost_of_coexpression(method, size, own or reference_speed(), options=options, measured=own is not None)
