from __future__ import annotations

import io
from pathlib import Path

import pytest

from grn_core.benchmark import handle
from grn_core.benchmark.cache import RESULT_CODE, code_digest
from grn_core.benchmark.job import DEFAULTS, RESULTS, check_own, command_of, hashes, protocols, run_job
from grn_core.benchmark.results import read_results
from grn_core.benchmark.uploads import store_reference
from grn_core.cli.benchmark import add_arguments
from grn_core.errors import Cancelled, DataError, RequestError
from grn_core.models.registry import weights_sha
from grn_core.translator.train import TrainingOptions
from tests.benchmark.toy_references import GENES, tiny_handle, unloadable, write_toy

OWN = b"source\ttarget\n" + b"".join(f"GATA1\t{gene}\n".encode() for gene in GENES[:8] if gene != "GATA1")


@pytest.fixture
def toy(tmp_path) -> dict[str, str]:
    folder = tmp_path / "references"
    folder.mkdir()
    return {"references": str(write_toy(folder)), "train": "hONE:NET"}


@pytest.fixture
def tiny(monkeypatch):
    """A tiny model in place of the named one, and translators that learn for a moment: what they learn is no matter."""
    init = TrainingOptions.__init__
    monkeypatch.setattr(TrainingOptions, "__init__", lambda self, **options: init(self, **{"epochs": 1, **options}))
    model, untrained = tiny_handle(0), tiny_handle(1)
    monkeypatch.setattr(
        handle, "model_handle", lambda name, weights="pretrained": model if weights[0] == "p" else untrained
    )
    return model


def test_leave_dataset_out_is_the_default(toy):
    (found,) = protocols(toy, n_seeds=2)
    assert found.tests == ("hFAR:NET", "hTWO:NET")
    assert (found.n_seeds, found.negatives, found.coexpression) == (2, "tf-restricted", ())


def test_lists_multiply(toy):
    chosen = {"splits": "all,unseen-target", "negatives": "tf-restricted,all-pairs", "tests": "hTWO:NET"}
    found = protocols({**toy, **chosen}, n_seeds=1)
    assert [one.negatives for one in found] == ["tf-restricted", "all-pairs"]
    assert {one.tests for one in found} == {("hTWO:NET",)}
    assert {one.splits for one in found} == {("all", "unseen-target")}


def test_transfer_trains_on_each(toy):
    found = protocols({**toy, "suite": "transfer"}, n_seeds=1)
    assert sorted(one.train for one in found) == ["hFAR:NET", "hONE:NET", "hTWO:NET", "hTWO:OTHER"]
    assert all(one.train not in one.tests and len(one.tests) == 3 for one in found)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({}, RequestError, "no reference networks"),
        ({"suite": "other"}, RequestError, "no suite"),
        ({"sead": "1"}, RequestError, "no option sead"),
        ({"suite": "own", "reference": "nobody"}, DataError, "no reference"),
        ({"suite": "curated", "splits": "some"}, RequestError, "split some"),
    ],
)
def test_what_cannot_be_asked(options, error, words):
    with pytest.raises(error, match=words):
        protocols(options, n_seeds=1)


def test_a_run_writes_results_and_a_second_one_computes_nothing(toy, tiny, tmp_path, monkeypatch):
    toy["tests"] = "hTWO:NET"
    first, second = tmp_path / "one", tmp_path / "two"
    first.mkdir()
    second.mkdir()
    told = []
    summary = run_job("compact", toy, first, n_seeds=1, progress=lambda *step: told.append(step))
    results = read_results(first / RESULTS)
    assert summary["rows"] == len(results.scores) > 0
    assert summary["computed"] > 0
    assert set(results.scores["suite"]) == {"ugrn"}
    assert {"VVP", "GDT", "Ensemble", "Random weights", "Degree only"} <= set(results.scores["method"])
    assert len(results.curves)
    assert len(results.calibration)
    measured = [(done, total) for stage, done, total in told if stage == "measure"]
    assert measured[-1][0] == measured[-1][1]
    monkeypatch.setattr(
        handle,
        "model_handle",
        lambda name, weights="pretrained": unloadable(tiny if weights[0] == "p" else tiny_handle(1)),
    )
    assert run_job("compact", toy, second, n_seeds=1)["computed"] == 0


def test_progress_counts_all_protocols_and_never_goes_back(toy, tiny, tmp_path):
    told = []
    chosen = {**toy, "negatives": "tf-restricted,all-pairs"}
    run_job("compact", chosen, tmp_path, n_seeds=1, progress=lambda *step: told.append(step))
    measured = [(done, total) for stage, done, total in told if stage == "measure"]
    assert [done for done, _ in measured] == sorted(done for done, _ in measured)
    assert measured[-1] == (4, 4)


def test_a_cancelled_run_goes_on_from_what_is_finished(toy, tiny, tmp_path):
    def stop(stage, done, total):
        if stage == "measure" and done == 1:
            message = "stopped"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        run_job("compact", toy, tmp_path, n_seeds=1, progress=stop)
    assert not (tmp_path / RESULTS).exists()
    whole = tmp_path / "whole"
    whole.mkdir()
    resumed = run_job("compact", toy, whole, n_seeds=1)["computed"]
    n_methods = read_results(whole / RESULTS).scores.drop_duplicates(["dataset", "method"]).shape[0]
    assert 0 < resumed < n_methods


def test_own_reference_with_a_panel(tiny, tmp_path):
    name = store_reference("mine.tsv", io.BytesIO(OWN))
    found = check_own(name)
    assert (found["sources"], found["edges"]) == (1, len(OWN.splitlines()) - 1)
    options = {"suite": "own", "reference": name, "genes": ",".join(GENES)}
    (protocol,) = protocols(options, n_seeds=1, genes=tmp_path / "genes.txt")
    assert protocol.suite == "own"
    assert protocol.genes == tmp_path / "genes.txt"
    assert protocols({"suite": "own", "reference": name}, n_seeds=1, genes=Path("unused"))[0].genes is None


def test_the_command_is_one_that_the_command_line_takes(toy):
    import argparse
    import shlex

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    for options in (toy, {"suite": "curated"}, {**toy, "negatives": "all-pairs", "splits": "all,unseen-target"}):
        words = shlex.split(command_of("compact", options, n_seeds=3))
        assert words[:4] == ["python", "-m", "grn_core", "benchmark"]
        arguments = parser.parse_args(words[4:])
        assert arguments.suite == options.get("suite", DEFAULTS["suite"])
        assert arguments.seeds == 3
        assert "references" not in toy["references"] or toy["references"] not in words


def test_new_weights_and_new_code_are_a_new_run():
    assert hashes("compact") == {"model": weights_sha("compact"), "code": code_digest(RESULT_CODE)}
