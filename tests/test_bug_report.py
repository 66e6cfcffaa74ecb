"""The report for a bug tracker says what went wrong, and nothing of the user's."""

from __future__ import annotations

import json

import pytest

from grn_core.bug_report import bug_report
from grn_core.runs import RunStatus, RunStore
from tests.pages.fabricated_run import fabricate_run

SECRET = "PATIENT-42"
LOG = """2026-01-01 12:00:00 grn_core.runs.worker run 0 failed
Traceback (most recent call last):
  File "/home/anna PATIENT-42/grn/grn_core/runs/worker.py", line 120, in _compute
    values["PATIENT-42"]
  File "/home/anna PATIENT-42/venv/lib/python3.11/site-packages/pandas/core/frame.py", line 4, in loc
  File "/home/anna PATIENT-42/grn/grn_core/genes/PATIENT-42.py", line 3, in read
PATIENT
{error}: 'PATIENT-42' in /home/anna PATIENT-42
"""


def failed(log: str) -> None:
    """A run that failed and left a log."""
    run_id = fabricate_run(title=SECRET, name_of_gene=SECRET + "{:02d}", ref=f"upload-{SECRET}")
    store = RunStore()
    error = {"found": f"unexpected KeyError: {SECRET}", "needed": "", "todo": f"look at {SECRET}"}
    store.write_status(run_id, RunStatus("failed", attempts=1, message=SECRET, error=error))
    (store.path(run_id) / "log.txt").write_text(log, encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("KeyError", "KeyError"),
        ("grn_core.errors.DataError", "DataError"),
        ("pandas.errors.ParserError", "of another library"),
        ("Patient", "of another library"),
    ],
)
def test_a_failure_is_told_by_its_place_alone(error, said):
    failed(LOG.format(error=error))
    (found,) = bug_report()["failures"]
    assert found == {
        "kind": "infer",
        "state": "failed",
        "attempts": 1,
        "error": said,
        "places": ["grn_core/runs/worker.py:120 _compute"],
    }


@pytest.mark.parametrize("log", ["", "Traceback (most recent call last):\n", "\0" * 300_000, LOG[:300]])
def test_any_log_can_be_reported(log):
    failed(log)
    assert SECRET not in json.dumps(bug_report())


def test_nothing_of_the_user_is_in_it(grn_home, monkeypatch):
    failed(LOG.format(error="KeyError"))
    monkeypatch.setenv("GRN_MIRROR", f"https://anna:{SECRET}@example.org")
    monkeypatch.setenv("GRN_DATA", str(grn_home / SECRET))
    (grn_home / SECRET).mkdir()
    (grn_home / SECRET / "cells.h5ad").write_bytes(b"12345")
    report = bug_report()
    text = json.dumps(report)
    assert SECRET not in text
    assert "anna" not in text
    assert str(grn_home) not in text
    assert report["settings"]["GRN_MIRROR"] == report["settings"]["GRN_DATA"] == "set"
    assert report["runs"] == {"infer": {"failed": 1}}
    assert report["bytes on disk"]["other"] == 5
    assert report["checks"]["Python"] == "ok"
