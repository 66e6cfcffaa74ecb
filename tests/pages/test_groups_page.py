"""The page Groups: without groups, with a run computed in this process, and what is said of donors."""

from __future__ import annotations

import re

import numpy as np
import pytest

from grn_core import datasets
from grn_core.datasets.cell_labels import label_cells
from grn_core.datasets.groups import CellGroup, Groups, keep_groups
from grn_core.differential import ways
from grn_core.in_words import counted
from grn_core.progress import silent
from grn_core.runs import ActivityRequest, AllGroupsRequest, GroupsRequest, RunStatus, RunStore, versions
from grn_core.runs.jobs import job_kind
from grn_core.runs.names import name_of
from grn_core.runs.versions import package_versions
from grn_core.settings import settings
from pages.components.data.two_groups import donors_in_words
from pages.components.shared import tables
from tests.pages.app import open_page, part_of_page, text_of

PAGE = "pages/explore/groups.py"
GROUP = "bulk_labels"
A, B = CellGroup(GROUP, ("CD14+ Monocyte",)), CellGroup(GROUP, ("Dendritic",))
SMALL = {"n_variable": "50", "tfs": "own", "own_tfs": "IRF8 HES4 HMGA1", "permutations": "50"}
pytestmark = pytest.mark.usefixtures("paper_models")


def test_without_groups_or_cells_it_says_what_to_do():
    app = open_page(PAGE, dataset="pbmc68k", groups_run="0123456789abcdef")  # a run that is no longer there
    assert "No groups are named" in app.info[0].value
    assert "groups_run" not in app.query_params
    app = open_page(PAGE, dataset=datasets.store_genes(["SPI1", "GATA1", "LYZ"], title="Mine"))
    assert "a gene list has none" in app.info[0].value
    few = {"a_by": GROUP, "a_in": "CD14+ Monocyte", "b_by": GROUP, "b_in": "CD4+/CD45RA+/CD25- Naive T"}
    app = open_page(PAGE, dataset="pbmc68k", **few)
    assert "has 8 cells" in app.error[0].value


def test_a_group_of_the_address_that_is_not_there_is_said_and_one_with_a_comma_is_found():
    cells = datasets.load("pbmc68k")
    there = {"b_by": GROUP, "b_in": "Dendritic", "a_by": GROUP}
    app = open_page(PAGE, dataset="pbmc68k", a_in="Nobody,*x*", **there)
    assert (
        r"Group A of the address is not of these cells, and nothing is compared: Nobody, \*x\*" in app.warning[0].value
    )
    keep_groups(cells, Groups(A, B))
    app = open_page(PAGE, dataset="pbmc68k", a_in="Nobody", **there)
    assert "nothing is compared: Nobody" in app.warning[0].value
    assert "compare_groups" not in {button.key for button in app.button}, "not the groups that were kept before"
    with_comma = np.where(cells.obs[GROUP] == "Dendritic", "Cells, dendritic", "Others")
    table = "\n".join(f"{cell}\t{label}" for cell, label in zip(cells.obs.index, with_comma, strict=True))
    (path := settings().home / "labels.tsv").write_text(table, encoding="utf-8")
    made = label_cells(cells, path, title="Mine").ref
    app = open_page(PAGE, dataset="pbmc68k", a_by=made, a_in="Cells, dendritic", b_by=made, b_in="Others", **SMALL)
    assert not app.exception
    assert not app.warning
    assert "Cells, dendritic" in text_of(app).replace("\\", "")


def test_groups_of_the_address_are_compared_and_shown(no_worker):
    cells = datasets.load("pbmc68k")
    keep_groups(cells, Groups(A, B))
    app = open_page(PAGE, dataset="pbmc68k", **SMALL)
    assert "**A**: bulk\\_labels\\: CD14+ Monocyte, 129 cells" in text_of(app)
    assert "In a minute about" in text_of(app)
    assert "Dendritic" in app.query_params["b_in"]  # a link keeps them
    app.button(key="compare_groups").click().run()
    assert not app.exception
    store = RunStore()
    groups, activity = map(store.request, no_worker)
    assert isinstance(groups, GroupsRequest)
    assert isinstance(activity, ActivityRequest)
    assert (groups.a, groups.b, groups.permutations) == (A.cells, B.cells, 50)
    assert (activity.a, activity.b) == (A.cells, B.cells)
    run_id = no_worker[0]
    store.write_result(run_id, job_kind("groups").run(groups, store.path(run_id), silent))
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    app.run()
    assert not app.exception
    assert "tested edges differ** (q below 0.05) between A, bulk\\_labels\\: CD14+ Monocyte (129 cells)" in text_of(app)
    assert "no replicates" in app.warning[0].value
    assert len(app.get("plotly_chart")) == 1
    drawings = [one.proto.component_name for one in app.get("bidi_component")]
    assert [drawings.count(name) for name in ("grn_network", "vis_network")] == [2, 1], "half a megabyte, sent once"
    found = RunStore().differential(run_id)
    assert "whatever its sign" in text_of(app), "of correlations the size tells which is stronger"
    assert "Pale" not in text_of(app), "pairs that were not tested are drawn where they are asked for"
    app.toggle(key="groups_unseen").set_value(True).run()
    assert_drawings_say_what_was_tested(text_of(app), found)
    table = app.dataframe[0].value
    assert table["q"].is_monotonic_increasing
    link = next(link for link in open_page().get("page_link") if link.label == "Groups")
    assert link.proto.query_string == f"groups_run={run_id}"  # Home leads back to it
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "MOST_ROWS", 5)
        app.run()
    assert app.dataframe[0].value["q"].tolist() == table["q"].tolist()[:5]
    assert f"The 5 with the smallest q of {len(table):,} edges; the search goes over all" in text_of(app)
    app.text_input(key="groups_search").set_value("irf8").run()
    assert np.all((app.dataframe[0].value[["source", "target"]] == "IRF8").any(axis=1))
    app.text_input(key="groups_search").set_value("*nobody*").run()
    assert not app.exception
    assert r"has \*nobody\* in its name" in text_of(app)


