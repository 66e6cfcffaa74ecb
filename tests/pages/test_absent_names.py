"""What an address names and a page cannot show is said, with the reason: nothing else is shown in its place unsaid."""

from __future__ import annotations

import pytest

from grn_core import datasets
from grn_core.runs import ActivityRequest, RunStatus, RunStore
from tests.pages.app import open_page, text_of
from tests.pages.fabricated_run import fabricate_run

TARGETS, NETWORK, WHAT_IF, ACTIVITY, GROUPS, INFER = (
    f"pages/explore/{name}.py" for name in ("targets", "network", "what_if", "activity", "groups", "infer")
)
pytestmark = pytest.mark.usefixtures("paper_models")


@pytest.mark.parametrize(
    ("page", "asked", "said"),
    [
        (TARGETS, {"tf": "AEBP1"}, "AEBP1 is not in this run"),
        (TARGETS, {"tf": "G20"}, "G20 is a gene of this run and no TF of it"),
        (TARGETS, {"tf": "G01", "target": "*AEBP1*"}, r"\*AEBP1\* is not in this run"),
        (NETWORK, {"gene": "AEBP1"}, "AEBP1 is not in this run"),
        (NETWORK, {"edge": "G01,AEBP1"}, "AEBP1 is not in this run"),
        (NETWORK, {"shown_tfs": "G01,AEBP1"}, "AEBP1 are no TFs of this run"),
        (NETWORK, {"only": "G01,AEBP1"}, "AEBP1 are no genes of this run"),
        (WHAT_IF, {"changed": "G01,AEBP1"}, "AEBP1 is not in this run"),
    ],
)
def test_a_gene_of_the_address_that_is_not_there_is_said_with_the_reason(page, asked, said):
    cells = datasets.load("pbmc68k")
    app = open_page(page, run=fabricate_run(ref=cells.ref, sha=cells.sha256), **asked)
    assert said in text_of(app)
    if "changed" in asked:
        assert app.multiselect(key="changed").value == ["G01"]


@pytest.mark.parametrize(("page", "asked"), [(TARGETS, {"tf": "g02"}), (NETWORK, {"gene": "g02"})])
def test_another_spelling_of_a_gene_is_found(page, asked):
    app = open_page(page, run=fabricate_run(), **asked)
    assert not app.info
    assert any(heading.value.startswith("G02") for heading in app.header)


@pytest.mark.parametrize("page", [GROUPS, ACTIVITY, WHAT_IF, TARGETS, NETWORK, INFER])
@pytest.mark.parametrize("name", ["0123456789abcdef", "another kind"])
def test_a_run_of_the_address_that_a_page_cannot_show_is_said(page, name, no_worker):
    if name == "another kind":
        name = "activity" if page != ACTIVITY else "groups"
        name = _asked(name)
    app = open_page(page, dataset="pbmc68k", run=name)
    assert any(
        "of the address" in one.value or "This link names a run that is not on this machine" in one.value
        for one in app.warning
    )


def test_a_run_of_the_pages_own_kind_is_shown_and_a_network_is_taken_where_it_is_asked_about(no_worker):
    activity = _asked("activity")
    RunStore().write_status(activity, RunStatus("cancelled"))
    app = open_page(ACTIVITY, run=activity)
    assert not app.warning
    assert app.button(key="leave_asked")
    assert dict(app.query_params) == {"asked": activity}
    network = fabricate_run(ref="pbmc68k")
    app = open_page(ACTIVITY, dataset="pbmc68k", run=network)
    assert not app.warning
    assert app.selectbox(key="network").value == network
    groups = _asked("groups")
    RunStore().write_status(groups, RunStatus("cancelled"))
    app = open_page(GROUPS, run=groups)
    assert app.query_params["groups_run"] == groups
    assert app.button(key="leave_asked")


def _asked(kind: str) -> str:
    """Submit a run of a kind, which nobody computes; return its id."""
    from grn_core.runs import GroupsRequest, submit

    cells = datasets.load("pbmc68k")
    a, b = (("bulk_labels", (name,)) for name in ("Dendritic", "CD14+ Monocyte"))
    of = {"dataset_ref": cells.ref, "dataset_sha": cells.sha256, "title": cells.title}
    return submit(ActivityRequest(**of) if kind == "activity" else GroupsRequest(**of, a=a, b=b))
