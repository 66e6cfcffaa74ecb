"""Reference networks: TF-target edges that scores are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from grn_core.errors import DataError
from grn_core.genes import match_genes
from grn_core.settings import ASSETS

COLUMNS = {"source": ("source", "tf", "gene1", "from", "regulator"), "target": ("target", "gene2", "to")}
BEELINE_SETS = ("500", "1000")


@dataclass(frozen=True)
class Reference:
    """Edges over a gene list, in canonical human symbols.

    Attributes
    ----------
    name
        E.g. ``hESC STRING TFs+500``.
    dataset, network
        Its two parts, for tables.
    genes
        Sorted gene list: the universe of targets.
    edges
        Columns source, target.
    notes
        What was converted and lost.
    """

    name: str
    dataset: str
    network: str
    genes: tuple[str, ...]
    edges: pd.DataFrame
    notes: tuple[str, ...] = ()


def read_edges(path: Path) -> pd.DataFrame:
    """Read an edge list (.csv, .tsv, gzipped or not) with a header; columns ``source`` and ``target`` come back.

    Raises
    ------
    DataError
        If the file cannot be read or has no two columns that name the ends.
    """
    try:
        table = pd.read_csv(path, sep="," if ".csv" in path.suffixes else "\t", dtype=str)
    except (OSError, EOFError, ValueError) as error:
        message = f"{path} cannot be read as an edge list ({error})"
        raise DataError(message, needed="a .tsv or .csv with a header") from error
    lower = {column.lower(): column for column in table.columns}
    found = {end: next((lower[n] for n in names if n in lower), None) for end, names in COLUMNS.items()}
    if None in found.values():
        message = f"{path.name} has the columns {', '.join(table.columns)}"
        raise DataError(message, needed="a column source (or tf, Gene1) and a column target (or Gene2)")
    return table[[found["source"], found["target"]]].set_axis(["source", "target"], axis=1).dropna()


def to_human(edges: pd.DataFrame, genes: set[str], *, species: str | None = None) -> tuple[pd.DataFrame, set[str], str]:
    """Map edges and genes to canonical human symbols; edges with an unmatched end are dropped."""
    names = sorted(genes)
    match = match_genes(names, species=species)
    symbol = {name: found for name, found in zip(names, match.symbols, strict=True) if found}
    mapped = pd.DataFrame({end: edges[end].map(symbol) for end in ("source", "target")}).dropna().drop_duplicates()
    return mapped, set(symbol.values()), match.converted


def read_reference(text: str) -> Reference:
    """Read the reference that `text` names.

    Parameters
    ----------
    text
        ``omnipath`` (bundled: human TF-target edges with at least two references), the path of an edge list, or
        ``beeline:FOLDER:DATASET:NETWORK[:500|1000]``, FOLDER holding ``NETWORK_DATASET_TFsplusN.tsv.gz``.

    Returns
    -------
    Reference
        In human symbols.

    Raises
    ------
    DataError
        If there is no such file or network, or `text` cannot be understood.
    """
    if text == "omnipath":
        edges = read_edges(ASSETS / "networks" / "omnipath_human.tsv.gz")
        genes = set(edges["source"]) | set(edges["target"])
        return Reference("OmniPath, two references or more", "human", "OmniPath", tuple(sorted(genes)), edges)
    if text.startswith("beeline:"):
        parts = text.split(":")[1:]
        if len(parts) not in (3, 4):
            message = f"the reference {text!r} has {len(parts)} parts after beeline"
            raise DataError(message, needed="beeline:FOLDER:DATASET:NETWORK or beeline:FOLDER:DATASET:NETWORK:1000")
        return _beeline(*parts)
    edges = read_edges(Path(text))
    edges, genes, note = to_human(edges, set(edges["source"]) | set(edges["target"]))
    return Reference(Path(text).name, Path(text).name, "own", tuple(sorted(genes)), edges, (note,))


def _beeline(folder: str, dataset: str, network: str, size: str = "500") -> Reference:
    """One BEELINE network; its genes are those of all networks of the same dataset and gene set."""
    paths = sorted(Path(folder).glob(f"*_{dataset}_TFsplus{size}.tsv.gz"))
    tables = {path.name.split("_", 1)[0]: read_edges(path) for path in paths}
    if network not in tables or size not in BEELINE_SETS:
        message = f"{folder} has no network {network} of {dataset}, TFs+{size}"
        raise DataError(message, needed=f"one of {', '.join(tables) or 'none'}", todo="check the folder and the names")
    genes = {gene for table in tables.values() for end in table for gene in table[end]}
    species = "human" if dataset.startswith("h") else "mouse"
    edges, known, note = to_human(tables[network], genes, species=species)
    return Reference(f"{dataset} {network} TFs+{size}", dataset, network, tuple(sorted(known)), edges, (note,))


def restrict(reference: Reference, vocabulary: frozenset[str]) -> Reference:
    """Keep the genes that a model knows, and the edges between them."""
    genes = tuple(gene for gene in reference.genes if gene in vocabulary)
    edges = reference.edges[reference.edges["source"].isin(vocabulary) & reference.edges["target"].isin(vocabulary)]
    note = f"{len(genes)} of {len(reference.genes)} genes are in the model's vocabulary."
    return Reference(reference.name, reference.dataset, reference.network, genes, edges, (*reference.notes, note))
