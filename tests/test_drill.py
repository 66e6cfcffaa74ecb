"""A drill notices what does not come back, or comes back as something else; and a real one of quick work does not."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from grn_core import cli
from grn_core.cli.parser import requests_of
from grn_core.drill import FAULTS, WORKS, drill
from grn_core.drill import faults as faults_of
from grn_core.runs import RunStore
from grn_core.runs.jobs import job_kinds
from grn_core.sums import write_summed

IN_A_PROCESS = faults_of.manager._start
QUICK = [work for work in WORKS if work.name == "import of a network"]


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_every_work_is_a_command(work, tmp_path, grn_home):
    if work.before:
        return
    words = [word.format(files=tmp_path) for word in work.words]
    if str(tmp_path) in " ".join(words):
        from grn_core.drill.work import write_files

        write_files(tmp_path)
    (request,) = requests_of(words)
    assert request.run_id()


@pytest.mark.thorough
def test_quick_work_survives_what_is_done_to_it(grn_home, capsys):
    code = cli.main(["drill", "--minutes", "0", "--work", QUICK[0].name, "--fault", "bit flipped in a result",
                     "--fault", "worker killed", "--json"])  # fmt: skip
    rows = json.loads(capsys.readouterr().out)
    assert code == 0
    assert {(row["survived"], row["wrong"]) for row in rows} == {(True, "")}
    assert len(rows) == 2
    assert not (grn_home / "runs").exists()


def test_a_result_that_changes_unnoticed_is_wrong(grn_home, runs_here, monkeypatch):
    def harm(attempt) -> None:
        attempt.finish()
        edges = pd.read_parquet(attempt.folder / "edges.parquet")
        edges.assign(score=edges["score"] + 1).to_parquet(attempt.folder / "edges.parquet")
        record = RunStore().record(attempt.run_id)
        write_summed(attempt.folder / "run.json", {**record, "files": {}})

    monkeypatch.setitem(FAULTS, "unnoticed", harm)
    (found,) = drill(requests_of, minutes=0, faults=["unnoticed"], works=QUICK)
    assert found.wrong == "edges.parquet"


def test_work_that_never_ends_well_is_not_survived(grn_home, runs_here, monkeypatch):
    def harm(attempt) -> None:
        monkeypatch.setattr(faults_of.manager, "_start", IN_A_PROCESS)
        monkeypatch.setattr(faults_of.manager, "WORKER", ("false",))
        attempt.begin()

    monkeypatch.setitem(FAULTS, "no worker", harm)
    (found,) = drill(requests_of, minutes=0, faults=["no worker"], works=QUICK)
    assert not found.survived
    assert "interrupted" in found.said


@pytest.mark.parametrize(("words", "said"), [(["--work", "dance"], "no 'dance'"), (["--minutes", "-1"], "-1 minutes")])
def test_what_cannot_be_drilled_is_told(words, said, capsys):
    assert cli.main(["drill", *words]) == 2
    assert said in capsys.readouterr().err


def test_every_kind_of_work_is_drilled_or_says_why_not(tmp_path, grn_home):
    from grn_core.drill.work import NOT_DRILLED, write_files

    write_files(tmp_path)
    lines = [[word.format(files=tmp_path) for word in work.words] for work in WORKS if not work.before]
    drilled = {requests_of(words)[0].kind for words in lines} | {"consensus", "against"}
    assert drilled | set(NOT_DRILLED) == {
        kind.name for kind in job_kinds() if kind.request.__module__.startswith("grn_core.")
    }
    assert not drilled & set(NOT_DRILLED)
