"""Gene names: symbols, Ensembl ids, species, 1:1 orthologs, TF lists."""

from __future__ import annotations

from grn_core.genes.any_names import symbols_of
from grn_core.genes.common_names import meanings
from grn_core.genes.gene_match import GeneMatch
from grn_core.genes.ids import is_ensembl
from grn_core.genes.lookup import present_names
from grn_core.genes.match import match_genes
from grn_core.genes.regulons import regulon
from grn_core.genes.tables import human_symbols, ortholog_to_human
from grn_core.genes.tf_lists import AUTO, LISTS, TF_LISTS, default_tf_list, find_tf_list, human_tfs_of, tf_list

__all__ = [
    "AUTO",
    "LISTS",
    "TF_LISTS",
    "GeneMatch",
    "default_tf_list",
    "find_tf_list",
    "human_symbols",
    "human_tfs_of",
    "is_ensembl",
    "match_genes",
    "meanings",
    "ortholog_to_human",
    "present_names",
    "regulon",
    "symbols_of",
    "tf_list",
]
