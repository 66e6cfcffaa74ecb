"""What the browser knows of a drawing: it is told what it does not know, so that little is sent after a click."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Picked:
    """What the user looks at: a gene, an edge (source and target), or nothing.

    Attributes
    ----------
    gene
        Name of the gene, or "".
    edge
        (source, target), or ().
    """

    gene: str = ""
    edge: tuple[str, str] | tuple[()] = ()

    def inside(self, graph: nx.DiGraph[str]) -> Picked:
        """Return itself if `graph` shows it, else nothing picked."""
        known = graph.has_node(self.gene) if self.gene else bool(self.edge) and graph.has_edge(*self.edge)
        return self if known else Picked()


@dataclass(frozen=True)
class Kept:
    """What the hand has changed of a drawing, and is there again after a reload.

    Attributes
    ----------
    view
        Middle (x, y) and zoom of the part in view; () for the whole.
    moved
        Gene to the (x, y) that it was dragged to.
    chosen
        Genes that are chosen together.
    choice
        Changes when the page has chosen others.
    on_keep
        Called with the new view and places.
    on_choose
        Called with the genes that were chosen.
    """

    view: tuple[float, ...] = ()
    moved: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    on_keep: Callable[[tuple[float, ...], dict[str, tuple[float, float]]], None] | None = None
    choice: int = 0
    on_choose: Callable[[tuple[str, ...]], None] | None = None


def _as_shown(picked: Picked, edges: list[dict[str, Any]]) -> dict[str, str] | None:
    """Return what is picked as the browser is told it."""
    if picked.gene or not picked.edge:
        return {"gene": picked.gene} if picked.gene else None
    source, target = picked.edge
    if not any((one["from"], one["to"]) == picked.edge for one in edges):
        source, target = target, source  # drawn once for both orders
    return {"source": source, "target": target}


def as_asked(key: str, sent: Mapping[str, Any], picked: Picked) -> dict[str, Any]:
    """Return what the browser is asked to light up: as it was asked before, where it shows `picked` already.

    A click lights up at once; all of the drawing would be sent again only to say the same.
    """
    shown = _as_shown(picked, sent["edges"])
    asked: dict[str, Any] = st.session_state.get(f"{key}_asked", {"picked": None, "asks": 0})
    is_lit = key in st.session_state and st.session_state.get(f"{key}_lit") == shown
    if not is_lit or asked.get("version") != sent["version"]:
        asked = {"version": sent["version"], "picked": shown, "asks": asked["asks"] + 1}
        st.session_state[f"{key}_asked"] = asked
        st.session_state[f"{key}_lit"] = shown
    return {"picked": asked["picked"], "asks": asked["asks"]}


def heard_picked(key: str, value: dict[str, str]) -> None:
    """Note what was clicked: the browser has lit it up already."""
    st.session_state[f"{key}_lit"] = value or None


def as_sent(key: str, version: str, kept: Kept) -> dict[str, Any]:
    """Return what is kept, as the browser was told when it drew this last: it knows of its own changes since.

    What does not change is not sent again: else every look at another part of the drawing would send all of it.
    """
    told: dict[str, Any] = st.session_state.get(f"{key}_told", {})
    if key not in st.session_state or told.get("for") != (version, kept.choice):
        told = {"for": (version, kept.choice), "kept": _as_kept(kept)}
        st.session_state[f"{key}_told"] = told
    sent: dict[str, Any] = told["kept"]
    return sent


def _as_kept(kept: Kept) -> dict[str, Any]:
    """Return what is kept of a drawing; the browser reads it when it draws anew, and knows of all changes since."""
    return {
        "view": list(kept.view) or None,
        "moved": {gene: [x, y] for gene, (x, y) in kept.moved.items()},
        "chosen": list(kept.chosen),
        "choice": kept.choice,
        "keeps": kept.on_keep is not None,
        "chooses": kept.on_choose is not None,
    }
