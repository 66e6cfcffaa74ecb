from __future__ import annotations

import io
from dataclasses import replace

import pytest

from grn_core.benchmark.features import handle
from grn_core.benchmark.features.cache import RESULT_CODE, code_digest
from grn_core.benchmark.job import RESULTS, check_own, hashes, run_job
from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.protocol.protocols import protocols
from grn_core.benchmark.references.uploads import store_reference
from grn_core.benchmark.results.tables import read_results
from grn_core.errors import Cancelled
from grn_core.models.registry import weights_sha
from grn_core.runs import BenchmarkRequest
from grn_core.translator.train import TrainingOptions
from tests.benchmark.toy_references import GENES, tiny_handle, unloadable, write_toy

OWN = b"source\ttarget\n" + b"".join(f"GATA1\t{gene}\n".encode() for gene in GENES[:8] if gene != "GATA1")


@pytest.fixture
def toy(tmp_path) -> BenchmarkOptions:
    folder = tmp_path / "references"
    folder.mkdir()
    return BenchmarkOptions(references=write_toy(folder), train=("hONE:NET",), n_seeds=1)


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


def test_a_run_writes_results_and_a_second_one_computes_nothing(toy, tiny, tmp_path, monkeypatch):
    toy = replace(toy, tests=("hTWO:NET",))
    first, second = tmp_path / "one", tmp_path / "two"
    first.mkdir()
    second.mkdir()
    told = []
    summary = run_job(toy, first, progress=lambda *step: told.append(step))
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
    assert run_job(toy, second)["computed"] == 0


def test_progress_counts_all_protocols_and_never_goes_back(toy, tiny, tmp_path):
    told = []
    chosen = replace(toy, negatives=("tf-restricted", "all-pairs"))
    run_job(chosen, tmp_path, progress=lambda *step: told.append(step))
    measured = [(done, total) for stage, done, total in told if stage == "measure"]
    assert [done for done, _ in measured] == sorted(done for done, _ in measured)
    assert measured[-1] == (4, 4)


def test_a_cancelled_run_goes_on_from_what_is_finished(toy, tiny, tmp_path):
    def stop(stage, done, total):
        if stage == "measure" and done == 1:
            message = "stopped"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        run_job(toy, tmp_path, progress=stop)
    assert not (tmp_path / RESULTS).exists()
    whole = tmp_path / "whole"
    whole.mkdir()
    resumed = run_job(toy, whole)["computed"]
    n_methods = read_results(whole / RESULTS).scores.drop_duplicates(["dataset", "method"]).shape[0]
    assert 0 < resumed < n_methods


def test_own_reference_with_a_panel(tiny, tmp_path):
    name = store_reference("mine.tsv", io.BytesIO(OWN))
    found = check_own(name)
    assert (found["sources"], found["edges"]) == (1, len(OWN.splitlines()) - 1)
    options = BenchmarkOptions(suite="own", reference=name, genes=(*GENES, "GATA1"))
    (protocol,) = protocols(options)
    assert protocol.suite == "own"
    assert protocol.genes == GENES
    assert run_job(replace(options, n_seeds=1), tmp_path)["rows"]
    assert set(read_results(tmp_path / RESULTS).scores["suite"]) == {"own"}


FOLDERS = {
    "references": ("references/STRING_hESC_TFsplus500.tsv.gz", "expression/hESC/ExpressionData.csv"),
    "expression": ("expression/hESC/ExpressionData.csv",),
    "corpus": ("corpus/cells.h5ad", "profiles/averages.h5ad"),
}


@pytest.mark.parametrize("suite", ["ugrn", "transfer", "curated", "perturbation"])
@pytest.mark.parametrize("option", FOLDERS)
def test_a_folder_is_known_by_what_it_holds_wherever_it_lies(option, suite, tmp_path):
    table = tmp_path / "table.tsv"
    table.write_text("tf\ttarget\n")

    def run_id(place: str, **changed: str) -> str:
        for file in FOLDERS[option]:
            path = tmp_path / place / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(changed.get(path.name.partition(".")[0], "as it was"))
        more = {"tables": (str(table),)} if suite == "perturbation" else {}
        asked = BenchmarkOptions(suite=suite, **{option: tmp_path / place / FOLDERS[option][0].split("/")[0]}, **more)
        return BenchmarkRequest(options=asked).run_id()

    first = run_id("here")
    assert run_id("there") == first
    for file in FOLDERS[option]:
        name = file.split("/")[-1].partition(".")[0]
        unused = suite == "perturbation" and file.startswith("expression")  # which reads no measured cells
        assert (run_id("there", **{name: "changed"}) == first) == unused, file


def test_an_earlier_run_whose_folders_are_gone_is_read(tmp_path):
    earlier = {"kind": "benchmark", "title": "", "options": {"suite": "ugrn", "references": str(tmp_path / "gone")}}
    assert BenchmarkRequest.from_json(earlier).options.references == tmp_path / "gone"


def test_new_weights_and_new_code_are_a_new_run():
    assert hashes(BenchmarkOptions(suite="curated")) == {
        "model": weights_sha("compact"),
        "code": code_digest(RESULT_CODE),
    }
