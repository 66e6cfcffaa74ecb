"""hdWGCNA: the table of ``GetTFNetwork``."""

from __future__ import annotations

from grn_core.networks.imports.by_columns import table_format

RECORD = table_format(
    "hdwgcna",
    "TF network of hdWGCNA",
    source="tf",
    target="gene",
    score="gain",
    sign="cor",
    unit="gain in the trees of XGBoost (Gain)",
    note="Signs are those of the correlation (Cor).",
)
