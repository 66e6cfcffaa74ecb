"""What is said of the printed probability is what was measured, of the calibration that ships."""

from __future__ import annotations

import re

import pytest

from grn_core.assets import asset
from grn_core.files import read_json
from grn_core.translator import reliability
from grn_core.translator.calibration import mark
from grn_core.translator.registry import DEFAULT, records, translator_sha


@pytest.fixture(scope="module")
def table():
    found = reliability.measured()
    return found.assign(times=found["predicted"] / found["observed"])


def test_it_is_of_the_translator_and_calibration_that_ship():
    told = read_json(asset("reliability.json"))
    (card,) = (one.card for one in records() if one.name == DEFAULT)
    assert (told["translator"], told["translator_sha"]) == (DEFAULT, translator_sha(DEFAULT))
    assert told["mark"] == mark(card["held_out"])


def test_no_data_set_is_told_by_a_curve_of_its_own():
    rows = read_json(asset("reliability.json"))["rows"]
    assert {row["dataset"] for row in rows} == {"hESC", "hHEP", "mDC", "mESC", "mHSC-E"}
    assert all(row["dataset"] not in row["curve_of"] for row in rows)
    assert all(row["curve_of"] for row in rows)
    assert {(row["network"], row["genes"]) for row in rows} == set(reliability.KINDS)


def test_bins_hold_the_pairs_and_their_probabilities(table):
    assert (table["predicted"].between(table["low"], table["high"])).all()
    assert table["observed"].between(0, 1).all()
    assert (table["pairs"] >= 50).all()
    pairs = table.groupby(["asked", "dataset"])["pairs"].sum()
    sums = reliability.edges_expected().set_index(["asked", "dataset"])
    assert (sums["pairs"] - pairs).between(0, 9 * 50).all()  # bins with few pairs are not kept
    assert (sums["edges"] > 0).all()


def test_of_string_it_is_right_within_a_factor_of_two_as_the_documents_say(table):
    own = table[(table["asked"] == "STRING") & (table["low"] >= 0.01)]
    assert own["times"].min() > 0.5
    assert own.query("times > 2")[["dataset", "low"]].to_numpy().tolist() == [["mHSC-E", 0.02]]
    assert own["times"].max() < 2.02


def test_where_it_is_badly_calibrated_the_documents_say_so(table):
    further = table[table["asked"] == "STRING, the 500 next genes"]
    sums = reliability.edges_expected()
    times = (sums["expected"] / sums["edges"])[sums["asked"] == "STRING, the 500 next genes"]
    assert [round(one, 1) for one in (times.min(), times.max())] == [1.4, 3.6]
    worst = further.groupby("low")["times"].max()
    assert worst.nlargest(3).index.tolist() == [0.02, 0.01, 0.05]
    top = further[further["low"] >= 0.2]
    assert top.query("times >= 1.5")["dataset"].tolist() == ["mDC"]
    assert top["times"].max() < 2.1
    chip = table[(table["asked"] == "ChIP-seq of all cell types") & (table["low"] >= 0.02)]
    top = chip[chip["low"] >= 0.3]
    assert (top[top["dataset"].isin(["hHEP", "hESC"])]["observed"] < 0.125).all()
    assert (chip.groupby("low")["times"].mean() > 1).all()
    right = top[top["times"] <= 1]
    assert set(right["dataset"]) == {"mHSC-E"}


@pytest.mark.parametrize("asked", reliability.KINDS.values())
def test_points_are_counted_by_the_interval_that_is_named(table, asked):
    said = re.search(r"(\d+) of (\d+) points are within (?:([\d.]+) times )?the", reliability.in_words(asked))
    count, whole, times = map(float, said.groups("1"))
    own = table[table["asked"] == asked]
    assert whole == len(own)
    assert count == ((own["observed"] - own["predicted"]).abs() <= times * own["uncertainty"]).sum()


def test_the_words_count_what_is_in_the_table(table):
    said = reliability.in_words("STRING")
    own = table[table["asked"] == "STRING"]
    assert f"{own['within'].sum()} of {len(own)} points" in said
    assert "On 4 data sets" in said
    assert "On mESC " in reliability.in_words("Knock-outs and over-expression")


def test_what_it_is_worth_on_further_genes_is_said_of_the_calibration_that_was_measured_alone():
    (card,) = (one.card for one in records() if one.name == DEFAULT)
    now = mark(card["held_out"])
    assert "promises 1.4 to 3.6 times the edges found" in reliability.of_further_genes(DEFAULT, mark=now)
    assert reliability.of_further_genes(DEFAULT, mark="another") == ""
    assert reliability.of_further_genes("omnipath", mark=now) == ""
