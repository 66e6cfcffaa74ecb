"""Dataset: measured cells as they came, with what is known about their genes and values."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core import in_words
from grn_core.datasets.annotations import column_title, find_annotation, why_lost
from grn_core.datasets.blanks import WHOLE, labels_of
from grn_core.datasets.features import LeftOut
from grn_core.datasets.labels import names_in_data
from grn_core.datasets.large import pieces
from grn_core.datasets.panel import GenePanel
from grn_core.datasets.panel_of_cells import panel_of_cells
from grn_core.datasets.reading import NOTHING_GUESSED, Reading
from grn_core.errors import DataError
from grn_core.genes import GeneMatch


@dataclass(frozen=True, eq=False)
class Dataset:
    """Single-cell expression as the file gave it.

    Attributes
    ----------
    ref, title
        Short name (``pbmc68k``, ``upload-<sha>``) and title.
    matrix
        (n_cells, n_genes) csr float32, the values as given.
    genes, match
        Gene names as given, without duplicates, and what became of each.
    obs
        Cell metadata, one row a cell, string index.
    value_kind
        Name of the kind of the values, see `grn_core.datasets.kinds.KINDS`.
    embedding
        (n_cells, 2) coordinates (UMAP) that came with the file, or None.
    notes
        Conversions that were made on reading, in plain sentences.
    source, licence
        Where the data come from and under which terms.
    truth
        For simulated data: ``source``, ``target``, ``sign``, with names as in `genes`; None otherwise.
    file_labels, file_ids
        What else the file calls each of `genes`: symbols, and Ensembl ids (``""`` where it has none); empty where the
        file has nothing but `genes`.
    left_out
        Features and columns of the file that are no genes and take no part, each with its reason.
    reading
        What was guessed when the file was read; its doubts are among the notes of every panel.
    """

    ref: str
    title: str
    matrix: sparse.csr_matrix
    genes: tuple[str, ...]
    match: GeneMatch
    obs: pd.DataFrame
    value_kind: str
    embedding: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    truth: pd.DataFrame | None = field(default=None)
    file_labels: tuple[str, ...] = ()
    file_ids: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    reading: Reading = NOTHING_GUESSED

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return int(self.matrix.shape[0])

    @property
    def n_genes(self) -> int:
        """Number of genes."""
        return int(self.matrix.shape[1])

    @property
    def n_values(self) -> int:
        """Number of values that the matrix stores."""
        return int(self.matrix.nnz)

    @cached_property
    def _names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return names_in_data(self.match, labels=self.file_labels, ids=self.file_ids)

    @property
    def labels(self) -> tuple[str, ...]:
        """What results call each of `genes`: the symbol in the file, or where it has ids only, that of our table."""
        return self._names[0]

    @property
    def ids(self) -> tuple[str, ...]:
        """Ensembl id of each of `genes` in the file, ``""`` where it has none."""
        return self._names[1]

    @cached_property
    def sha256(self) -> str:
        """Hash of the content that can decide a result: names, values, kind, species and cell metadata."""
        digest = hashlib.sha256()
        for names in (self.genes, tuple(map(str, self.match.symbols)), self.obs.index, self.obs.columns):
            digest.update("\n".join(map(str, names)).encode() + b"\0")
        digest.update(f"{self.value_kind} {self.match.species} {self.matrix.shape}".encode())
        for values, form in ((self.matrix.data, "<f4"), (self.matrix.indices, "<i8"), (self.matrix.indptr, "<i8")):
            for piece in pieces(values):
                digest.update(piece.astype(form).tobytes())
        digest.update(_as_text(self.obs).to_csv().encode())
        for names in filter(None, (self.file_labels, self.file_ids)):
            digest.update("\n".join(names).encode() + b"\0")
        return digest.hexdigest()

    def hashed(self, sha256: str) -> Self:
        """Return this dataset with the hash of its content, where that is known already."""
        known = replace(self)
        vars(known)["sha256"] = sha256
        return known

    def column(self, name: str) -> pd.Series:
        """Return a column of the cells, of the file or kept beside it (`grn_core.datasets.annotations`).

        What stands for no value (``""``, ``nan``, ``NA``) is missing: cells without a label are no group of their own.
        Whole numbers have no point: the donor 2 is ``2``, also where other cells name none.

        Raises
        ------
        DataError
            There is none of that name for these cells.
        """
        if name in self.obs:
            return labels_of(self.obs[name])
        kept = find_annotation(name)
        if kept is not None and kept.dataset_sha == self.sha256:
            return labels_of(pd.Series(kept.values(), index=self.obs.index, name=kept.title))
        if lost := why_lost(name, self.sha256):
            message = f"the column {in_words.short(column_title(name))!r} {lost[0]}"
            raise DataError(message, needed="the column as it was made", todo=lost[1])
        message = f"the cells have no column {in_words.short(name)!r}"
        there = in_words.names(self.obs.columns)
        needed = f"one of {there}" if there else "data with columns that describe the cells; these have none"
        raise DataError(message, needed=needed, todo="correct the choice of cells, or leave it out")

    def cells_where(self, column: str, values: Collection[str]) -> np.ndarray:
        """Return which cells hold one of `values` in a `column`, (cells,); `DataError` for no such column.

        Values are told apart by their names in words; of a column of numbers, 1 is 1.0 too.
        """
        own = self.column(column)
        names = own.astype(str)
        wanted = {str(value) for value in values}
        if own.dtype.kind in "iuf" and (others := wanted - set(names)):
            numbers = pd.to_numeric(pd.Series(sorted(others)), errors="coerce").dropna()
            wanted |= set(names[own.isin(numbers)])
        wanted |= {one.removesuffix(".0") for one in wanted - set(names) if WHOLE.fullmatch(one)}
        return (names.isin(wanted) & own.notna()).to_numpy(dtype=bool)

    def mask_of(self, cells: np.ndarray | None) -> np.ndarray:
        """Return a choice of cells, all for None, as (cells,) bool; `DataError` where it is none of these cells."""
        mask = np.ones(self.n_cells, dtype=bool) if cells is None else np.asarray(cells)
        if mask.shape != (self.n_cells,) or mask.dtype != bool:
            message = f"the choice of cells has shape {mask.shape} and type {mask.dtype}"
            raise DataError(message, needed=f"{self.n_cells} values of true or false", todo="give one for every cell")
        return mask

    def panel(
        self,
        *,
        n_variable: int = 500,
        tfs: str | Iterable[str] = "auto",
        genes: Sequence[str] | None = None,
        cells: np.ndarray | None = None,
        vocabulary: Collection[str] | None = None,
        model: str = "the model",
    ) -> GenePanel:
        """Choose the genes and TFs to ask a model about.

        The panel holds the `n_variable` most variable genes and every TF of the list, as far as they have a human
        symbol, are in the vocabulary and are seen in at least 3 and in 1 % of the chosen cells. TFs that are named one
        by one are taken in however few cells they are seen; those that are no source are in ``panel.lost_tfs``.

        Parameters
        ----------
        n_variable
            Number of most variable genes; 0 leaves the TFs only.
        tfs
            ``"auto"`` (the TF list of the data's species; for a simulated model every gene that regulates another),
            another name in `grn_core.genes.TF_LISTS`, or names of TFs.
        genes
            Own gene list instead of the variable genes; sources are the TFs among them (and the TFs that `tfs` names).
        cells
            (n_cells,) bool: cells over which means and variability are measured; None takes all.
        vocabulary
            Human symbols that the model knows; None takes every human symbol.
        model
            The model's title, for what is said about its vocabulary.

        Raises
        ------
        DataError
            If fewer than 10 cells are chosen, the mask does not fit, or a limit in the settings is exceeded.
        GeneError
            If fewer than two genes or no TF remain.
        RequestError
            If `n_variable` is negative.
        """
        return panel_of_cells(
            self, n_variable=n_variable, tfs=tfs, genes=genes, cells=cells, vocabulary=vocabulary, model=model
        )

    @cached_property
    def symbol_of(self) -> dict[str, str]:
        """Canonical symbol of each name, label and id; a label of two genes means the one whose symbol it is."""
        found: dict[str, str] = {}
        for names in (self.genes, self.labels, self.ids):
            for name, symbol in zip(names, self.match.symbols, strict=True):
                if name and symbol and (name not in found or name == symbol):
                    found[name] = symbol
        return found

    def tf_list(self, tfs: str | Iterable[str]) -> str | Iterable[str]:
        """Return what ``auto`` means here: the regulators of a simulated model. Any other list stays as it is."""
        if tfs == "auto" and self.truth is not None:
            return tuple(sorted(set(self.truth["source"])))
        return tfs


def _as_text(obs: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the text of every value, missing ones too, the same whatever version of pandas reads it."""
    texts = {place: _texts(column) for place, (_, column) in enumerate(obs.items())}
    return pd.DataFrame(texts, index=obs.index, dtype=object).set_axis(obs.columns, axis=1)


def _texts(column: pd.Series) -> np.ndarray:
    """Return the text of each value, (cells,) str objects; NaN is ``nan``, None is ``None``."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.array([*map(str, column.cat.categories), "nan"], dtype=object)[column.cat.codes.to_numpy()]
    texts = column.astype(str).to_numpy(dtype=object, copy=True)
    missing = column.isna().to_numpy()
    texts[missing] = [str(value) for value in column.to_numpy(dtype=object)[missing]]
    return texts
