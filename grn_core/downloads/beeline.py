"""BEELINE's gene sets and reference networks from its archives, by the rules of its generateExpInputs.py.

Source: Pratapa et al. 2020, doi:10.1038/s41592-019-0690-6; github.com/Murali-group/Beeline.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.caches import used
from grn_core.downloads.fetch import alone
from grn_core.downloads.manifest import find_archive
from grn_core.downloads.store import held
from grn_core.errors import DataError
from grn_core.files import part_folder
from grn_core.progress import Progress, silent
from grn_core.settings import settings

if TYPE_CHECKING:
    import pandas as pd

SIZES = (500, 1000)
ALPHA = 0.01
RULES = 1
"""Goes up with every change of the rules below: folders that were made by older rules are made anew."""
READY = "*_TFsplus*.tsv.gz"
MOUSE_HSC = {"Specific": "mHSC-ChIP-seq"}
SPECIFIC = {
    "hESC": {"Specific": "hESC-ChIP-seq"},
    "hHep": {"Specific": "HepG2-ChIP-seq"},
    "mDC": {"Specific": "mDC-ChIP-seq"},
    "mESC": {"Specific": "mESC-ChIP-seq", "Lofgof": "mESC-lofgof"},
    "mHSC-E": MOUSE_HSC,
    "mHSC-GM": MOUSE_HSC,
    "mHSC-L": MOUSE_HSC,
}
SHARED = {
    "human": {"STRING": "STRING", "Non-Specific": "Non-specific-ChIP-seq"},
    "mouse": {"STRING": "STRING", "Non-Specific": "Non-Specific-ChIP-seq"},
}
NAMES = {"hHep": "hHEP"}
"""Datasets that are written otherwise in the archive than in the papers."""


def gene_set(
    ordering: pd.DataFrame, tfs: Iterable[str], measured: Iterable[str], *, n_genes: int, alpha: float = ALPHA
) -> tuple[str, ...]:
    """Choose the genes "TFs+N": every TF that varies significantly, and N other genes that do.

    Of the genes that are both ordered and measured, those with p < `alpha` divided by their number (Bonferroni) vary
    significantly. All TFs among them are taken, and of the others the `n_genes` with the largest variance (all, where
    there are fewer). Names are compared, and returned, in capitals: the archive writes mouse genes in both ways.

    Parameters
    ----------
    ordering
        (genes,) columns gene, p, variance.
    tfs, measured
        Names of TFs, and of the genes of the expression table.
    n_genes
        N.
    alpha
        Level before the correction.

    Returns
    -------
    tuple of str
        Sorted.
    """
    measured, tfs = {name.upper() for name in measured}, {name.upper() for name in tfs}
    known = ordering.assign(gene=ordering["gene"].str.upper())
    known = known[known["gene"].isin(measured)]
    varies = known[known["p"] < alpha / max(1, len(known))]
    is_tf = varies["gene"].isin(tfs)
    others = varies[~is_tf].sort_values(["variance", "p", "gene"], ascending=[False, True, True])
    return tuple(sorted({*varies.loc[is_tf, "gene"], *others["gene"].drop_duplicates().head(n_genes)}))


def clean_edges(table: pd.DataFrame) -> pd.DataFrame:
    """Return a network of the archive in capitals, without self loops, each edge once, in the order given.

    Parameters
    ----------
    table
        (rows, 2 or more): source and target in the first two columns. The archive repeats rows.

    Returns
    -------
    pandas.DataFrame
        Columns tf, target.
    """
    edges: pd.DataFrame = (
        table.iloc[:, :2].set_axis(["tf", "target"], axis=1).apply(lambda names: names.str.strip().str.upper())
    )
    return edges[edges["tf"] != edges["target"]].drop_duplicates(ignore_index=True)


def restrict_edges(edges: pd.DataFrame, genes: Iterable[str]) -> pd.DataFrame:
    """Keep the edges whose two ends are among `genes` (in capitals)."""
    wanted = set(genes)
    return edges[edges["tf"].isin(wanted) & edges["target"].isin(wanted)].reset_index(drop=True)


def references_folder(*, progress: Progress = silent) -> Path | None:
    """Return a folder with ``NETWORK_DATASET_TFsplusN.tsv.gz``, as the benchmark reads it; None where there is none.

    It is the folder that the settings name, where that holds such files; else they are made from BEELINE's archives,
    for the datasets that are here, once. A ``summary.csv`` beside them counts genes, TFs and edges.

    Raises
    ------
    DataError
        If a file of the archives cannot be read.
    """
    own = settings().data
    for folder in (own, own / "networks", own / "beeline", own / "beeline" / "networks") if own else ():
        if next(folder.glob(READY), None) is not None:
            return folder
    networks, cells = held(find_archive("beeline-networks")).files, held(find_archive("beeline-data")).files
    names = [name for name in SPECIFIC if {_cells(name, "ExpressionData"), _cells(name, "GeneOrdering")} <= set(cells)]
    if not networks or not names:
        return None
    files = {**networks, **{name: path for name, path in cells.items() if name.split("/")[-2] in names}}
    stamp = [f"{name} {path.stat().st_size} {path.stat().st_mtime_ns}" for name, path in sorted(files.items())]
    digest = hashlib.sha256("\n".join([str(RULES), *stamp]).encode()).hexdigest()[:12]
    folder = settings().downloads / "made" / f"beeline-{digest}"
    with alone(folder, progress):
        if not folder.is_dir():
            with part_folder(folder.parent) as place:
                _write_references(files, names, place / folder.name, progress)
                (place / folder.name).rename(folder)
    used(folder)
    return folder


def _write_references(files: dict[str, Path], names: list[str], folder: Path, progress: Progress) -> None:
    """Write the networks of some datasets, and what was counted."""
    import pandas as pd

    folder.mkdir(parents=True)
    counts = []
    tables: dict[str, pd.DataFrame] = {}
    for done, name in enumerate(names):
        progress("make the reference networks, datasets", done, len(names))
        species = "human" if name.startswith("h") else "mouse"
        tfs = _table(files, f"{species}-tfs.csv", 1).iloc[:, 0]
        measured = _table(files, _cells(name, "ExpressionData"), 1).iloc[:, 0]
        ordering = _table(files, _cells(name, "GeneOrdering"), 3).set_axis(["gene", "p", "variance"], axis=1)
        for column in ("p", "variance"):
            ordering[column] = pd.to_numeric(ordering[column], errors="coerce")
        for network, stem in (SHARED[species] | SPECIFIC[name]).items():
            member = f"Networks/{species}/{stem}-network.csv"
            if member not in files:
                continue
            if member not in tables:
                tables[member] = clean_edges(_table(files, member, 2))
            for size in SIZES:
                genes = gene_set(ordering, tfs, measured, n_genes=size)
                edges = restrict_edges(tables[member], genes)
                title = NAMES.get(name, name)
                edges.to_csv(folder / f"{network}_{title}_TFsplus{size}.tsv.gz", sep="\t", index=False)
                n_tfs = len(set(genes) & set(tfs.str.upper()))
                counts.append((network, title, f"TFs+{size}", len(genes), n_tfs, len(edges)))
    table = pd.DataFrame(counts, columns=["net", "ds", "set", "genes", "TFs", "edges"])
    table.to_csv(folder / "summary.csv", index=False)
    progress("make the reference networks, datasets", len(names), len(names))


def _cells(name: str, kind: str) -> str:
    return f"inputs/scRNA-Seq/{name}/{kind}.csv"


def _table(files: dict[str, Path], name: str, n_columns: int) -> pd.DataFrame:
    """Read the first columns of a table of the archive as text; a gene called NA keeps its name."""
    import pandas as pd

    todo = "run `python -m grn_core data check`, or delete the file and run `python -m grn_core data pull`"
    if name not in files:
        message = f"{name} of BEELINE's archives is not here"
        raise DataError(message, needed=name, todo=todo)
    wanted = list(range(n_columns))
    try:
        return pd.read_csv(files[name], dtype=str, usecols=wanted, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        message = f"{files[name]} cannot be read ({str(error).splitlines()[0]})"
        raise DataError(message, needed=f"a .csv table of {n_columns} columns or more", todo=todo) from error
