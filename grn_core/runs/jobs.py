"""The kinds of long work: each one is a function and a frozen record.

The functions stand in the modules beside this one that end in ``_jobs``; `grn_core.runs` enters their records here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from grn_core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from grn_core.progress import Progress
    from grn_core.runs.request import RunRequest


@dataclass(frozen=True)
class JobKind:
    """One kind of work.

    Attributes
    ----------
    name
        The request's ``kind``.
    run
        ``run(request, folder, progress) -> summary``: writes its result into `folder` and returns what ``run.json``
        keeps of it (JSON types). It calls `progress` often: that is where a cancel stops it.
    result
        File in `folder` without which the run is not done.
    options
        Fields of the request that the work reads; they decide the run id together with the dataset's content.
    stages
        Stage name -> share of the time, in the order of work.
    optional
        Stage name -> field of the request; where that is None the work does not pass through the stage.
    hashes
        What decides the result beside the request and the dataset, e.g. the hash of weights; must not import torch.
    check
        Refuses, before there is a run, what the work could not be asked; must not import torch.
    uses_device
        Whether it waits for its turn at the computing device; a download does not.
    """

    name: str
    run: Callable[[RunRequest, Path, Progress], dict[str, Any]]
    result: str
    options: tuple[str, ...]
    stages: Mapping[str, float] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    hashes: Callable[[RunRequest], dict[str, str]] = lambda _request: {}
    check: Callable[[RunRequest], None] = lambda _request: None
    uses_device: bool = True

    def stages_of(self, request: RunRequest) -> dict[str, float]:
        """Return the stages that the work of one request passes through, with their shares of the time."""
        left_out = {stage for stage, name in self.optional.items() if getattr(request, name) is None}
        return {stage: share for stage, share in self.stages.items() if stage not in left_out}


_KINDS: dict[str, JobKind] = {}


def register(kind: JobKind) -> JobKind:
    """Add a kind of work."""
    _KINDS[kind.name] = kind
    return kind


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
