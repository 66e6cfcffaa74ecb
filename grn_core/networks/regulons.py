"""Regulons: the targets of each TF with the weight of each, from any network, for methods that read them in cells."""

from __future__ import annotations

import pandas as pd

from grn_core.assets import asset
from grn_core.errors import DataError, RequestError

OMNIPATH = "omnipath"
"""Name of the bundled network of curated human TF-target edges."""
N_TARGETS = 50
"""Best targets of each TF that are its regulon, where the network ranks them."""
COLUMNS = ("source", "source_symbol", "target_symbol", "weight")


def omnipath_edges() -> pd.DataFrame:
    """Return OmniPath's bundled TF-target edges: ``source``, ``target``, ``sign``, ``n_references``; human symbols."""
    return pd.read_csv(asset("networks", "omnipath_human.tsv.gz"), sep="\t", keep_default_na=False)


def regulons(edges: pd.DataFrame, *, n_targets: int = N_TARGETS) -> pd.DataFrame:
    """Take the best targets of each TF of a network.

    Parameters
    ----------
    edges
        A network: ``source`` and ``target``; ``score``, ``sign`` and the canonical symbols of both ends are taken where
        they are there. See `grn_core.networks.edge_table`.
    n_targets
        So many of the best targets of each TF; 0 takes all. All are taken where the edges have no score, or all have
        the same: there is no best one then.

    Returns
    -------
    pandas.DataFrame
        ``source`` (the TF by its name in the network), ``source_symbol``, ``target_symbol`` (canonical human symbols)
        and ``weight``: -1 for a repressed target, else 1. One row a pair, the best first, sorted by TF.

    Raises
    ------
    RequestError
        `n_targets` is negative.
    DataError
        A column is missing, or there is no edge.
    """
    if n_targets < 0:
        message = f"the number of targets of a TF is {n_targets}"
        raise RequestError(message, needed="0 or more", todo="choose another number; 0 takes all targets")
    if missing := {"source", "target"} - set(edges):
        message = f"the network has no column {' and no column '.join(sorted(missing))}"
        raise DataError(message, needed="the columns source and target", todo="name the columns so")
    symbols = {end: edges[f"{end}_symbol"] if f"{end}_symbol" in edges else edges[end] for end in ("source", "target")}
    table = pd.DataFrame(
        {
            "source": edges["source"].astype(str),
            "source_symbol": symbols["source"].astype(str),
            "target_symbol": symbols["target"].astype(str),
            "weight": (1.0 if "sign" not in edges else edges["sign"].map(lambda sign: -1.0 if sign < 0 else 1.0)),
            "score": edges["score"].astype(float) if "score" in edges else 0.0,
        }
    )
    table = table[(table["source_symbol"] != "") & (table["target_symbol"] != "")]
    if table.empty:
        message = "the network has no edge between two genes that are known"
        raise DataError(message, needed="at least one TF with targets", todo="choose another network")
    order = ["source_symbol", "score", "target_symbol"]
    table = table.sort_values(order, ascending=[True, False, True], kind="stable")
    table = table.drop_duplicates(["source_symbol", "target_symbol"])
    if n_targets and table["score"].nunique() > 1:
        table = table.groupby("source_symbol", sort=False).head(n_targets)
    names = table.drop_duplicates("source_symbol").set_index("source_symbol")["source"]
    names = names.where(~names.duplicated(keep=False), names.index.to_series())
    return table.assign(source=table["source_symbol"].map(names))[list(COLUMNS)].reset_index(drop=True)
