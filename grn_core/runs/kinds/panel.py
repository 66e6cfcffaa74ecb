"""The genes, TFs and cells that a request names: canonical in the request, read for the work."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from grn_core.errors import DataError, RunError
from grn_core.files import write_json
from grn_core.genes import TF_LISTS
from grn_core.in_words import names, short
from grn_core.runs.request import BY_CONTENT, Request, in_order, names_in_order, refuse, tfs_in_order

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from grn_core.datasets import Dataset, GenePanel

GENES_ONLY = "genes"
"""The dataset ref of a bare gene list: no measured cell."""
SPECIES = ("human", "mouse")
Kind = TypeVar("Kind", bound="PanelRequest")
N_VARIABLE = 500
NAMED = 5


@dataclass(frozen=True, kw_only=True)
class CellsRequest(Request):
    """Work on a dataset.

    Attributes
    ----------
    dataset_ref, dataset_sha
        The dataset and the hash of its content, by which it takes part in the id.
    cells
        ``(column, values)``: only cells whose `column` holds one of `values`; None is every cell.
    """

    dataset_ref: str = field(metadata=BY_CONTENT)
    dataset_sha: str = ""
    cells: tuple[str, tuple[str, ...]] | None = None

    def __post_init__(self) -> None:
        """Put lists in canonical order and refuse what no worker could compute."""
        if self.cells is not None:
            column, values = self.cells
            self._set("cells", (str(column), in_order(str(value) for value in values)))
            if not values:
                refuse(f"no value of {short(column)!r} was chosen", "at least one")

    @property
    def subject(self) -> str:
        """The dataset's title, or what it is called."""
        return self.title or self.dataset_ref

    def restated(self, before: Self) -> Self:
        """Return this request with the dataset as `before` names it, where that name is to stay.

        A file of a user's may hold the same cells as a built-in dataset, which keeps its name for all others, or as an
        upload, which takes the run along when it is deleted.
        """
        from grn_core.datasets.catalog import is_builtin, is_upload

        old, new = before.dataset_ref, self.dataset_ref
        if old == new or is_builtin(new) or not (is_builtin(old) or (is_upload(old) and not is_upload(new))):
            return self
        return replace(self, dataset_ref=old, title=before.title)

    def dataset(self) -> Dataset:
        """Read the dataset.

        Raises
        ------
        RunError
            Its content is no longer the one that the request was made for.
        """
        from grn_core.datasets import catalog

        dataset = catalog.load(self.dataset_ref)
        self._check_content(dataset)
        return dataset

    def _check_content(self, dataset: Dataset) -> None:
        if dataset.sha256 != self.dataset_sha:
            message = f"the content of dataset {self.dataset_ref!r} is not the one that this run was asked for"
            raise RunError(message, todo="start a new run on the dataset as it is now")

    def look(self) -> None:
        """Refuse, before there is a run, what the cells cannot be asked; their matrix stays unopened."""
        from grn_core.datasets import catalog

        super().look()
        if self.dataset_ref != GENES_ONLY:
            dataset = catalog.describe(self.dataset_ref)
            self._check_content(dataset)
            self.check_cells(dataset)

    def check_cells(self, dataset: Dataset) -> None:
        """Refuse what the cells of the dataset cannot be asked: columns that are not there, groups that are empty.

        Raises
        ------
        GrnError
            A subclass that says what was found, needed and what to do.
        """
        from grn_core.datasets.annotations import column_title

        mask = self.mask(dataset)
        if mask is not None and not mask.any() and self.cells is not None:
            column, values = self.cells
            message = f"no cell has {names(values[:NAMED])} in the column {short(column_title(column))!r}"
            raise DataError(message, needed="one value or more of that column", todo="see `cells` for its values")

    def mask(self, dataset: Dataset) -> np.ndarray | None:
        """Return which cells were asked for, (n_cells,) bool; None for all of them."""
        return None if self.cells is None else dataset.cells_where(*self.cells)


