"""Laws of activity in groups of cells and of what differs between two; nothing here needs decoupler."""

from __future__ import annotations

from dataclasses import replace

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from grn_core.datasets import load
from grn_core.datasets.replicates import who_takes_part
from grn_core.files import write_json
from grn_core.networks.activity import METHODS, by_group, differences
from grn_core.networks.activity.kept import KeptActivity
from grn_core.networks.activity.words import on_replicates
from grn_core.networks.activity.writing import write_h5ad


def donors_in_both(shift: float, *, n_donors: int = 6, n_cells: int = 20) -> tuple[np.ndarray, ...]:
    """Cells of donors that differ much, in both groups, and what the second group has on top."""
    draw = np.random.default_rng(0)
    donors = np.repeat(np.arange(n_donors), 2 * n_cells)
    a = np.tile(np.repeat([True, False], n_cells), n_donors)
    scores = 10.0 * draw.normal(size=n_donors)[donors] + shift * a + draw.normal(size=len(a))
    return scores, a, donors


def test_a_constant_shift_on_top_of_large_differences_of_donors_is_found():
    scores, a, donors = donors_in_both(2.0)
    table = differences(["T"], scores[None], a=a, b=~a, donors=pd.Series(donors))
    assert table.attrs == {"unit": "pairs", "n": [6, 6], "left_out": 0, "in_both": 0, "unnamed": 0}
    means = pd.Series(scores).groupby([donors, a]).mean().unstack()
    assert table["p"].iloc[0] == pytest.approx(stats.ttest_rel(means[True], means[False]).pvalue)
    assert table["p"].iloc[0] < 1e-3 < stats.ttest_ind(means[True], means[False], equal_var=False).pvalue
    assert table["difference"].iloc[0] == pytest.approx(2.0, abs=0.5)
    turned = differences(["T"], scores[None], a=~a, b=a, donors=pd.Series(donors.astype(str)))
    assert turned["p"].iloc[0] == pytest.approx(table["p"].iloc[0])
    assert turned["statistic"].iloc[0] == pytest.approx(-table["statistic"].iloc[0])


def test_donors_of_one_group_alone_take_no_part_beside_pairs():
    scores, a, donors = donors_in_both(2.0)
    alone = (donors == 5) & a
    b = ~a & (donors != 5)
    table = differences(["T"], scores[None], a=a, b=b, donors=pd.Series(donors))
    assert table.attrs == {"unit": "pairs", "n": [5, 5], "left_out": 1, "in_both": 0, "unnamed": 0}
    without = differences(["T"], scores[None], a=a & ~alone, b=b, donors=pd.Series(donors))
    pd.testing.assert_frame_equal(table, without)
    one = differences(["T"], scores[None], a=a, b=~a & (donors == 0), donors=pd.Series(donors))
    assert one.attrs["unit"] == "cells"  # B has one donor
    still = differences(["T"], np.where(a, 1.1, 0.3)[None], a=a, b=~a, donors=pd.Series(donors))
    assert still["p"].isna().all()


def test_a_single_donor_in_both_groups_is_no_replicate_of_itself():
    draw = np.random.default_rng(0)
    donors = pd.Series(np.repeat(["d1", "d2", "d3", "d3", "d4", "d5"], 10))
    a = np.arange(60) < 30
    scores = draw.normal(size=(1, 60)) + 5.0 * (donors == "d3").to_numpy()
    table = differences(["T"], scores, a=a, b=~a, donors=donors)
    assert table.attrs == {"unit": "donors", "n": [2, 2], "left_out": 1, "in_both": 0, "unnamed": 0}
    without = differences(["T"], scores, a=a, b=~a, donors=donors.where(donors != "d3"))
    pd.testing.assert_frame_equal(table, without)
    assert "takes no part" in on_replicates(table, named=True)
    few = differences(["T"], scores, a=a, b=~a, donors=donors.replace("d5", "d4").replace("d2", "d1"))
    assert few.attrs == {"unit": "donors", "n": [2, 2], "left_out": 0, "in_both": 1, "unnamed": 0}
    assert "as if it were two" in on_replicates(few, named=True)


@pytest.mark.parametrize("of_pairs", [False, True])
@pytest.mark.parametrize("group", "ab")
def test_a_donor_of_a_few_cells_is_no_replicate(of_pairs, group):
    """Whatever its cells say: the mean of nine cells would weigh as much as that of forty."""
    draw = np.random.default_rng(0)
    a = np.repeat([True, False], 120)
    donors = np.repeat(np.tile(np.arange(3), 2) if of_pairs else np.arange(6), 40)
    few = np.full(9, group == "a")
    more = np.r_[a, few], np.r_[donors, np.full(9, 9)]
    already = np.r_[a, few], np.r_[donors, np.full(9, 0 if group == "b" else 5)]  # a donor of the other group
    scores = draw.normal(size=(1, 240))
    table = differences(["T"], scores, a=a, b=~a, donors=pd.Series(donors))
    for of_a, named in [more] if of_pairs else [more, already]:
        one = differences(["T"], np.c_[scores, 50 + draw.normal(size=(1, 9))], a=of_a, b=~of_a, donors=pd.Series(named))
        pd.testing.assert_frame_equal(one.assign(), table.assign(), check_flags=False)
        assert one.attrs == table.attrs | {"left_out": len(np.unique(named)) - len(np.unique(donors))}
    told = on_replicates(
        differences(["T"], np.c_[scores, scores[:, :9]], a=more[0], b=~more[0], donors=pd.Series(more[1])), named=True
    )
    assert "1 donor takes no part" in told
    assert "fewer than 10 cells" in told


