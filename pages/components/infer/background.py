"""Where a network is asked: in a generic cell, in the cells at hand, or in both together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core.planning import ASKED_IN, BOTH, translators_for
from grn_core.translator import cells_worth
from grn_core.translator import registry as translators
from grn_core.translator.compatibility import readouts_for
from pages.components.data.choices import DEFAULTS, model_record
from pages.components.shared.links import MODELS
from pages.components.shared.messages import errors_shown, plain
from pages.components.shared.session import linked, query
from pages.components.shared.shell import show_code

if TYPE_CHECKING:
    from collections.abc import Collection

BACKGROUND = {
    "virtual": "Generic cell",
    "context": "Your cells",
    BOTH: "Both: generic cell, and co-expression in your cells",
}
CONSEQUENCE = {
    "virtual": "The same for every cell type, with probabilities.",
    "context": "Another network for each cell type, rightly so or not; no probabilities.",
    BOTH: "TF and target that vary together in your cells rank higher; no probabilities.",
}
"""What follows from the choice, so short that it stands in one line with what was measured in the next."""
BACKGROUND_HELP = (
    "Where the other genes stand while a TF is changed. Generic cell, what the model holds of cells in general: at its "
    "own middle value. Your cells: at their mean over the chosen cells, so that the same edge can be asked in one cell "
    "type and in another. Both: asked in a generic cell, and how high the pair ranks by "
    "Pearson's correlation in the chosen cells is added with half weight (log-odds of the rank). Translators are "
    "calibrated on the generic cell alone."
)


def usual(name: str, choices: Collection[str]) -> str:
    """Return the default of a choice, or the first where that is not offered."""
    return DEFAULTS[name] if DEFAULTS[name] in choices else next(iter(choices))


def asked_in(model: str, *, n_cells: int) -> str:
    """Return where the URL says to ask, as far as there are cells and a translator shows them to the model."""
    generic: str = DEFAULTS["background"]
    where = query("background", generic, ASKED_IN)
    return where if n_cells and (where == BOTH or offered_to(model, where)) else generic


def background_of(where: str) -> str:
    """Return the background of a choice out of `ASKED_IN`."""
    generic: str = DEFAULTS["background"]
    return generic if where == BOTH else where


def offered_to(model: str, background: str) -> dict[str, Any]:
    """Return the records of the translators that a model can be asked with on a background, by name."""
    return {record.name: record for record in translators_for(model, background=background)}


def background_choice(model: str, known: dict[str, Any], *, name: str) -> None:
    """Show the choice of where to ask; where the cells would not be seen it says why, and what to choose."""
    fits = offered_to(model, "context")
    hides = name not in fits
    by_itself = name == usual("translator", known)
    ways = [one for one in ASKED_IN if one != "context" or not hides or (fits and by_itself)]
    st.radio(
        "Asked in",
        ways,
        format_func=BACKGROUND.__getitem__,
        captions=[f"{CONSEQUENCE[one]} {plain(_worth(model, one))}".strip() for one in ways],
        **linked("background", DEFAULTS["background"], ways),
        help=BACKGROUND_HELP,
    )
    if not hides:
        return
    hidden = "The translator below learnt where every gene but the TF is hidden."
    if not fits:
        st.caption(plain(f"{hidden} A translator that sees your cells has to be trained first."))
        training_command(model, background="context")
    elif by_itself:
        instead = known[usual("translator", fits)].title
        st.caption(plain(f'{hidden} With your cells, "{instead}" is taken.'))
    else:
        titles = " or ".join(f'"{known[other].title}"' for other in fits)
        st.caption(plain(f"{hidden} For your cells, choose the translator {titles}."))


def _worth(model: str, way: str) -> str:
    """Say what a way to ask was worth, where all else is as it was measured: the translator, its methods, the model."""
    if query("methods", DEFAULTS["methods"]) != DEFAULTS["methods"] or query("adapt", DEFAULTS["adapt"]):
        return ""
    fits = offered_to(model, background_of(way))
    return cells_worth.in_words(model, way, translator=query("translator", usual("translator", fits), fits))


def training_command(model: str, *, background: str = "virtual") -> None:
    """Show the command that trains a translator which can be asked on a background."""
    with errors_shown():
        readouts = readouts_for(model_record(model), background=background)
        command = translators.training_command(model, readout=readouts[0] if readouts else None)
        show_code(command)
        st.page_link(
            MODELS, label="Train one on the Models page", icon=":material/school:", query_params={"train_model": model}
        )
