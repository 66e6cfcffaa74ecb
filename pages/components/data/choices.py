"""The choice of dataset, cells and genes that Dataset and Infer share, read from the URL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from grn_core.errors import DataError
from grn_core.genes import LISTS
from grn_core.models import registry as models
from grn_core.planning import plan
from grn_core.runs import CoexpressionRequest, InferRequest, RanksRequest, Request
from grn_core.runs.kinds.panel import GENES_ONLY, PanelRequest
from grn_core.translator.registry import DEFAULT as TRANSLATOR
from pages.components.shared.kept import kept
from pages.components.shared.session import current_dataset, query, remember, set_dataset

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from grn_core.datasets import Dataset, GeneList, GenePanel
    from grn_core.models.record import ModelRecord
    from grn_core.planning import Plan

DEMO = "pbmc68k"
MODEL_OPTIONS = ("model", "translator", "signs")
DEFAULTS: dict[str, Any] = {
    "n_variable": 500,
    "tfs": "auto",
    "own_tfs": "",
    "cells_by": "",
    "cells_in": (),
    "model": "compact",
    "translator": TRANSLATOR,
    "methods": "both",
    "background": "virtual",
    "signs": "none",
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

    def n_cells(self, dataset: Dataset | GeneList) -> int:
        """Return the number of cells chosen; 0 for a gene list, which has none."""
        if is_gene_list(dataset):
            return 0
        return dataset.n_cells if self.cells is None else int(dataset.cells_where(*self.cells).sum())

    @property
    def tf_names(self) -> str | tuple[str, ...]:
        """The TF list as a request has it."""
        return self.own if self.tfs == "own" else self.tfs

    @property
    def cells(self) -> tuple[str, tuple[str, ...]] | None:
        """The choice of cells as a request has it."""
        return (self.cells_by, self.cells_in) if self.cells_by and self.cells_in else None

    def asked_of(self, dataset: Dataset | GeneList, model: str) -> PanelRequest:
        """Return what every request on this choice shares."""
        genes = dataset if is_gene_list(dataset) else None
        return PanelRequest(
            title=dataset.title,
            dataset_ref=dataset.ref if genes is None else GENES_ONLY,
            dataset_sha=dataset.sha256 if genes is None else "",
            cells=self.cells,
            species=None if genes is None else genes.species_given,
            n_variable=self.n_variable,
            tfs=self.tf_names,
            genes=None if genes is None else genes.names,
            model=model,
        )

    def inference(self, dataset: Dataset | GeneList, asked: Plan) -> InferRequest:
        """Return the request of an inference on this choice."""
        return InferRequest.planned(self.asked_of(dataset, asked.model), asked)

    def coexpression(self, dataset: Dataset, asked: MethodChoice) -> CoexpressionRequest:
        """Return the request of a co-expression on this choice."""
        panel = self.asked_of(dataset, asked.model)
        return panel.of_kind(CoexpressionRequest, method=asked.method, options=asked.options, seed=asked.seed)


@dataclass(frozen=True)
class MethodChoice:
    """A co-expression method, its options and seed, and the model whose vocabulary the panel is chosen from."""

    model: str
    method: str
    options: tuple[tuple[str, int], ...]
    seed: int


def usual_request(dataset: Dataset | GeneList) -> InferRequest:
    """Return the request of the inference on a dataset or a gene list with every option at its default."""
    return PanelChoice(dataset=dataset.ref).inference(dataset, plan())


def model_record(name: str) -> ModelRecord:
    """Return the record of a model of the menus."""
    return next(record for record in models.records() if record.name == name)


def is_gene_list(dataset: Dataset | GeneList) -> TypeIs[GeneList]:
    """Tell a gene list, which has no cells, from a dataset."""
    return dataset.ref.startswith(f"{GENES_ONLY}-")


def dataset_of(ref: str) -> Dataset | GeneList:
    """Return a dataset or a gene list by its ref; `DataError` where there is none."""
    from grn_core import datasets  # brings pandas and scipy, which Home does not need

    return datasets.find_genes(ref) or datasets.describe(ref)


def chosen_dataset() -> Dataset | GeneList:
    """Return the dataset or gene list that the URL holds, else the demo."""
    return dataset_of(current_dataset() or DEMO)


def groupings(dataset: Dataset, *, most: int = 60) -> list[str]:
    """Return the columns of the cells that sort them into a few groups (1 to `most`).

    Those of text first, then numbers, then what was made here: clusters, labels, drawn cells (by their refs).
    """
    from grn_core.datasets.annotations import annotations_of

    counts = {str(name): dataset.obs[name].nunique() for name in dataset.obs.columns}
    fits = [name for name, count in counts.items() if 2 <= count <= most]
    own = [one.ref for one in annotations_of(dataset.sha256) if len(one.categories) <= most]
    return [*sorted(fits, key=lambda name: dataset.obs[name].dtype.kind in "iufb"), *own]


def values_of(dataset: Dataset, column: str) -> list[str]:
    """Return the values of a column of the cells as text, in order; none when there is no such column."""
    try:
        values = dataset.column(column).dropna()
    except DataError:
        return []
    if column not in dataset.obs:
        return [str(value) for value in values.cat.categories]
    return sorted(values.astype(str).unique())


def panel_choice(dataset: Dataset | GeneList) -> PanelChoice:
    """Return the choice that the URL holds, as far as it fits the dataset."""
    choice = PanelChoice(
        dataset=dataset.ref,
        n_variable=query("n_variable", DEFAULTS["n_variable"], N_VARIABLE),
        tfs=query("tfs", DEFAULTS["tfs"], TF_LISTS),
        own=names_in(query("own_tfs", DEFAULTS["own_tfs"])),
    )
    if is_gene_list(dataset):
        return choice
    cells_by = query("cells_by", DEFAULTS["cells_by"], groupings(dataset))
    cells_in = query("cells_in", DEFAULTS["cells_in"], values_of(dataset, cells_by)) if cells_by else ()
    return replace(choice, cells_by=cells_by, cells_in=cells_in)


def adopt(request: Request) -> None:
    """Choose what a run was asked with, so that a link to the run alone fills the forms."""
    if not isinstance(request, InferRequest | CoexpressionRequest | RanksRequest):
        return
    if request.has_cells:
        set_dataset(request.dataset_ref)
    else:
        from grn_core import datasets

        set_dataset(datasets.store_genes(request.genes or (), title=request.title, species=request.species))
    own = isinstance(request.tfs, tuple)
    chosen = _choice_of(request) | {
        "n_variable": request.n_variable,
        "tfs": "own" if own else request.tfs,
        "own_tfs": " ".join(request.tfs) if own else "",
        "cells_by": request.cells[0] if request.cells else "",
        "cells_in": request.cells[1] if request.cells else (),
    }
    for name, value in chosen.items():
        remember(name, None if value == DEFAULTS.get(name) else value)


def _choice_of(request: InferRequest | CoexpressionRequest | RanksRequest) -> dict[str, Any]:
    if isinstance(request, CoexpressionRequest):
        return {
            "approach": "coexpression",
            "model": request.model,
            "coexpression": request.method,
            "seed": request.seed,
            **dict(request.options),
        }
    if isinstance(request, InferRequest):
        return {
            **{name: getattr(request, name) for name in MODEL_OPTIONS},
            "approach": "model",
            "background": request.asked_in,
            "methods": request.extractors[0] if len(request.extractors) == 1 else "both",
            "seeds": len(request.seeds),
            "adapt": request.adapt is not None,
        }
    return {"approach": "model"}  # a rank model is not in the form: a new run can take over the data and the panel


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in a text, separated by spaces, commas, semicolons or lines, each once."""
    return tuple(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))


@kept(max_entries=8)
def panel_of(choice: PanelChoice, sha256: str, *, model: str) -> GenePanel:  # noqa: ARG001
    """Return the panel of a choice for a model; `sha256` is the dataset's, so that a changed file is read anew."""
    dataset = dataset_of(choice.dataset)
    return choice.asked_of(dataset, model).panel(None if is_gene_list(dataset) else dataset)
