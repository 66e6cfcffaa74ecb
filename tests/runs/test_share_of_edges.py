"""What share of pairs are edges, and of what, is said alike by every place that says it: by the run's calibration."""

from __future__ import annotations

import json

import pytest

from grn_core.files import write_json
from grn_core.runs import RunStore
from grn_core.runs.account import account_of
from grn_core.runs.finished import FinishedRun
from tests.pages.app import open_page
from tests.pages.fabricated_run import fabricate_run
from tests.pages.test_hostile_names import elements, texts_of

HELD_OUT = {"sets": [{"test": "mDC"}, {"test": "mESC"}], "training": [[-3.0, 0.5]], "prior": 0.0171}
LEARNT = "the reference that the translator learnt from"


def run_of(held_out: dict, seed: int) -> FinishedRun:
    run_id = fabricate_run(seed=seed, rare=True)
    record = RunStore().record(run_id)
    record["hashes"] = {"probe": json.dumps({"held_out": held_out})}
    record["result"]["score"]["prior"] = held_out.get("prior", 0.0144)
    write_json(RunStore().path(run_id) / "run.json", record)
    return FinishedRun.of(run_id)


def of_places(run: FinishedRun) -> dict[str, str]:
    account = account_of(run)
    return {
        "report": "\n".join(account.reading),
        "methods": account.methods,
        "summary": texts(open_page("pages/explore/infer.py", run=run.id)),
        "network": texts(open_page("pages/explore/network.py", run=run.id, edge="G00,G01", evidence="known")),
    }


def texts(app) -> str:
    protos = [getattr(one, "proto", None) for one in elements(app._tree)]
    return "\n".join(text for proto in protos if proto is not None for _, text in texts_of(proto, skip=frozenset()))


@pytest.mark.parametrize("held_out", [HELD_OUT, {}], ids=["held out", "of before"])
def test_every_place_says_it_by_the_calibration_of_the_run(grn_home, held_out):
    run = run_of(held_out, 1)
    assert ("mDC, mESC" in run.share_of_edges) == bool(held_out) == (LEARNT not in run.share_of_edges)
    for place, text in of_places(run).items():
        said = text.count("of all pairs are")
        assert said, place
        assert text.replace("\\", "").count(run.share_of_edges) == said, place


def test_the_uncertainty_is_said_to_be_over_what_it_is(grn_home):
    now, before = run_of(HELD_OUT, 1), run_of({}, 2)
    assert before.uncertainty == "Standard deviation of the probability over the translator's seeds."
    assert "data sets held out and the data sets that it could have learnt from" in now.uncertainty
    for run in (now, before):
        assert any(run.uncertainty in line for line in account_of(run).reading)
    one = FinishedRun.of(fabricate_run(seed=4, seeds=(2,)))
    assert one.uncertainty == ""
    assert "probability" in one.edges
    assert "uncertainty" not in one.edges
    assert "uncertainty" in before.edges
    assert not any("Uncertainty" in line for line in account_of(one).reading)
    scores = FinishedRun.of(fabricate_run(seed=3, background="context"))
    assert scores.uncertainty == "Standard deviation of the score over the translator's seeds."
