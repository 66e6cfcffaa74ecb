"""The kinds of long work: each one is a request, a function and a frozen record.

They stand in `grn_core.runs.kinds`, one module each; `grn_core.runs` enters their records here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from grn_core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from grn_core.progress import Progress
    from grn_core.runs.request import Request


def _nowhere(_request: Any, _folder: Path) -> None:
    """Deliver nothing: the default."""


@dataclass(frozen=True)
class JobKind:
    """One kind of work.

    Attributes
    ----------
    request
        The dataclass of its requests; its ``kind`` is the name of the kind.
    run
        ``run(request, folder, progress) -> summary``: writes its result into `folder` and returns what ``run.json``
        keeps of it (JSON types). It calls `progress` often: that is where a cancel stops it.
    result
        File in `folder` without which the run is not done.
    stages
        Stage name -> share of the time, in the order of work.
    optional
        Stage name -> field or property of the request; where that is empty the work does not pass through the stage.
    is_there
        Whether what a finished run has made is still to be had, where that is more than `result`.
    deliver
        ``deliver(request, folder)`` puts what people name (a translator) in its place; called when the work is done,
        and whenever it is asked for again.
    uses_device
        Whether it waits for its turn at the computing device; a download does not.
    """

    request: type[Request]
    run: Callable[[Any, Path, Progress], dict[str, Any]]
    result: str
    stages: Mapping[str, float] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    is_there: Callable[[Path], bool] = lambda _folder: True
    deliver: Callable[[Any, Path], None] = _nowhere
    uses_device: bool = True

    @property
    def name(self) -> str:
        """Name of the kind."""
        return self.request.kind

    def stages_of(self, request: Request) -> dict[str, float]:
        """Return the stages that the work of one request passes through, with their shares of the time."""
        left_out = {stage for stage, name in self.optional.items() if not getattr(request, name)}
        return {stage: share for stage, share in self.stages.items() if stage not in left_out}

    def is_held(self, folder: Path) -> bool:
        """Whether the result of a finished run is there."""
        return os.path.lexists(folder / self.result) and self.is_there(folder)


_KINDS: dict[str, JobKind] = {}


def register(kind: JobKind) -> JobKind:
    """Add a kind of work."""
    _KINDS[kind.name] = kind
    return kind


def job_kinds() -> tuple[JobKind, ...]:
    """Return every kind of work, by name."""
    return tuple(_KINDS[name] for name in sorted(_KINDS))


def job_kind(name: str) -> JobKind:
    """Return the kind of work called `name`.

    Raises
    ------
    RequestError
        No such kind.
    """
    if name not in _KINDS:
        message = f"unknown kind of work {name!r}"
        raise RequestError(message, needed=f"one of {', '.join(sorted(_KINDS))}")
    return _KINDS[name]


def request_from_json(values: Mapping[str, Any]) -> Request:
    """Read the request of a record (`Request.to_json`); `RequestError` for an unknown kind or impossible values."""
    return job_kind(values["kind"]).request.from_json(values)
