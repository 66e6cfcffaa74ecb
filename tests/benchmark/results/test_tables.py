"""The results folder: what is written is what is read."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from grn_core.benchmark.results import tables as module
from grn_core.benchmark.results.of_cards import results_of_cards
from grn_core.benchmark.results.tables import (
    COLUMNS,
    FILES,
    MANIFEST,
    Results,
    merge,
    read_results,
    shipped,
    write_results,
)
from grn_core.errors import DataError

PLACE = {"train": "hESC:STRING", "dataset": "hHEP", "network": "STRING", "genes": "TFs+500", "method": "GDT"}
CARD_ROW = {
    "dataset": "hHEP",
    "network": "STRING",
    "method": "GDT",
    "mean": 0.7,
    "sd": 0.01,
    "prevalence": 0.5,
    "n_seeds": 5,
    "n_sources": 340,
    "n_targets": 900,
    "n_positives": 4000,
}
UNIVERSE = {"seeds": 5, "sources": 340, "targets": 900, "positives": 4000, "prevalence": 0.5}


def run_of(command="benchmark --suite ugrn", *, code="c0de", computed=4):
    known = {"created": "2026-01-02T03:04:05+00:00", "wall_seconds": 2.5, "measurements": 4}
    return {"command": command, **known, "computed": computed, "code_version": code}


def made(*, mean=0.7, sha="abc", method="GDT", runs=None):
    place = {**PLACE, "method": method}
    score = {"suite": "ugrn", **place, "kind": "method", "split": "all", "negatives": "tf-restricted"}
    rows = [{**score, "metric": metric, "mean": mean, "sd": 0.01, **UNIVERSE} for metric in ("auprc", "auroc")]
    rows.append({**score, "train": "", "metric": "sign_accuracy", "mean": np.nan, "sd": np.nan, **UNIVERSE})
    manifest = {name: [] if name in module.LISTS else "x" for name in MANIFEST}
    manifest |= {"model_sha": sha, "runs": [run_of()] if runs is None else runs}
    return Results(
        pd.DataFrame(rows),
        pd.DataFrame([{**place, "source": "NA", "positives": 10, "prevalence": 0.5, "auprc": 0.6}]),
        pd.DataFrame([{**place, "recall": r, "precision": 1 - r / 2} for r in (0.0, 0.5, 1.0)]),
        pd.DataFrame(
            [{**place, "bin_low": 0.1, "bin_high": 0.2, "predicted": 0.15, "observed": 0.2, "pairs": 40}],
        ),
        manifest,
    )


def test_manifests_of_older_versions_are_read_in_the_words_of_today(tmp_path):
    folder = write_results(made(), tmp_path / "compact")
    whole = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for run in whole["runs"]:
        run["cells"] = run.pop("measurements")
    (folder / "manifest.json").write_text(json.dumps(whole), encoding="utf-8")
    assert read_results(folder).manifest == made().manifest


def test_what_is_written_is_read(tmp_path):
    results = made()
    folder = write_results(results, tmp_path / "compact")
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES.values(), "manifest.json"])
    again = read_results(folder)
    assert again.manifest == results.manifest
    for name in FILES:
        wanted = getattr(results, name).sort_values(list(module.KEYS[name]), kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(getattr(again, name), wanted[list(COLUMNS[name])])
    assert again.scores["train"].tolist().count("") == 1, "an empty training reference stays text"
    assert again.per_tf["source"].tolist() == ["NA"], "a gene's name is never a missing value"


def test_results_have_a_name_that_no_others_have(tmp_path):
    """By it pages keep what they make of results: written anew, or elsewhere, they are others."""
    first = read_results(write_results(made(), tmp_path / "a"))
    again, elsewhere = read_results(tmp_path / "a"), read_results(write_results(made(), tmp_path / "b"))
    anew = read_results(write_results(made(mean=0.1), tmp_path / "a"))
    cards = [results_of_cards([{"name": "mine", "evaluation": [row]}]) for row in (CARD_ROW, {**CARD_ROW, "mean": 0.1})]
    assert again.name == first.name
    assert len({one.name for one in (first, elsewhere, anew, *cards)} - {""}) == 5
    assert not made().name


def test_the_same_results_are_the_same_bytes(tmp_path):
    first, second = (write_results(made(), tmp_path / name) for name in "ab")
    for name in FILES.values():
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_tables_may_be_empty(tmp_path):
    results = Results(made().scores, manifest=made().manifest)
    again = read_results(write_results(results, tmp_path))
    assert not len(again.curves)
    assert list(again.curves.columns) == list(COLUMNS["curves"])


def test_merge_keeps_the_last_of_a_row():
    old, new = made(mean=0.6), made(mean=0.8)
    other = made(method="VVP")
    both = merge([old, other, new])
    auprc = both.scores.query("metric == 'auprc'").set_index("method")["mean"]
    assert auprc.to_dict() == {"VVP": 0.7, "GDT": 0.8}
    assert len(both.per_tf) == 2


def test_merge_keeps_every_command_as_it_was_last_run():
    """Older code and what was read from a cache stay with the command that they belong to."""
    first, second = run_of("one", code="old"), run_of("two", code="old")
    again, third = run_of("two", code="new", computed=1), run_of("three", code="new")
    both = merge([made(runs=[first, second]), made(runs=[again, third])])
    assert both.manifest["runs"] == [first, again, third]
    assert merge([both]).manifest == both.manifest


def test_a_command_that_read_all_from_the_cache_leaves_the_record_of_its_measuring():
    first, again = run_of("one", code="old", computed=3), run_of("one", code="old", computed=0)
    assert merge([made(runs=[first]), made(runs=[again])]).manifest["runs"] == [first]
    other = run_of("one", code="new", computed=0)
    assert merge([made(runs=[first]), made(runs=[other])]).manifest["runs"] == [other]


def test_results_of_two_models_do_not_merge():
    with pytest.raises(DataError, match="the results are of 2 models; needed: results of one model"):
        merge([made(), made(sha="abd")])
    with pytest.raises(DataError, match="the results are of 0 models"):
        merge([])


def test_what_cannot_be_read(tmp_path):
    with pytest.raises(DataError, match=r"cannot be read .*manifest.json"):
        read_results(tmp_path)
    folder = write_results(made(), tmp_path / "made")
    (folder / "curves.tsv.gz").write_bytes(b"no gzip")
    with pytest.raises(DataError, match="cannot be read"):
        read_results(folder)
    write_results(made(), folder)
    (folder / "calibration.tsv").write_text("train\tdataset\n", encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"model": "x"}), encoding="utf-8")
    with pytest.raises(DataError, match=r"lack calibration.tsv: network, .*manifest.json: model_sha"):
        read_results(folder)
    write_results(made(), folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["runs"][0]["measurements"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(DataError, match=r"lack manifest.json: measurements of a run; needed"):
        read_results(folder)


def test_what_must_not_be_written(tmp_path):
    results = made()
    with pytest.raises(DataError, match=r"the results lack scores.tsv.gz: sd"):
        write_results(replace(results, scores=results.scores.drop(columns="sd")), tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_what_ships(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "asset", tmp_path.joinpath)
    assert shipped() == []
    write_results(made(), tmp_path / "benchmarks" / "compact")
    assert shipped() == [tmp_path / "benchmarks" / "compact"]


@pytest.mark.parametrize("folder", shipped(), ids=lambda folder: folder.name)
def test_what_ships_says_what_each_command_measured(folder):
    """The table holds no row that no command counted."""
    results = read_results(folder)
    cells = results.scores[results.scores["negatives"] != "natural"].drop_duplicates(list(module.KEY[:-1]))
    runs = results.manifest["runs"]
    assert 0 < len(cells) <= sum(run["measurements"] for run in runs)
    assert all(run["computed"] is None or 0 < run["computed"] <= run["measurements"] for run in runs)
    assert all(run["wall_seconds"] is None or run["wall_seconds"] > 0 for run in runs)
    unknown = any(run["wall_seconds"] is None for run in runs)
    assert unknown == any("without a time" in note for note in results.manifest["notes"])


def test_reading_needs_no_torch():
    program = "import sys, grn_core.benchmark.results.tables; print('torch' in sys.modules, 'sklearn' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]


def test_a_control_of_perturbed_tfs_has_the_name_of_today(tmp_path):
    """The other suites' control of that name has a translator of its own, and keeps it."""
    both = made()
    rows = both.scores.head(2).assign(method="Random weights", network=["changes", "NET"])
    write_results(replace(both, scores=rows), tmp_path)
    found = read_results(tmp_path).scores.set_index("network")["method"]
    assert found.to_dict() == {"changes": "Random weights, same translator", "NET": "Random weights"}
