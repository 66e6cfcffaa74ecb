"""Which column of ``var`` names the genes, and what else it says of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import pandas as pd

from grn_core import in_words
from grn_core.datasets.formats.genomes import genomes_of
from grn_core.datasets.questions import about_names
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.reading import Question
from grn_core.errors import DataError
from grn_core.genes import GeneMatch, is_ensembl, match_genes

VAR_NAMES = "var_names"
"""What the user calls the names themselves, where a column would be taken instead."""
USUAL = ("symbol", "gene_symbol", "gene_symbols", "gene_name", "gene_names", "gene_short_name", "feature_name",
         "feature", "features", "hgnc_symbol", "SYMBOL", "Symbol", "GeneSymbol", "gene", "names", "name",
         "gene_ids", "gene_id", "ensembl_id", "ensembl", "feature_id", "id", "ids",
         "entrez", "entrez_id", "entrezgene", "ncbi_gene_id")  # fmt: skip


@dataclass(frozen=True)
class NamedGenes:
    """Genes as a file names them.

    Attributes
    ----------
    match
        What became of each name.
    labels, ids
        What else the file calls each: symbols, Ensembl ids; empty where there is nothing else.
    column, columns
        The column that was taken, ``""`` for ``var_names``, and those that might have been.
    notes
        What was done, in sentences.
    questions
        Which column it is, where two name different genes.
    """

    match: GeneMatch
    labels: tuple[str, ...]
    ids: tuple[str, ...]
    column: str
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    questions: tuple[Question, ...] = ()


def named_genes(var: pd.DataFrame, read_as: ReadAs) -> NamedGenes:
    """Match ``var_names``, or the column of ``var`` that matches more; with the symbols and ids that stand beside."""
    columns, genomes = text_columns(var), genomes_of(var)
    offered = {"": _matched(tuple(var.index.astype(str)) or ("",), read_as.species, genomes)}
    for column in columns:
        names = tuple(var[column].astype(object).fillna("").astype(str)) or ("",)
        offered[column] = _matched(names, read_as.species, genomes)
    wanted = "" if read_as.name_column == VAR_NAMES else read_as.name_column
    given = wanted is not None and wanted in offered
    chosen = wanted if given and wanted is not None else max(offered, key=lambda column: offered[column].n_matched)
    asked = () if given else about_names(offered, taken=chosen, usual=VAR_NAMES, title="the names themselves")
    match = offered.pop(chosen)
    other = next((one for one in (match, *offered.values()) if one.other_species), None)
    if other is not None:
        match = replace(match, other_species=other.other_species, evidence=other.evidence)
    notes = (f"Gene names were taken from var['{chosen}'] instead of var_names.",) if chosen else ()
    beside = [one for one in offered.values() if one.recognised and one.id_type != match.id_type]
    labels: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    if beside:
        others = tuple(name if name.lower() != "nan" else "" for name in beside[0].names)
        if match.id_type == "ensembl":
            labels = others
            if chosen and not given:
                notes = (
                    f"Genes were recognised by var['{chosen}'], which matches more than their names do; these stay.",
                )
        else:
            ids = tuple(name if is_ensembl(name) else "" for name in others)
    return NamedGenes(match, labels, ids, chosen, tuple(columns), notes, asked)


@lru_cache(maxsize=16)
def _matched(names: tuple[str, ...], species: str | None, genomes: tuple[str, ...]) -> GeneMatch:
    """Match names once: the matrices of a file have most of them in common, and each is looked at."""
    return match_genes(names, species=species, genomes=genomes)


def check_column(read_as: ReadAs, columns: tuple[str, ...]) -> None:
    """Refuse the user's word on the column of names where there is no such column."""
    if read_as.name_column in (None, VAR_NAMES, *columns):
        return
    message = f"no column {in_words.short(read_as.name_column)!r} names genes"
    needed = f"one of {in_words.names((VAR_NAMES, *columns))}"
    raise DataError(message, needed=needed, todo="name one of these, or leave it out")


def text_columns(var: pd.DataFrame) -> list[str]:
    """Return the columns that may name genes: those that usually do, then any text that is not the same everywhere."""
    usual = [name for name in USUAL if name in var]
    text = [name for name in var.columns if name not in usual and var[name].dtype.kind not in "biufcmM"]
    return [*usual, *(str(name) for name in text if name in var and var[name].nunique() > len(var) / 2)]


def described(var: pd.DataFrame, other: pd.DataFrame, *, types: tuple[str, ...]) -> pd.DataFrame:
    """Genes of ``.raw`` with the columns that stand in ``var`` alone, as far as the genes are the same."""
    more = [column for column in (*text_columns(other), *types) if column in other and column not in var]
    return var.join(other[more].astype(object)) if more and other.index.is_unique else var
