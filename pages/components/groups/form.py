"""What is asked of two groups: how they get their networks, how often labels are permuted, and what that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.datasets.columns_said import not_named
from grn_core.datasets.groups import CellGroup
from grn_core.datasets.replicates import CELLS, Replicates, replicates
from grn_core.differential import CONTEXT, limit_of, ways
from grn_core.runs import GroupsRequest
from grn_core.runs.beside_groups import activity_of
from grn_core.runs.foretold_cells import MINUTE, ForetoldGroups, foretell, foretell_groups
from grn_core.runs.kinds.groups import N_PERMUTATIONS
from pages.components.data.choices import panel_choice
from pages.components.data.two_groups import donors_in_words
from pages.components.groups.limit import limit_shown
from pages.components.runs.estimate import say_estimate
from pages.components.shared.kept import kept
from pages.components.shared.links import to_groups
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import linked

if TYPE_CHECKING:
    from grn_core.costs import Cost
    from grn_core.datasets import Dataset
    from grn_core.datasets.groups import Groups

PERMUTATIONS = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
FEW = 50
"""Permutations that are proposed where the model is asked, twice for each."""
WORTH = """
**What a difference is worth.** By co-expression genes vary together in one group and not in the other; that a TF has
gained or lost a target is a guess. Where two cell types have other true targets, no method of ours told which better
than chance, the model in the mean cell neither.
"""
PERMUTED = """
**What is permuted.** The labels A and B: of whole donors where a column of donors is named under Dataset, else of
cells. Cells of one donor are no replicates, so without donors a small q says that these cells differ.
"""


def groups_form(dataset: Dataset, groups: Groups) -> GroupsRequest:
    """Show the form; return what it asks for."""
    choice = panel_choice(dataset).asked_of(dataset, "compact")
    a, b = groups.masks(dataset, among=choice.mask(dataset))
    found = replicates(a, b, dataset.column(groups.donor) if groups.donor else None)
    donor = donors_in_words(groups.donor, count=found.unit != CELLS)
    donor = f"{donor} {not_named(dataset, groups, among=choice.mask(dataset))}".strip()
    among = f"Among the chosen cells, {plain(CellGroup(*choice.cells).title)}.  \n" if choice.cells else ""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(
            f"**A**: {plain(groups.a.title)}, {int(a.sum()):,} cells  \n"
            f"**B**: {plain(groups.b.title)}, {int(b.sum()):,} cells  \n{among}{plain(donor)}"
        )
        to_groups("Choose other groups, donors or genes")
    with right:
        titles = ways(of_cells=found.unit == CELLS)
        method = st.selectbox(
            "Networks by",
            list(titles),
            format_func=told_apart(titles, titles.__getitem__),
            **linked("groups_by", "pearson", titles),
            help="A co-expression method in the cells of each group, or the model with every other gene at its mean in "
            "the group. Methods that are not linear need two donors or more in each group.",
        )
        n = _permutations(found, usual=FEW if method == CONTEXT else N_PERMUTATIONS)
    request = choice.of_kind(
        GroupsRequest,
        method=method,
        permutations=n,
        a=groups.a.cells,
        b=groups.b.cells,
        donor=groups.donor if found.unit != CELLS else "",
    )
    how_to_read(WORTH, PERMUTED, title="What this says, and what it does not")
    return request


def _permutations(found: Replicates, *, usual: int) -> int:
    """Ask how often labels are permuted: of few donors there are few ways, and no more are offered."""
    others = found.other_labellings
    fewer = [n for n in PERMUTATIONS if n < others]
    if not fewer:
        st.caption(f"Permutations: all {others:,} that so few donors allow.")
        return usual
    steps = [*fewer, PERMUTATIONS[len(fewer)]] if len(fewer) < len(PERMUTATIONS) else fewer
    n: int = st.select_slider(
        "Permutations",
        steps,
        format_func=lambda n: f"all {others:,}" if n >= others else f"{n:,}",
        **linked("permutations", usual if usual in steps else steps[-1], steps),
        help="So often labels are permuted.",
    )
    return n if n < others else max(n, usual)


def before_the_run(request: GroupsRequest, dataset: Dataset) -> None:
    """Say what so few donors or permutations cannot find, what the runs take, and how many permutations a minute."""
    foretold, activity = _foretold(request.run_id(), dataset.sha256, request, dataset)
    if limit := limit_of(foretold.facts):
        st.warning(limit_shown(limit), icon=":material/warning:")
    in_a_minute = foretold.in_a_minute
    rough = round(in_a_minute, 1 - len(str(in_a_minute)) + 1)
    capped = foretold.cost.seconds <= MINUTE and in_a_minute <= request.permutations  # few donors have no more
    more = "" if capped else f"In a minute about {rough:,} permutations fit."
    say_estimate({"edges": foretold.cost, "TF activity": activity}, more=more)


@kept(max_entries=32, show_spinner="Choosing the genes")
def _foretold(run_id: str, sha256: str, _request: GroupsRequest, _dataset: Dataset) -> tuple[ForetoldGroups, Cost]:  # noqa: ARG001
    return foretell_groups(_request, _dataset), foretell(activity_of(_request, _dataset), _dataset)
