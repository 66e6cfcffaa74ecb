"""The formats of networks, in the order in which a file is tried."""

from __future__ import annotations

from pathlib import Path

from grn_core.datasets.checks import damaged_as_data_error
from grn_core.errors import DataError
from grn_core.networks.imports import (
    annotated,
    celloracle,
    generic,
    genie3,
    gmt,
    graphs,
    hdwgcna,
    ours,
    pyscenic,
    scenic_plus,
    sif,
    trrust,
)
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.records import EdgeList, NetworkFormat

NETWORK_FORMATS: dict[str, NetworkFormat] = {
    record.name: record
    for record in (
        graphs.GRAPHML,
        graphs.CYTOSCAPE,
        graphs.CX2,
        graphs.GEXF,
        annotated.RECORD,
        ours.RECORD,
        pyscenic.REGULONS,
        scenic_plus.RECORD,
        scenic_plus.EARLIER,
        celloracle.LINKS,
        celloracle.BASE,
        genie3.RECORD,
        hdwgcna.RECORD,
        pyscenic.ADJACENCIES,
        gmt.RECORD,
        sif.RECORD,
        trrust.RECORD,
        generic.RECORD,
    )
}
"""By name; the last takes any table."""


def format_of(content: Content) -> NetworkFormat:
    """Return the format of a file's content; `DataError` where it is none of them."""
    found = next((record for record in NETWORK_FORMATS.values() if record.fits(content)), None)
    if found is None:
        message = f"{content.path.name} is no network of a known format"
        needed = "a table of edges, SIF, GMT, GraphML, GEXF or Cytoscape JSON"
        raise DataError(message, needed=needed, todo="export the network as a table with the columns source and target")
    return found


def parse(path: Path, *, score: str | None = None) -> tuple[NetworkFormat, EdgeList]:
    """Read a network in this process: for files of ours, and within the isolated reader.

    Parameters
    ----------
    path
        The file.
    score
        The column of the scores, where the user names it.

    Raises
    ------
    DataError
        It is no network, or damaged, or has no such column.
    """
    if not path.is_file():
        message = f"there is no file {path}"
        raise DataError(message, needed="a network", todo="check the path")
    with damaged_as_data_error(path, "network"):
        content = Content(path, score=score)
        found = format_of(content)
        edges = found.read(content)
    if score is not None and not edges.asked:
        message = f"{path.name} ({found.title}) has no columns of scores to choose from"
        raise DataError(message, needed="a table of edges, or a graph", todo=f"leave out the column {score!r}")
    return found, edges
