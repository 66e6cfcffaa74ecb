"""Gene names: symbols, Ensembl ids, species, 1:1 orthologs, TF lists."""

from __future__ import annotations

from grn_core.genes.match import GeneMatch, is_ensembl, match_genes, present_names
from grn_core.genes.tables import human_symbols, human_tfs_of, ortholog_to_human, tf_list

__all__ = [
    "GeneMatch",
    "human_symbols",
    "human_tfs_of",
    "is_ensembl",
    "match_genes",
    "ortholog_to_human",
    "present_names",
    "tf_list",
]
