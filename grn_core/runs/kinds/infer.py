"""Inference of a network by a foundation model and a translator."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from grn_core.adapt.options import AdaptOptions, check_steps
from grn_core.errors import RequestError
from grn_core.planning import BACKGROUNDS, EXTRACTORS, SIGNS, asked_in, check_coexpression, plan
from grn_core.runs.doubts import doubts_of
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.panel import PanelRequest, write_panel
from grn_core.runs.request import BY_CONTENT, in_order, refuse
from grn_core.translator.registry import DEFAULT

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.planning import Plan
    from grn_core.progress import Progress


@dataclass(frozen=True, kw_only=True)
class InferRequest(PanelRequest):
    """What `grn_core.inference.infer` is asked; model and translator take part in the id by their content.

    Attributes
    ----------
    readout, background, extractors, translator, seeds, signs
        As of `grn_core.inference.infer`.
    with_coexpression
        Whether co-expression in the chosen cells is added to the scores.
    adapt
        Steps by which the model's pre-training is continued on the chosen cells first (`grn_core.adapt`); None, which
        0 becomes, asks the model as it is.
    """

    kind: ClassVar[str] = "infer"

    model: str = field(default="compact", metadata=BY_CONTENT)
    readout: str | None = field(default=None, metadata=BY_CONTENT)
    background: str = "virtual"
    extractors: tuple[str, ...] = EXTRACTORS
    translator: str = field(default=DEFAULT, metadata=BY_CONTENT)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    adapt: int | None = field(default=None, metadata=BY_CONTENT)
    signs: str = field(default=SIGNS[0], metadata=BY_CONTENT)
    with_coexpression: bool = field(default=False, metadata=BY_CONTENT)

    def __post_init__(self) -> None:
        """Put lists in canonical order and refuse what no worker could compute."""
        super().__post_init__()
        self._set("extractors", in_order(self.extractors))
        self._set("seeds", in_order(int(seed) for seed in self.seeds))
        self._set("adapt", int(self.adapt or 0) or None)
        if self.background not in BACKGROUNDS:
            refuse(f"unknown background {self.background!r}", " or ".join(BACKGROUNDS))
        if self.signs not in SIGNS:
            refuse(f"unknown signs {self.signs!r}", " or ".join(SIGNS))
        check_coexpression(self.background, has_cells=self.has_cells, added=self.with_coexpression)
        if not self.extractors:
            refuse("no method was chosen", "at least one, e.g. vvp")
        if not self.seeds or self.seeds[0] < 0:
            refuse(f"the seeds are {list(self.seeds)}", "at least one seed, each 0 or more")
        if self.adapt is not None:
            check_steps(self.adapt)
            if not self.has_cells:
                refuse("an adaptation was asked for without a dataset", "measured cells to adapt to")

    @classmethod
    def planned(cls, panel: PanelRequest, asked: Plan) -> Self:
        """Return the request that asks of a panel what a plan says; `RequestError` for a plan without a translator."""
        if asked.translator is None:
            message = f"{asked.record.title} is asked without a translator"
            raise RequestError(message, needed="a model with a translator", todo="choose another model")
        return panel.of_kind(
            cls,
            readout=asked.readout,
            background=asked.background,
            extractors=asked.extractors,
            translator=asked.translator.name,
            seeds=asked.seeds,
            adapt=None if asked.adapt is None else asked.adapt.steps,
            signs=asked.signs,
            with_coexpression=asked.with_coexpression,
        )

    @property
    def asked_in(self) -> str:
        """Where it is asked, out of `grn_core.planning.ASKED_IN`."""
        return asked_in(self.background, with_coexpression=self.with_coexpression)

    @property
    def reads_cells(self) -> bool:
        """Whether measured cells decide the scores: where it is asked, by adaptation, or through an extractor."""
        from grn_core.extractors import EXTRACTORS as RECORDS

        needs = any(RECORDS[name].needs_cells for name in self.extractors)
        return self.has_cells and (self.asked_in != BACKGROUNDS[0] or self.adapt is not None or needs)

    @property
    def adaptation(self) -> AdaptOptions | None:
        """Options of the adaptation that was asked for."""
        return None if self.adapt is None else AdaptOptions(steps=self.adapt)

    def plan(self) -> Plan:
        """Resolve the request anew; a `GrnError` says what cannot be asked."""
        return plan(
            self.model,
            translator=self.translator,
            extractors=self.extractors,
            seeds=self.seeds,
            readout=self.readout,
            background=self.background,
            adapt=self.adaptation,
            signs=self.signs,
            with_coexpression=self.with_coexpression,
            has_cells=self.has_cells,
        )

    def hashes(self) -> dict[str, str]:
        """Return the hashes of weights, and what else of model and translator decides the result."""
        from grn_core.coexpression.added import METHOD, WEIGHT
        from grn_core.models.registry import card, weights_sha
        from grn_core.translator.calibration import held_out, prior
        from grn_core.translator.registry import record_for, translator_sha

        weights = {"model": weights_sha(self.model), "translator": translator_sha(self.translator)}
        model, translator = card(self.model), record_for(self.translator, model=self.model).card
        rare = prior(translator)
        asked = {
            **{name: model[name] for name in ("background", "grid")},
            "readout": self.readout or translator["readout"],
            "temperature": translator.get("temperature"),
            **({"weights": translator["weights"]} if translator.get("weights") else {}),
            **({} if rare is None else {"prior": rare}),
            **({"held_out": told} if (told := held_out(translator, self.extractors, self.seeds)) else {}),
        }
        adapt = self.adaptation
        adapted = {} if adapt is None else {"adapt": json.dumps(adapt.key(), sort_keys=True)}
        signs = {} if self.signs == SIGNS[0] else {"signs": self.signs}
        added = {"added": f"{METHOD} {WEIGHT}"} if self.with_coexpression else {}
        return {**weights, "probe": json.dumps(asked, sort_keys=True), **adapted, **signs, **added}

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute; cells are put together and counted by scipy."""
        return ("numpy", "scipy", "torch") if self.has_cells else ("numpy", "torch")

    def check(self) -> None:
        """Refuse, before there is a run, what model and translator cannot be asked."""
        super().check()
        self.plan()


