"""Choose the runs that are compared, name them by what sets them apart, and put them side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.errors import DataError, GrnError
from grn_core.runs import RunInfo, RunStore
from grn_core.runs.matched import match_runs, share_pairs
from grn_core.runs.names import BETWEEN, name_of, pinned_first, title_of
from grn_core.runs.retention import note_use
from pages.components.compare.short import LEAST, say_short
from pages.components.runs.picker import infer_runs, readable, run_label, when
from pages.components.shared.kept import kept
from pages.components.shared.links import INFER
from pages.components.shared.messages import not_here, plain, show_error, told_apart
from pages.components.shared.session import one_of, query, remember

if TYPE_CHECKING:
    from grn_core.networks.matched import Matched

MOST = 6
LETTERS = "ABCDEF"
UNCHOSEN = ("",)
"""Nothing was chosen yet; that all were taken out again is ``()``."""
LOOKED_AT = 6
"""Newest runs among which two that share pairs are looked for on the first visit."""


@dataclass(frozen=True, eq=False)
class Compared:
    """Runs side by side.

    Attributes
    ----------
    infos
        The runs, in the order in which the user chose them.
    names
        Run id -> letter and what sets the run apart from the others, e.g. "A: VVP".
    matched
        Their common pairs; the networks bear these names.
    """

    infos: tuple[RunInfo, ...]
    names: Mapping[str, str]
    matched: Matched

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the runs: what is kept of them goes by these."""
        return tuple(info.run_id for info in self.infos)

    @property
    def directed(self) -> dict[str, bool]:
        """Name -> whether its method tells source -> target from target -> source."""
        return {name: RunStore().is_directed(run_id) for run_id, name in self.names.items()}

    @property
    def letters(self) -> dict[str, str]:
        """Name -> its letter, for axes that have no room."""
        return {name: name[0] for name in self.names.values()}


@kept(max_entries=4, show_spinner="Putting the runs side by side")
def _matched(ids: tuple[str, ...], names: tuple[str, ...]) -> Matched:
    return replace(match_runs(ids), names=names)


def pick_compared() -> Compared | None:
    """Let the user choose two or more finished runs; None, with what to do next on the page, until there are two."""
    known = {info.run_id: info for info in infer_runs()}
    finished = {run_id: info for run_id, info in known.items() if info.status.state == "done"}
    if len(finished) < 2:
        n = "only one finished run" if finished else "no finished run"
        st.info(
            f"There is {n} yet, and comparing takes two. Infer the same cells with another method (VVP, then GDT), "
            "another translator, or another cell type, and come back."
        )
        st.page_link(INFER, label="Go to Infer", icon=":material/play_circle:")
        return None
    wanted = query("runs", UNCHOSEN)
    if wanted == UNCHOSEN:
        wanted = tuple(_default(list(finished.values())))
    unknown = [run_id for run_id in wanted if run_id not in finished]
    for run_id in unknown:
        unfinished = f"The run {plain(run_id)} is not finished."
        st.warning(unfinished if run_id in known else not_here("run", named=[run_id]))
    found = [run_id for run_id in dict.fromkeys(wanted) if run_id in finished]
    chosen = found[:MOST]
    if beyond := found[MOST:]:
        st.warning(f"At most {MOST} runs are compared at once, so these are left out: {plain(', '.join(beyond))}.")
    st.session_state["compared_runs"] = chosen
    st.multiselect(
        "Runs",
        [info.run_id for info in pinned_first(finished.values())],
        format_func=told_apart(finished, lambda run_id: run_label(finished[run_id])),
        key="compared_runs",
        on_change=lambda: remember("runs", tuple(st.session_state["compared_runs"])),
        max_selections=MOST,
        placeholder="Choose two or more finished runs",
        help="Every finished run on this machine, newest first. The first two are A and B.",
    )
    if len(chosen) < 2:
        st.info(
            "Choose one more run to compare with." if chosen else "Choose two or more runs that share TFs and genes."
        )
        return None
    remember("runs", tuple(chosen))
    for run_id in chosen:
        note_use(run_id)
    infos = tuple(finished[run_id] for run_id in chosen)
    names = name_runs(infos)
    try:
        matched = _matched(tuple(chosen), tuple(names.values()))
    except GrnError as error:
        whole = [readable(run_id) is not None for run_id in chosen]  # of another it says so, with the way out
        if all(whole) and not (isinstance(error, DataError) and say_short(infos, names, n_common=0)):
            show_error(error)
        return None
    say_short(infos, names, n_common=len(matched))
    return Compared(infos, names, matched) if len(matched) >= LEAST else None


def _default(infos: list[RunInfo]) -> list[str]:
    """Return the newest two runs that share pairs, on the same cells if there are such; none where none do."""
    newest = infos[:LOOKED_AT]
    for place, one in enumerate(newest):
        others = sorted(newest[place + 1 :], key=lambda info: _cells(info) != _cells(one))
        for other in others:
            if share_pairs(one.run_id, other.run_id):
                return [one.run_id, other.run_id]
    return []


def _cells(info: RunInfo) -> str:
    """Return the dataset of a run; a name of its own where it has none."""
    return getattr(info.request, "dataset_ref", info.request.kind)


def name_runs(infos: Sequence[RunInfo]) -> dict[str, str]:
    """Name every run by a letter and by what its name elsewhere has that not all of them have."""
    parts = [(title_of(info),) if info.marks.name else tuple(name_of(info.request).split(BETWEEN)) for info in infos]
    apart = [[part for part in own if not all(part in other for other in parts)] for own in parts]
    if not all(apart):  # one has only what all have: all of them begin with that
        apart = [[own[0], *(part for part in rest if part != own[0])] for own, rest in zip(parts, apart, strict=True)]
    words = [BETWEEN.join(part for part in own if part) for own in apart]
    if len(set(words)) < len(words):
        words = [f"{word} · {when(info.created)}" for word, info in zip(words, infos, strict=True)]
    if len(set(words)) < len(words):
        words = [f"{word} · {info.run_id[:6]}" for word, info in zip(words, infos, strict=True)]
    letters = LETTERS[: len(infos)]  # strict below: a run beyond the last letter is an error and not left out
    return {info.run_id: f"{letter}: {word}" for info, letter, word in zip(infos, letters, words, strict=True)}


def pick_two(compared: Compared) -> tuple[str, str]:
    """Let the user choose which two networks are A and B where more than two are compared; return their names."""
    names = list(compared.names.values())
    if len(names) == 2:
        return names[0], names[1]
    letters = [name[0] for name in names]
    pairs = [f"{one}-{other}" for place, one in enumerate(letters) for other in letters[place + 1 :]]
    by_letter = dict(zip(letters, names, strict=True))
    words = {pair: pair.replace("-", " and ") for pair in pairs}
    explained = "The views below that hold two networks show these."
    chosen = one_of("Which two", words, "pair", pairs[0], help=explained)
    one, other = chosen.split("-")
    return by_letter[one], by_letter[other]
