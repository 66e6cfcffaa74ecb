"""By which translators the edges of runs were scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.errors import GrnError
from grn_core.runs.kinds.consensus import ConsensusRequest
from grn_core.runs.kinds.infer import InferRequest
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def translators_of(run_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return of each run the translators that scored its edges: of a consensus those of its runs, as far as known."""
    return {run_id: frozenset(_translators(run_id, RunStore())) for run_id in run_ids}


def _translators(run_id: str, store: RunStore) -> Iterator[str]:
    try:
        request = store.request(run_id)
    except GrnError:  # a run of a consensus may be gone
        return
    if isinstance(request, InferRequest):
        yield request.translator
    elif isinstance(request, ConsensusRequest):
        for one in request.runs:
            yield from _translators(one, store)
