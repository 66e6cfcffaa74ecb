"""The command line that computes the same run as a page does."""

from __future__ import annotations

import shlex

from grn_core.runs import RunRequest

DEFAULT = RunRequest(dataset_ref="")
OWN_TFS = "my_tfs.txt"


def command_of(request: RunRequest) -> str:
    """Return the command for a request: only what differs from the defaults is written out."""
    words = ["python", "-m", "grn_core", "infer", request.dataset_ref, "-o", "edges.tsv"]
    if request.n_variable != DEFAULT.n_variable:
        words += ["--n-variable", str(request.n_variable)]
    if request.tfs != DEFAULT.tfs:
        words += ["--tfs", request.tfs if isinstance(request.tfs, str) else OWN_TFS]
    if request.cells is not None:
        column, values = request.cells
        words += ["--cells", f"{column}={','.join(values)}"]
    for name in ("species", "model", "readout", "background", "translator"):
        value = getattr(request, name)
        if value != getattr(DEFAULT, name):
            words += [f"--{name}", str(value)]
    for name in ("methods", "seeds"):
        values = getattr(request, name)
        if values != getattr(DEFAULT, name):
            words += [f"--{name}", ",".join(map(str, values))]
    return shlex.join(words)
