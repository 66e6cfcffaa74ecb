"""What is said of the columns of the cells, and which of them is proposed as that of the donors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from grn_core.datasets import load
from grn_core.datasets.annotations import annotate
from grn_core.datasets.columns_said import DONORS, likely_donor, not_named, said_columns
from grn_core.datasets.groups import CellGroup, Groups


@pytest.fixture
def cells():
    found = load("pbmc68k")
    place = np.arange(found.n_cells)
    own = {
        "state": np.where(place % 2, "ill", "well"),
        "kind": pd.Categorical(np.where(place % 3, "T", "B"), categories=["T", "B", "never"]),
        "half": pd.Series(np.where(place % 2, "yes", None), dtype=object).to_numpy(),
        "age": place / 7,
        "plate": "P1",
        "barcode": [f"c{n}" for n in place],
        "twos": [f"c{n // 2}" for n in place],
        "empty": np.nan,
        "replicate": place % 4,
    }
    return replace(found, obs=pd.DataFrame(own, index=found.obs.index))


def test_every_column_is_said_with_its_values_and_their_cells(cells):
    ref = annotate(cells.sha256, ["x", "y"] * (cells.n_cells // 2), title="Mine")
    said = {one.title: one for one in said_columns(cells)}
    assert set(said) == {*cells.obs.columns, "Mine"}
    assert said["Mine"].column == ref
    n = cells.n_cells
    assert said["state"].values == f"ill ({n // 2}), well ({n // 2})"
    assert said["kind"].values.endswith("; of no cell: never"), "a value that no cell has is said to have none"
    assert said["half"].values == f"yes in {n // 2:,} cells; {n // 2:,} cells have none"
    assert (said["age"].kind, said["plate"].kind, said["barcode"].kind) == (
        "numbers",
        "one value",
        "a name for each cell",
    )
    assert said["twos"].kind == f"{n // 2} values, too many for groups"
    assert (said["empty"].kind, said["empty"].values) == ("empty", "no cell has a value")
    assert said["replicate"].kind == "4 groups, numbers"
    order = [one.sorts for one in said_columns(cells)]
    assert order == sorted(order, reverse=True), "those that can be groups come first"


@pytest.mark.parametrize(
    "name",
    ["donor", "Patient ID", "mouse", "BatchNr", "sample_3", "individuals", "REPLICATE", "patientid", "Sample_Name"],
)
def test_a_column_that_is_called_so_and_has_enough_in_both_groups_is_proposed(cells, name):
    named = replace(cells, obs=cells.obs.rename(columns={"replicate": name}))
    groups = Groups(CellGroup("kind", ("T",)), CellGroup("kind", ("B",)))
    masks = groups.masks(named)
    assert likely_donor(named, *masks, columns=list(named.obs.columns)) == name
    assert repr(name) in not_named(named, groups)
    assert not_named(named, replace(groups, donor=name)) == ""


def test_one_that_has_too_few_or_is_called_otherwise_is_not(cells):
    groups = Groups(CellGroup("kind", ("T",)), CellGroup("kind", ("B",)))
    masks = groups.masks(cells)
    one = replace(cells, obs=cells.obs.assign(donor="D1", batch=cells.obs["kind"].astype(str)))
    assert likely_donor(one, *masks, columns=["donor", "batch", "state", "age"]) == ""
    both = replace(cells, obs=cells.obs.assign(batch=cells.obs["replicate"], donor=cells.obs["replicate"] // 1))
    assert likely_donor(both, *masks, columns=["batch", "replicate", "donor"]) == "donor", f"the surest of {DONORS}"


@pytest.mark.parametrize("name", ["donor_age", "Donor Sex", "sample_type", "batchSize", "mouse.strain", "n_samples"])
def test_what_donors_have_is_not_what_they_are_called(cells, name):
    """Two ages are not two donors: with such a column proposed, people of one age would be compared as one."""
    groups = Groups(CellGroup("kind", ("T",)), CellGroup("kind", ("B",)))
    masks = groups.masks(cells)
    named = replace(
        cells, obs=cells.obs.assign(**{name: cells.obs["replicate"] // 2, "donor_number": cells.obs["replicate"]})
    )
    assert likely_donor(named, *masks, columns=[name]) == ""
    assert likely_donor(named, *masks, columns=[name, "donor_number"]) == "donor_number"


@pytest.mark.parametrize("name", ["sampled", "individually", "mousetrap", "batching"])
def test_a_word_that_only_begins_so_is_none(cells, name):
    groups = Groups(CellGroup("kind", ("T",)), CellGroup("kind", ("B",)))
    named = replace(cells, obs=cells.obs.rename(columns={"replicate": name}))
    assert likely_donor(named, *groups.masks(named), columns=[name]) == ""


def test_measured_numbers_name_nobody_and_whole_ones_beside_missing_ones_do(cells):
    groups = Groups(CellGroup("kind", ("T",)), CellGroup("kind", ("B",)))
    number = cells.obs["replicate"].astype(float)
    named = replace(
        cells, obs=cells.obs.assign(mouse=number * 2.5, sample=number.mask(np.arange(len(number)) % 9 == 0))
    )
    assert likely_donor(named, *groups.masks(named), columns=["mouse", "sample"]) == "sample"
