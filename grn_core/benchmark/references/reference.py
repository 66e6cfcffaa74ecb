"""Reference networks: TF-target edges that scores are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path

import numpy as np
import pandas as pd

from grn_core.assets import asset
from grn_core.benchmark.references.called import BEELINE_FORM, BEELINE_SETS, beeline_parts
from grn_core.datasets.gene_lists import names_in
from grn_core.errors import DataError
from grn_core.genes import match_genes
from grn_core.in_words import counted
from grn_core.networks.imports import edge_list_of, parse, refuse_turned
from grn_core.refusals import plain


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
        Columns source, target. An edge of a gene with itself is none: it is left out.
    notes
        What was converted and lost.
    """

    name: str
    dataset: str
    network: str
    genes: tuple[str, ...]
    edges: pd.DataFrame
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Leave out edges of genes with themselves, also those that are of one gene under two names."""
        own = self.edges["source"] == self.edges["target"]
        if n_own := int(own.sum()):
            said = counted(n_own, "edge of a gene with itself is", "edges of genes with themselves are")
            object.__setattr__(self, "edges", self.edges[~own].reset_index(drop=True))
            object.__setattr__(self, "notes", (*self.notes, f"{said} left out."))


def read_edges(path: Path, *, signed: bool = False, apart: bool = False) -> pd.DataFrame:
    """Read an edge list of any format of `grn_core.networks.imports`.

    Parameters
    ----------
    path
        The file.
    signed
        Also return a column ``sign``, where the file has one.
    apart
        Whether it is a user's file, which is parsed in a process of its own.

    Returns
    -------
    DataFrame
        ``source``, ``target`` and, if asked for and there, ``sign``: +1 activation, -1 repression, 0 not said. A row
        whose score is 0, as gold standards label a pair that is no edge, is none. ``attrs["genes"]``: names of all
        rows; ``attrs["notes"]``: sentences that say which rows are edges, where the file has scores.

    Raises
    ------
    DataError
        If the file cannot be read or has no two columns that name the ends.
    """
    edges = edge_list_of(path)[1] if apart else parse(path)[1]
    if apart:
        refuse_turned(edges, title=path.name)
    names = np.array([*edges.names, ""], dtype=object)
    table = pd.DataFrame({"source": names[edges.source], "target": names[edges.target]})
    if signed and edges.sign is not None:
        table["sign"] = edges.sign.astype(int)
    table = table[(table["source"] != "") & (table["target"] != "")]
    genes, notes = sorted({*edges.names} - {""}), [*edges.doubts]
    if edges.score is not None:
        score = edges.score[table.index]
        if (score != 0).any():  # else no row is said to be an edge more than another
            table, notes = table[score != 0], [*notes, *_about_scores(score, edges.unit, some=bool(notes))]
    table.attrs.update(genes=genes, notes=notes)
    return table


def _about_scores(score: np.ndarray, unit: str, *, some: bool) -> list[str]:
    """Say which rows of a reference with scores are edges; `some`: whether it was said of some that they are none."""
    none, different = int((score == 0).sum()), len(np.unique(score[score != 0]))
    said = [f"{none:,} of {len(score):,} rows have the score 0 ({unit}): they are no edges."] if none else []
    if different > 1:
        every = "Every other row" if none or some else "Every row"
        said.append(f"{every} is an edge, whatever its score ({unit}): leave out those that are not to count.")
    return said


def to_human(edges: pd.DataFrame, genes: set[str], *, species: str | None = None) -> tuple[pd.DataFrame, set[str], str]:
    """Map edges and genes to canonical human symbols; edges with an unmatched end are dropped.

    Of an edge that is there twice one stays; its sign, if there are signs, is 0 where they contradict each other.
    """
    names = sorted(genes)
    match = match_genes(names, species=species)
    symbol = {name: found for name, found in zip(names, match.symbols, strict=True) if found}
    ends = ["source", "target"]
    mapped = edges.assign(**{end: edges[end].map(symbol) for end in ends}).dropna()
    if "sign" in mapped:
        mapped["sign"] = mapped["sign"].where(mapped.groupby(ends)["sign"].transform("nunique") == 1, 0)
    return mapped.drop_duplicates(ends), set(symbol.values()), match.converted


def read_panel(path: Path) -> tuple[str, ...]:
    """Read a gene panel, a text of any form that `grn_core.datasets.gene_lists.names_in` knows, sorted.

    Raises
    ------
    DataError
        If the file cannot be read or names no gene.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        message = f"{path} cannot be read as a gene list ({plain(error)})"
        raise DataError(message, needed="one gene name a line") from error
    return tuple(sorted(names_in(content)))


