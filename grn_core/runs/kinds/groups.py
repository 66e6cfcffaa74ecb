"""What differs between the networks of two groups of cells, as a run of its own; and the networks of all groups."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.files import write_table
from grn_core.in_words import counted, names
from grn_core.runs.doubts import doubts_of
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.coexpression import PACKAGES
from grn_core.runs.kinds.infer import InferRequest
from grn_core.runs.kinds.panel import CellsRequest, PanelRequest, write_panel
from grn_core.runs.request import BY_CONTENT, in_order, refuse

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from grn_core.datasets import Dataset, GenePanel
    from grn_core.datasets.groups import Groups
    from grn_core.planning import Plan
    from grn_core.progress import Progress

N_PERMUTATIONS = 1000
"""As in `grn_core.differential`, which brings pandas."""
MOST_PERMUTATIONS = 100_000
BEST = 500
MOST_NAMED = 8
"""Groups without a network that a note names."""
DIFFERENCES, NETWORK_A, NETWORK_B, STANDING = "differences.parquet", "a.parquet", "b.parquet", "standing.parquet"
PARTS, TABLES_STAGE = "parts", "tables"
Cells = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class OfGroupsRequest(PanelRequest):
    """Networks of groups of cells on one panel: what comparing two and listing all of them share.

    Attributes
    ----------
    method
        A way to give a group a network, see `grn_core.differential.ways`.
    seed
        Of what is drawn.
    """

    model: str = field(default="compact", metadata=BY_CONTENT)
    method: str = "pearson"
    seed: int = 0

    def __post_init__(self) -> None:
        """Put lists in canonical order and refuse what no worker could compute."""
        from grn_core.differential.ways import check_way

        super().__post_init__()
        if not self.has_cells:
            refuse("groups were asked of a gene list without cells", "a dataset with cells")
        check_way(self.method)
        if self.seed < 0:
            refuse(f"the seed is {self.seed}", "0 or more")

    @property
    def asked(self) -> Plan | None:
        """What the model is asked; None for co-expression."""
        from grn_core.differential.ways import planned

        return planned(self.method, self.model)

    def check(self) -> None:
        """Refuse, before there is a run, a model that cannot be asked."""
        super().check()
        _ = self.asked

    def hashes(self) -> dict[str, str]:
        """Return the hash of the model's vocabulary, and of all that decides its answers where it is asked."""
        from grn_core.models.registry import vocabulary

        asked = self.asked
        genes = hashlib.sha256("\n".join(vocabulary(self.model)).encode()).hexdigest()
        own = {"vocabulary": genes}
        return own if asked is None else own | InferRequest.planned(self, asked).hashes()

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        own = [name for start, name in PACKAGES.items() if self.method.startswith(start)]
        return ("numpy", "scipy", *own, *(("torch",) if self.method == "context" else ()))


@dataclass(frozen=True, kw_only=True)
class GroupsRequest(OfGroupsRequest):
    """What differs between the networks of two groups of cells.

    Attributes
    ----------
    a, b
        The groups, ``(column, values)`` as of `cells`, which says among which cells they are.
    donor
        Column that tells donors apart; empty where none is named.
    permutations
        At most so many.
    """

    kind: ClassVar[str] = "groups"

    a: Cells = ("", ())
    b: Cells = ("", ())
    donor: str = ""
    permutations: int = N_PERMUTATIONS

    def __post_init__(self) -> None:
        """Put lists in canonical order and refuse what no worker could compute."""
        super().__post_init__()
        for name in ("a", "b"):
            column, values = getattr(self, name)
            self._set(name, (str(column), in_order(str(value) for value in values)))
            if not values:
                refuse(f"group {name.upper()} has no value", "two groups of cells, A and B", todo="name both")
        if not 1 <= self.permutations <= MOST_PERMUTATIONS:
            refuse(f"{self.permutations:,} permutations were asked for", f"1 to {MOST_PERMUTATIONS:,}")

    def check(self) -> None:
        """Refuse, before there is a run, also a method that needs donors where none are named."""
        from grn_core.differential.ways import check_way

        super().check()
        check_way(self.method, of_cells=not self.donor)

    def check_cells(self, dataset: Dataset) -> None:
        """Refuse also groups that cannot be compared, or not by this method with so few donors."""
        from grn_core.datasets.replicates import CELLS, replicates
        from grn_core.differential.ways import check_way

        a, b = self.groups().masks(dataset, among=CellsRequest.mask(self, dataset))
        donors = dataset.column(self.donor) if self.donor else None
        check_way(self.method, of_cells=replicates(a, b, donors).unit == CELLS)
        super().check_cells(dataset)

    @property
    def scores_donors(self) -> bool:
        """Whether each donor gets a network of its own."""
        return bool(self.donor) and self.asked is None

    def groups(self) -> Groups:
        """Return the two groups."""
        from grn_core.datasets.groups import CellGroup, Groups

        return Groups(CellGroup(*self.a), CellGroup(*self.b), self.donor)

    def mask(self, dataset: Dataset) -> np.ndarray:
        """Return the cells of both groups, (n_cells,) bool: over them the genes are chosen."""
        a, b = self.groups().masks(dataset, among=CellsRequest.mask(self, dataset))
        either: np.ndarray = a | b
        return either


