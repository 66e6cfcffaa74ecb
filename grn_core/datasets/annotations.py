"""Columns of cells that came after the file: clusters, labels of the user's, cells drawn on the map. Kept by content.

A column's ref is ``@`` and the beginning of the hash of its dataset and its labels, so that it decides a run like a
column of the file, on whatever machine, and never changes: other labels are another column.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.damaged_records import (
    COLUMNS,
    DOUBTED,
    check_place,
    is_damaged,
    keep_record,
    read_doubted,
    read_record,
    why_unread,
)
from grn_core.errors import DataError
from grn_core.files import write_array
from grn_core.settings import settings

REF = re.compile(r"@[0-9a-f]{12}")
SELECTED = "selected"
"""The one label of a column that only marks cells."""


@dataclass(frozen=True, eq=False)
class Annotation:
    """A label for each cell of a dataset.

    Attributes
    ----------
    ref, title
        ``@<first 12 hex of the hash>``, and what it is called.
    dataset_sha
        Hash of the dataset's content.
    categories
        The labels, in their order.
    codes
        (n_cells,) int32, number of each cell's label; -1 for none.
    created
        UTC time.
    """

    ref: str
    title: str
    dataset_sha: str
    categories: tuple[str, ...]
    codes: np.ndarray
    created: str = ""

    def values(self) -> pd.Categorical:
        """(n_cells,) labels, missing where a cell has none."""
        return pd.Categorical.from_codes(self.codes.tolist(), categories=pd.Index(self.categories, dtype=object))


def annotate(dataset_sha: str, labels: Sequence[str | None], *, title: str, order: Sequence[str] = ()) -> str:
    """Keep a label for each cell, and return the ref of the new column.

    Parameters
    ----------
    dataset_sha
        Hash of the dataset's content.
    labels
        Label of each cell in the order of the dataset; None or ``""`` for none.
    title
        What the column is called.
    order
        The labels in the order of menus; that of the alphabet if not given.

    Raises
    ------
    DataError
        No cell has a label.
    """
    found = sorted({str(label) for label in labels if label})
    categories = tuple(order) if set(order) >= set(found) and order else tuple(found)
    if not found:
        message = "no cell has a label"
        raise DataError(message, needed="at least one cell with a label", todo="choose other cells")
    place = {label: number for number, label in enumerate(categories)}
    codes = np.array([place[str(label)] if label else -1 for label in labels], dtype=np.int32)
    ref = f"@{_digest(dataset_sha, categories, codes)[:12]}"
    if find_annotation(ref) is None or is_damaged(COLUMNS, _path(ref, ".json")):
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        check_place(COLUMNS, _path(ref, ".json"))
        write_array(_path(ref, ".npy"), codes)
        record = {"ref": ref, "title": title, "dataset_sha": dataset_sha, "categories": categories, "created": now}
        keep_record(COLUMNS, _path(ref, ".json"), record)
    return ref


def mark(dataset_sha: str, cells: np.ndarray, *, title: str) -> str:
    """Keep a choice of cells, (n_cells,) bool, as a column with the label `SELECTED`; return its ref."""
    return annotate(dataset_sha, [SELECTED if one else None for one in cells.tolist()], title=title)


def find_annotation(ref: str) -> Annotation | None:
    """Return a column by its ref; None if there is none, or what is there is damaged."""
    if not REF.fullmatch(ref):
        return None
    record = _record(ref)
    try:
        codes = np.load(_path(ref, ".npy"), allow_pickle=False)
        found = Annotation(
            ref=ref,
            title=str(record["title"]),
            dataset_sha=str(record["dataset_sha"]),
            categories=tuple(map(str, record["categories"])),
            codes=codes,
            created=str(record["created"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    sound = codes.dtype == np.int32 and codes.ndim == 1 and codes.max(initial=-1) < len(found.categories)
    return found if sound and ref[1:] == _digest(found.dataset_sha, found.categories, codes)[:12] else None


def annotations_of(dataset_sha: str) -> list[Annotation]:
    """Return the columns that were made for a dataset, newest first."""
    refs = (f"@{path.stem}" for path in (settings().home / "annotations").glob("*.json"))
    mine = (ref for ref in refs if REF.fullmatch(ref) and _record(ref).get("dataset_sha") == dataset_sha)
    found = filter(None, map(find_annotation, mine))
    return sorted(found, key=lambda one: (one.created, one.ref), reverse=True)


def column_title(column: str) -> str:
    """Return what a column of cells is called: a kept one by its title, one of the file by its name."""
    record = _record(column) if REF.fullmatch(column) else {}
    return str(record.get("title", column))


def why_lost(ref: str, dataset_sha: str) -> tuple[str, str] | None:
    """Say why a column that was made here cannot be had for some cells, and what to do; None of any other name."""
    if not REF.fullmatch(ref):
        return None
    kept, why = find_annotation(ref), why_unread(COLUMNS, _path(ref, ".json"))
    again = "make it again of the same labels: its runs then open as before"
    if kept is not None and kept.dataset_sha != dataset_sha:
        return "was made here of other cells", "choose a column of these cells"
    if why is None:
        is_there = _path(ref, ".json").exists()
        return f"was made here, and its {'labels are damaged' if is_there else 'record is gone'}", again
    return f"was made here, and its record {why[0]}", again if why[1] == COLUMNS.todo else why[1]


def _record(ref: str) -> dict[str, Any]:
    """Return what is written of a column; where that is damaged what can be read of it, with a doubted title.

    The ref is the hash of all that decides a run, the title and the time alone are not in it.
    """
    path = _path(ref, ".json")
    whole = read_record(COLUMNS, path)
    if whole is not None:
        return whole
    kept = read_doubted(COLUMNS, path)
    return {**kept, "title": f"{kept['title']} {DOUBTED}"} if "title" in kept else kept


def _digest(dataset_sha: str, categories: Sequence[str], codes: np.ndarray) -> str:
    return hashlib.sha256(json.dumps([dataset_sha, list(categories)]).encode() + codes.tobytes()).hexdigest()


def _path(ref: str, ending: str) -> Path:
    return settings().home / "annotations" / f"{ref[1:]}{ending}"
