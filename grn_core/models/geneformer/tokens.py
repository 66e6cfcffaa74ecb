"""Geneformer's input: the genes of a cell, ordered by how far each is above its own typical level.

The level of a gene is its count per 10,000 of the cell, divided by the gene's median over the training corpus (over the
cells that express it). Genes at 0 are left out; the rest stand in falling order and the value itself is forgotten. The
first version reads 2048 genes and nothing else; the second puts ``<cls>`` in front and ``<eos>`` behind, 4096 in all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from grn_core.errors import DataError, ModelError
from grn_core.genes import match_genes
from grn_core.genes.tables import ensembl_to_symbol
from grn_core.models.reading.restricted_pickle import read_plain_pickle

PER_CELL = 10_000
# Where the dictionaries lie, seen from the folder of a model: the published repository has them in one folder of its
# root, those of the first version in a subfolder of that.
PLACES = (".", "geneformer", "geneformer/gene_dictionaries_30m", "../geneformer", "../geneformer/gene_dictionaries_30m")
TOKENS, MEDIANS, MAPPING = "token_dictionary", "gene_median_dictionary", "ensembl_mapping_dict"
FIRST, LAST = "<cls>", "<eos>"


@dataclass(frozen=True)
class RankTokens:
    """The dictionaries of one version, and the encoding that follows from them.

    Attributes
    ----------
    position
        Ensembl id or special token -> id of the token.
    medians
        Ensembl id -> median of the non-zero counts per 10,000.
    renamed
        Any spelling, in upper case -> the Ensembl id that the model knows; empty where the version has no such table.
    length
        Tokens that the model reads at once, special ones included.
    """

    position: Mapping[str, int]
    medians: Mapping[str, float]
    renamed: Mapping[str, str]
    length: int

    @cached_property
    def of_symbol(self) -> dict[str, int]:
        """Canonical human symbol -> id of the token, by our gene tables; of two ids with one symbol the smaller."""
        symbols = ensembl_to_symbol("human")
        known = sorted(self.medians.keys() & self.position.keys() & symbols.keys(), reverse=True)
        found = {symbols[gene]: self.position[gene] for gene in known}
        return dict(sorted(found.items(), key=lambda item: item[1]))

    @cached_property
    def median_of(self) -> np.ndarray:
        """Median by the token's id, (tokens,); NaN where there is none."""
        found = np.full(max(self.position.values()) + 1, np.nan)
        for gene in self.medians.keys() & self.position.keys():
            found[self.position[gene]] = self.medians[gene]
        return found

    @property
    def special(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Ids of the tokens in front of the genes, and of those behind."""
        if FIRST not in self.position or LAST not in self.position:
            return (), ()
        return (self.position[FIRST],), (self.position[LAST],)

    @property
    def most_genes(self) -> int:
        """Genes that fit into one input."""
        return self.length - sum(map(len, self.special))

    def order(self, ids: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Encode one cell.

        Parameters
        ----------
        ids
            (L,) ids of the genes' tokens, no two alike.
        levels
            (L,) levels, at least 0; see `levels`.

        Returns
        -------
        ndarray
            (N,) int64 ids of tokens: the expressed genes from the highest level down, as many as fit, between the
            special tokens. Equal levels stand in the order of their ids (the published code leaves that open), so that
            the order of the data's columns decides nothing.
        """
        front, back = self.special
        expressed = np.flatnonzero(np.asarray(levels) > 0)
        ranked = expressed[np.lexsort((ids[expressed], -levels[expressed]))][: self.most_genes]
        return np.concatenate((front, ids[ranked], back)).astype(np.int64)

    def levels(self, ids: np.ndarray, per_cell: np.ndarray) -> np.ndarray:
        """Divide counts per 10,000, (..., L), by the medians of the genes with these ids (L,)."""
        found: np.ndarray = np.asarray(per_cell, dtype=np.float64) / self.median_of[ids]
        return found

    def encode(self, names: Sequence[str], counts: np.ndarray) -> list[np.ndarray]:
        """Encode measured cells as the published tokeniser does.

        Parameters
        ----------
        names
            (G,) Ensembl ids, as the model was trained with, or symbols or ids of our gene tables, human or mouse.
        counts
            (cells, G) raw counts of all genes that were measured: their sum is the size of the cell.

        Returns
        -------
        list of ndarray
            For each cell the ids of its tokens; see `order`. Columns that mean one gene are summed. Unknown genes count
            for the size of the cell and for nothing else.

        Raises
        ------
        DataError
            If the counts do not fit the names, or are negative or not finite.
        """
        counts = np.asarray(counts, dtype=np.float64)
        if counts.ndim != 2 or counts.shape[1] != len(names) or not np.isfinite(counts).all() or (counts < 0).any():
            message = f"counts of shape {counts.shape} do not fit {len(names)} genes, or are negative or not finite"
            raise DataError(message, needed="raw counts, one row a cell and one column a gene", todo="give counts")
        ids = self._ids(names)
        known = np.flatnonzero(ids >= 0)
        genes, column = np.unique(ids[known], return_inverse=True)
        summed = np.zeros((len(counts), len(genes)))
        np.add.at(summed.T, column, counts[:, known].T)
        sizes = counts.sum(axis=1, keepdims=True)
        share = np.divide(summed, sizes, out=np.zeros_like(summed), where=sizes > 0)
        # Share first, as published: where two levels are equal but for rounding, the order of operations decides.
        return [self.order(genes, row) for row in self.levels(genes, share * PER_CELL)]

    def _ids(self, names: Sequence[str]) -> np.ndarray:
        """Id of each name's token, -1 where the model has none: by the model's own tables, then by ours."""
        plain = [name.partition(".")[0] if name.startswith("ENSG") else name for name in map(str, names)]
        own = [self.renamed.get(name.upper(), name) for name in plain]
        found = [self.position[gene] if gene in self.medians and gene in self.position else -1 for gene in own]
        if -1 in found:
            symbols = match_genes(names).symbols
            found = [self.of_symbol.get(s, -1) if i < 0 and s else i for i, s in zip(found, symbols, strict=True)]
        return np.array(found, dtype=np.int64)


def read_tokens(folder: Path, *, n_tokens: int, length: int) -> RankTokens:
    """Read the dictionaries that belong to a model.

    Parameters
    ----------
    folder
        Folder of the model; the dictionaries lie in it or in ``geneformer`` inside or beside it.
    n_tokens
        Tokens of the network: the dictionary with as many is the model's.
    length
        Tokens that the network reads at once.

    Raises
    ------
    ModelError
        If there is no such dictionary, none for the medians beside it, or they hold anything but names and numbers.
    """
    found = [path for place in PLACES for path in sorted((folder / place).glob(f"{TOKENS}*.pkl"))]
    sizes = {}
    for path in found:
        position = _read(path, int)
        sizes[path] = len(position)
        if sorted(position.values()) == list(range(n_tokens)):
            suffix = path.name.removeprefix(TOKENS)
            medians = _read(path.with_name(MEDIANS + suffix), float)
            if not all(0 < median < np.inf for median in medians.values()):
                message = f"{path.with_name(MEDIANS + suffix)} holds medians that are not above 0"
                raise ModelError(message, needed="the published medians", todo="copy the original file")
            if not medians.keys() & position.keys():
                message = f"{path.with_name(MEDIANS + suffix)} has no gene of {path.name}"
                raise ModelError(message, needed="the medians of the same version", todo="copy the original file")
            mapping = path.with_name(MAPPING + suffix)
            return RankTokens(position, medians, _read(mapping, str) if mapping.is_file() else {}, length)
    seen = ", ".join(f"{path.name} with {size:,} tokens" for path, size in sizes.items()) or f"no {TOKENS}*.pkl"
    message = f"for the {n_tokens:,} tokens of the model in {folder} there is {seen}"
    todo = "copy the folder geneformer of the published repository beside the model's folder"
    raise ModelError(message, needed=f"{TOKENS}*.pkl and {MEDIANS}*.pkl of the model's version", todo=todo)


def _read(path: Path, kind: type) -> dict[str, Any]:
    """Read a dictionary of names to values of one kind; `ModelError` if it is something else."""
    found = read_plain_pickle(path)
    kinds = (int, float) if kind is float else kind
    if not isinstance(found, dict) or not all(isinstance(k, str) and isinstance(v, kinds) for k, v in found.items()):
        message = f"{path} is no dictionary of names and {kind.__name__} values"
        raise ModelError(message, needed="the published dictionary", todo="copy the original file")
    return found
