"""From a dataset to the edges that differ: donors, cells, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import grn_core as grn
from grn_core.datasets.replicates import labellings
from grn_core.differential import null_in_words
from grn_core.differential.comparing import SURE, compared, sure_edges
from grn_core.differential.pairs import Pairs
from grn_core.differential.scorers import InCells
from grn_core.differential.testing import adjusted
from grn_core.differential.words import A_FEW, limit_of
from grn_core.errors import DataError, RequestError
from grn_core.networks import GeneNames

COLUMN = "bulk_labels"
MONOCYTES, DENDRITIC = (COLUMN, ["CD14+ Monocyte"]), (COLUMN, ["Dendritic"])
TFS = ["IRF8", "HES4", "HMGA1", "SPIB"]


@pytest.fixture(scope="module")
def cells():
    found = grn.demo("pbmc68k")
    donor = np.random.default_rng(0).integers(0, 4, found.n_cells).astype(str)
    own = np.where(found.obs[COLUMN] == DENDRITIC[1][0], np.char.add("b", donor), np.char.add("a", donor))
    return replace(found, obs=found.obs.assign(donor=donor, own=own, one="d"))


def test_real_cells_differ_and_halves_of_one_kind_do_not(cells):
    table = grn.groups(cells, a=MONOCYTES, b=DENDRITIC, tfs=TFS, n_variable=60, permutations=100)
    assert ("HES4", "FCN1") in set(zip(*table.loc[table["q"] < 0.05, ["source", "target"]].to_numpy().T, strict=True))
    assert "Labels of single cells were permuted 100 times" in table.attrs["words"]
    halves = replace(cells, obs=cells.obs.assign(half=np.arange(cells.n_cells) % 2))
    same = grn.groups(halves, a=("half", ["0"]), b=("half", ["1"]), tfs=TFS, n_variable=60, permutations=50)
    assert same.attrs["sure"] == 0


def test_a_score_near_nothing_has_no_sign_that_turns(cells):
    """The uncertainty of a correlation is known; one that is no further from 0 says neither up nor down."""
    table = grn.groups(cells, a=MONOCYTES, b=DENDRITIC, tfs=TFS, n_variable=60, permutations=100)
    for letter, n_cells in zip("ab", table.attrs["cells"], strict=True):
        assert table[f"uncertainty_{letter}"].median() == pytest.approx(1 / np.sqrt(n_cells), rel=0.2)
    one = table.head(1).assign(q=0.0, score_b=0.6)
    for score, turns in ((-0.6, 1), (-0.0006, 0), (0.6, 0)):
        assert sure_edges(one.assign(score_a=score))["turned"] == turns
    assert sure_edges(one.assign(score_a=-0.3, uncertainty_a=0.2))["turned"] == 0
    earlier = one.assign(score_a=-0.6).drop(columns=["uncertainty_a", "uncertainty_b"])
    assert sure_edges(earlier)["turned"] == 1, "of a table of a run that told no uncertainty the signs alone count"


@pytest.mark.filterwarnings("ignore:.* can be sure to differ")
def test_whole_donors_are_permuted(cells):
    options = {"tfs": TFS, "n_variable": 60}
    paired = grn.groups(cells, a=MONOCYTES, b=DENDRITIC, donors="donor", **options)
    assert (paired.attrs["unit"], paired.attrs["samples"], paired.attrs["labellings"]) == ("pairs", [4, 4], 7)
    assert paired["p"].min() == paired.attrs["smallest_p"] == 1 / 8
    assert "4 donors, each in both groups" in paired.attrs["words"]
    apart = grn.groups(cells, a=MONOCYTES, b=DENDRITIC, donors="own", **options)
    assert (apart.attrs["unit"], apart.attrs["samples"], apart.attrs["labellings"]) == ("donors", [4, 4], 34)
    ends = ["source", "target"]
    both = paired.set_index(ends)["score_a"], apart.set_index(ends)["score_a"]
    np.testing.assert_allclose(both[0], both[1].loc[both[0].index])  # the same donors of A under other names
    one = grn.groups(cells, a=MONOCYTES, b=DENDRITIC, donors="one", permutations=5, **options)
    assert one.attrs["unit"] == "cells"
    assert "no two donors of one have enough cells" in one.attrs["words"]


def test_what_cannot_be_compared_is_refused(cells):
    with pytest.raises(DataError, match="8 cells"):
        grn.groups(cells, a=MONOCYTES, b=(COLUMN, ["CD4+/CD45RA+/CD25- Naive T"]))
    with pytest.raises(DataError, match="in both groups"):
        grn.groups(cells, a=MONOCYTES, b=MONOCYTES)
    with pytest.raises(RequestError, match="no method 'magic'"):
        grn.groups(cells, a=MONOCYTES, b=DENDRITIC, method="magic")


def test_words_say_what_takes_no_part():
    facts = {"unit": "donors", "labellings": 9, "exhaustive": True, "samples": [2, 3], "smallest_p": 0.1}
    assert "in all 9 other ways" in null_in_words(facts | {"left_out": 0, "in_both": 0})
    assert "1 donor takes no part: in both groups, or with fewer than 10 cells there." in null_in_words(
        facts | {"left_out": 1, "in_both": 0}
    )
    assert "as if it were two" in null_in_words(facts | {"left_out": 0, "in_both": 1})
    # The cells may well have such a column: what is known is that none was named.
    assert "as no column was named" in null_in_words(facts | {"unit": "cells", "donor": ""})


def test_what_keeps_every_edge_unsure_is_what_was_permuted(cells):
    asked = {"tfs": TFS, "n_variable": 60}
    with pytest.warns(UserWarning, match="No edge can be sure"):
        few_donors = grn.groups(cells, a=MONOCYTES, b=DENDRITIC, donors="donor", **asked).attrs
    assert few_donors["words"].startswith(limit_of(few_donors).words), "the first sentence of the answer"
    assert few_donors["words"].count("no p") == 1
    assert "can be labelled in only 7 other ways, so no p is below 0.12" in limit_of(few_donors).why
    for donors in ("own", ""):  # 34 ways of donors that there are, and ever so many of cells
        with pytest.warns(UserWarning, match="10 permutations allow no p below 0.091"):
            attrs = grn.groups(cells, a=MONOCYTES, b=DENDRITIC, donors=donors, permutations=10, **asked).attrs
        assert limit_of(attrs).helps == "More permutations help."
    assert limit_of({"smallest_p": 0.05, "unit": "cells"}) is None


@given(donors=st.integers(2, 8), paired=st.booleans(), m=st.integers(50, 400))
def test_a_limit_is_where_so_few_labellings_can_find_nothing(donors, paired, m):
    ways = labellings(donors, donors, paired=paired) - 1
    if ways < 1:
        return
    unit, samples = ("pairs" if paired else "donors"), [donors, donors]
    facts = {"unit": unit, "samples": samples, "labellings": ways, "exhaustive": True, "smallest_p": 1 / (1 + ways)}

    def found(share: float) -> bool:
        p = np.where(np.arange(m) < np.floor(share * m), facts["smallest_p"], 1.0)
        return bool((adjusted(p) < SURE).any())

    said = limit_of(facts)
    assert (said is not None and said.said.startswith("No edge can be")) == (not found(1.0))
    if said is None:
        assert found(A_FEW + 1 / m), "an edge in ten that differs is found"
    elif found(1.0):
        assert not found(facts["smallest_p"] / SURE - 1 / m), "fewer than it says are not"


def test_an_edge_as_strong_in_both_is_stronger_in_neither():
    half = np.random.default_rng(0).normal(size=(30, 3))
    scorer = InCells(np.vstack([half, half]), np.arange(60) < 30, pairs=Pairs(("A", "B", "C"), (0,)), method="pearson")
    table = compared(
        scorer,
        Pairs(("A", "B", "C"), (0,)),
        names=GeneNames.plain(("A", "B", "C")),
        unit="cells",
        n=20,
        signed=True,
        sized=True,
        directed=False,
    ).table
    assert table["stronger"].tolist() == ["", ""]
    counts = sure_edges(table.assign(q=0.0))
    assert (counts["sure"], counts["stronger_a"], counts["stronger_b"]) == (2, 0, 0)


@pytest.mark.filterwarnings("ignore:.* can be sure to differ")
def test_a_seed_below_zero_is_refused(cells):
    with pytest.raises(RequestError, match="the seed is -1"):
        grn.groups(cells, a=MONOCYTES, b=DENDRITIC, tfs=TFS, n_variable=20, permutations=3, seed=-1)


def test_a_single_permutation_is_one():
    donors = {"unit": "pairs", "samples": (2, 2), "smallest_p": 0.5, "left_out": 0, "in_both": 0, "labellings": 1}
    assert "permuted in the only other way that there is." in null_in_words(donors | {"exhaustive": True})
    assert "permuted in 1 random way." in null_in_words(donors | {"exhaustive": False})
    assert "in only 1 other way, so no p is below 0.5" in limit_of(donors | {"exhaustive": True}).why
    assert "1 permutation allows no p below 0.5" in limit_of(donors | {"exhaustive": False}).why
    assert "permuted once, as " in null_in_words(donors | {"unit": "cells", "donor": ""})
