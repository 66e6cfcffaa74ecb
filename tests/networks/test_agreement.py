"""How far networks agree: laws of rank-biased overlap, and words with chance beside what was found."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import grn_core as grn
from grn_core.benchmark.references.uploads import uploaded
from grn_core.cli import main
from grn_core.errors import DataError, RequestError
from grn_core.files import read_json, write_json
from grn_core.networks.agreement import in_words, rank_biased_overlap
from grn_core.networks.matched import match_networks
from grn_core.runs import CoexpressionRequest, RunStore
from tests.pages.fabricated_run import fabricate_run

PAIRS = [(f"T{n // 6}", f"G{n}") for n in range(24)]


def network(scores) -> pd.DataFrame:
    table = pd.DataFrame(PAIRS, columns=["source", "target"])
    return table.assign(score=np.asarray(scores, dtype=float), sign=0)


orders = st.permutations(range(len(PAIRS)))


def by_hand(one: pd.DataFrame, other: pd.DataFrame, p: float) -> float:
    """Extrapolated rank-biased overlap of two whole rankings, as its definition has it."""
    first, second = (table.sort_values("score", ascending=False)["target"].tolist() for table in (one, other))
    shares = [len(set(first[:d]) & set(second[:d])) / d for d in range(1, len(first) + 1)]
    return (1 - p) * sum(p ** (d - 1) * share for d, share in enumerate(shares, 1)) + shares[-1] * p ** len(first)


@given(orders, orders, st.floats(0.05, 0.99))
def test_rank_biased_overlap_is_what_its_definition_says(one, other, p):
    a, b = network(one), network(other)
    matched = match_networks({"a": a, "b": b, "again": a})
    found = rank_biased_overlap(matched, persistence=p).set_index(["a", "b"])["rbo"]
    assert found["a", "b"] == pytest.approx(by_hand(a, b, p))
    assert found["b", "again"] == pytest.approx(found["a", "b"])  # symmetric
    assert found["a", "again"] == pytest.approx(1.0)
    assert 0 <= found["a", "b"] <= 1 + 1e-9


def test_chance_is_the_mean_of_random_orders():
    draw = np.random.default_rng(0)
    runs = {f"{n:03d}": network(draw.permutation(24)) for n in range(60)}
    table = grn.compare(runs, ks=(5, 10, 99))
    assert table["rbo"].mean() == pytest.approx(table["rbo_by_chance"].iloc[0], abs=0.02)
    for k in (5, 10):
        assert table[f"shared_{k}"].mean() == pytest.approx(table[f"by_chance_{k}"].iloc[0], abs=0.1)
        assert table[f"by_chance_{k}"].iloc[0] == pytest.approx(k * k / 24)
    assert "shared_99" not in table  # there are no 99 pairs
    assert abs(table["spearman"].mean()) < 0.03
    with pytest.raises(RequestError, match="between 0 and 1"):
        rank_biased_overlap(match_networks({"a": network(range(24)), "b": network(range(24))}), persistence=1.0)


@pytest.mark.parametrize(
    ("shared", "by_chance", "words"),
    [
        (7, 2.04, "7 of the best 100 in common; by chance 2.0"),
        (70, 12.4, "70 of the best 100 in common; by chance 12"),
        (0, 0.01, "0 of the best 100 in common; by chance less than 0.1"),
    ],
)
def test_words_say_what_chance_would_give(shared, by_chance, words):
    assert in_words(shared, k=100, by_chance=by_chance) == words


def test_the_command_says_that_runs_with_the_same_scores_are_identical(capsys):
    """A correlation does not depend on which other genes are asked: nothing differs, and that by no construction."""
    one, other = (fabricate_run(seed=seed, kind=CoexpressionRequest, method="pearson") for seed in (3, 4))
    shutil.copy(RunStore().path(one) / "edges.parquet", RunStore().path(other) / "edges.parquet")
    assert main(["compare", one, other, "--json"]) == 0
    printed = capsys.readouterr()
    assert "identical: every common pair has the same score in both; 20 of the best 20 in common" in printed.err
    assert not json.loads(printed.out)[0]["identical_by_construction"]


def test_the_command_tells_identical_runs_and_their_overlap(capsys):
    runs = [fabricate_run(seed=1, signs="none"), fabricate_run(seed=2, signs="none")]
    assert main(["compare", *runs, "--best", "10,50", "--json"]) == 0
    printed = capsys.readouterr()
    (row,) = json.loads(printed.out)
    assert row["pairs"] == 174
    assert f"{row['shared_10']} of the best 10 in common; by chance 0.6" in row["words"]
    assert row["words"] in printed.err
    assert not row["identical_by_construction"]
    assert main(["compare", *runs, "--best", "100000", "--json"]) == 0
    printed = capsys.readouterr()
    (row,) = json.loads(printed.out, parse_constant=pytest.fail)  # NaN is no JSON
    assert row["same_sign"] is None
    assert row["words"] == "all scored 174 pairs: too few for a list of the best 100,000"
    assert main(["compare", runs[0]]) == 2
    assert main(["compare", *runs, "--best", "ten"]) == 2
    assert "--best is 'ten'" in capsys.readouterr().err


def runs_and_truth(tmp_path) -> tuple[list[str], Path]:
    """Return two runs of known genes, and a file of edges among them."""
    runs = [fabricate_run(seed=1), fabricate_run(seed=2)]
    truth = tmp_path / "truth.tsv"
    symbols = {f"G{n:02d}": symbol for n, symbol in enumerate(("SPI1", "GATA1", "CEBPA", "MYC", "TP53", "STAT1"))}
    for run in runs:
        panel = read_json(RunStore().path(run) / "panel.json")
        genes = [symbols.get(label, label) for label in panel["labels"]]
        write_json(RunStore().path(run) / "panel.json", {**panel, "genes": genes})
    ring = [*symbols.values(), "SPI1"]
    rows = [("source", "target"), *pairwise(ring)]
    truth.write_text("".join(f"{a}\t{b}\n" for a, b in rows), encoding="utf-8")
    return runs, truth


@pytest.mark.parametrize("wrong", ["--draws=1", "--seed=-1", "--best=ten", "--best=0"])
def test_a_command_that_is_refused_keeps_no_reference(wrong, tmp_path, capsys):
    runs, truth = runs_and_truth(tmp_path)
    assert main(["compare", *runs, f"--reference={truth}", wrong]) == 2
    assert main(["compare", runs[0], f"--reference={truth}"]) == 2
    assert list(uploaded()) == []
    assert main(["compare", *runs, wrong]) == 2, "without a reference too"
    assert wrong.partition("=")[2] in capsys.readouterr().err.splitlines()[-1]


def test_a_reference_is_called_by_who_asks(tmp_path, capsys, runs_here):
    """Another name of the same content is no other question, and the answer is told by the name that was given now."""
    runs, truth = runs_and_truth(tmp_path)
    for name in ("truth.tsv", "second.tsv"):
        (tmp_path / name).write_bytes(truth.read_bytes())
        assert main(["compare", *runs, f"--reference={tmp_path / name}", "--draws=2"]) == 0
        assert f"Reference: {name}." in capsys.readouterr().err
    assert len([info for info in RunStore().list_runs() if info.request.kind == "against"]) == 1


def test_the_command_measures_against_a_reference_with_intervals(capsys, tmp_path, runs_here):
    runs, truth = runs_and_truth(tmp_path)
    assert main(["compare", *runs, "--reference", str(truth), "--draws", "50", "--json"]) == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert len(told["agreement"]) == 1
    assert [row["network"] for row in told["reference"]] == [*runs, "Borda consensus"]
    for row in told["reference"]:
        assert row["auprc_low"] <= row["auprc"] <= row["auprc_high"]
        assert row["prevalence"] == pytest.approx(6 / 174)
    assert "50 draws of whole TFs" in printed.err
    assert "Reference: truth.tsv." in printed.err, "the name that it was given by"
    (kept,) = uploaded()
    assert f"kept here as {kept}, by which --reference takes it as well" in printed.err
    assert "174 common pairs of 6 TFs" in printed.err
    assert "computed before" not in printed.err
    assert main(["compare", *runs[::-1], "--reference", str(truth), "--draws", "50", "--json"]) == 0
    printed = capsys.readouterr()
    assert "computed before" in printed.err, "the order of the runs is no other question"
    again = json.loads(printed.out)["reference"]
    assert [row["network"] for row in again] == [*runs[::-1], "Borda consensus"]
    assert {row["network"]: row for row in again} == {row["network"]: row for row in told["reference"]}
    assert main(["compare", *runs, "--reference", kept, "--draws", "50"]) == 0
    assert "kept here as" not in capsys.readouterr().err
    (tmp_path / "other.tsv").write_text("source\ttarget\nSOX9\tSOX10\n", encoding="utf-8")
    assert main(["compare", *runs, "--reference", str(tmp_path / "other.tsv")]) == 2
    assert list(uploaded()) == [kept], "what measures nothing is not kept"
    assert main(["compare", *runs, "--reference", "nobody"]) == 2
    assert main(["compare", *runs, "--reference", str(truth), "--draws", "1"]) == 2


def test_networks_in_python_are_measured_as_the_command_does():
    reference = pd.DataFrame([(f"T{n}", f"G{6 * n + 1}") for n in range(4)], columns=["source", "target"])
    found = grn.against({"a": network(range(24)), "b": network(range(24, 0, -1))}, reference)
    assert found.table["n_pairs"].tolist() == [24, 24]
    assert found.words[-1].startswith("No interval: 4 TFs")


@pytest.mark.parametrize("uncertainty", [-0.1, np.inf])
def test_an_uncertainty_that_is_none_is_refused(uncertainty):
    sound = network(range(24)).assign(probability=0.5, uncertainty=0.1)
    with pytest.raises(DataError, match="24 uncertainties of the network a are none"):
        grn.consensus({"a": sound.assign(uncertainty=uncertainty), "b": sound}, method="calibrated-mean")


def test_a_list_of_less_than_one_edge_is_refused_and_one_pair_is_one():
    one, other = network(range(24)), network(range(24))
    for ks in ([0], [5, -3]):
        with pytest.raises(RequestError, match=f"lists of the best {min(ks)} edges"):
            grn.compare({"a": one, "b": other}, ks=ks)
    (words,) = grn.compare({"a": one.head(1), "b": other.head(1)})["words"]
    assert words == "all scored 1 pair: too few for a list of the best 20"
