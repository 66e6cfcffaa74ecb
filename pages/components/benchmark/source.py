"""Which measured results are on show: those that ship, those of benchmarks run here, or the translators' cards."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import in_words
from grn_core.benchmark.job import RESULTS
from grn_core.benchmark.results.of_cards import results_of_cards
from grn_core.benchmark.results.tables import Results, read_results, released, shipped
from grn_core.benchmark.results.view import AXES, Cut, cut_table, options, where
from grn_core.benchmark.results.words import words
from grn_core.errors import GrnError
from grn_core.runs import RunInfo, RunStore
from grn_core.runs.retention import note_use
from grn_core.translator import registry as translators
from pages.components.runs.picker import when
from pages.components.shared.kept import kept, kept_of_release
from pages.components.shared.messages import plain, show_error, told_apart
from pages.components.shared.session import linked, query
from pages.components.shared.shell import show_code

if TYPE_CHECKING:
    import pandas as pd

CARDS = "cards"
LABELS = {
    "suite": "Suite",
    "train": "Trained on",
    "genes": "Gene set",
    "split": "Split",
    "negatives": "Negatives",
    "metric": "Metric",
}
HELP = {
    "suite": "Data sets left out: a translator learns from one and is tested on others of which it saw nothing.",
    "train": "The reference network whose edges the translators learnt from; its pairs are left out of every test.",
    "genes": "TFs+500: all TFs that vary and the 500 other genes that vary most. (measured): those of them in the data "
    "set's own table of cells, the universe of co-expression.",
    "split": "What of a test pair training may have shown. The stricter, the better it tests generalisation.",
    "negatives": "What edges are told apart from. Scores of different kinds cannot be compared.",
    "metric": "AUPRC: area under the precision-recall curve (average precision). Higher is better for all.",
}
WEIGHTS = "file sha256"
WEIGHTS_HELP = (
    "Checksum of the model's file (of all its files, if a checkpoint has several). The card of a translator names the "
    "same weights by tensors sha256, the checksum of the tensors in the file: the two differ for the same model."
)


def benchmark_runs() -> list[RunInfo]:
    """Return the benchmarks of the run store in every state, newest first."""
    return [info for info in RunStore().list_runs() if info.request.kind == "benchmark"]


def sources() -> dict[str, tuple[str, Path | None]]:
    """Return what can be shown: name in the URL -> title and folder; the translators' cards only for want of others."""
    found: dict[str, tuple[str, Path | None]] = {}
    for folder in shipped():
        found[folder.name] = (f"Measured for release: {folder.name}", folder)
    for info in benchmark_runs():
        if info.status.state == "done":
            title = f"{info.request.title or 'Benchmark'} · {when(info.created)} · {info.run_id[:6]}"
            found[info.run_id] = (title, RunStore().path(info.run_id) / RESULTS)
    if any(record.card.get("evaluation") for record in translators.records()) and not shipped():
        found[CARDS] = ("Cards of the bundled translators", None)
    return found


@kept(max_entries=4, show_spinner="Reading the results")
def _read(folder: str, stamp: float) -> Results:  # noqa: ARG001 - the stamp tells new results from old ones
    return read_results(Path(folder))


@kept_of_release(max_entries=2, show_spinner="Reading the results")
def _of_release(folder: str, stamp: float) -> Results:  # noqa: ARG001 - as above
    return released(Path(folder))


def pick_results() -> Results | None:
    """Let the user choose the results on show; None when there are none, or they cannot be read."""
    known = sources()
    if not known:
        return None
    default = next(iter(known))
    if query("results", default, known) != default or len(known) > 1:
        st.selectbox(
            "Results",
            list(known),
            format_func=told_apart(known, lambda name: known[name][0]),
            **linked("results", default, known),
        )
    name = query("results", default, known)
    folder = known[name][1]
    if folder is None:
        return results_of_cards(record.card for record in translators.records())
    try:
        read = _of_release if folder in shipped() else _read
        if folder.name == RESULTS:
            note_use(name)
            folder = RunStore().file(name, RESULTS)
        return read(str(folder), (folder / "manifest.json").stat().st_mtime)
    except (GrnError, OSError) as error:
        if isinstance(error, GrnError):
            show_error(error)
        else:
            st.error(f"The results {plain(folder.name)} have been removed.")
        return None


@kept_of_release(max_entries=4)
def _combinations(results: str, *, _scores: pd.DataFrame) -> pd.DataFrame:  # noqa: ARG001 - the name tells the scores
    """Return what was measured, each combination of all that can be chosen once."""
    return _scores[[*AXES, "network", "dataset"]].drop_duplicates()


