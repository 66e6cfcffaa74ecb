"""Two groups of cells, A and B, to be compared; each is a choice of cells as every request has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from grn_core.damaged_records import GROUPS, keep_record, read_record, why_unread
from grn_core.datasets.annotations import SELECTED, column_title
from grn_core.errors import DataError
from grn_core.in_words import counted, short
from grn_core.settings import settings

if TYPE_CHECKING:
    import numpy as np

    from grn_core.datasets.dataset import Dataset

MIN_CELLS = 10  # as for a panel
LONGEST_TITLE = 120
"""Letters of the title of a group, which may name several values, in a sentence."""


@dataclass(frozen=True)
class CellGroup:
    """The cells whose `column` holds one of `values`.

    Attributes
    ----------
    column
        Of the file, or the ref of a kept one (`grn_core.datasets.annotations`).
    values
        Sorted, each once.
    """

    column: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        """Put the values in order."""
        object.__setattr__(self, "values", tuple(sorted({str(value) for value in self.values})))

    @property
    def cells(self) -> tuple[str, tuple[str, ...]]:
        """The choice of cells as a request takes it."""
        return self.column, self.values

    @property
    def title(self) -> str:
        """The group in words."""
        name = column_title(self.column)
        return name if self.values == (SELECTED,) and name != self.column else f"{name}: {', '.join(self.values)}"


@dataclass(frozen=True)
class Groups:
    """Two groups of cells of one dataset.

    Attributes
    ----------
    a, b
        The groups. No cell may be in both.
    donor
        The column that tells donors or batches apart; empty where none is named.
    """

    a: CellGroup
    b: CellGroup
    donor: str = ""

    def masks(self, dataset: Dataset, *, among: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return which cells are in A and which in B, each (n_cells,) bool.

        Parameters
        ----------
        dataset
            The cells.
        among
            (n_cells,) bool, the cells that are looked at; None for all. Others are in neither group.

        Raises
        ------
        DataError
            A column is not there, a group has fewer than 10 cells, or a cell is in both.
        """
        if self.donor:
            dataset.column(self.donor)
        found = []
        for name, group in (("A", self.a), ("B", self.b)):
            cells = dataset.cells_where(*group.cells)
            cells = cells if among is None else cells & among
            if (n_cells := int(cells.sum())) < MIN_CELLS:
                chosen = "" if among is None else " among the chosen ones"
                title = short(group.title, most=LONGEST_TITLE)
                message = f"group {name} ({title}) has {counted(n_cells, 'cell')}{chosen}"
                raise DataError(message, needed=f"at least {MIN_CELLS}", todo="widen the group")
            found.append(cells)
        if both := int((found[0] & found[1]).sum()):
            message = f"{counted(both, 'cell is', 'cells are')} in both groups"
            raise DataError(message, needed="two groups without a cell in common", todo="change one of them")
        return found[0], found[1]

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read `to_json`'s output; `KeyError` or `TypeError` for anything else."""
        a, b = (CellGroup(str(kept[one]["column"]), tuple(kept[one]["values"])) for one in ("a", "b"))
        return cls(a, b, str(kept.get("donor", "")))


def keep_groups(dataset: Dataset, groups: Groups) -> None:
    """Make two groups those of a dataset; `DataError` where they cannot be compared."""
    groups.masks(dataset)
    _keep(dataset.sha256, groups)


def groups_of(dataset_sha: str) -> Groups | None:
    """Return the groups that were last chosen for a dataset; None where there are none, or they are damaged."""
    try:
        return Groups.from_json(read_record(GROUPS, _path(dataset_sha)) or {})
    except (KeyError, TypeError, AttributeError):
        return None


def _keep(dataset_sha: str, groups: Groups) -> None:
    path = _path(dataset_sha)
    keep_record(GROUPS, path, {**groups.to_json(), GROUPS.key: path.stem})


def why_no_groups(dataset_sha: str) -> tuple[str, str] | None:
    """Say why the groups that were chosen for a dataset are not read, and what to do; None where none were chosen."""
    why = why_unread(GROUPS, _path(dataset_sha))
    return why and (f"the groups of these cells were chosen here, and their record {why[0]}", why[1])


def _path(dataset_sha: str) -> Path:
    return settings().home / "groups" / f"{dataset_sha[:32]}.json"
