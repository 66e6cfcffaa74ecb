"""SCENIC+: tables of eRegulons, one line a TF, region and gene."""

from __future__ import annotations

from grn_core.networks.imports.by_columns import table_format

NOTE = "A TF and a gene with several regions are one edge; its sign is that of the correlation of the two."
RECORD = table_format(
    "scenic-plus",
    "eRegulons of SCENIC+",
    source="tf",
    target="gene",
    score="importancetf2g",
    sign="rhotf2g",
    others=("region",),
    unit="importance of the TF for the gene",
    note=NOTE,
)
EARLIER = table_format(
    "scenic-plus-0",
    "eRegulons of SCENIC+ before 1.0",
    source="tf",
    target="gene",
    score="tf2gimportance",
    sign="tf2grho",
    others=("region",),
    unit="importance of the TF for the gene",
    note=NOTE,
)
