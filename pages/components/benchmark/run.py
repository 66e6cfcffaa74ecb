"""Run the benchmark from the page: choose, see the command, start it in the background, watch it, cancel it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from grn_core import runs
from grn_core.benchmark.job import names_of_tests
from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.perturbed.names import titles_of
from grn_core.errors import GrnError
from grn_core.runs import BenchmarkRequest, manager
from pages.components.benchmark.form import SUITES, benchmark_form
from pages.components.benchmark.source import benchmark_runs
from pages.components.runs.command import command_line, show_command
from pages.components.runs.progress import watch_run
from pages.components.shared.messages import errors_shown, plain, show_error
from pages.components.shared.session import query, remember


def run_box() -> None:
    """Show the benchmark at work, if there is one, and the form of a new one."""
    asked = query("benchmark", "")
    known = {info.run_id: info for info in benchmark_runs()}
    active = next((info.run_id for info in known.values() if info.status.active), None)
    shown = asked if asked in known else active
    if shown is not None:
        _watch(shown, title=known[shown].request.title)
    try:
        options = benchmark_form()
    except GrnError as error:
        show_error(error)
        return
    if options is not None:
        _start(options)


def _watch(run_id: str, *, title: str) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(title or 'Benchmark')}**")
        with errors_shown():
            status = watch_run(run_id)
            if status.state == "done":
                st.success("Measured.", icon=":material/check_circle:")
                st.button("Show the results above", on_click=_show, args=(run_id,), key="show_benchmark")


def _show(run_id: str) -> None:
    remember("benchmark", None)
    remember("results", run_id)


def _start(options: BenchmarkOptions) -> None:
    """Show the button that starts the benchmark, and the same as a command."""
    title = SUITES[options.suite].partition(":")[0]
    names = {"ugrn": options.train, "perturbation": titles_of(options.tables) if options.tables else ()}
    where = ", ".join(names.get(options.suite, (options.reference,)))
    request = BenchmarkRequest(options=options, title=f"Benchmark {title} {where}".strip())
    try:
        n = len(names_of_tests(options))
        before = manager.status_if_known(request.run_id())
    except GrnError as error:
        show_error(error)
        return
    several = "1 test" if n == 1 else f"{n} tests"
    st.caption(f"{several}, each with the methods and every control that the data here allow; measured ones are read.")
    st.button(
        "Run the benchmark" if before is None else "Show this benchmark",
        type="primary",
        icon=":material/play_arrow:",
        key="run_benchmark",
        on_click=_submit,
        args=(request,),
        disabled=before is not None and before.active,
    )
    show_command(command_line(request))


def _submit(request: BenchmarkRequest) -> None:
    with errors_shown():
        run_id: Any = runs.submit(request)
        remember("benchmark", run_id)
