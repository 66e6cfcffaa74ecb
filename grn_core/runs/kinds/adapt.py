"""A model whose pre-training is continued on cells, as a model folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.adapt.options import DEFAULT_STEPS, Adaptation, AdaptOptions
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.panel import GENES_ONLY, CellsRequest
from grn_core.runs.request import BY_CONTENT, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.progress import Progress

MODEL = "model"
"""Subfolder of a run in which the adapted model lies."""


@dataclass(frozen=True, kw_only=True)
class AdaptRequest(CellsRequest):
    """Which model is adapted to which cells.

    Attributes
    ----------
    model
        The base: it takes part in the id by its content.
    steps, learning_rate, seed
        As of `grn_core.adapt.options.AdaptOptions`.
    heading
        Title of the adapted model, for menus; that of the base and of the cells if empty.
    """

    kind: ClassVar[str] = "adapt"

    model: str = field(default="compact", metadata=BY_CONTENT)
    steps: int = DEFAULT_STEPS
    learning_rate: float = AdaptOptions().learning_rate
    seed: int = 0
    heading: str = ""

    def __post_init__(self) -> None:
        """Refuse what no worker could compute."""
        super().__post_init__()
        self._set("learning_rate", float(self.learning_rate))
        if self.dataset_ref == GENES_ONLY:
            refuse("an adaptation was asked for without a dataset", "measured cells to adapt to")
        self.options  # noqa: B018 - refuses what is out of bounds

    @property
    def options(self) -> AdaptOptions:
        """How the pre-training goes on."""
        return AdaptOptions(steps=self.steps, learning_rate=self.learning_rate, seed=self.seed)

    def hashes(self) -> dict[str, str]:
        """Return the hash of the weights, and every option with its value."""
        from grn_core.models.registry import weights_sha

        return {"model": weights_sha(self.model), "options": json.dumps(self.options.key(), sort_keys=True)}

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "scipy", "torch")

    def check(self) -> None:
        """Refuse a model that cannot be adapted."""
        from grn_core.models.registry import record_of
        from grn_core.planning import check_adaptation

        super().check()
        check_adaptation(record_of(self.model))


def _adapt(request: AdaptRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    progress("read", 0, 1)
    dataset = request.dataset()
    progress("read", 1, 1)

    from grn_core.adapt.export import export_adapted
    from grn_core.adapt.store import adapted_model, report_in_words
    from grn_core.models.load import load_model

    progress("load", 0, 1)
    base = load_model(request.model, device="cpu")
    progress("load", 1, 1)
    cells = Adaptation(dataset, request.mask(dataset), request.options)
    model, report = adapted_model(base, cells, progress=progress)
    title = request.heading or f"{base.record.title}, adapted to {request.subject}"
    export_adapted(model, report, request.options, base=request.model, folder=folder / MODEL, title=title)
    return {"notes": [report_in_words(report)], "report": report}


ADAPT = JobKind(
    request=AdaptRequest,
    run=_adapt,
    result=f"{MODEL}/card.json",
    stages={"read": 0.05, "load": 0.05, "adapt": 0.9},
)
