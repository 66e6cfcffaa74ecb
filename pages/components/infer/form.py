"""The choice of model, methods and translator for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import in_words
from grn_core.adapt import DEFAULT_STEPS, MIN_CELLS, AdaptOptions, can_adapt, estimate
from grn_core.benchmark.references.usual import usual_training
from grn_core.extractors import EXTRACTORS, IN_WORDS
from grn_core.models import registry as models
from grn_core.planning import BOTH, SIGNS, Plan, plan
from grn_core.translator import calibration, sign_worth
from grn_core.translator.measured import called_together
from pages.components.data.choices import DEFAULTS, model_record
from pages.components.infer.background import (
    asked_in,
    background_choice,
    background_of,
    offered_to,
    training_command,
    usual,
)
from pages.components.models.train import estimate as training_estimate
from pages.components.models.train import usual_request
from pages.components.shared.messages import plain
from pages.components.shared.reading import TWO_OF_HALF, beginning, how_to_read, told_in_two_lines
from pages.components.shared.session import linked, one_of, query

if TYPE_CHECKING:
    from collections.abc import Collection

    from grn_core.translator.record import TranslatorRecord

METHODS_HELP = (
    "What is read of the model's answer. VVP: how far the target moves when the TF is set to each of eight levels. "
    "GDT: how steeply it moves there. Ensemble: the mean of both, with terms added, where the translator has learnt "
    "them, for each of the two genes and for known edges of similar genes."
)
ADAPT_HELP = (
    f"Continues the model's pre-training on the chosen cells for up to {DEFAULT_STEPS} steps, and keeps the weights "
    "that foretell held-out cells best. The network then speaks of this tissue; whether its edges are truer for it "
    "differs from dataset to dataset."
)
CONTEXT = (
    "A translator turns the model's answers into scores; only translators that were trained with cells in the model's "
    "view are offered. " + calibration.NO_CONTEXT
)
WITH_SIGN = "Activation or repression as the model's response says; how often that was right stands below."
SIGN_WORDS = {"none": "No sign", "slope": "Sign of the model's response"}


def _no_translator(model: str) -> None:
    usual_one = usual_training()
    st.info(
        f"There is no translator for {plain(model_record(model).title)} yet: the model gives response curves, but "
        "nothing says how probable an edge is.",
        icon=":material/school:",
    )
    told = usual_one.in_words or f"Train one as the default was trained: it {usual_one.told}."
    told_in_two_lines(told, most=TWO_OF_HALF)
    training_estimate(usual_request(model_record(model)))
    training_command(model)


def value_models() -> dict[str, Any]:
    """Return the records of the models that can serve VVP or GDT, by name."""
    return {record.name: record for record in models.records() if record.takes_values}


def chosen(name: str, choices: Collection[str]) -> str:
    """Return the choice `name`: the URL's, else the default, else the first."""
    return query(name, usual(name, choices), choices)


def planned(*, n_cells: int) -> Plan:
    """Return what the model is asked by the choices that the URL holds.

    Parameters
    ----------
    n_cells
        Number of chosen cells: too few of them switch the adaptation off; 0 for a gene list.
    """
    records = value_models()
    model = chosen("model", records)
    where = asked_in(model, n_cells=n_cells)
    background = background_of(where)
    offered = offered_to(model, background)
    translator = chosen("translator", offered)
    methods = query("methods", DEFAULTS["methods"], methods_of(offered[translator]))
    seeds = offered[translator].seeds
    adapts = query("adapt", DEFAULTS["adapt"]) and adaptable(records[model], n_cells)
    return plan(
        model,
        translator=translator,
        extractors=asked_by(offered[translator], methods),
        seeds=seeds[: query("seeds", len(seeds), range(1, len(seeds) + 1))],
        background=background,
        adapt=AdaptOptions(steps=DEFAULT_STEPS) if adapts else None,
        signs=chosen("signs", SIGNS),
        with_coexpression=where == BOTH,
        has_cells=n_cells > 0,
    )


def learnt_by(translator: TranslatorRecord) -> tuple[str, ...]:
    """Return the extractors that a translator reads, in the order of the registry."""
    return tuple(name for name in EXTRACTORS if name in translator.extractors)


