"""Columns of the cells that name groups of them, and which of them is looked at first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grn_core.datasets.annotations import annotations_of, column_title
from grn_core.datasets.groups import groups_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grn_core.datasets import Dataset

GROUPS = range(2, 31)
"""Numbers of groups that a column may have to be shown group by group."""
CELL_TYPE = ("celltype", "cellontology", "cellclass", "cellidentity", "celllabel", "cellannotation", "zelltyp")
"""Parts of a column's name, without signs between them, that say that it holds cell types."""


def group_columns(dataset: Dataset) -> list[str]:
    """Return the columns of text or of our own making that sort the cells into a few groups, in their order."""
    text = [str(name) for name in dataset.obs.columns if dataset.obs[name].dtype.kind not in "iufb"]
    made = [one.ref for one in annotations_of(dataset.sha256)]
    return [name for name in (*text, *made) if dataset.column(name).nunique() in GROUPS]


def usual_column(dataset: Dataset, columns: Sequence[str], *, chosen: Iterable[str] = ()) -> str:
    """Return the column that is looked at first.

    Parameters
    ----------
    dataset
        Measured cells.
    columns
        Of `group_columns`; at least one.
    chosen
        Columns that were chosen for these cells, the one that counts most first; the column of groups A and B that were
        kept for them comes after these, then one that says cell type, then the first.
    """
    kept = groups_of(dataset.sha256)
    known = [*chosen, *([kept.a.column] if kept else [])]
    types = [name for name in columns if _says_cell_type(column_title(name))]
    return next(name for name in (*known, *types, *columns) if name in columns)


def _says_cell_type(title: str) -> bool:
    bare = re.sub(r"[\W_]+", "", title).lower()
    return any(part in bare for part in CELL_TYPE)
