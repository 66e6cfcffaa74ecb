"""A network with one's own cells as background, beside the usual one of the same panel: whole runs, in turn."""

from __future__ import annotations

import pytest

import grn_core as grn
from grn_core.planning import plan
from grn_core.runs import InferRequest
from tests.performance.figures import note
from tests.performance.whole_runs import really

pytestmark = pytest.mark.performance
ROUNDS = 3
MOST = 2.0


def asked_of(data, background):
    """What the command line asks of the demo unless told otherwise, but for the background."""
    asked = plan("compact", background=background)
    return InferRequest(
        dataset_ref=data.ref,
        dataset_sha=data.sha256,
        n_variable=500,
        tfs="auto",
        readout=asked.readout,
        background=asked.background,
        extractors=asked.extractors,
        translator=asked.translator.name,
        seeds=asked.seeds,
    )


def test_a_run_with_cells_as_background_beside_the_usual_one(tmp_path, monkeypatch):
    """The quickest of some rounds of both, in turn, each in a home where nothing was computed before."""
    monkeypatch.setenv("GRN_DEVICE", "cpu")
    data = grn.demo("pbmc68k")
    took = {"virtual": [], "context": []}
    for number in range(ROUNDS):
        for background, rounds in took.items():
            monkeypatch.setenv("GRN_HOME", str(tmp_path / f"{background}-{number}"))
            rounds.append(really(asked_of(data, background)).seconds)
    usual, own = (min(rounds) for rounds in took.values())
    note("the demo's run with cells as background, in times of the usual one", f"{own / usual:.1f}", aim=f"{MOST}")
    print(f"\n{own:.1f} s and {usual:.1f} s: {took}")
    assert own <= MOST * usual
