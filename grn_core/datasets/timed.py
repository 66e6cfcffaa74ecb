"""A table of cells that has a table of their pseudotime beside it, as BEELINE publishes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from grn_core.datasets import formats
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.isolation import dataset_made, stored
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError

TIME = "PseudoTime.csv"


def timed_cells(table: Path, *, read_as: ReadAs, opened: bool) -> Dataset:
    """Return the cells of a table, with the pseudotime that lies in its folder; `opened` as of `dataset_made`."""
    options = {"table": table.name, "read_as": read_as.to_text()}
    return dataset_made(table.parent, reader=__name__, options=options, opened=opened)


def read_into(path: Path, folder: Path, options: dict[str, Any]) -> None:
    """Read the tables in `path` and write the cells into `folder`; called by the reader."""
    table, time = path / options["table"], path / TIME
    form = formats.format_of(table)
    if form is None:
        message = f"{table.name} is of no format that is known"
        raise DataError(message, needed=formats.in_words(), todo="download the archive again")
    dataset = form.read(table, title=table.stem, read_as=ReadAs.from_text(options["read_as"]))
    if time.is_file():
        obs = dataset.obs.join(pd.read_csv(time, index_col=0, dtype={0: str}).add_prefix("pseudotime "))
        dataset = replace(dataset, obs=obs.reindex(dataset.obs.index))
    stored.save(dataset, folder)
