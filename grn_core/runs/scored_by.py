"""By which translators the edges of runs were scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grn_core.errors import GrnError
from grn_core.runs.kinds.consensus import ConsensusRequest
from grn_core.runs.kinds.import_network import ImportRequest
from grn_core.runs.kinds.infer import InferRequest
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from grn_core.networks.matched import Matched
    from grn_core.runs.request import Request

FEWEST = 20
"""Pairs from which on two networks with one score for each are the same network."""


def of_unknown_origin(run_ids: Iterable[str], matched: Matched | None = None) -> frozenset[str]:
    """Return the runs whose scores were read from a file, or are a consensus of such: what these learnt is not known.

    Parameters
    ----------
    run_ids
        The runs.
    matched
        The same runs side by side, in their order. One with the scores of another whose origin is known is left out.
    """
    ids = tuple(run_ids)
    imported = {run_id for run_id in ids if any(_is_imported(one) for one in _parts(run_id, RunStore()))}
    return frozenset(imported - set(_copied(ids, imported, matched)))


def _copied(ids: tuple[str, ...], imported: Collection[str], matched: Matched | None) -> dict[str, str]:
    """Return of imported networks the run that gives every common pair the same score, up to the digits of a file."""
    if matched is None:
        return {}
    score = dict(zip(ids, matched.score.T, strict=True))
    return {
        run_id: other
        for run_id in imported
        for other in ids
        if other not in imported
        and len(matched) >= FEWEST
        and np.allclose(score[run_id], score[other], rtol=1e-4, atol=1e-8)
    }


def _is_imported(request: Request) -> bool:
    return isinstance(request, ImportRequest)


def _parts(run_id: str, store: RunStore) -> Iterator[Request]:
    """Yield the request of a run, of a consensus those of its runs, as far as they are here."""
    try:
        request = store.request(run_id)
    except GrnError:  # a run of a consensus may be gone
        return
    if not isinstance(request, ConsensusRequest):
        yield request
        return
    for one in request.runs:
        yield from _parts(one, store)


def translators_of(run_ids: Iterable[str], matched: Matched | None = None) -> dict[str, frozenset[str]]:
    """Return of each run the translators that scored its edges: of a consensus those of its runs, as far as known.

    Parameters
    ----------
    run_ids, matched
        As of `of_unknown_origin`: an imported network with the scores of another run was scored as that was.
    """
    ids = tuple(run_ids)
    parts = {run_id: tuple(_parts(run_id, RunStore())) for run_id in ids}
    imported = {run_id for run_id, own in parts.items() if any(map(_is_imported, own))}
    found = {
        run_id: frozenset(one.translator for one in own if isinstance(one, InferRequest))
        for run_id, own in parts.items()
    }
    copied = _copied(ids, imported, matched)
    return {run_id: own | found.get(copied.get(run_id, ""), frozenset()) for run_id, own in found.items()}
