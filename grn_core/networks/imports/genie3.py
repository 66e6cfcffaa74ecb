"""GENIE3 in R: the table of ``getLinkList``."""

from __future__ import annotations

from grn_core.networks.imports.by_columns import table_format

RECORD = table_format(
    "genie3", "Link list of GENIE3 in R", source="regulatorygene", target="targetgene", score="weight", unit="weight"
)