def read_own(path: Path, *, genes: Sequence[str] = ()) -> Reference:
    """Read a user's reference network.

    Parameters
    ----------
    path
        Edge list with a header: source, target and, if known, sign; any names that `match_genes` knows.
    genes
        Gene panel: the universe of targets. The genes of the network if empty.

    Returns
    -------
    Reference
        In human symbols; network ``truth``.

    Raises
    ------
    DataError
        If the file cannot be read or no edge is between genes of the panel.
    """
    edges = read_edges(path, signed=True, apart=True)
    names = set(edges.attrs["genes"])
    panel = set(genes) or names
    species = match_genes(sorted(panel | names)).species
    notes = edges.attrs["notes"]
    edges, _, note = to_human(edges, names | panel, species=species)
    match = match_genes(sorted(panel), species=species)
    known = {symbol for symbol in match.symbols if symbol}
    edges = edges[edges["source"].isin(known) & edges["target"].isin(known)].reset_index(drop=True)
    name = Path(path).name.split(".")[0]
    found = Reference(f"own reference {name}", name, "truth", tuple(sorted(known)), edges, (note, *notes))
    if not len(found.edges):
        message = f"no edge of {Path(path).name} is between two of the {len(panel)} genes"
        raise DataError(message, needed="genes that are in the network", todo="check the names and the species")
    return found


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
        edges = read_edges(asset("networks", "omnipath_human.tsv.gz"))
        genes = set(edges["source"]) | set(edges["target"])
        return Reference("OmniPath, two references or more", "human", "OmniPath", tuple(sorted(genes)), edges)
    if text.startswith("beeline:"):
        return _beeline(*beeline_parts(text))
    if not Path(text).is_file():
        message = f"there is no reference network {text!r}"
        needed = "omnipath, the path of an edge list, or beeline:FOLDER:DATASET:NETWORK"
        raise DataError(message, needed=needed, todo="check the name or the path")
    edges = read_edges(Path(text), apart=True)
    notes = edges.attrs["notes"]
    edges, genes, note = to_human(edges, set(edges.attrs["genes"]))
    return Reference(Path(text).name, Path(text).name, "own", tuple(sorted(genes)), edges, (note, *notes))


def _beeline(folder: str, dataset: str, network: str, size: str = "500") -> Reference:
    """One BEELINE network; its genes are those of all networks of the same dataset and gene set."""
    place = Path(folder)
    if not place.is_dir():
        message = f"there is no folder {folder}"
        needed = f"a folder with BEELINE's reference networks, as in {BEELINE_FORM}"
        raise DataError(message, needed=needed, todo="check the path")
    paths = sorted(place.glob(f"*_{escape(dataset)}_TFsplus{escape(size)}.tsv.gz"))
    tables = {path.name.split("_", 1)[0]: read_edges(path) for path in paths}
    if network not in tables or size not in BEELINE_SETS:
        message = f"{folder} has no network {network} of {dataset}, TFs+{size}"
        ending = f"_TFsplus{size}.tsv.gz"
        others = {path.name.removesuffix(ending).partition("_")[2] for path in place.glob(f"*_*{ending}")}
        if size not in BEELINE_SETS:
            needed = f"TFs+{' or TFs+'.join(BEELINE_SETS)}"
        elif tables:
            needed = f"one of {', '.join(tables)}"
        elif others:
            needed = f"one of the data sets {', '.join(sorted(others))}"
        else:
            needed = f"files called NETWORK_DATASET{ending}"
        raise DataError(message, needed=needed, todo="check the folder and the names")
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
