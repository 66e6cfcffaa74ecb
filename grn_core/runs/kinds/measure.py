"""What this machine takes for a model and the co-expression methods, from which the cost of runs is foretold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.runs.jobs import JobKind
from grn_core.runs.request import BY_CONTENT, Request
from grn_core.sums import write_summed

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.progress import Progress

RESULT = "speed.json"


@dataclass(frozen=True, kw_only=True)
class MeasureRequest(Request):
    """Measure this machine with a model; another device, other threads or versions are another measurement.

    Attributes
    ----------
    model
        Name or folder.
    """

    kind: ClassVar[str] = "measure"

    model: str = field(default="compact", metadata=BY_CONTENT)

    @property
    def subject(self) -> str:
        """What the work is about, in a few words."""
        return f"Speed of this machine with {self.title or self.model}"

    def hashes(self) -> dict[str, str]:
        """Return the hash of the weights, and what computes."""
        from grn_core.models.device import device_name
        from grn_core.models.registry import weights_sha
        from grn_core.settings import settings

        now = settings()
        device = f"{device_name(now.device)}, {now.cpus} threads"
        return {"model": weights_sha(self.model), "device": device}

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "scipy", "torch", "scikit-learn", "rustscenic")


def _measure(request: MeasureRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.costs.measuring import measure
    from grn_core.runs.peak import peak_bytes
    from grn_core.settings import settings

    speed = measure(request.model, device=settings().device, peak=peak_bytes, progress=progress)
    write_summed(folder / RESULT, speed.to_json())
    return {"device": speed.device, "questions": len(speed.asks), "methods": len(speed.methods)}


MEASURE = JobKind(request=MeasureRequest, run=_measure, result=RESULT, stages={"calibrate": 1.0})
