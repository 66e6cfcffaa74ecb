"""The network that a run reads regulons from: a bundled one, or that of a finished run, an import among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grn_core.assets import asset
from grn_core.errors import RunError
from grn_core.files import sha256_of
from grn_core.genes.usual import OMNIPATH
from grn_core.runs.request import refuse
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    import pandas as pd

RUN = re.compile(r"[0-9a-f]{16}")
BUNDLED = {OMNIPATH: "OmniPath, curated, two publications or more"}
"""Name of a bundled network -> its title."""
OPEN = "see `runs list`; a file of edges is a run once it is opened: page Dataset, or `python -m grn_core import FILE`"


def check_network(network: str) -> None:
    """Refuse a network that cannot be read: `RequestError` for an unknown name, `RunError` for an unfinished run."""
    if network in BUNDLED:
        return
    if not RUN.fullmatch(network):
        needed = f"{' or '.join(BUNDLED)}, or the id of a finished run"
        refuse(f"there is no network {network!r}", needed, todo=OPEN)
    check_finished(network)


def check_finished(run_id: str) -> None:
    """Refuse a run that is not there, not finished or no network: `RunError`."""
    status = RunStore().status(run_id)
    if status.state != "done" or not (RunStore().path(run_id) / "edges.parquet").is_file():
        message = f"run {run_id} holds no network: it is {status.state}"
        raise RunError(message, needed="a finished network", todo="wait for it, or choose another run")


def network_hashes(network: str) -> dict[str, str]:
    """Return the hash of a bundled network; the id of a run is the hash of what it holds."""
    return {"network": sha256_of(asset("networks", "omnipath_human.tsv.gz"))} if network == OMNIPATH else {}


def network_edges(network: str, *, species: str = "human") -> pd.DataFrame:
    """Return the edges of a network, with canonical symbols where it has names of its own.

    The bundled one has the names of a species; that of a run has its own.
    """
    from grn_core.networks.regulons import omnipath_edges

    check_network(network)
    return omnipath_edges(species) if network == OMNIPATH else RunStore().edges(network)
