"""TF activity of the cells of a dataset, from the regulons of a network, as a run of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.files import write_array, write_json, write_table
from grn_core.genes.usual import MIN_TARGETS, N_TARGETS, OMNIPATH
from grn_core.in_words import counted, short
from grn_core.runs.doubts import doubts_of
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.panel import CellsRequest
from grn_core.runs.regulons import BUNDLED, check_network, network_edges, network_hashes
from grn_core.runs.request import in_order, refuse
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from grn_core.datasets import Dataset
    from grn_core.datasets.groups import Groups
    from grn_core.progress import Progress

MOST_GROUPS = 200
MOST_NAMED = 8
Cells = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class ActivityRequest(CellsRequest):
    """The activity of TFs in cells, its means in groups of cells, and what differs between two groups.

    Attributes
    ----------
    network
        Where the regulons are from: a name in `grn_core.runs.regulons.BUNDLED`, or the id of a finished network.
    method
        Name in `grn_core.networks.activity.METHODS`.
    n_targets
        Best targets of each TF, 0 for all; of a bundled network, which ranks none, all count whatever is said.
    min_targets
        A TF of which the cells express fewer targets is left out.
    group
        Column whose groups are described; empty for none.
    a, b
        Two groups to be compared, ``(column, values)`` as of `cells`; None for none.
    donor
        Column that tells donors apart, so that their means are compared; empty where none is named.
    """

    kind: ClassVar[str] = "activity"

    network: str = OMNIPATH
    method: str = "ulm"
    n_targets: int = N_TARGETS
    min_targets: int = MIN_TARGETS
    group: str = ""
    a: Cells | None = None
    b: Cells | None = None
    donor: str = ""

    def __post_init__(self) -> None:
        """Put lists in canonical order and refuse what no worker could compute."""
        from grn_core.networks.activity.methods import find_method

        super().__post_init__()
        find_method(self.method)
        if self.network in BUNDLED:
            self._set("n_targets", N_TARGETS)
        if self.n_targets < 0:
            refuse(f"the number of targets of a TF is {self.n_targets}", "0 or more; 0 takes all")
        if self.min_targets < 1:
            refuse(f"the least number of targets is {self.min_targets}", "1 or more")
        for name in ("a", "b"):
            if (group := getattr(self, name)) is not None:
                self._set(name, (str(group[0]), in_order(str(value) for value in group[1])))
        if (self.a is None) != (self.b is None):
            refuse("one group was given", "both groups, A and B", todo="name the other group too")
        if self.donor and self.a is None:
            refuse("a column of donors was given without groups", "groups A and B", todo="name the groups")

    def check(self) -> None:
        """Refuse, before there is a run, a network that is not there."""
        check_network(self.network)

    def check_cells(self, dataset: Dataset) -> None:
        """Refuse also groups that cannot be described or compared, and a network of other genes."""
        from grn_core.networks.activity.scores import with_enough

        super().check_cells(dataset)
        _groups(self, dataset, self.mask(dataset))
        genes = frozenset(filter(None, dataset.match.symbols))
        with_enough(self.regulons(dataset), genes, min_targets=self.min_targets)

    def regulons(self, dataset: Dataset) -> pd.DataFrame:
        """Return the regulons that are asked, as `grn_core.networks.regulons.regulons` does."""
        from grn_core.networks.regulons import regulons

        return regulons(network_edges(self.network, species=dataset.match.species), n_targets=self.n_targets)

    def hashes(self) -> dict[str, str]:
        """Return the hash of the network."""
        return network_hashes(self.network)

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("decoupler", "numpy", "scipy")

    def groups(self) -> Groups | None:
        """Return the two groups; None where none were asked for."""
        from grn_core.datasets.groups import CellGroup, Groups

        if self.a is None or self.b is None:
            return None
        return Groups(CellGroup(*self.a), CellGroup(*self.b), self.donor)

    def compares(self, column: str, names: Collection[str]) -> bool:
        """Whether groups A and B are two groups of a column, by these names."""
        if self.a is None or self.b is None or {self.a[0], self.b[0]} != {column}:
            return False
        return len(self.a[1]) == len(self.b[1]) == 1 and {*self.a[1], *self.b[1]} == set(names)

    def by_what_counts(self, dataset: Dataset) -> ActivityRequest:
        """Return the request without donors where too few of them are in the groups: it asks the same, by one name."""
        from grn_core.datasets.replicates import with_donors_that_count

        groups = self.groups()
        if groups is None:
            return self
        return replace(self, donor=with_donors_that_count(groups, dataset, among=self.mask(dataset)).donor)

    def scores_alone(self) -> ActivityRequest:
        """Return the request of the same scores, without any group."""
        return replace(self, group="", a=None, b=None, donor="", title="")


def _activity(request: ActivityRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import shutil

    import numpy as np

    from grn_core.networks.activity.kept import CELLS, FACTS, OVERVIEW, PARTS, SCORES, n_silent, overview_of, streamed
    from grn_core.networks.activity.scores import Scoring
    from grn_core.networks.activity.words import without_activity

    progress("read", 0, 1)
    dataset = request.dataset()
    mask = request.mask(dataset)
    chosen = np.ones(dataset.n_cells, dtype=bool) if mask is None else mask
    groups = _groups(request, dataset, chosen)
    table = request.regulons(dataset)
    progress("read", 1, 1)
    earlier = _earlier(request)
    if earlier is None:
        scoring = Scoring.of(table, dataset, mask, method=request.method, min_targets=request.min_targets)
        scores, facts = streamed(scoring, folder / PARTS, progress=progress), scoring.facts
    else:
        progress("activity", 1, 1)
        scores, facts = earlier.scores, earlier.facts
    write_json(folder / FACTS, facts)
    write_array(folder / CELLS, np.flatnonzero(chosen))
    tfs = facts["tfs"]
    write_table(overview_of(facts, scores), folder / OVERVIEW)
    told = _describe(request, dataset, chosen, folder, scores=scores, tfs=tfs, groups=groups, progress=progress)
    write_array(folder / SCORES, scores)
    shutil.rmtree(folder / PARTS, ignore_errors=True)
    size = {"cells": int(chosen.sum()), "tfs": len(tfs), "genes": facts["genes"], "targets": sum(facts["sizes"])}
    of_cells = [*without_activity(n_silent(scores)), *_without_group(request, dataset, chosen)]
    notes = [*_notes(facts, request), *of_cells, *told["notes"]]
    return {**size, **told, "of_cells": of_cells, "notes": notes, "doubts": doubts_of(dataset)}


def _earlier(request: ActivityRequest) -> Any:
    """Return the scores of a finished run that asked for the same ones, whatever groups it described; None without.

    Only of a run whose id is the one that its request has today: by it the content and the versions are the same too.
    """
    from contextlib import suppress

    from grn_core.errors import GrnError

    store = RunStore()
    own, wanted = request.run_id(), request.scores_alone().run_id()
    for info in store.list_runs():
        asked = info.request
        if isinstance(asked, ActivityRequest) and info.status.state == "done" and info.run_id != own:
            with suppress(GrnError):
                if asked.run_id() == info.run_id and asked.scores_alone().run_id() == wanted:
                    return store.activity(info.run_id)
    return None


def _groups(request: ActivityRequest, dataset: Dataset, chosen: np.ndarray | None) -> Groups | None:
    """Return the two groups after a look at all columns that were named, before anything is computed."""
    from grn_core.datasets.annotations import column_title

    groups = request.groups()
    if groups is not None:
        groups.masks(dataset, among=chosen)
    if not request.group:
        return groups
    column, called = dataset.column(request.group), short(column_title(request.group))
    if (n := (column if chosen is None else column[chosen]).nunique()) > MOST_GROUPS:
        refuse(f"the column {called!r} has {n:,} values", f"at most {MOST_GROUPS} groups of cells")
    if n == 0:
        refuse(f"the column {called!r} has no value in these cells", "a column that says which group a cell is of")
    return groups


def _describe(
    request: ActivityRequest,
    dataset: Dataset,
    chosen: np.ndarray,
    folder: Path,
    *,
    scores: np.ndarray,
    tfs: list[str],
    groups: Groups | None,
    progress: Progress,
) -> dict[str, Any]:
    """Write what was asked about groups of cells, and return what the record keeps of it."""
    from grn_core.networks.activity import by_group, differences
    from grn_core.networks.activity.kept import DIFFERENCES, GROUPS
    from grn_core.networks.activity.words import on_replicates

    progress("groups", 0, 2)
    if request.group:
        write_table(by_group(tfs, scores, dataset.column(request.group)[chosen]), folder / GROUPS)
    progress("groups", 1, 2)
    if groups is None:
        progress("groups", 2, 2)
        return {"notes": []}
    a, b = (mask[chosen] for mask in groups.masks(dataset, among=chosen))
    donors = dataset.column(groups.donor)[chosen] if groups.donor else None
    table = differences(tfs, scores, a=a, b=b, donors=donors)
    write_table(table, folder / DIFFERENCES)
    progress("groups", 2, 2)
    words = on_replicates(table, named=donors is not None)
    titles = {"a": groups.a.title, "b": groups.b.title}
    return {"differences": {**table.attrs, **titles, "words": words}, "notes": [words]}


def _without_group(request: ActivityRequest, dataset: Dataset, chosen: np.ndarray) -> list[str]:
    """Say how many cells are in no group of the column that was asked."""
    from grn_core.datasets.replicates import without_value

    if not request.group:
        return []
    return without_value(int(dataset.column(request.group)[chosen].isna().sum()), request.group, so="in no group")


def _notes(facts: dict[str, Any], request: ActivityRequest) -> list[str]:
    notes = []
    if left := facts["left_out"]:
        some = ", ".join(left[:MOST_NAMED]) + (" and more" if len(left) > MOST_NAMED else "")
        few = counted(len(left), "TF has", "TFs have")
        notes.append(f"{few} fewer than {request.min_targets} targets in these cells: {some}.")
    return notes


ACTIVITY = JobKind(
    request=ActivityRequest,
    run=_activity,
    result="activity.npy",
    stages={"read": 0.1, "activity": 0.8, "groups": 0.1},
)