def assert_drawings_say_what_was_tested(text: str, found) -> None:
    """The caption of each drawing counts every drawn edge once, and what it calls sure or untested is so."""
    said = re.findall(
        r"Of (\d+) edges, (?:in colour\\: (\d+) sure to differ \((\d+) stronger in A, (\d+) in B\); )?"
        r"grey\\: (\d+) tested, not sure to differ(?:; pale\\: (\d+) not tested)?\.",
        text,
    )
    assert len(said) == 2
    tested = {frozenset(pair) for pair in zip(found.table["source"], found.table["target"], strict=True)}
    for numbers, edges in zip(said, (found.a, found.b), strict=True):
        drawn, sure, a, b, same, untested = (int(number or 0) for number in numbers)
        assert sure == a + b
        assert sure + same + untested == drawn
        pairs = [frozenset(pair) for pair in zip(edges["source"], edges["target"], strict=True)]
        assert untested == sum(pair not in tested for pair in dict.fromkeys(pairs[:drawn]))


def test_few_donors_are_not_promised_more_permutations_than_they_have():
    cells = datasets.load("pbmc68k")
    few = Groups(A, B, "phase")  # three values, in both groups
    keep_groups(cells, few)
    app = open_page(PAGE, dataset="pbmc68k", **SMALL | {"groups_by": "pearson", "permutations": "1000"})
    assert not app.exception
    assert "permutations" not in [one.key for one in app.select_slider]
    told = text_of(app)
    n = int(re.search(r"Permutations\\?: all (\d+) that so few donors allow", told)[1])
    (warned,) = (one.value for one in app.warning if "can be sure" in one.value)
    assert warned.startswith("**No edge can be sure to differ"), "the first thing that is said of it"
    assert f"can be labelled in only {counted(n, 'other way')}, so no p is below {1 / (n + 1):.2g}" in warned
    assert "More donors help" in warned, "and what to do"
    assert told.count("no p is below") == 1, "it is said once"
    assert "In a minute about" not in text_of(app), "that would be the number that they have"
    keep_groups(cells, Groups(CellGroup("louvain", ("1",)), CellGroup("louvain", ("2",))))
    app = open_page(PAGE, dataset="pbmc68k", groups_view="all", **SMALL)
    assert app.selectbox(key="all_by").value == "louvain", "the column of A is what is looked at"


def test_donors_that_are_too_few_are_said_and_named_nowhere(no_worker):
    keep_groups(datasets.load("pbmc68k"), Groups(A, B, GROUP))  # a group is one donor
    app = open_page(PAGE, dataset="pbmc68k", **SMALL)
    assert "has too few (two in each group with 10 cells are needed), so cells are compared" in text_of(app)
    app.button(key="compare_groups").click().run()
    assert not app.exception
    groups, activity = map(RunStore().request, no_worker)
    keep_groups(datasets.load("pbmc68k"), Groups(A, B))
    app = open_page(PAGE, dataset="pbmc68k", **SMALL)
    assert "compare_groups" not in [one.key for one in app.button], "what is asked without donors is the same run"
    assert "donors" not in name_of(groups) + name_of(activity)


@pytest.mark.parametrize(("by", "among"), [("louvain", "1"), ("phase", "G1")])
def test_the_activity_beside_is_one_run_wherever_it_is_asked_for(no_worker, by, among):
    """Donors of too few cells count neither for networks nor for TFs."""
    keep_groups(datasets.load("pbmc68k"), Groups(A, B, "phase"))
    app, store = open_page(PAGE, dataset="pbmc68k", cells_by=by, cells_in=among, **SMALL), RunStore()
    app.button(key="compare_groups").click().run()
    assert not app.exception
    (run_id, groups), activity = (no_worker[0], store.request(no_worker[0])), store.request(no_worker[1])
    assert (groups.donor, activity.donor) == ("", "")
    store.write_result(run_id, job_kind("groups").run(groups, store.path(run_id), silent))
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    for kept in (Groups(A, B, "phase"), Groups(B, A)):
        keep_groups(datasets.load("pbmc68k"), kept)
        app = open_page(PAGE, groups_run=run_id)
        assert not app.exception
        assert "groups_activity" not in [one.key for one in app.button], "it was asked for already"
    store.write_result(no_worker[1], job_kind("activity").run(activity, store.path(no_worker[1]), silent))
    store.write_status(no_worker[1], RunStatus("done", fraction=1.0))
    links = open_page(PAGE, groups_run=run_id).get("page_link")
    (every_cell,) = (one.proto.query_string for one in links if one.label == "TF activity of every cell")
    assert every_cell == f"asked={no_worker[1]}", "that run, and not the form"
    assert "A and B are compared below" in text_of(open_page("pages/explore/activity.py", asked=no_worker[1]))


