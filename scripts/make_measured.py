"""Make the tables of measured perturbations under ``assets/measured`` from public ones whose licence allows it.

    python -m scripts.make_measured FOLDER

FOLDER holds the tables as they were published, by the names in `MADE`. Of each gene that is known one row is kept: of
several rows the mean of the changes and the largest p, as `grn_core.experiments.beside` reads them, in the order of
symbols. The published p-values are raw: they are adjusted by Benjamini and Hochberg over the genes. The output is
byte-for-byte reproducible.
"""

from __future__ import annotations

import argparse
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from grn_core.assets import asset
from grn_core.genes import match_genes


@dataclass(frozen=True)
class Made:
    """How one table is made: its file, and the columns of gene, change and raw p."""

    file: str
    gene: str
    change: str
    p: str


MADE = {
    "atf3-knock-out": Made("metadegth_koATF3.csv.gz", "geneSymbol", "koATF3_logFC", "koATF3_pValue"),
    "pou5f1-knock-out": Made("metadegth_cas9OCT4.csv.gz", "geneSymbol", "koOCT4_logFC", "koOCT4_pValue"),
}
"""Table -> how it is made; what it is, with source and licence, stands in ``assets/measured/tables.json``."""


def made(folder: Path, how: Made) -> pd.DataFrame:
    """Return the columns ``gene``, ``log2FoldChange`` and ``padj`` of a published table."""
    table = pd.read_csv(folder / how.file, dtype={how.gene: str})
    names = sorted(table[how.gene].dropna().unique())
    symbol = dict(zip(names, match_genes(names, species="human").symbols, strict=True))
    table = table.assign(gene=table[how.gene].map(symbol)).dropna(subset=["gene", how.change])
    found = table.groupby("gene", sort=True).agg(log2FoldChange=(how.change, "mean"), padj=(how.p, "max"))
    told = found["padj"].notna()
    found.loc[told, "padj"] = false_discovery_control(found.loc[told, "padj"].to_numpy())
    return found.reset_index()


def written(table: pd.DataFrame) -> bytes:
    """Return a table as packed text without a time: three digits of each change, two of each p."""
    rows = ["gene\tlog2FoldChange\tpadj"]
    for gene, change, p in table.itertuples(index=False):
        rows.append(f"{gene}\t{change:.3g}\t{'' if np.isnan(p) else f'{p:.2g}'}")
    return gzip.compress(("\n".join(rows) + "\n").encode(), compresslevel=9, mtime=0)


def main() -> None:
    """Write every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder = parser.parse_args().folder
    for name, how in MADE.items():
        content = written(made(folder, how))
        asset("measured").joinpath(f"{name}.tsv.gz").write_bytes(content)


if __name__ == "__main__":
    main()