@kept_of_release(max_entries=256)
def _offered(results: str, chosen: tuple[str, ...], *, _scores: pd.DataFrame) -> tuple[str, ...]:
    """Return the values of the next axis that the choices on the first ones left, the usual one first."""
    left = _combinations(results, _scores=_scores)
    for axis, value in zip(AXES[: len(chosen)], chosen, strict=True):
        left = where(left, axis, value)
    return tuple(options(left, AXES[len(chosen)]))


@kept_of_release(max_entries=32)
def _widest(results: str, training: str, *, _scores: pd.DataFrame) -> str:
    """Return the suite with the most tests of a training; "" where it was not tested."""
    found = _combinations(results, _scores=_scores)
    tests = found.loc[found["train"] == training].drop_duplicates(["suite", "network", "dataset"])
    return next(iter(tests["suite"].mode()), "")


@kept_of_release(max_entries=64)
def _table(results: str, cut: Cut, *, _scores: pd.DataFrame) -> pd.DataFrame:  # noqa: ARG001 - as above
    return cut_table(_scores, cut)


def table_of(results: Results, cut: Cut) -> pd.DataFrame:
    """Return `cut_table` of results, kept for all who look at them."""
    return _table(results.name, cut, _scores=results.scores)


def pick_cut(results: Results, training: str, translator: str) -> Cut:
    """Let the user choose what is on show; every list holds only what was measured with the choices before it.

    At first it is the training that is judged above, where it was tested most widely, or the translator itself.
    """
    chosen: dict[str, str] = {}
    suite = _widest(results.name, training, _scores=results.scores)
    first = {"suite": (suite,), "train": (training, translator)}
    with st.container(key="stacks_cut"):
        columns = [column for _ in range(3) for column in st.columns(2, gap="medium")]  # a phone shows rows in order
    for axis, column in zip(AXES, columns, strict=True):
        values = _offered(results.name, tuple(chosen.values()), _scores=results.scores)
        usual = next((one for one in first.get(axis, ()) if one in values), values[0])
        chosen[axis] = column.selectbox(
            LABELS[axis],
            values,
            format_func=partial(words, axis),
            help=HELP[axis],
            disabled=len(values) == 1,
            **linked(f"bench_{axis}", usual, values),
        )
    return Cut(
        suite=chosen["suite"],
        train=chosen["train"],
        genes=chosen["genes"],
        split=chosen["split"],
        negatives=chosen["negatives"],
        metric=chosen["metric"],
    )


def about(manifest: dict[str, Any], *, opened: bool = False) -> None:
    """Show how the results were made; `opened`: not behind a button."""
    if not manifest.get("runs"):
        st.caption(
            "These scores stand on the cards of the bundled translators. Run the benchmark below for curves, single "
            "TFs, calibration and stricter splits."
        )
        return
    how = ("How this was measured", ":material/receipt_long:")
    with st.expander(how[0], expanded=True, icon=how[1]) if opened else st.popover(how[0], icon=how[1]):
        for run in manifest["runs"]:
            show_code(run["command"], alone=False)
            st.caption(_of_run(run))
        versions = list(dict.fromkeys(run["code_version"] for run in manifest["runs"]))
        if len(versions) > 1:
            st.warning(
                f"These commands were run with {len(versions)} versions of the code ({plain(', '.join(versions))}). "
                "Scores of one may differ from what another gives: run the commands of the older code again before you "
                "compare them.",
                icon=":material/difference:",
            )
        sha = plain(manifest["model_sha"][:12])
        st.caption(
            f"{plain(manifest['title'])}: model {plain(manifest['model'])}, {WEIGHTS} {sha}.",
            help=WEIGHTS_HELP,
        )
        if manifest["notes"]:
            st.markdown("\n".join(f"- {plain(note)}" for note in manifest["notes"]))


def _of_run(run: dict[str, Any]) -> str:
    """Say when a command ran, how long it took and how much of it was computed; what is not known is left out."""
    seconds, measured, computed = (run[name] for name in ("wall_seconds", "measurements", "computed"))
    took = "" if seconds is None else f" in {in_words.duration(seconds)}"
    parts = [f"Measured {run['created'][:10]}{took}"]
    if measured is not None and computed is not None:
        parts.append(f"{computed:,} of {measured:,} measurements computed")
        if computed < measured:
            parts.append(f"the other {measured - computed:,} read from the cache of an earlier command")
    return f"{', '.join(parts)}, code {run['code_version']}."
