"""What if: which genes move, how far and how sure, when TFs are knocked out, knocked down or over-expressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core.runs import RunInfo, RunStore, WhatIfRequest, manager
from grn_core.runs.kinds.panel import PanelRequest, content_of
from grn_core.runs.names import title_of
from pages.components.data.choices import chosen_dataset, dataset_of, is_gene_list, panel_choice, panel_of
from pages.components.data.with_cells import another_offered
from pages.components.infer.form import chosen, value_models
from pages.components.runs.asked import asked_before, heading
from pages.components.runs.command import command_line, show_command
from pages.components.runs.estimate import say_estimate_of
from pages.components.runs.picker import infer_runs
from pages.components.runs.progress import watch_run
from pages.components.shared.messages import errors_shown, plain
from pages.components.shared.session import current_run, set_run
from pages.components.what_if.form import what_if_form
from pages.components.what_if.proposals import proposals, way_to_proposals
from pages.components.what_if.result import what_if_result

if TYPE_CHECKING:
    from grn_core.datasets import Dataset, GeneList


def page() -> None:
    """Lay out the page."""
    st.title("What if", icon=":material/science:", anchor=False)
    st.caption(
        "Which genes a model expects to move when TFs are knocked out or over-expressed, and which to try first."
    )
    if (before := asked_before(WhatIfRequest, networks=True)) is not None:
        with errors_shown():
            answered(before)
        return
    asked = None
    with another_offered():
        asked = question()
    if asked is None:
        return
    base, tfs, panel, cells = asked
    with errors_shown():
        if (run := run_on_show()) is not None:
            proposals(run[0].run_id, infer_runs())
        else:
            way_to_proposals(infer_runs())
        request = what_if_form(base, tfs, cells, panel=panel, of_run=run is not None)
        if request is None:
            return
        request.check()
        run_id = request.run_id()
        if manager.status_if_known(run_id) is None:
            say_estimate_of(request, cells)
            if st.button("Ask the model", type="primary", icon=":material/science:", key="ask_what_if"):
                manager.submit(request)
                st.rerun()
        elif watch_run(run_id).state == "done":
            what_if_result(run_id, request)
        show_command(command_line(request))


def answered(info: RunInfo) -> None:
    """Show a run that was asked before, whatever is chosen now."""
    heading(info)
    if watch_run(info.run_id).state == "done" and isinstance(info.request, WhatIfRequest):
        what_if_result(info.run_id, info.request)
    show_command(command_line(info.request))


def run_on_show() -> tuple[RunInfo, PanelRequest] | None:
    """Return the run on show and what it was asked, where that was asked of genes and TFs."""
    known = {info.run_id: info for info in infer_runs() if info.status.state == "done"}
    info = known.get(current_run() or "")
    return (info, info.request) if info is not None and isinstance(info.request, PanelRequest) else None


def question() -> tuple[PanelRequest, dict[str, str], dict[str, Any], Dataset | None]:
    """Return what is asked, the TFs by name with their symbols, ``panel.json`` of all genes, and the cells if any.

    They are those of the run on show, else what was chosen under Dataset.
    """
    if (run := run_on_show()) is not None:
        info, request = run
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"Genes and TFs of **{plain(title_of(info))}**.", width="content")
            st.button("Take the chosen dataset instead", on_click=set_run, args=(None,), key="leave_run")
        panel = RunStore().panel(info.run_id)
        genes, labels = tuple(panel.get("genes") or panel["labels"]), panel["labels"]
        tfs = {labels[one]: genes[one] for one in panel["sources"]}
        asked, cells = request.of_kind(PanelRequest), None
        if asked.has_cells:
            cells = with_cells(dataset_of(asked.dataset_ref))
        return asked, dict(sorted(tfs.items())), panel, cells
    dataset = chosen_dataset()
    choice, model = panel_choice(dataset), chosen("model", value_models())
    bare = is_gene_list(dataset)
    st.markdown(f"Genes and TFs of **{plain(dataset.title)}**, as chosen under Dataset.")
    chosen_panel = panel_of(choice, "" if bare else dataset.sha256, model=model)
    tfs = {chosen_panel.labels[one]: chosen_panel.genes[one] for one in chosen_panel.sources}
    asked = choice.asked_of(dataset, model)
    return asked, dict(sorted(tfs.items())), content_of(chosen_panel), with_cells(dataset)


def with_cells(dataset: Dataset | GeneList) -> Dataset | None:
    """Return a dataset; None for a gene list."""
    return None if is_gene_list(dataset) else dataset


page()
