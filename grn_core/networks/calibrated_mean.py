"""Several networks put together to one, by the mean of their calibrated probabilities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grn_core.errors import RequestError
from grn_core.networks.borda import majority
from grn_core.networks.edge_table import edge_table
from grn_core.networks.matched import Matched


def calibrated_mean(matched: Matched, *, directed: bool = True) -> pd.DataFrame:
    """Put networks together by the mean of their probabilities.

    Where each network expects as many edges as there are, so does the mean: that is why probabilities are averaged and
    not their log-odds.

    Parameters
    ----------
    matched
        The networks on their common pairs; every one has a calibrated probability for every pair.
    directed
        Whether any of them tells source -> target from target -> source.

    Returns
    -------
    pandas.DataFrame
        See `grn_core.networks.edge_table`: ``score`` and ``probability`` are the mean; ``uncertainty`` is the root of
        the mean square of the networks' own uncertainties plus the variance between them; ``sign`` and
        ``sign_agreement`` as of `grn_core.networks.borda.borda`. The order of the networks changes nothing.

    Raises
    ------
    RequestError
        A network has no calibrated probability.
    """
    check_calibrated(matched)
    probability = np.sort(matched.probability, axis=1)
    mean = probability.mean(axis=1)
    own = np.sort(np.nan_to_num(matched.uncertainty), axis=1)
    sign, agreement = majority(matched)
    return edge_table(
        matched.source_at,
        matched.target_at,
        mean,
        genes=matched.genes,
        probability=mean,
        sign=sign,
        sign_agreement=agreement,
        uncertainty=np.sqrt(np.square(own).mean(axis=1) + probability.var(axis=1)),
        directed=directed,
    )


def check_calibrated(matched: Matched) -> None:
    """Refuse networks without a calibrated probability for every common pair: `RequestError` with their names."""
    if without := uncalibrated(matched):
        message = f"{', '.join(without)} {'has' if len(without) == 1 else 'have'} no calibrated probability"
        needed = "one for every pair in every network, as calibrated translators give it"
        raise RequestError(message, needed=needed, todo="leave those out, or take Borda's count, which needs an order")


def uncalibrated(matched: Matched) -> tuple[str, ...]:
    """Return the names of the networks that lack a probability for a common pair."""
    lacking = np.isnan(matched.probability).any(axis=0)
    return tuple(name for name, yes in zip(matched.names, lacking.tolist(), strict=True) if yes)
