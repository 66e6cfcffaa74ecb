"""What is asked: which TFs are changed, how, in which cell, and beside which measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core.datasets.annotations import column_title
from grn_core.experiments.change import CHANGES, KNOCK_DOWN, KNOCK_OUT, LEFT
from grn_core.experiments.propagation import worth_of_propagation
from grn_core.genes.usual import OMNIPATH
from grn_core.runs import WhatIfRequest
from grn_core.runs.absent import standing_of
from grn_core.runs.regulons import BUNDLED
from pages.components.data.choices import groupings, values_of
from pages.components.runs.picker import infer_runs, run_label
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.session import linked, one_of, query, remember, unknown_in
from pages.components.what_if.measurement import pick_measurement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grn_core.datasets import Dataset
    from grn_core.runs.kinds.panel import PanelRequest

WHERE = {"virtual": "Generic cell", "context": "Group of my cells"}
SHARES = (0, 10, 25, 50, 75)
NONE, LONGEST = "", 60


def what_if_form(
    base: PanelRequest,
    tfs: Mapping[str, str],
    dataset: Dataset | None,
    *,
    panel: Mapping[str, Any],
    of_run: bool = False,
) -> WhatIfRequest | None:
    """Show the form; return what it asks for, None until a TF is chosen.

    Parameters
    ----------
    base
        The genes, TFs and cells of the question.
    tfs
        Names of the TFs, and the canonical symbol of each.
    dataset
        The cells; None for a gene list.
    panel
        The genes that are asked, as ``panel.json`` of a run has them.
    of_run
        Whether the question is that of a run.
    """
    whys = _settled(base, tfs, panel)
    first, second = st.columns([4, 2], vertical_alignment="bottom", gap="medium")
    changed = first.multiselect(
        "TFs",
        list(tfs),
        format_func=told_apart(tfs),
        placeholder="One or more",
        **linked("changed", (), set(tfs)),
        accept_new_options=True,
        help="All of them are changed at once. Of a gene that is no TF of these it is said why.",
    )
    for why in whys:
        st.info(plain(why))
    change = second.selectbox(
        "Change",
        list(CHANGES),
        format_func=lambda name: CHANGES[name].title,
        **linked("change", KNOCK_OUT, CHANGES),
    )
    background = next(iter(WHERE))
    if dataset is not None:
        background = one_of("Where", WHERE, "where", background)
    left, donor, group = LEFT, NONE, None
    if change == KNOCK_DOWN:
        usual = round(100 * LEFT)
        share = st.select_slider(
            "Left of the TF",
            SHARES,
            format_func=lambda one: f"{one:d}%",
            **linked("left", usual, SHARES),
        )
        left = share / 100
    if dataset is not None and background == "context":
        group, donor = _group(dataset, base, whose="run's" if of_run else "chosen")
    symbols, genes = [tfs[name] for name in changed], tuple(panel.get("genes") or panel["labels"])
    measured, propagate = pick_measurement(symbols, genes=genes, change=change), _propagate()
    if not changed:
        st.info("Choose the TF or TFs that are changed.")
        return None
    return base.of_kind(
        WhatIfRequest,
        changed=tuple(changed),
        change=change,
        left=left,
        background=background,
        group=group,
        donor=donor,
        measured=measured,
        propagate=propagate,
    )


def _settled(base: PanelRequest, tfs: Mapping[str, str], panel: Mapping[str, Any]) -> list[str]:
    """Put TFs that the address spells otherwise as they are called here; return why others are none."""
    if not (unknown := unknown_in("changed", tfs)):
        return []
    found = {name: standing_of(base, panel, name) for name in unknown}
    labels = (found[name].label if name in found else name for name in query("changed", ()))
    remember("changed", tuple(dict.fromkeys(name for name in labels if name in tfs)) or None)
    return [one.why for one in found.values() if one.label not in tfs]


def _group(dataset: Dataset, base: PanelRequest, *, whose: str) -> tuple[tuple[str, tuple[str, ...]] | None, str]:
    """Ask for a group of cells; return it, None for those of the question, and the column of the donors."""
    columns = groupings(dataset)
    if not columns:
        st.caption("These cells have no labels: all of them are the group. Clusters are made under Dataset.")
        return None, NONE
    first, second, third = st.columns([2, 4, 2], vertical_alignment="bottom", gap="medium")
    usual = base.cells[0] if base.cells and base.cells[0] in columns else columns[0]
    by = first.selectbox(
        "Cells by", columns, format_func=told_apart(columns, column_title), **linked("group_by", usual, columns)
    )
    values = values_of(dataset, by)
    inside = second.multiselect(
        "Group",
        values,
        format_func=told_apart(values),
        placeholder="All cells" if base.cells is None else f"The {whose} cells: {', '.join(base.cells[1])}"[:LONGEST],
        **linked("group_in", (), values),
    )
    if unknown := unknown_in("group_in", values):
        st.warning(f"The address names values that these cells do not have: {plain(', '.join(unknown))}.")
    donors = [NONE, *columns]
    donor = third.selectbox(
        "Donor",
        donors,
        format_func=told_apart(donors, lambda name: column_title(name) if name else "Not named"),
        **linked("group_donor", NONE, donors),
        help="Where donors are named, the uncertainty is over donors, which are replicates; cells are not.",
    )
    return ((by, tuple(inside)) if inside else None), donor


def _propagate() -> str:
    """Ask for a network along which the change is passed on; return its name, empty for none."""
    runs = {info.run_id: run_label(info) for info in infer_runs() if info.status.state == "done"}
    titles = {NONE: "None", **BUNDLED, **runs}
    with st.expander(
        "Propagate along a network", icon=":material/conversion_path:", expanded=bool(query("along", NONE))
    ):
        chosen: str = st.selectbox(
            "Network",
            list(titles),
            format_func=told_apart(titles, titles.__getitem__),
            **linked("along", NONE, titles),
            help="Only networks with signs.",
        )
        st.markdown(plain(worth_of_propagation(chosen or OMNIPATH)))
    return chosen
