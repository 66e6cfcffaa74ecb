"""The choice of model, methods and translator for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core.errors import TranslatorError
from grn_core.models import registry as models
from grn_core.runs.request import BACKGROUNDS
from grn_core.translator import registry as translators
from pages.components.choices import DEFAULTS, PROBES
from pages.components.session import linked, query

if TYPE_CHECKING:
    from collections.abc import Collection

METHODS = {"both": "VVP and GDT", "vvp": "VVP: response curve", "gdt": "GDT: gradient trajectory"}
METHODS_HELP = (
    "VVP: how far the target moves when the TF is set to each of eight levels. GDT: how steeply it moves there. "
    "With both, the mean of their logits is the score; this is the default and needs one pass."
)
BACKGROUND = {
    "virtual": "Virtual cell: every other gene at the model's own middle value",
    "context": "Your cells: every other gene at its mean over the chosen cells",
}


def translators_of(model: str) -> dict[str, Any]:
    """Return the records of the translators for a model, by name.

    Raises
    ------
    TranslatorError
        There is none.
    """
    found = {record.name: record for record in translators.records() if record.model == model}
    if not found:
        message = f"there is no translator for the model {model!r}"
        raise TranslatorError(message, needed="one that was trained on this model", todo="choose another model")
    return found


def chosen(name: str, choices: Collection[str]) -> str:
    """Return the choice `name`: the URL's, else the default, else the first."""
    default = DEFAULTS[name] if DEFAULTS[name] in choices else next(iter(choices))
    return query(name, default, choices)


def model_options() -> dict[str, Any]:
    """Return the options of the model and the translator that the URL holds, as `RunRequest` takes them."""
    records = {record.name: record for record in models.records()}
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
    }


def infer_form() -> None:
    """Show the widgets; each one writes its choice into the URL."""
    records = {record.name: record for record in models.records()}
    model = st.selectbox(
        "Foundation model",
        list(records),
        format_func=lambda name: records[name].title,
        **linked("model", chosen("model", records), records),
        help="The frozen model that is asked how genes respond to a TF.",
    )
    st.caption(records[model].description)
    known = translators_of(model)
    name = st.selectbox(
        "Translator",
        list(known),
        format_func=lambda name: known[name].title,
        **linked("translator", chosen("translator", known), known),
        help="What turns the model's answers into probabilities, learnt from this network of known edges.",
    )
    st.caption(known[name].description)
    st.segmented_control(
        "Methods",
        list(METHODS),
        format_func=METHODS.get,
        required=True,
        wrap=True,
        **linked("methods", DEFAULTS["methods"], METHODS),
        help=METHODS_HELP,
    )
    with st.expander("Advanced", icon=":material/tune:"):
        _advanced(readouts=records[model].readouts, translator=known[name])


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
