"""The command line that computes the same run as a page does."""

from __future__ import annotations

import shlex

import streamlit as st

from grn_core.runs import RunRequest
from grn_core.runs.consensus import consensus_runs
from grn_core.translator import registry as translators

DEFAULT = RunRequest(dataset_ref="")
OWN_TFS = "my_tfs.txt"


def command_of(request: RunRequest) -> str:
    """Return the command for a request: only what differs from the defaults is written out."""
    if request.kind == "consensus":
        ids = list(consensus_runs(request))
        code = f"runs.submit(consensus.consensus_request({ids}))"
        return f'python -c "from grn_core import runs; from grn_core.runs import consensus; {code}"'
    words = ["python", "-m", "grn_core", "infer", request.dataset_ref, "-o", "edges.tsv"]
    if request.n_variable != DEFAULT.n_variable:
        words += ["--n-variable", str(request.n_variable)]
    if request.tfs != DEFAULT.tfs:
        words += ["--tfs", request.tfs if isinstance(request.tfs, str) else OWN_TFS]
    if request.cells is not None:
        column, values = request.cells
        words += ["--cells", f"{column}={','.join(values)}"]
    if request.kind == "coexpression":
        return shlex.join([*words, *_coexpression(request)])
    for name in ("species", "model", "readout", "background", "translator"):
        value = getattr(request, name)
        if value != getattr(DEFAULT, name):
            words += [f"--{name}", str(value)]
    if request.adapt is not None:
        words += ["--adapt", str(request.adapt)]
    if request.methods != DEFAULT.methods:
        words += ["--methods", ",".join(request.methods)]
    held = {record.name: record.seeds for record in translators.records()}
    if request.kind == "infer" and request.seeds != held.get(request.translator):
        words += ["--seeds", ",".join(map(str, request.seeds))]
    return shlex.join(words)


def show_command(command: str) -> None:
    """Show a command that does the same as the page, to be copied."""
    with st.expander("The same as a command", icon=":material/terminal:"):
        st.code(command, language="bash", wrap_lines=True)


def _coexpression(request: RunRequest) -> list[str]:
    words = ["--model", request.model] if request.model != DEFAULT.model else []
    words += ["--method", request.methods[0]]
    for name, value in request.extra:
        words += [f"--{name}", value]
    return [*words, "--seeds", str(request.seeds[0])] if request.seeds != (0,) else words
