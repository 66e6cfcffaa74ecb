"""A network that has so few pairs that hardly any is common to all: said, with the ways out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.errors import GrnError
from grn_core.runs import ImportRequest, RunStore
from grn_core.runs.matched import match_runs
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain
from pages.components.shared.session import remember

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grn_core.runs import RunInfo

LEAST = 3
"""Common pairs that an order needs: of fewer nothing can be said."""
TIMES = 10
"""So many times the pairs that the others share without it, and a network is called short."""


@kept(max_entries=16)
def _sizes(ids: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(len(RunStore().edges(run_id)) for run_id in ids)


@kept(max_entries=16)
def _shared(ids: tuple[str, ...]) -> int:
    try:
        return len(match_runs(ids))
    except GrnError:
        return 0


def say_short(infos: Sequence[RunInfo], names: Mapping[str, str], *, n_common: int) -> bool:
    """Say what a short network takes from the comparison, and offer to leave it out; return whether there is one.

    Parameters
    ----------
    infos
        The runs.
    names
        Run id -> how it is called here, with its letter.
    n_common
        Pairs that all of them scored.
    """
    ids = tuple(info.run_id for info in infos)
    sizes = dict(zip(ids, _sizes(ids), strict=True))
    short, *longer = sorted(ids, key=sizes.__getitem__)
    too_few = n_common < LEAST
    if sizes[short] * TIMES > sizes[longer[0]]:
        if n_common and too_few:
            st.warning(
                f"**{plain(_counted(n_common))}**: nothing can be compared. Choose runs that share more TFs and genes."
            )
        return False
    others = tuple(run_id for run_id in ids if run_id != short)
    n_others = _shared(others) if len(others) > 1 else 0
    if not too_few and n_others < TIMES * n_common:
        return False
    name = names[short]
    found = f"**{plain(_counted(n_common))}**{': nothing can be compared. ' if too_few else '. '}"
    found += f"{plain(name)} has {sizes[short]:,} {'pair' if sizes[short] == 1 else 'pairs'}"
    if n_others > n_common:
        found += f"; without it the others share {n_others:,}"
    is_import = isinstance(next(info for info in infos if info.run_id == short).request, ImportRequest)
    if len(others) == 1:
        beside = f", and take {plain(name[0])} as the reference" if is_import else ""
        found += f". Choose another network beside {names[others[0]][0]}{beside}"
    (st.warning if too_few else st.info)(f"{found}.", icon=":material/data_thresholding:")
    if len(others) > 1:
        with st.container(horizontal=True):
            st.button(f"Take {plain(name[0])} out", on_click=remember, args=("runs", others), key="take_short_out")
            if is_import:
                st.button(
                    f"Use {plain(name[0])} as the reference", on_click=_as_reference, args=(short, others), key="as_ref"
                )
    return True


def _counted(n_common: int) -> str:
    few = ("No pair", "One pair", "Two pairs")
    return f"{few[n_common] if n_common < len(few) else f'{n_common:,} pairs'} in common"


def _as_reference(run_id: str, others: tuple[str, ...]) -> None:
    remember("runs", others)
    remember("against", f"run:{run_id}")
    remember("view", "reference")
