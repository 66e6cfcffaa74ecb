"""The ways to put several networks together to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from grn_core.errors import RequestError
from grn_core.genes.usual import BORDA, MEAN
from grn_core.networks.borda import borda
from grn_core.networks.calibrated_mean import calibrated_mean
from grn_core.networks.edge_table import is_directed
from grn_core.networks.matched import Matched, match_networks


@dataclass(frozen=True)
class ConsensusMethod:
    """A way to put networks together.

    Attributes
    ----------
    name, title
        For commands and menus.
    description
        What it does and what it needs, in two sentences.
    unit, limits
        What its scores are, and what they are not.
    likely
        Whether they are probabilities.
    function
        Common pairs, and whether any network is directed -> edges.
    """

    name: str
    title: str
    description: str
    unit: str
    limits: str
    likely: bool
    function: Callable[..., pd.DataFrame]


CONSENSUSES = {
    record.name: record
    for record in (
        ConsensusMethod(
            name=BORDA,
            title="Borda consensus",
            description="Each run gives a pair as many points as there are common pairs that it ranks below; the mean "
            "share of points is the score. Any methods can be put together, because it needs no common scale.",
            unit="mean share of the points, 0 to 1",
            limits="Only the order of the runs takes part; what all of them get wrong, it gets wrong too.",
            likely=False,
            function=borda,
        ),
        ConsensusMethod(
            name=MEAN,
            title="Mean of the calibrated probabilities",
            description="The score is the mean of the runs' probabilities. Every run needs a calibrated one: "
            "co-expression, imported networks and uncalibrated translators have none.",
            unit="0 to 1",
            limits="It is as well calibrated as its runs are on average; what all of them get wrong, it gets wrong "
            "too. Uncertainty: the runs' own, and how far they are apart.",
            likely=True,
            function=calibrated_mean,
        ),
    )
}


def find_consensus(name: str) -> ConsensusMethod:
    """Return a way by its name; `RequestError` if there is none."""
    if name not in CONSENSUSES:
        message = f"there is no consensus {name!r}"
        raise RequestError(message, needed=" or ".join(CONSENSUSES), todo="correct it")
    return CONSENSUSES[name]


def consensus(networks: Mapping[str, pd.DataFrame], *, method: str = BORDA) -> pd.DataFrame:
    """Put networks together to one.

    Parameters
    ----------
    networks
        Name -> edges, of `infer` or `read_network`; two or more. Only pairs that all of them scored are in the result.
    method
        ``borda``: by their orders. ``calibrated-mean``: by the mean of their calibrated probabilities.

    Returns
    -------
    pandas.DataFrame
        Edges in the columns of `infer`, the best first. ``score`` is the mean share of the points, 0 to 1, by Borda's
        count, which has no probability; else the mean probability, which stands as ``probability`` too.

    Raises
    ------
    RequestError
        Fewer than two networks, no such method, or one without the probabilities that it needs.
    DataError
        They have no pair in common.
    """
    way = find_consensus(method)
    return way.function(match_networks(networks), directed=any(map(is_directed, networks.values())))


def with_consensus(matched: Matched, *, method: str = BORDA) -> Matched:
    """Return networks with their consensus as one more of them, by the title of the method."""
    way = find_consensus(method)
    edges = way.function(matched).set_index(["source_symbol", "target_symbol"])
    edges = edges.reindex(pd.MultiIndex.from_arrays(matched.symbols))

    def column(name: str) -> np.ndarray:
        values = edges[name].to_numpy() if name in edges else np.full(len(edges), np.nan)
        return np.column_stack([getattr(matched, name), values])

    return replace(
        matched,
        names=(*matched.names, way.title),
        score=column("score"),
        probability=column("probability"),
        uncertainty=column("uncertainty"),
        sign=column("sign").astype(np.int8),
        sizes=(*matched.sizes, len(matched)),
    )
