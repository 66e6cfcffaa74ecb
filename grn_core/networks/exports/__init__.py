"""Networks in the formats of other programs: one module and one record a format."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grn_core.errors import RequestError
from grn_core.files import write_atomic
from grn_core.networks.exports import (
    comma_separated,
    cx2,
    cytoscape_js,
    gexf,
    gmt,
    graphml,
    h5ad,
    parquet,
    picture,
    pyscenic,
    report,
    sif,
    standalone,
    tab_separated,
)
from grn_core.networks.exports.records import Export, Network, network_of

EXPORTS: dict[str, Export] = {
    record.name: record
    for record in (
        tab_separated.RECORD,
        comma_separated.RECORD,
        parquet.RECORD,
        pyscenic.RECORD,
        gmt.RECORD,
        graphml.RECORD,
        gexf.RECORD,
        cytoscape_js.RECORD,
        cx2.RECORD,
        sif.RECORD,
        h5ad.RECORD,
        standalone.RECORD,
        report.RECORD,
        picture.SVG,
        picture.PDF,
        picture.PNG,
    )
}


def find_export(name: str) -> Export:
    """Return the record of a format; `RequestError` if there is none of that name."""
    if name not in EXPORTS:
        message = f"there is no export format {name!r}"
        raise RequestError(message, needed=f"one of {', '.join(EXPORTS)}", todo="choose one of them")
    return EXPORTS[name]


def export_of(path: Path) -> Export:
    """Return the format that a file's ending stands for; `RequestError` if it stands for none."""
    fitting = [record for record in EXPORTS.values() if path.name.lower().endswith(record.ending)]
    if not fitting:
        message = f"the ending of {path.name!r} stands for no format"
        endings = ", ".join(f"{record.ending} ({record.name})" for record in EXPORTS.values())
        raise RequestError(message, needed=f"one of {endings}", todo="rename it, or name the format")
    return max(fitting, key=lambda record: len(record.ending))


def export(edges: pd.DataFrame, path: Path | str, *, format: str | None = None) -> None:  # noqa: A002 - a public name
    """Write edges to a file in the format of another program.

    Parameters
    ----------
    edges
        Table of `grn_core.infer`, or any with ``source``, ``target`` and ``score``.
    path
        The file; it is whole or not there.
    format
        Name of a format; by the ending of `path` if None.

    Raises
    ------
    RequestError
        There is no such format.
    DataError
        The table lacks a column.
    """
    place = Path(path)
    record = export_of(place) if format is None else find_export(format)
    content = record.write(network_of(edges))
    write_atomic(place, lambda draft: draft.write_bytes(content))


__all__ = ["EXPORTS", "Export", "Network", "export", "export_of", "find_export", "network_of"]
