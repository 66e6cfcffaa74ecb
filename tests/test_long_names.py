"""No refusal prints a name or value of the user's that is longer than a sentence can hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from grn_core.cli.cell_choice import cells_named
from grn_core.datasets import load, read
from grn_core.datasets.groups import CellGroup, Groups
from grn_core.differential.all_groups import large_groups
from grn_core.errors import GrnError
from grn_core.experiments.draws import check_group
from grn_core.in_words import LONGEST
from grn_core.networks.imports import imported
from grn_core.runs import ActivityRequest, UmapRequest

LONG = "B" * 400
OTHER, EACH, NONE = f"{LONG}other", f"{LONG}each", f"{LONG}none"


@pytest.fixture
def cells():
    """Cells of one long group, in columns of long names."""
    data = load("pbmc68k")
    columns = {LONG: LONG, EACH: [f"{LONG}{n}" for n in range(data.n_cells)], NONE: None}
    return replace(data, obs=data.obs.assign(**columns))


def asked(kind, data, **options):
    return kind(title="Cells", dataset_ref=data.ref, dataset_sha=data.sha256, **options)


REFUSALS = {
    "a value on the command line": lambda data: cells_named(f"{LONG}={OTHER}", data),
    "many values on the command line": lambda data: cells_named(f"{EACH}={','.join([OTHER] * 50)}", data),
    "a column": lambda data: data.column(OTHER),
    "a small group": lambda data: Groups(
        CellGroup(EACH, tuple(f"{LONG}{n}" for n in range(9))), CellGroup(LONG, (LONG,))
    ).masks(data),
    "a single group": lambda data: large_groups(data, LONG),
    "a single donor": lambda data: check_group(data, np.ones(data.n_cells, dtype=bool), donor=LONG),
    "many groups": lambda data: asked(ActivityRequest, data, group=EACH).check_cells(data),
    "no group": lambda data: asked(ActivityRequest, data, group=NONE).check_cells(data),
    "no cell": lambda data: asked(ActivityRequest, data, cells=(LONG, (OTHER,) * 3)).check_cells(data),
    "no value": lambda data: asked(UmapRequest, data, cells=(LONG, ())),
}


def test_a_column_of_a_file_is_told_by_a_part_of_its_name(tmp_path):
    """Of cells that are read as a table, and of edges that are imported."""
    values = pd.DataFrame(1.0, index=[f"c{n}" for n in range(20)], columns=["SPI1", "GATA1", "TAL1", LONG])
    values = values.astype(object)
    values.iloc[3, 3] = OTHER
    values.to_csv(table := tmp_path / "cells.csv")
    edges = pd.DataFrame({"source": "SPI1", "target": ["LYZ", "CD14"], LONG: [OTHER, "1"]})
    edges.to_csv(network := tmp_path / "edges.tsv", sep="\t", index=False)
    for reads in (lambda: read(table), lambda: imported(network, score=LONG), lambda: imported(network, score=OTHER)):
        with pytest.raises(GrnError, match="BB…BB") as told:
            reads()
        assert "B" * (2 * LONGEST) not in str(told.value)


@pytest.mark.parametrize("refused", REFUSALS)
def test_a_refusal_holds_a_short_part_of_a_long_name(cells, refused):
    with pytest.raises(GrnError) as told:
        REFUSALS[refused](cells)
    assert "B" * (2 * LONGEST) not in str(told.value)
    assert "BB…BB" in str(told.value)
    assert len(str(told.value)) < 2000


def test_a_short_name_is_told_as_it_is(cells):
    with pytest.raises(GrnError, match="no column 'cell type, by hand'"):
        replace(cells, obs=pd.DataFrame(index=cells.obs.index)).column("cell type, by hand")
