"""Read a folder of count matrices into standardised training matrices over one vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy import sparse

from grn_core.datasets import read
from grn_core.datasets.values import by_symbol
from grn_core.errors import DataError, TooFewCellsError
from grn_core.files import sha256_of
from grn_core.genes import human_symbols, human_tfs_of, ortholog_to_human
from grn_core.pretrain.files import KINDS, MIN_CELLS, files_of
from grn_core.pretrain.recipe import Recipe
from grn_core.pretrain.sources import Source
from grn_core.progress import Progress, silent

FAVOURED = "scenic"
"""TF list of the recipe that the bundled model was made by: its TFs are kept and drawn more often."""
CLIP = (-3.0, 5.0)
MIN_SHARE = 0.01
MIN_DETECTED = 30


@dataclass(frozen=True)
class CorpusPart:
    """One data set of the corpus.

    Attributes
    ----------
    name, species
        File name without suffix; ``human`` or ``mouse``.
    values
        float16 (cells, genes): log1p of counts per 10,000, standardised per gene over this data set, clipped.
    genes
        int32 (genes,): positions in the vocabulary.
    mean, sd, detected
        float32 (genes,): mean and spread of log1p CP10k, share of cells with a count.
    held_out
        bool (cells,): cells kept for validation.
    sha256
        Of the file.
    kind
        Out of `KINDS`.
    source
        Study, repository and licence.
    """

    name: str
    species: str
    values: np.ndarray
    genes: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    detected: np.ndarray
    held_out: np.ndarray
    sha256: str
    kind: str = "cells"
    source: Source = field(default_factory=Source)

    @property
    def training(self) -> np.ndarray:
        """Row numbers of the training cells."""
        return np.flatnonzero(~self.held_out)


def read_cells(path: Path, kind: str = "cells") -> tuple[sparse.csr_matrix, list[str], str]:
    """Read one file as log1p(CP10k) over canonical human symbols; with the symbols and the species.

    Averages (`kind` ``profiles``) are in linear scale, whatever their numbers look like.
    """
    data = read(path, values="counts" if kind == "profiles" else None)
    if data.value_kind == "scaled":
        message = f"{path.name} has scaled values"
        raise DataError(message, needed="counts", todo="take the file out of the corpus folder")
    symbols, values = by_symbol(data.matrix, data.match.symbols, kind=data.value_kind)
    return values, list(symbols), data.match.species


def choose_vocabulary(parts: Sequence[tuple[sparse.csr_matrix, list[str], str]]) -> tuple[str, ...]:
    """Genes detected in enough cells of the corpus.

    TFs and genes with a mouse ortholog need a third of `MIN_DETECTED` cells, all others three times as many.
    """
    seen: dict[str, int] = {}
    for values, symbols, _ in parts:
        for symbol, n in zip(symbols, np.asarray((values > 0).sum(0)).ravel(), strict=True):
            seen[symbol] = seen.get(symbol, 0) + int(n)
    favoured = human_tfs_of(FAVOURED) | frozenset(ortholog_to_human().values())
    least = {True: MIN_DETECTED // 3, False: MIN_DETECTED * 3}
    return tuple(sorted(s for s, n in seen.items() if n >= least[s in favoured] and s in human_symbols()))


def standardise(log_values: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Standardise each gene of one data set.

    Parameters
    ----------
    log_values
        (cells, genes) log1p CP10k.

    Returns
    -------
    values, keep, statistics
        float16 (cells, kept), clipped to `CLIP`; columns kept: genes detected in at least `MIN_SHARE` of the cells
        and in 5; their ``mean``, ``sd`` and ``detected`` share.
    """
    detected = np.asarray((log_values > 0).sum(0)).ravel()
    keep = np.flatnonzero(detected >= max(5, MIN_SHARE * log_values.shape[0]))
    dense = log_values[:, keep].toarray()
    mean, sd = dense.mean(0), np.maximum(dense.std(0), 1e-6)
    values = np.clip((dense - mean) / sd, *CLIP).astype(np.float16)
    return values, keep, {"mean": mean, "sd": sd, "detected": detected[keep] / log_values.shape[0]}


