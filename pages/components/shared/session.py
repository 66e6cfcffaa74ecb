"""What one browser tab has chosen, kept in two places: the session and the URL.

The URL carries the state, so that a link can be shared and a reload finds everything again; but moving from page to
page drops the URL's parameters. So the session remembers each of them, and a page that asks for one puts it back.
Only what differs from its default is written, and a page's URL holds only what that page asks for.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

Value = TypeVar("Value", str, int, float, bool, tuple[str, ...])
SEPARATOR = ","
MOST_PARTS = 8
"""Of a list of the URL that are looked at together for a choice with commas."""
BACK = "back"
"""Mark in the URL of a page that the browser went back to."""
LISTS = {"cells_by": "cells_in", "a_by": "a_in", "b_by": "b_in", "group_by": "group_in"}
"""Parameter that names a column of the cells -> the one that lists values of it."""
OF_THE_CELLS = (*LISTS, *LISTS.values(), "group_donor", "donor", "by", "all_by", "colour", "gene_shown", "sorted_by")
"""Parameters that belong to the cells of one dataset."""
GO_WITH = {
    "dataset": OF_THE_CELLS,
    "shown_by": ("shown_in",),
    **{column: (values,) for column, values in LISTS.items()},
}
"""Parameter -> those that mean nothing any more when it changes: they are forgotten."""
OWN_DEFAULTS = ("tf",)
"""Parameters that pages share and each has a default of its own for: a choice of the default is a choice, too."""


@dataclass(frozen=True)
class Between:
    """The numbers from `least` to `most`, both allowed: what a slider can show."""

    least: float
    most: float

    def __contains__(self, value: object) -> bool:
        """Whether a number lies between; what is no number does not."""
        return isinstance(value, int | float) and self.least <= value <= self.most


@dataclass
class Session:
    """One browser tab.

    Attributes
    ----------
    chosen
        Text of every parameter that was in the URL or was chosen on a page, by name.
    back
        Whether the browser has just gone back: then a parameter that the address lacks is at its default.
    picked
        The gene, or source and target, that was picked last in a drawing, until another page has taken it up.
    """

    chosen: dict[str, str] = field(default_factory=dict)
    back: bool = False
    picked: tuple[str, ...] = ()


def session() -> Session:
    """Return this tab's session object, made on first use."""
    mine: Session = st.session_state.setdefault("grn_session", Session())
    return mine


def note_history() -> None:
    """Take note, once for each run of the app, whether the browser went back, as its mark in the URL says.

    The mark is made in the browser (`pages.components.shared.top`): here a page that lost its parameters by moving to
    it looks like one that is gone back to.
    """
    mine = session()
    mine.back = BACK in st.query_params
    if mine.back:
        del st.query_params[BACK]


def query(name: str, default: Value, choices: Container[Any] | None = None) -> Value:
    """Return the parameter `name`: from the URL, else from the session, else `default`.

    Parameters
    ----------
    default
        Also says the type: text, a number, a flag, or a tuple of texts.
    choices
        What is allowed; anything else in the URL counts as absent. For a tuple: what each part may be; one that holds a
        comma is found too where the URL has it as it is.
    """
    known = session().chosen
    if name in st.query_params:
        if known.get(name) != st.query_params[name]:  # the address has changed: what it names beside it was meant so
            for other in GO_WITH.get(name, ()):
                if other not in st.query_params:
                    known.pop(other, None)
        known[name] = st.query_params[name]
    elif name in known and session().back:
        del known[name]
    elif name in known:
        st.query_params[name] = known[name]
    if name not in known:
        return default
    try:
        value = _decode(known[name], default)
    except ValueError:
        return default
    if choices is None:
        return value
    if isinstance(value, tuple):
        found, unknown = _told_apart(value, choices)
        return default if unknown else found
    return value if value in choices else default


def unknown_in(name: str, choices: Container[str]) -> tuple[str, ...]:
    """Return what the list `name` of the address names that is no choice: for its sake the list counts as absent."""
    return _told_apart(query(name, ()), choices)[1]