def test_the_page_counts_the_chosen_cells_and_offers_what_cells_allow():
    keep_groups(datasets.load("pbmc68k"), Groups(A, B))
    app = open_page(PAGE, dataset="pbmc68k", cells_by="louvain", cells_in="1,2,3", **SMALL)
    cells = datasets.load("pbmc68k")
    own = [int((cells.cells_where(*one.cells) & cells.cells_where("louvain", ("1", "2", "3"))).sum()) for one in (A, B)]
    for letter, n_cells, every in zip("AB", own, (129, 240), strict=True):
        assert n_cells < every
        assert re.search(rf"\*\*{letter}\*\*: .* {n_cells} cells", text_of(app))
    assert "Among the chosen cells, louvain" in text_of(app)
    assert list(app.selectbox(key="groups_by").options) == list(ways(of_cells=True).values())


def test_a_run_is_shown_as_it_was_asked_whatever_the_form_can_ask(no_worker, monkeypatch):
    cells, store = datasets.load("pbmc68k"), RunStore()
    shared = {
        "title": "Mine",
        "dataset_ref": "pbmc68k",
        "dataset_sha": cells.sha256,
        "genes": ("IRF8", "HES4", "LYZ", "CD3D"),
        "tfs": ("IRF8", "HES4"),
        "seed": 7,
    }
    two = GroupsRequest(**shared, a=A.cells, b=B.cells, permutations=30)
    every = AllGroupsRequest(**shared, by=GROUP)
    for request in (two, every):
        run_id = store.write_request(request)
        store.write_result(run_id, job_kind(request.kind).run(request, store.path(run_id), silent))
        store.write_status(run_id, RunStatus("done", fraction=1.0))
    home = {link.proto.query_string for link in open_page().get("page_link") if link.label == "Groups"}
    assert home >= {f"groups_run={request.run_id()}" for request in (two, every)}
    app = open_page(PAGE, groups_run=two.run_id())
    assert not app.exception
    assert "permuted 30 times" in app.warning[0].value
    app.button(key="leave_asked").click().run()
    assert not app.exception
    assert "groups_run" not in app.query_params
    assert "**A**: bulk\\_labels\\: CD14+ Monocyte, 129 cells" in text_of(app)
    app = open_page(PAGE, groups_run=every.run_id())
    assert not app.exception
    assert "of one of the 9 groups alone" in text_of(app)
    assert "Computed with" not in text_of(app)
    old, others = two.run_id(), {**package_versions(), "numpy": "0.1"}
    monkeypatch.setattr(versions, "package_versions", lambda: others)
    assert "(here 0.1)" in open_page(PAGE, groups_run=old).info[0].value


def test_dataset_leads_here_in_one_click():
    keep_groups(datasets.load("pbmc68k"), Groups(A, B))
    app = open_page("pages/prepare/dataset.py", dataset="pbmc68k")
    assert "Compare A and B" in [link.label for link in app.get("page_link")]


def test_all_groups_of_a_column(no_worker):
    app = open_page(PAGE, dataset="pbmc68k", groups_view="all", standing="50", **SMALL)
    assert app.selectbox(key="all_by").value == GROUP
    app.button(key="compute_all_groups").click().run()
    store, run_id = RunStore(), no_worker[0]
    request = store.request(run_id)
    assert (request.by, request.best) == (GROUP, 50)
    store.write_result(run_id, job_kind("all-groups").run(request, store.path(run_id), silent))
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    app.run()
    assert not app.exception
    assert "of one of the 9 groups alone" in text_of(app)
    assert "Naive T" in text_of(app)
    assert len(app.get("plotly_chart")) == 1
    app.segmented_control(key="standing_order").set_value("specific").run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1


def test_where_every_q_is_1_there_is_no_empty_picture_and_a_name_with_a_stop_gets_no_second():
    def page() -> None:
        import pandas as pd

        from pages.components.groups import result

        shown = []
        before, result._table = result._table, lambda table, run_id: shown.append(len(table))
        for least in (1.0, 0.967):
            result.picture_and_table(pd.DataFrame({"q": [1.0, least]}), "0123", directed=True)
        result._table = before
        assert shown == [2, 2]

    app = part_of_page(page).run()
    assert not app.exception
    said = "there is no picture of the differences to draw"  # how small q is was said above
    assert all(said in one.value for one in app.caption)
    assert not app.get("plotly_chart")
    assert donors_in_words("Tier, Nr.", count=True) == "Donors: Tier, Nr."
    assert donors_in_words("donor", count=True) == "Donors: donor."