@dataclass(frozen=True, kw_only=True)
class AllGroupsRequest(OfGroupsRequest):
    """The networks of all groups of a column, and which edge stands in which.

    Attributes
    ----------
    by
        The column.
    best
        Edges of each group that stand.
    """

    kind: ClassVar[str] = "all-groups"

    by: str = ""
    best: int = BEST

    def __post_init__(self) -> None:
        """Put lists in canonical order and refuse what no worker could compute."""
        super().__post_init__()
        if not self.by:
            refuse("no column of the cells was named", "a column whose groups get a network each")
        if self.best < 1:
            refuse(f"the best {self.best} edges of each group were asked for", "1 or more")

    def check_cells(self, dataset: Dataset) -> None:
        """Refuse also a column that is not there, or has fewer than two groups of cells, or too many."""
        from grn_core.differential.all_groups import large_groups

        super().check_cells(dataset)
        large_groups(dataset, self.by, among=self.mask(dataset))


def _begun(
    request: GroupsRequest | AllGroupsRequest, folder: Path, progress: Progress
) -> tuple[Dataset, GenePanel, Path]:
    """Read the cells, choose and write the panel, and make the folder of parts."""
    progress("read", 0, 1)
    dataset = request.dataset()
    panel, parts = request.panel(dataset), folder / PARTS
    write_panel(folder, panel)
    parts.mkdir(exist_ok=True)
    progress("read", 1, 1)
    return dataset, panel, parts


def _groups(request: GroupsRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import shutil

    from grn_core.differential import compare_groups, null_in_words
    from grn_core.executors import computing
    from grn_core.networks import write_edges

    dataset, panel, parts = _begun(request, folder, progress)
    with computing(progress) as executor:
        found = compare_groups(
            dataset,
            request.groups(),
            panel,
            method=request.method,
            asked=request.asked,
            among=CellsRequest.mask(request, dataset),
            n=request.permutations,
            seed=request.seed,
            folder=parts,
            progress=progress,
            executor=executor,
        )
    progress(TABLES_STAGE, 1, 2)
    write_edges(found.a, folder / NETWORK_A)
    write_edges(found.b, folder / NETWORK_B)
    write_table(found.table, folder / DIFFERENCES)
    shutil.rmtree(parts, ignore_errors=True)
    progress(TABLES_STAGE, 2, 2)
    words = null_in_words(found.facts)
    size = {"sources": len(panel.sources), "genes": len(panel.genes), "facts": found.facts, "words": words}
    return {**size, "notes": [*panel.notes, words], "doubts": doubts_of(dataset)}


def _all_groups(request: AllGroupsRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import shutil

    from grn_core.datasets.groups import MIN_CELLS
    from grn_core.datasets.replicates import without_value
    from grn_core.differential.all_groups import networks_of_groups
    from grn_core.executors import computing

    dataset, panel, parts = _begun(request, folder, progress)
    with computing(progress) as executor:
        table = networks_of_groups(
            dataset,
            request.by,
            panel,
            method=request.method,
            asked=request.asked,
            among=request.mask(dataset),
            best=request.best,
            seed=request.seed,
            folder=parts,
            progress=progress,
            executor=executor,
        )
    write_table(table, folder / STANDING)
    shutil.rmtree(parts, ignore_errors=True)
    notes = without_value(table.attrs["unnamed"], request.by, so="in no group")
    if left := table.attrs["left_out"]:
        few = counted(len(left), "group has", "groups have")
        more = " and more" * (len(left) > MOST_NAMED)
        notes.append(f"{few} fewer than {MIN_CELLS} cells and no network: {names(left[:MOST_NAMED])}{more}.")
    size = {"sources": len(panel.sources), "genes": len(panel.genes), "facts": dict(table.attrs)}
    return {**size, "notes": [*panel.notes, *notes], "doubts": doubts_of(dataset)}


GROUPS = JobKind(
    request=GroupsRequest,
    run=_groups,
    result=DIFFERENCES,
    stages={"read": 0.1, "donors": 0.2, "permutations": 0.6, TABLES_STAGE: 0.2},
    optional={"donors": "scores_donors"},
)
ALL_GROUPS = JobKind(request=AllGroupsRequest, run=_all_groups, result=STANDING, stages={"read": 0.1, "networks": 0.9})
