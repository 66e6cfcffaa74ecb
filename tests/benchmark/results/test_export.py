"""Outcomes of protocols in the format of the results folder."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from grn_core.benchmark.features.cache import RESULT_CODE, code_digest
from grn_core.benchmark.protocol.runner import Outcome
from grn_core.benchmark.results.export import manifest_of, results_of, save
from grn_core.benchmark.results.tables import COLUMNS, KINDS, RUN, read_results
from grn_core.errors import DataError
from tests.benchmark.toy_references import tiny_handle

MODEL = tiny_handle()
PLACE = {
    "suite": "ugrn",
    "model": "tiny",
    "readout": "masked",
    "train": "hONE:NET",
    "test": "hTWO:NET",
    "dataset": "hTWO",
    "network": "NET",
    "size": "500",
    "genes": "TFs+500",
    "split": "all",
    "negatives": "tf-restricted",
    "method": "GDT",
    "kind": "method",
    "is_control": False,
}
UNIVERSE = {"n_seeds": 2, "n_sources": 3, "n_targets": 9, "n_positives": 12, "n_pairs": 24, "prevalence": 0.5}
ROW = {**PLACE, **UNIVERSE, "auprc": 0.7, "auprc_sd": 0.01, "natural_prevalence": 0.1, "sign_majority": 0.8}
ROW |= {f"{name}_natural{end}": 0.2 for name in ("auprc", "auprc_ratio", "epr") for end in ("", "_sd")}


def outcome_of(**changes):
    place = {name: {**PLACE, **changes}[name] for name in PLACE}
    return Outcome(
        pd.DataFrame([{**ROW, **changes}]),
        pd.DataFrame([{**place, "source": "GATA1", "n_positives": 4.0, "prevalence": 0.5, "auprc": 0.6}]),
        pd.DataFrame([{**place, "recall": 0.5, "precision": 0.7}]),
        pd.DataFrame([{**place, "bin_low": 0.1, "bin_high": 0.2, "predicted": 0.1, "observed": 0.2, "pairs": 7}]),
        ("a note",),
        n_computed=3,
        n_measurements=5,
    )


def results_for(*outcomes, model=MODEL, command="benchmark"):
    manifest = manifest_of(model, outcomes, command=command, seconds=1.234, chosen_on=["hESC:STRING"])
    return results_of(outcomes, manifest)


def test_a_row_for_each_metric_and_its_universe():
    scores = results_for(outcome_of()).scores
    assert list(scores.columns) == list(COLUMNS["scores"])
    found = scores.set_index(["negatives", "metric"])
    assert sorted(found.index) == [
        ("natural", "auprc"),
        ("natural", "auprc_ratio"),
        ("natural", "epr"),
        ("tf-restricted", "auprc"),
        ("tf-restricted", "sign_majority"),
    ]
    assert found.loc[("tf-restricted", "auprc"), ["mean", "sd", "prevalence"]].tolist() == [0.7, 0.01, 0.5]
    assert found.loc[("natural", "auprc"), ["mean", "sd", "prevalence"]].tolist() == [0.2, 0.2, 0.1]
    assert (scores[["seeds", "sources", "targets", "positives"]] == [2, 3, 9, 12]).all(axis=None)
    assert set(scores["kind"]) <= set(KINDS)


def test_other_universes_have_no_natural_rows():
    assert set(results_for(outcome_of(negatives="all-pairs")).scores["negatives"]) == {"all-pairs"}


def test_details_are_those_of_one_universe():
    both = results_for(outcome_of(), outcome_of(negatives="degree-matched"), outcome_of(split="unseen-both"))
    assert len(both.per_tf) == len(both.curves) == len(both.calibration) == 1
    assert both.per_tf["positives"].tolist() == [4.0]
    assert len(results_for(outcome_of(suite="curated", negatives="beeline")).per_tf) == 1


def test_the_manifest():
    manifest = results_for(outcome_of(), outcome_of(train="omnipath")).manifest
    assert (manifest["model"], manifest["model_sha"], manifest["title"]) == ("tiny", MODEL.sha, "Tiny")
    assert manifest["train"] == ["beeline:hONE:NET", "omnipath"]
    assert manifest["notes"] == ["a note"]
    (run,) = manifest["runs"]
    assert set(run) == set(RUN)
    assert (run["command"], run["wall_seconds"], run["computed"], run["measurements"]) == ("benchmark", 1.2, 6, 10)
    assert run["code_version"] == code_digest(RESULT_CODE)[:12]


def test_a_folder_gathers_what_was_measured(tmp_path):
    save(results_for(outcome_of()), tmp_path / "out")
    save(results_for(outcome_of(dataset="hFAR"), command="another"), tmp_path / "out")
    again = read_results(tmp_path / "out")
    assert set(again.scores["dataset"]) == {"hTWO", "hFAR"}
    assert [run["command"] for run in again.manifest["runs"]] == ["benchmark", "another"]
    other = replace(MODEL, sha="other")
    with pytest.raises(DataError, match="holds results of other weights"):
        save(results_for(outcome_of(), model=other), tmp_path / "out")


def test_the_suite_may_be_named():
    manifest = manifest_of(MODEL, [outcome_of()], command="", seconds=0.0)
    assert set(results_of([outcome_of()], manifest, suite="transfer").scores["suite"]) == {"transfer"}


def test_nothing_measured_is_an_empty_folder(tmp_path):
    nothing = Outcome(pd.DataFrame(), notes=("left out",))
    save(results_for(nothing), tmp_path)
    assert not len(read_results(tmp_path).scores)
