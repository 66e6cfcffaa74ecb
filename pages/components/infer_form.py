"""The choice of model, methods and translator for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core.adapt import DEFAULT_STEPS, MIN_CELLS, can_adapt, estimate
from grn_core.models import registry as models
from grn_core.runs.request import BACKGROUNDS
from grn_core.translator import registry as translators
from pages.components.choices import DEFAULTS, PROBES, model_record
from pages.components.messages import plain
from pages.components.session import linked, one_of, query

if TYPE_CHECKING:
    from collections.abc import Collection

METHODS = {"both": "VVP and GDT", "vvp": "VVP: response curve", "gdt": "GDT: gradient trajectory"}
METHODS_HELP = (
    "VVP: how far the target moves when the TF is set to each of eight levels. GDT: how steeply it moves there. "
    "With both, the mean of their logits is the score; this is the default and needs one pass."
)
ADAPT_HELP = (
    f"Continues the model's pre-training on the chosen cells for up to {DEFAULT_STEPS} steps, and keeps the weights "
    "that foretell held-out cells best. The network then speaks of this tissue; whether its edges are truer for it "
    "differs from dataset to dataset."
)
BACKGROUND = {
    "virtual": "Virtual cell: every other gene at the model's own middle value",
    "context": "Your cells: every other gene at its mean over the chosen cells",
}


def translators_of(model: str) -> dict[str, Any]:
    """Return the records of the translators that were trained on a model, by name; none for a new checkpoint."""
    return {record.name: record for record in translators.fitting(model)}


def _no_translator(model: str) -> None:
    st.info(
        f"There is no translator for {plain(model_record(model).title)} yet. Without one the model gives response "
        "curves, but nothing says how probable an edge is. Train one on the bundled network of known edges, or name "
        "your own; it is found here as soon as it is finished.",
        icon=":material/school:",
    )
    st.code(translators.training_command(model), language="bash", wrap_lines=True)


def value_models() -> dict[str, Any]:
    """Return the records of the models that can serve VVP or GDT, by name."""
    return {record.name: record for record in models.records() if record.extractors}


def chosen(name: str, choices: Collection[str]) -> str:
    """Return the choice `name`: the URL's, else the default, else the first."""
    default = DEFAULTS[name] if DEFAULTS[name] in choices else next(iter(choices))
    return query(name, default, choices)


def model_options(*, n_cells: int) -> dict[str, Any]:
    """Return the options of the model and the translator that the URL holds, as `RunRequest` takes them.

    Parameters
    ----------
    n_cells
        Number of chosen cells: too few of them switch the adaptation off.
    """
    records = value_models()
    model = chosen("model", records)
    known = translators_of(model)
    translator = chosen("translator", known)
    methods = query("methods", DEFAULTS["methods"], METHODS)
    seeds = known[translator].seeds
    return {
        "model": model,
        "methods": PROBES if methods == "both" else (methods,),
        "translator": translator,
        "seeds": seeds[: query("seeds", len(seeds), range(1, len(seeds) + 1))],
        "background": query("background", DEFAULTS["background"], BACKGROUNDS),
        "readout": query("readout", DEFAULTS["readout"], ("", *records[model].readouts)) or None,
        "adapt": DEFAULT_STEPS if query("adapt", DEFAULTS["adapt"]) and adaptable(records[model], n_cells) else None,
    }


def adaptable(record: Any, n_cells: int) -> bool:
    """Tell whether a model can be adapted to so many cells."""
    return can_adapt(record.family) and n_cells >= MIN_CELLS


def infer_form(*, n_cells: int) -> bool:
    """Show the widgets for a choice of `n_cells` cells; each one writes its choice into the URL.

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
    st.caption(plain(records[model].description))
    for other in models.records():
        if other.name not in records:
            st.caption(plain(f"{other.title} is not offered here. {other.unavailable}."))
    known = translators_of(model)
    if not known:
        _no_translator(model)
        return False
    name = st.selectbox(
        "Translator",
        list(known),
        format_func=lambda name: known[name].title,
        **linked("translator", chosen("translator", known), known),
        help="What turns the model's answers into probabilities, learnt from this network of known edges.",
    )
    st.caption(known[name].description)
    one_of("Methods", METHODS, "methods", DEFAULTS["methods"], wrap=True, help=METHODS_HELP)
    _adapt_switch(records[model], n_cells)
    with st.expander("Advanced", icon=":material/tune:"):
        _advanced(readouts=records[model].readouts, translator=known[name])
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
        st.caption(f"Adds about {estimate():.0f} s on one core, once for these cells; the model itself stays as it is.")


def _advanced(*, readouts: Collection[str], translator: Any) -> None:
    most = len(translator.seeds)
    if most > 1:
        st.slider(
            "Seeds of the translator",
            1,
            most,
            **linked("seeds", most, range(1, most + 1)),
            help="So many translators, trained with different seeds, score every edge; their difference is the spread. "
            "With one seed the spread is zero and says nothing.",
        )
    st.radio(
        "Background",
        list(BACKGROUNDS),
        format_func=BACKGROUND.get,
        **linked("background", DEFAULTS["background"], BACKGROUNDS),
        help="The value of all genes but the TF. With your cells as background, the same edge can be asked in one cell "
        "type and in another.",
    )
    st.selectbox(
        "Readout",
        ["", *readouts],
        format_func=lambda name: name or f"The one the translator was trained on ({translator.readout})",
        **linked("readout", DEFAULTS["readout"], ("", *readouts)),
        help="Which output of the model is read. The translator has not learnt to read another than its own: its "
        "probabilities are then no longer calibrated.",
    )
