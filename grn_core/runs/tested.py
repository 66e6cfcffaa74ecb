"""What is known of how good the answer of a run is, in one line, whatever kind of run it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grn_core.benchmark.results import tested
from grn_core.benchmark.results.tested_methods import of_coexpression
from grn_core.differential.ways import PERMUTED_ALIKE
from grn_core.errors import GrnError
from grn_core.experiments.limits import in_one_line as of_predictions
from grn_core.runs.kinds.activity import ActivityRequest
from grn_core.runs.kinds.coexpression import CoexpressionRequest
from grn_core.runs.kinds.groups import AllGroupsRequest, GroupsRequest
from grn_core.runs.kinds.infer import InferRequest
from grn_core.runs.kinds.what_if import WhatIfRequest
from grn_core.runs.regulons import BUNDLED
from grn_core.runs.request import Request
from grn_core.runs.store import RunStore
from grn_core.translator import cells_worth
from grn_core.translator.registry import record_of

if TYPE_CHECKING:
    from collections.abc import Mapping

EACH = "{one} Each network by itself; what differs between them was not tested."
CURATED = "Targets are from {title}: known edges and no prediction, so there is no test of them."
UNTESTED = "The network that names the targets was not tested on reference sets."


def in_one_line(asked: Request, hashes: Mapping[str, str]) -> str:
    """Say on how many sets what gave a run's answer was tested, and what it, the best control and a guess reach.

    Parameters
    ----------
    asked
        The request of the run.
    hashes
        What its record holds of the contents that decided it: with other weights other things would be true.

    Returns
    -------
    str
        A sentence or two; "" where nothing like this run was tested. Of TF activity the network that names the targets
        is told of, and that it was not tested where it was not.
    """
    match asked:
        case InferRequest():
            return _of_scores(asked, hashes)
        case CoexpressionRequest():
            return "" if asked.options else of_coexpression(asked.method)
        case GroupsRequest():  # means of donors, and a shrinkage that both groups share, are other scores
            one = of_coexpression(asked.method) if not asked.donor and asked.method in PERMUTED_ALIKE else ""
            return EACH.format(one=one) if one else ""
        case AllGroupsRequest():
            one = of_coexpression(asked.method)
            return EACH.format(one=one) if one else ""
        case WhatIfRequest():
            own = asked.readout is None and not any(asked.unlike_measured.values())
            return of_predictions(str(hashes.get("model", ""))) if own else ""
        case ActivityRequest():
            return _of_targets(asked.network)
    return ""


def _of_scores(asked: InferRequest, hashes: Mapping[str, str]) -> str:
    if asked.adapt is not None:
        return ""
    if asked.with_coexpression:
        known = record_of(asked.translator)
        whole = known is not None and set(asked.extractors) == set(known.ensemble)
        return cells_worth.of_run(hashes, asked.asked_in) if whole else ""
    probe: dict[str, Any] = json.loads(hashes.get("probe") or "{}")
    how = {**probe, "background": asked.background}
    sha = str(hashes.get("translator", ""))
    return tested.of_scores(asked.translator, extractors=asked.extractors, sha=sha, asked=how)


def _of_targets(network: str) -> str:
    """Say it of the network that names the targets."""
    if network in BUNDLED:
        return CURATED.format(title=BUNDLED[network].partition(",")[0])
    try:
        record, asked = RunStore().record(network), RunStore().request(network)
    except GrnError:  # it may have been removed since
        return UNTESTED
    told = in_one_line(asked, record.get("hashes") or {})
    return f"The network that names the targets: {told}" if told else UNTESTED