def load_corpus(
    folder: Path,
    *,
    profiles: Path | None = None,
    stated_only: bool = False,
    seed: int = 0,
    held_out: float = 0.05,
    vocabulary: Sequence[str] | None = None,
    progress: Progress = silent,
) -> tuple[list[CorpusPart], tuple[str, ...]]:
    """Read every h5ad of a folder, and of a second one with averages.

    A gene that a file does not have is missing there, not zero: the part holds the file's own genes and no others.

    Parameters
    ----------
    folder
        Folder with .h5ad files, cells x genes, counts; symbols or Ensembl ids, human or mouse.
    profiles
        Folder with .h5ad files of averages of cell types, tissues or cell lines, in linear scale.
    stated_only
        Leave out files of sources whose licence is not stated (`grn_core.pretrain.sources`).
    seed
        Decides the held-out cells.
    held_out
        Share of cells of each data set kept for validation.
    vocabulary
        Use this one instead of choosing it from the data.
    progress
        Listener.

    Returns
    -------
    parts, vocabulary
        Data sets with at least `MIN_CELLS` cells or `MIN_PROFILES` averages, and the gene order.

    Raises
    ------
    DataError
        If the folder has no usable file, or a file is a data set of BEELINE.
    """
    files, raw = [], []
    named = files_of(folder, profiles, stated_only=stated_only)
    for done, file in enumerate(named):
        progress("read", done, len(named))
        try:
            cells = read_cells(file.path, file.kind)
        except TooFewCellsError:
            continue
        if cells[0].shape[0] >= file.least:
            files.append(file)
            raw.append(cells)
    if not raw:
        terms = " of a source whose licence is stated" if stated_only else ""
        message = f"no .h5ad file of {folder} has {MIN_CELLS} cells{terms}"
        raise DataError(message, needed="at least one data set of that size", todo="name it with --corpus")
    chosen = tuple(vocabulary) if vocabulary is not None else choose_vocabulary(raw)
    position = {symbol: index for index, symbol in enumerate(chosen)}
    parts = []
    for number, ((logged, symbols, species), file) in enumerate(zip(raw, files, strict=True)):
        progress("standardise", number, len(raw))
        known = [index for index, symbol in enumerate(symbols) if symbol in position]
        values, keep, statistics = standardise(logged[:, known])
        genes = np.array([position[symbols[known[index]]] for index in keep], dtype=np.int32)
        mask = np.random.default_rng([seed, number]).random(len(values)) < held_out
        part = CorpusPart(
            file.path.stem,
            species,
            values,
            genes,
            mean=statistics["mean"].astype(np.float32),
            sd=statistics["sd"].astype(np.float32),
            detected=statistics["detected"].astype(np.float32),
            held_out=mask,
            sha256=sha256_of(file.path),
            kind=file.kind,
            source=file.source,
        )
        parts.append(part)
    return parts, chosen


def weights(parts: Sequence[CorpusPart], recipe: Recipe) -> np.ndarray:
    """Weights (data sets,) of sum 1: how often each is drawn, and how much it says in the start.

    A data set weighs its training rows to the power `Recipe.size_power`, single cells `Recipe.cell_weight` times that,
    one of fewer than 2,000 genes in proportion to them; data sets of one study share its weight by the root of their
    number.
    """
    studies = [_study(part) for part in parts]
    of_study = Counter(studies)
    found = np.array(
        [
            len(part.training) ** recipe.size_power
            * min(1.0, len(part.genes) / 2000)
            * (recipe.cell_weight if part.kind == KINDS[0] else 1.0)
            / (of_study[study] if study else 1) ** 0.5
            for part, study in zip(parts, studies, strict=True)
        ]
    )
    shares: np.ndarray = found / found.sum()
    return shares


def _study(part: CorpusPart) -> str:
    return "+".join(sorted(part.source.accessions)) or part.source.study
