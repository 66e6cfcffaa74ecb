"""What is said of a run's tests: of every kind that was tested, and only of what was asked as it was tested."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grn_core.benchmark.results.tables import released, shipped
from grn_core.benchmark.results.tested_methods import CUT, of_coexpression, on_test_sets
from grn_core.coexpression import METHODS
from grn_core.experiments import limits
from grn_core.models.registry import weights_sha
from grn_core.runs import (
    ActivityRequest,
    AllGroupsRequest,
    CoexpressionRequest,
    GroupsRequest,
    InferRequest,
    RunStore,
    WhatIfRequest,
    tested,
)
from grn_core.runs.jobs import job_kinds
from grn_core.translator import cells_worth, registry
from tests.pages.coexpression_run import coexpression_run
from tests.pages.fabricated_run import fabricate_run
from tests.pages.people import a_run_of_every_kind

OF = {"title": "Any", "dataset_ref": "any", "dataset_sha": "0"}
A, B = ("type", ("A",)), ("type", ("B",))
DEFAULTS = {
    "infer": InferRequest(**OF, extractors=tuple(registry.record_of(registry.DEFAULT).ensemble)),
    "coexpression": CoexpressionRequest(**OF),
    "groups": GroupsRequest(**OF, a=A, b=B),
    "all-groups": AllGroupsRequest(**OF, by="type"),
    "what-if": WhatIfRequest(**OF, changed=("SPI1",)),
}


def said(request) -> str:
    return tested.in_one_line(request, request.hashes())


def test_of_both_together_it_is_said_what_they_reached_on_sets_with_cells():
    asked = replace(DEFAULTS["infer"], with_coexpression=True)
    assert said(asked).startswith("Tested on 3 data sets with cells: AUPRC 0.")
    assert said(asked) == cells_worth.of_run(asked.hashes(), "both")
    for other in ({"adapt": 50}, {"extractors": ("vvp",)}, {"translator": "omnipath"}):
        assert not said(replace(asked, **other))


@pytest.mark.parametrize("kind", DEFAULTS)
def test_it_is_said_of_what_is_asked_unless_the_user_chooses(kind):
    line = said(DEFAULTS[kind])
    assert "Tested on " in line
    assert "; best simple control " in line
    assert "; chance " in line


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("coexpression", {"options": (("pooled", 10),)}),
        ("coexpression", {"method": "genie3"}),
        ("groups", {"donor": "donor"}),
        ("groups", {"method": "partial"}),
        ("groups", {"method": "context"}),
        ("all-groups", {"method": "context"}),
        ("what-if", {"background": "context"}),
        ("what-if", {"changed": ("SPI1", "GATA1")}),
        ("what-if", {"change": "knock-down", "left": 0.5}),
        ("what-if", {"readout": "plain"}),
    ],
)
def test_nothing_is_said_of_what_is_asked_otherwise_than_it_was_tested(kind, other):
    assert said(replace(DEFAULTS[kind], **other)) == ""


def test_nothing_is_said_of_other_weights():
    asked = DEFAULTS["what-if"]
    assert tested.in_one_line(asked, {**asked.hashes(), "model": "another"}) == ""
    assert limits.limits_of("compact", sha="another") == (limits.NOT_MEASURED,)
    assert limits.limits_of("compact", sha=weights_sha("compact")) == limits.limits_of("compact")


def test_every_other_kind_of_run_says_nothing():
    """A kind that comes later says nothing until it is told of here."""
    store = RunStore()
    for kind, run_id in a_run_of_every_kind("mine").items():
        line = tested.in_one_line(store.request(run_id), {})
        assert kind in {*DEFAULTS, "activity"} or line == ""
    assert {*DEFAULTS, "activity"} <= {kind.name for kind in job_kinds()}


def test_activity_is_told_of_the_network_that_names_the_targets():
    of = {"dataset_ref": "any", "dataset_sha": "0"}
    assert "OmniPath, curated" in said(ActivityRequest(**of)).replace("OmniPath: ", "OmniPath, curated: ")
    assert "no test of them" in said(ActivityRequest(**of))
    correlation = coexpression_run()
    line = tested.in_one_line(ActivityRequest(**of, network=correlation), {})
    assert line == f"The network that names the targets: {of_coexpression('pearson')}"
    unknown = ActivityRequest(**of, network=fabricate_run())
    assert tested.in_one_line(unknown, {}) == tested.UNTESTED
    assert tested.in_one_line(replace(unknown, network="0" * 15 + "f"), {}) == tested.UNTESTED, "it was removed"


@pytest.mark.parametrize("method", METHODS)
def test_a_method_of_co_expression_is_told_by_what_the_release_measured(method):
    (scores,) = (released(one).scores for one in shipped())
    rows = CUT.of(scores, axes=("suite", "genes", "split", "negatives", "metric"))
    own = rows[rows["method"] == METHODS[method].title]
    found = on_test_sets(method)
    assert len(found) == len(own)
    if len(own):
        assert found["score"].mean() == pytest.approx(own["mean"].mean())
        rivals = rows[(rows["kind"] == "control") & (rows["train"] == own["train"].iloc[0])]
        first = rivals[rivals["dataset"] == own["dataset"].iloc[0]]["mean"].max()
        assert found["control"].eq(first).any()
        assert f"Tested on {len(own)} reference sets with cells: AUPRC {own['mean'].mean():.2f}" in of_coexpression(
            method
        )
    else:
        assert of_coexpression(method) == ""
    assert on_test_sets("nowhere").empty


def test_predictions_are_told_by_the_figures_of_the_suite_of_perturbed_tfs():
    line = limits.in_one_line(weights_sha("compact"))
    rows = released(shipped()[0]).scores
    rows = rows[(rows["suite"] == limits.SUITE) & (rows["metric"] == limits.RATIO)]
    own = rows[rows["method"] == limits.RESPONSE].groupby("dataset")["mean"].mean()
    assert f"Tested on {len(own)} tables" in line
    assert f"{own.min():.2f} to {own.max():.2f} times that of a guess" in line
    best = rows[rows["kind"] == "control"].groupby(["dataset", "method"])["mean"].mean().groupby("dataset").max()
    assert f"best simple control {best.min():.2f} to {best.max():.2f}; chance 1.00." in line
    assert limits.in_one_line("another") == ""