def score_of(asked: Plan) -> dict[str, Any]:
    """Return what the scores of a translator are, with what the records of its extractors say.

    Parameters
    ----------
    asked
        What the model is asked.

    Returns
    -------
    dict
        As of the other kinds of networks, and ``probability``: whether there is a calibrated one; if not, ``why`` says
        so in a sentence. ``prior``: the share of edges that it was corrected for. ``signed``: whether edges have signs.
        ``directed``: whether one of the extractors is.
    """
    from grn_core.coexpression.added import LIMITS
    from grn_core.extractors import EXTRACTORS as RECORDS
    from grn_core.translator.calibration import LIKELY, SCORED, WITH_COEXPRESSION, share_of_edges

    records, why = [RECORDS[name] for name in asked.extractors], asked.uncalibrated
    card = {} if asked.translator is None else asked.translator.card
    limits = [f"{one.label}: {one.limits}" for one in records] + ([LIMITS] if asked.with_coexpression else [])
    return {
        **(WITH_COEXPRESSION if asked.with_coexpression else SCORED if why else LIKELY),
        **({} if why else {"prior": share_of_edges(card, asked.extractors, asked.seeds)}),
        "why": why,
        "signed": asked.signs != SIGNS[0] and any(one.slopes is not None for one in records),
        "directed": any(one.directed for one in records),
        "limits": " ".join(limits),
    }


def edges_of(request: Any, folder: Path, progress: Progress) -> dict[str, Any]:
    """Ask the model about the panel of an `InferRequest` or a `RanksRequest`; write panel and edges."""
    progress("read", 0, 1)
    panel = request.panel()
    write_panel(folder, panel)
    progress("read", 1, 1)

    from grn_core.adapt import Adaptation
    from grn_core.coexpression.added import InCells
    from grn_core.executors import computing
    from grn_core.inference import infer_planned
    from grn_core.models.registry import card
    from grn_core.networks import write_edges
    from grn_core.settings import settings

    notes, asked = list(panel.notes), request.plan()
    adapt = where = None
    if asked.adapt is not None or asked.with_coexpression:
        dataset = request.dataset()
        where = InCells(dataset, request.mask(dataset))
        adapt = None if asked.adapt is None else Adaptation(where.dataset, where.cells, asked.adapt)
    with computing(progress) as executor:
        edges = infer_planned(
            panel,
            asked,
            adapt=adapt,
            coexpression=where if asked.with_coexpression else None,
            folder=folder,
            progress=progress,
            note=notes.append,
            device=settings().device,
            executor=executor,
        )
    device = edges.attrs.pop("device", "")  # of the run; its table is the same whatever computed it
    write_edges(edges, folder / "edges.parquet")
    size = {"edges": len(edges), "sources": len(panel.sources), "genes": len(panel.genes)}
    if asked.with_coexpression and where is not None:
        size["cells"] = where.n_cells
    units = card(request.model).get("units", "")
    doubts = doubts_of(request.dataset()) if request.has_cells else []
    return {**size, "notes": notes, "doubts": doubts, "device": device, "units": units}


def _infer(request: InferRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    return {**edges_of(request, folder, progress), "score": score_of(request.plan())}


INFER = JobKind(
    request=InferRequest,
    run=_infer,
    result="edges.parquet",
    stages={"read": 0.05, "load": 0.1, "adapt": 1.0, "co-expression": 0.1, "extract": 0.75, "score": 0.1},
    optional={"adapt": "adapt", "co-expression": "with_coexpression"},
)