def methods_of(translator: TranslatorRecord) -> dict[str, str]:
    """Return what can be asked of a translator: what it asks together, that without terms, and each alone."""
    records = [EXTRACTORS[name] for name in learnt_by(translator)]
    alone = {one.name: f"{one.label}: {IN_WORDS.get(one.name, one.title)}" for one in records}
    together = {name: asked_by(translator, name) for name in ("both", "pairs")}
    has_pairs = 2 <= len(together["pairs"]) < len(together["both"])
    return {name: called_together(together[name]) for name in ("both", *(["pairs"] if has_pairs else []))} | alone


def asked_by(translator: TranslatorRecord, methods: str) -> tuple[str, ...]:
    """Return the extractors behind a choice of `methods_of`, in the order of the registry.

    ``both``: what the translator asks together; ``pairs``: of these without the terms that are added.
    """
    together = tuple(name for name in EXTRACTORS if name in translator.ensemble)
    if methods == "pairs":
        return tuple(name for name in together if not EXTRACTORS[name].is_term)
    return together if methods == "both" else (methods,)


def adaptable(record: Any, n_cells: int) -> bool:
    """Tell whether a model can be adapted to so many cells."""
    return can_adapt(record.family) and n_cells >= MIN_CELLS


def infer_form(*, n_cells: int) -> bool:
    """Show the widgets for a choice of `n_cells` cells (0: a gene list); each writes its choice into the URL.

    Returns
    -------
    Whether there is a translator for the chosen model, so that something can be inferred.
    """
    records = value_models()
    model = st.selectbox(
        "Foundation model",
        list(records),
        format_func=lambda name: records[name].title,
        **linked("model", chosen("model", records), records),
        help="The model that is asked how genes respond to a TF.",
    )
    for other in models.records():
        if other.name not in records:
            st.caption(plain(f"{other.title} is not offered here. {other.unavailable}."))
    known = offered_to(model, DEFAULTS["background"])
    if not known:
        _no_translator(model)
        return False
    background = background_of(asked_in(model, n_cells=n_cells))
    offered = offered_to(model, background)
    where = st.container()  # the choice stands first, and what it offers depends on the translator below
    name = st.selectbox(
        "Translator",
        list(offered),
        format_func=lambda name: known[name].title,
        **linked("translator", chosen("translator", offered), offered),
        help="What turns the model's answers into probabilities, learnt from this network of known edges.",
    )
    knows = known[name].description
    brief = beginning(knows, most=TWO_OF_HALF)
    st.caption(plain(f"{brief.rstrip('.')}, its tests left out." if known[name].tests_left_out else brief))
    one_of("What is read", methods_of(known[name]), "methods", DEFAULTS["methods"], help=METHODS_HELP)
    if n_cells:
        _adapt_switch(records[model], n_cells)
    signs = one_of("Activation or repression", SIGN_WORDS, "signs", DEFAULTS["signs"])
    st.caption(sign_worth.NO_SIGN if signs == DEFAULTS["signs"] else WITH_SIGN)
    with where:
        if n_cells:
            background_choice(model, known, name=name)
        else:
            st.caption("Asked in a generic cell: a gene list has no measured ones.")
    how_to_read(
        f"**{plain(records[model].title)}.** {plain(records[model].description)}",
        "" if brief == knows else f"**{plain(known[name].title)}.** {plain(knows)}",
        plain(CONTEXT if background == "context" else ""),
        plain("" if signs == DEFAULTS["signs"] else sign_worth.in_words(model)),
        title="About these choices",
    )
    with st.expander("Advanced", icon=":material/tune:"):
        _seeds(known[name])
    return True


def _adapt_switch(record: Any, n_cells: int) -> None:
    st.toggle(
        "Adapt the model to your cells first",
        **linked("adapt", DEFAULTS["adapt"]),
        disabled=not adaptable(record, n_cells),
        help=ADAPT_HELP,
    )
    if not can_adapt(record.family):
        st.caption("Models of this kind cannot be adapted yet.")
    elif n_cells < MIN_CELLS:
        st.caption(f"Needs at least {MIN_CELLS} cells; {n_cells} are chosen.")
    else:
        adds = in_words.duration(estimate())
        st.caption(
            f"Adds about {adds} on one core, once for these cells; the model itself stays as it is. "
            "The network then has scores and no probabilities."
        )


def _seeds(translator: Any) -> None:
    most = len(translator.seeds)
    if most > 1:
        st.slider(
            "Seeds of the translator",
            1,
            most,
            **linked("seeds", most, range(1, most + 1)),
            help="So many translators, trained with different seeds, score every edge; their difference is a "
            "part of the uncertainty: one seed has none. What was measured on data sets held out is the mean of all: "
            "with fewer, probabilities are calibrated on pairs of its training alone.",
        )
