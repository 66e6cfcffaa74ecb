"""Which column of the cells is looked at first."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from grn_core import datasets
from grn_core.datasets.cell_columns import group_columns, usual_column
from grn_core.datasets.groups import CellGroup, Groups, keep_groups
from tests.datasets.helpers import HUMAN


@pytest.fixture
def cells(tmp_path):
    obs = pd.DataFrame(
        {
            "tissue": ["gut", "lung"] * 20,
            "Zelltyp": ["T", "B"] * 20,
            "cell type": ["x", "y"] * 20,
            "one": ["a"] * 40,
            "each": [f"c{place}" for place in range(40)],
            "number": [0, 1] * 20,
        },
        index=[f"cell{place}" for place in range(40)],
    )
    counts = np.random.default_rng(0).poisson(1, size=(40, len(HUMAN))).astype(np.float32)
    ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=list(HUMAN))).write_h5ad(tmp_path / "cells.h5ad")
    return datasets.read(tmp_path / "cells.h5ad")


def test_columns_of_text_that_sort_the_cells_into_groups(cells):
    assert group_columns(cells) == ["tissue", "Zelltyp", "cell type"]


def test_what_was_chosen_comes_first_then_what_says_cell_type_then_the_first(cells):
    columns = group_columns(cells)
    assert usual_column(cells, columns) == "Zelltyp"
    assert usual_column(cells, ["tissue"]) == "tissue"
    assert usual_column(cells, columns, chosen=["", "gone", "tissue", "cell type"]) == "tissue"
    keep_groups(cells, Groups(CellGroup("cell type", ("x",)), CellGroup("cell type", ("y",))))
    assert usual_column(cells, columns) == "cell type"
    assert usual_column(cells, columns, chosen=["tissue"]) == "tissue"
