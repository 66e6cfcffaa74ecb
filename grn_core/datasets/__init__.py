"""Datasets: reading and checking cells, built-in data, uploads, and the gene panel that a model is asked about."""

from __future__ import annotations

from grn_core.datasets.catalog import BuiltIn, asks_of, builtins, describe, downloadable, load
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.embedding import compute_umap
from grn_core.datasets.gene_lists import GeneList, find_genes, list_genes, store_genes
from grn_core.datasets.measured import expression
from grn_core.datasets.panel import GenePanel, genes_only
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.readers import read
from grn_core.datasets.store import Upload, list_uploads, store_upload

__all__ = [
    "BuiltIn",
    "Dataset",
    "GeneList",
    "GenePanel",
    "ReadAs",
    "Upload",
    "asks_of",
    "builtins",
    "compute_umap",
    "describe",
    "downloadable",
    "expression",
    "find_genes",
    "genes_only",
    "list_genes",
    "list_uploads",
    "load",
    "read",
    "store_genes",
    "store_upload",
]