def test_labels_of_the_same_name_are_one_group_and_those_without_are_none():
    groups = pd.Series([1, "1", None, "b", np.nan, "b"], dtype=object)
    table = by_group(["T"], [np.arange(6.0)], groups)
    assert table["group"].tolist() == ["1", "b"]
    assert table["cells"].tolist() == [2, 2]
    assert table["mean"].tolist() == [0.5, 4.0]
    assert table.pivot(index="tf", columns="group", values="mean").shape == (1, 2)


def test_what_active_means_is_the_methods_own():
    assert {one.name: "represses low" in one.meaning for one in METHODS.values()} == {
        one.name: one.signed for one in METHODS.values()
    }


def test_every_column_of_the_cells_is_in_the_file(tmp_path):
    cells = load("pbmc68k")
    obs = cells.obs.iloc[:, :0].assign(**{"a/b": 1, "a_b": 2, "_index": 3})
    of_three = {
        "truth": pd.array([True, None, False], dtype="boolean"),
        "sure": pd.array([True, True, False], dtype="boolean"),
        "whole": pd.array([1, None, 3], dtype="Int64"),
        "kind": pd.Categorical(["x", None, "y"], categories=["y", "x", "z"]),
        "number": pd.Categorical([1, None, 2]),
        "mixed": np.array([1, None, "1"], dtype=object),
        "day": pd.to_datetime(["2020-01-01", None, "2020-01-02"]),
    }
    for name, values in of_three.items():
        obs[name] = pd.Series(values).reindex(range(len(obs))).set_axis(obs.index)
    obs["sure"] = pd.Series(of_three["sure"]).take(np.zeros(len(obs), dtype=int)).set_axis(obs.index)
    np.save(tmp_path / "activity.npy", np.zeros((1, 3), dtype=np.float32))
    np.save(tmp_path / "cells.npy", np.arange(3))
    write_json(tmp_path / "activity.json", {"tfs": ["."], "sizes": [5], "left_out": [], "genes": 9, "method": "ulm"})
    write_h5ad(KeptActivity(tmp_path), replace(cells, obs=obs), tmp_path / "cells.h5ad")
    found = anndata.read_h5ad(tmp_path / "cells.h5ad").obs
    assert found.columns.tolist() == ["a_b", "a_b-2", "_index-2", *of_three]
    assert found["a_b-2"].tolist() == [2, 2, 2]
    assert found["sure"].tolist() == [True] * 3
    np.testing.assert_array_equal(found["whole"], [1, np.nan, 3])
    for name, words in (
        ("truth", ["True", "False"]),
        ("kind", ["x", "y"]),
        ("number", ["1", "2"]),
        ("mixed", ["1"] * 2),
    ):
        assert found[name].iloc[[0, 2]].tolist() == words
        assert found[name].isna().tolist() == [False, True, False]
    assert found["kind"].cat.categories.tolist() == ["y", "x", "z"]
    assert found["day"].isna().tolist() == [False, True, False]


def test_donors_that_differ_by_rounding_alone_are_no_measure_of_a_difference():
    """Cells that are copies of each other: the means of donors differ in the last digits of sums of other lengths."""
    own = np.repeat([0.1, 0.3], [9, 12])
    donors = pd.Series(np.repeat(["a1", "a2", "a3", "b1", "b2", "b3"], [2, 3, 4, 3, 4, 5]))
    table = differences(["TF"], [own], a=own < 0.2, b=own > 0.2, donors=donors)
    assert table["difference"].tolist() == pytest.approx([-0.2])
    assert table["p"].isna().all()


@pytest.mark.parametrize("of_pairs", [False, True])
def test_cells_that_name_no_donor_are_counted_and_said(of_pairs):
    a = np.repeat([True, False], 60)
    donors = pd.Series(np.tile(np.arange(3), 40) if of_pairs else np.repeat(np.arange(4), 30)).astype(object)
    donors[:7] = None
    scores = np.random.default_rng(0).normal(size=(1, 120))
    table = differences(["T"], scores, a=a, b=~a, donors=donors)
    assert table.attrs["unnamed"] == 7
    assert "7 cells name no donor and take no part." in on_replicates(table, named=True)
    facts = {"unit": table.attrs["unit"], "left_out": 0, "in_both": 0}
    assert who_takes_part(facts) == ""  # a run of before
    assert who_takes_part({**facts, "unnamed": 1}) == " 1 cell names no donor and takes no part."
