"""Train a translator on known edges: choose, start, watch it, and find it in the table."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from grn_core import runs
from grn_core.benchmark.references.uploads import reference_path, uploaded
from grn_core.benchmark.references.usual import BUNDLED, USUAL_SEEDS, title_of, usual_training
from grn_core.errors import GrnError
from grn_core.models import registry as models
from grn_core.models.record import ModelRecord
from grn_core.runs import RunStore, TrainTranslatorRequest
from grn_core.runs.foretold import foretell_training
from pages.components.runs.command import command_line, show_command
from pages.components.runs.progress import watch_run
from pages.components.shared.kept import copied
from pages.components.shared.links import INFER
from pages.components.shared.messages import errors_shown, plain, show_error, worded
from pages.components.shared.session import linked, query, remember


def train_form() -> None:
    """Ask what to train on; the training is a run of its own, which the address finds again."""
    st.markdown(
        "A translator learns from known edges what the answers of a model look like where a TF regulates a gene. It "
        "belongs to the model that it was trained on. Networks of your own are added on Compare and on Benchmark."
    )
    usual = usual_training()
    networks = {text: title_of(text) for text in (*usual.references, *usual.beside)}
    networks |= {BUNDLED: title_of(BUNDLED), **uploaded()}
    records = {record.name: record for record in models.records() if record.takes_values}
    one, two = st.columns(2, gap="medium")
    model = one.selectbox(
        "Model",
        list(records),
        format_func=lambda name: records[name].title,
        **linked("train_model", next(iter(records), ""), records),
    )
    name = two.text_input("Name of the translator", placeholder="mine", key="train_name").strip()
    three, four, five = st.columns(3, gap="medium")
    train = three.multiselect(
        "Train on",
        list(networks),
        default=list(usual.references),
        format_func=networks.__getitem__,
        key="train_references",
        help="By default what the default translator learnt from, as far as it is here.",
    )
    others = [network for network in networks if network not in train]
    beside = four.multiselect(
        "Known beside",
        others,
        default=[network for network in usual.beside if network in others],
        format_func=networks.__getitem__,
        key="train_beside",
        help="Edges that it knows by heart: they count in the terms of genes and of similar genes alone.",
    )
    tests = five.multiselect(
        "Measure on",
        [network for network in others if network not in beside],
        format_func=networks.__getitem__,
        key="train_tests",
        help="Pairs of the training set are left out. Without one, nothing says how good the translator is.",
    )
    if usual.missing:
        st.caption(worded(usual.in_words))
    seeds = st.slider("Seeds", 1, 10, USUAL_SEEDS, key="train_seeds", help="Draws of negatives and of initial weights.")
    over = st.checkbox("Write over a translator of that name", key="train_replace")
    if not (model and name and train):
        st.caption("Give it a name, and choose at least one network to train on.")
    else:
        _start(
            TrainTranslatorRequest(
                title=f"Translator {name}",
                name=name,
                references=tuple(_located(network) for network in train),
                beside=tuple(_located(network) for network in beside),
                tests=tuple(_located(network) for network in tests),
                model=model,
                n_seeds=seeds,
                replace=over,
            )
        )
    if run_id := query("training", ""):
        with errors_shown():
            _show(run_id)


def _located(network: str) -> str:
    """Return a network as a request names it."""
    return str(reference_path(network)) if network in uploaded() else network


def usual_request(record: ModelRecord) -> TrainTranslatorRequest:
    """Return what trains a translator for a model as the default one was, on what is here of its networks."""
    return TrainTranslatorRequest(name="mine", model=record.name)


def estimate(request: TrainTranslatorRequest) -> None:
    """Say about how long a training takes."""
    of = replace(request, name="mine", title="", heading="mine", replace=False)  # by any name it takes as long
    with errors_shown():
        st.caption(plain(f"Estimate: {_foretold(of)}."))


@copied(max_entries=16, ttl=600)
def _foretold(request: TrainTranslatorRequest) -> str:
    return foretell_training(request)


def _start(request: TrainTranslatorRequest) -> None:
    estimate(request)
    if st.button("Train the translator", type="primary", icon=":material/school:", key="train"):
        try:
            remember("training", runs.submit(request))
            st.rerun()
        except GrnError as error:
            show_error(error)
    show_command(command_line(request))


def _show(run_id: str) -> None:
    status = watch_run(run_id)
    if status.state != "done":
        return
    record = RunStore().record(run_id)
    name, asked = str(record["result"].get("name", "")), RunStore().request(run_id)
    st.success(f"The translator **{plain(name)}** is trained: see the table above.", icon=":material/school:")
    if isinstance(asked, TrainTranslatorRequest):
        with_it = {"model": asked.model, "translator": name}
        st.page_link(INFER, label="Infer with it", icon=":material/play_circle:", query_params=with_it)
    for text in record["result"].get("notes", ()):
        st.caption(worded(text))
