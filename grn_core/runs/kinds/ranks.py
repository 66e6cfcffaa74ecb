"""A network by a rank model, which has readouts of its own and no translator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.errors import RequestError
from grn_core.planning import plan
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.infer import edges_of
from grn_core.runs.kinds.panel import PanelRequest
from grn_core.runs.request import BY_CONTENT

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.planning import Plan
    from grn_core.progress import Progress


@dataclass(frozen=True, kw_only=True)
class RanksRequest(PanelRequest):
    """What a rank model is asked; it takes part in the id by its content.

    Attributes
    ----------
    readout
        Out of `grn_core.models.geneformer.readouts`; the model's default if None.
    """

    kind: ClassVar[str] = "ranks"

    model: str = field(default="compact", metadata=BY_CONTENT)
    readout: str | None = field(default=None, metadata=BY_CONTENT)

    @property
    def reads_cells(self) -> bool:
        """Whether measured cells decide the scores: the order of the genes is theirs."""
        from grn_core.models.geneformer.readouts import DEFAULT_READOUT, READOUTS

        return self.has_cells and READOUTS[self.readout or DEFAULT_READOUT].needs_cells

    def plan(self) -> Plan:
        """Resolve the request anew; a `GrnError` says what cannot be asked."""
        planned = plan(self.model, readout=self.readout, has_cells=self.has_cells)
        if planned.translator is not None:
            message = f"the model {self.model!r} is asked through a translator"
            raise RequestError(message, needed="a rank model", todo="choose another model")
        return planned

    def hashes(self) -> dict[str, str]:
        """Return the hash of the weights, and the readout."""
        from grn_core.models.registry import weights_sha

        return {"readout": self.plan().reads, "model": weights_sha(self.model)}

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "scipy", "torch", "transformers")


def _ranks(request: RanksRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.models.geneformer.readouts import READOUTS

    readout = READOUTS[request.plan().reads]
    score = {name: getattr(readout, name) for name in ("title", "unit", "directed", "limits")}
    return {**edges_of(request, folder, progress), "score": {**score, "signed": False}}


RANKS = JobKind(
    request=RanksRequest,
    run=_ranks,
    result="edges.parquet",
    stages={"read": 0.05, "load": 0.15, "extract": 0.8},
)