@dataclass(frozen=True, kw_only=True)
class PanelRequest(CellsRequest):
    """Work on the genes of a panel, chosen from a dataset or given as a bare list.

    Attributes
    ----------
    dataset_ref, dataset_sha
        As of `CellsRequest`; `GENES_ONLY` and no hash for a bare gene list.
    species
        Of a bare gene list: ``human``, ``mouse`` or None (recognised from the names). A dataset knows its own.
    n_variable, tfs, genes
        Options of the panel: number of variable genes, TF list (a name in `grn_core.genes.TF_LISTS`, or gene names),
        own gene list.
    model
        The model whose vocabulary the panel is chosen from.
    """

    species: str | None = None
    n_variable: int = N_VARIABLE
    tfs: str | tuple[str, ...] = "auto"
    genes: tuple[str, ...] | None = None
    model: str = "compact"

    def __post_init__(self) -> None:
        """Put lists in canonical order and refuse what no worker could compute."""
        super().__post_init__()
        if not isinstance(self.tfs, str):
            self._set("tfs", tfs_in_order(self.tfs))
        elif self.tfs not in TF_LISTS:
            refuse(f"unknown TF list {self.tfs!r}", f"one of {', '.join(TF_LISTS)}, or gene names")
        if self.genes is not None:
            self._set("genes", names_in_order(self.genes))
        if not self.tfs:
            refuse("the TF list is empty", "at least one TF")
        if self.species not in (None, *SPECIES):
            refuse(f"unknown species {self.species!r}", " or ".join(SPECIES))
        if self.n_variable < 0:
            refuse(f"the number of variable genes is {self.n_variable}", "0 or more")
        if self.genes is not None and not self.genes:
            refuse("the gene list is empty", "at least two genes")
        self._check_cells()

    def _check_cells(self) -> None:
        """Keep apart what belongs to a dataset and what to a bare gene list."""
        if self.has_cells:
            self._set("species", None)
            return
        if self.genes is None:
            refuse("a request without a dataset has no gene list", "gene names")
        if self.cells is not None:
            refuse("cells were chosen without a dataset", "a dataset with cells")
        self._set("n_variable", N_VARIABLE)
        self._set("dataset_sha", "")

    def look(self) -> None:
        """Refuse, before there is a run, also genes and TFs that are not there, of cells or of a bare list."""
        super().look()
        if not self.has_cells:
            self.panel()

    def check_cells(self, dataset: Dataset) -> None:
        """Refuse also genes and TFs that the cells, or the model, do not have."""
        from grn_core.datasets.panel_of_cells import check_choice
        from grn_core.models.registry import record_of, vocabulary

        super().check_cells(dataset)
        check_choice(
            dataset,
            n_variable=self.n_variable,
            tfs=self.tfs,
            genes=self.genes,
            cells=self.mask(dataset),
            vocabulary=vocabulary(self.model),
            model=record_of(self.model).title,
        )

    @property
    def has_cells(self) -> bool:
        """Whether there are measured cells."""
        return self.dataset_ref != GENES_ONLY

    @property
    def reads_cells(self) -> bool:
        """Whether measured cells decide the scores, and not only which genes are asked."""
        return self.has_cells

    def scores_as(self, other: Request) -> bool:
        """Whether this and another request score a pair that both ask in the same way, and no cell takes part."""
        if not isinstance(other, PanelRequest) or type(self) is not type(other):
            return False
        if self.reads_cells or other.reads_cells:
            return False
        panel = {item.name for item in fields(PanelRequest)} - {"model"}
        own = [item.name for item in fields(self) if item.name not in panel]
        return all(getattr(self, name) == getattr(other, name) for name in own)

    def of_kind(self, kind: type[Kind], **own: Any) -> Kind:
        """Return the request of a kind of work on this panel; `own` are the fields that only that kind has."""
        shared = {item.name: getattr(self, item.name) for item in fields(PanelRequest)}
        return kind(**shared, **own)

    def panel(self, dataset: Dataset | None = None) -> GenePanel:
        """Choose the genes and TFs, those that the model knows, from the dataset or the gene list.

        Parameters
        ----------
        dataset
            The dataset of the request, where it is at hand; else it is loaded here.
        """
        from grn_core import datasets
        from grn_core.models.registry import record_of, vocabulary

        known, title = vocabulary(self.model), record_of(self.model).title
        if not self.has_cells:
            return datasets.genes_only(
                self.genes or (),
                tfs=self.tfs,
                species=self.species,
                vocabulary=known,
                model=title,
            )
        dataset = self.dataset() if dataset is None else dataset
        return dataset.panel(
            n_variable=self.n_variable,
            tfs=self.tfs,
            genes=self.genes,
            cells=self.mask(dataset),
            vocabulary=known,
            model=title,
        )


def content_of(panel: GenePanel) -> dict[str, Any]:
    """Return what ``panel.json`` of a run holds."""
    sources = [int(index) for index in panel.sources]
    return {
        "genes": panel.genes,
        "labels": panel.labels,
        "ids": panel.ids,
        "sources": sources,
        "notes": panel.notes,
        "lost_tfs": [[one.name, one.reason] for one in panel.lost_tfs],
    }


def write_panel(folder: Path, panel: GenePanel) -> None:
    """Write ``panel.json`` of a run."""
    write_json(folder / "panel.json", content_of(panel))
