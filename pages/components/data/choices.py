"""The choice of dataset, cells and genes that Dataset and Infer share, read from the URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core.genes import LISTS
from grn_core.models import registry as models
from grn_core.runs import RunRequest
from grn_core.runs.request import GENES_ONLY
from pages.components.shared.session import current_dataset, query, remember, set_dataset

if TYPE_CHECKING:
    from grn_core.datasets import Dataset, GenePanel
    from grn_core.models.record import ModelRecord

DEMO = "pbmc68k"
PROBES = ("vvp", "gdt")
MODEL_OPTIONS = ("model", "translator", "background")
DEFAULTS = {
    "n_variable": 500,
    "tfs": "auto",
    "own_tfs": "",
    "cells_by": "",
    "cells_in": (),
    "model": "compact",
    "translator": "omnipath",
    "methods": "both",
    "background": "virtual",
    "seeds": 5,
    "adapt": False,
    "approach": "model",
    "coexpression": "pearson",
    "seed": 0,
}
"""Every choice that Dataset and Infer keep in the URL, and what it is when the URL does not say."""
N_VARIABLE = range(2001)
TF_LISTS = {"auto": "Of the data's own species", **{one.name: one.title for one in LISTS}, "own": "My own list"}


@dataclass(frozen=True)
class PanelChoice:
    """What the user chose of a dataset.

    Attributes
    ----------
    dataset
        The dataset's ref.
    n_variable
        Number of variable genes beside the TFs.
    tfs
        A key of `TF_LISTS`.
    own
        The user's own TF names, when `tfs` is ``own``.
    cells_by, cells_in
        Column of the cells and the values to keep; every cell when one is empty.
    """

    dataset: str
    n_variable: int = DEFAULTS["n_variable"]
    tfs: str = "auto"
    own: tuple[str, ...] = ()
    cells_by: str = ""
    cells_in: tuple[str, ...] = ()

    def n_cells(self, dataset: Dataset) -> int:
        """Return the number of cells chosen."""
        if not (self.cells_by and self.cells_in):
            return dataset.n_cells
        return int(dataset.cells_where(self.cells_by, self.cells_in).sum())

    def request(self, dataset: Dataset, **options: Any) -> RunRequest:
        """Return the request of a run on this choice; `options` are those of the model."""
        return RunRequest(
            dataset_ref=dataset.ref,
            dataset_sha=dataset.sha256,
            title=dataset.title,
            n_variable=self.n_variable,
            tfs=self.own if self.tfs == "own" else self.tfs,
            cells=(self.cells_by, self.cells_in) if self.cells_by and self.cells_in else None,
            **options,
        )


def model_record(name: str) -> ModelRecord:
    """Return the record of a model of the menus."""
    return next(record for record in models.records() if record.name == name)


def chosen_dataset() -> Dataset:
    """Return the dataset that the URL holds, else the demo."""
    from grn_core import datasets  # brings pandas and scipy, which Home does not need

    return datasets.load(current_dataset() or DEMO)


def groupings(dataset: Dataset, *, most: int = 60) -> list[str]:
    """Return the columns of the cells that sort them into a few groups (2 to `most`), those of text first."""
    counts = {str(name): dataset.obs[name].nunique() for name in dataset.obs.columns}
    fits = [name for name, count in counts.items() if 2 <= count <= most]
    return sorted(fits, key=lambda name: dataset.obs[name].dtype.kind in "iufb")


def values_of(dataset: Dataset, column: str) -> list[str]:
    """Return the values of a column of the cells as text, sorted; none when there is no such column."""
    return sorted(dataset.obs[column].dropna().astype(str).unique()) if column in dataset.obs else []


def panel_choice(dataset: Dataset) -> PanelChoice:
    """Return the choice that the URL holds, as far as it fits the dataset."""
    cells_by = query("cells_by", DEFAULTS["cells_by"], groupings(dataset))
    return PanelChoice(
        dataset=dataset.ref,
        n_variable=query("n_variable", DEFAULTS["n_variable"], N_VARIABLE),
        tfs=query("tfs", DEFAULTS["tfs"], TF_LISTS),
        own=names_in(query("own_tfs", DEFAULTS["own_tfs"])),
        cells_by=cells_by,
        cells_in=query("cells_in", DEFAULTS["cells_in"], values_of(dataset, cells_by)) if cells_by else (),
    )


def adopt(request: RunRequest) -> None:
    """Choose what a run was asked with, so that a link to the run alone fills the forms."""
    if request.dataset_ref == GENES_ONLY or request.kind not in _CHOICES_OF:
        return
    set_dataset(request.dataset_ref)
    own = isinstance(request.tfs, tuple)
    chosen = _CHOICES_OF[request.kind](request) | {
        "n_variable": request.n_variable,
        "tfs": "own" if own else request.tfs,
        "own_tfs": " ".join(request.tfs) if own else "",
        "cells_by": request.cells[0] if request.cells else "",
        "cells_in": request.cells[1] if request.cells else (),
    }
    for name, value in chosen.items():
        remember(name, None if value == DEFAULTS.get(name) else value)


def _model_choice(request: RunRequest) -> dict[str, Any]:
    return {
        **{name: getattr(request, name) for name in MODEL_OPTIONS},
        "approach": "model",
        "methods": request.methods[0] if len(request.methods) == 1 else "both",
        "seeds": len(request.seeds),
        "adapt": request.adapt is not None,
    }


def _coexpression_choice(request: RunRequest) -> dict[str, Any]:
    return {
        "approach": "coexpression",
        "model": request.model,
        "coexpression": request.methods[0],
        "seed": request.seeds[0],
        **{name: int(value) for name, value in request.extra},
    }


def _rank_choice(request: RunRequest) -> dict[str, Any]:  # noqa: ARG001
    """A rank model is not in the form: what a new run can take over is the data and the panel."""
    return {"approach": "model"}


_CHOICES_OF = {"coexpression": _coexpression_choice, "infer": _model_choice, "ranks": _rank_choice}


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in a text, separated by spaces, commas, semicolons or lines, each once."""
    return tuple(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))


@st.cache_resource(max_entries=8, show_spinner=False)
def panel_of(choice: PanelChoice, sha256: str, *, model: str) -> GenePanel:  # noqa: ARG001
    """Return the panel of a choice for a model; `sha256` is the dataset's, so that a changed file is read anew."""
    from grn_core import datasets

    dataset = datasets.load(choice.dataset)
    chosen = choice.cells_by and choice.cells_in
    cells = dataset.cells_where(choice.cells_by, choice.cells_in) if chosen else None
    tfs = choice.own if choice.tfs == "own" else choice.tfs
    return dataset.panel(
        n_variable=choice.n_variable,
        tfs=tfs,
        cells=cells,
        vocabulary=models.vocabulary(model),
        model=model_record(model).title,
    )