def _told_apart(parts: tuple[str, ...], choices: Container[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the choices that parts of an address name, and the parts that name none.

    A choice with commas may be written as it is, so that it comes in several parts. Where each part is a choice these
    are meant; else from every place on the longest choice is taken.
    """
    if all(part in choices for part in parts):
        return parts, ()
    found, unknown, place = [], [], 0
    while place < len(parts):
        ends = range(min(place + MOST_PARTS, len(parts)), place, -1)
        end = next((end for end in ends if SEPARATOR.join(parts[place:end]) in choices), 0)
        if end:
            found.append(SEPARATOR.join(parts[place:end]))
        else:
            unknown.append(parts[place])
        place = max(end, place + 1)
    return tuple(found), tuple(unknown)


def remember(name: str, value: Value | None) -> None:
    """Write the parameter `name` to the URL and the session; None forgets it, a change also what goes with it."""
    text = None if value is None else _encode(value)
    if text != session().chosen.get(name):
        for other in GO_WITH.get(name, ()):
            remember(other, None)
    if text is None:
        session().chosen.pop(name, None)
        if name in st.query_params:
            del st.query_params[name]
        return
    session().chosen[name] = text
    if st.query_params.get(name) != text:
        st.query_params[name] = text


def linked(name: str, default: Value, choices: Container[Any] | None = None) -> dict[str, Any]:
    """Return the keyword arguments that tie a widget to the URL parameter `name`.

    Use it as ``st.slider("Genes", 100, 2000, **linked("n_variable", 500))``. The widget then shows the URL's value,
    and a change by the user goes into the URL (or out of it, when it is the default again).
    """
    value = query(name, default, choices)
    st.session_state[name] = list(value) if isinstance(value, tuple) else value
    return {"key": name, "on_change": _changed, "args": (name, default)}


def one_of(label: str, words: Mapping[str, str], name: str, default: str, **options: Any) -> str:
    """Show buttons of which one is always chosen, tied to the URL parameter `name`; return the choice.

    On a narrow screen they stand in several rows.

    Parameters
    ----------
    words
        Value -> what is written on its button.
    options
        Further options of ``st.segmented_control``.
    """
    found: str = st.segmented_control(
        label,
        list(words),
        format_func=words.__getitem__,
        required=True,
        wrap=True,
        **linked(name, default, words),
        **options,
    )
    return found


def _changed(name: str, default: Value) -> None:
    value = st.session_state[name]
    value = tuple(value) if isinstance(default, tuple) else value
    remember(name, None if value is None or (value == default and name not in OWN_DEFAULTS) else value)


def _encode(value: Value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple | list):
        return SEPARATOR.join(str(part).replace("%", "%25").replace(SEPARATOR, "%2C") for part in value)
    return str(value)


def url_list(*texts: str) -> str:
    """Return texts as the value of a URL parameter that `query` reads as a tuple of them."""
    return _encode(texts)


def _decode(text: str, default: Value) -> Value:
    if isinstance(default, bool):
        return text == "1"
    if isinstance(default, tuple):
        parts = text.split(SEPARATOR) if text else []
        return tuple(part.replace("%2C", SEPARATOR).replace("%25", "%") for part in parts)
    return type(default)(text)


def current_run() -> str | None:
    """Return the id of the run on show (URL parameter ``run``)."""
    return query("run", "") or None


def set_run(run_id: str | None) -> None:
    """Make `run_id` the run on show, on this page and the next."""
    remember("run", run_id)


def current_dataset() -> str | None:
    """Return the ref of the chosen dataset (URL parameter ``dataset``)."""
    return query("dataset", "") or None


def suggest_dataset(ref: str) -> None:
    """Have the pages to come take a dataset, where none was chosen; the address of this one stays as it is."""
    session().chosen.setdefault("dataset", st.query_params.get("dataset", ref))


def set_dataset(ref: str | None) -> None:
    """Make `ref` the chosen dataset; a choice of cells belongs to its dataset and is forgotten."""
    remember("dataset", ref)
