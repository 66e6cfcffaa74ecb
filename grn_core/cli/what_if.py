"""``what-if``: how every gene changes, as a model foretells, when TFs are knocked out, down or over-expressed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.cli.cell_choice import cells_named
from grn_core.cli.follow import check_file, computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.inputs import add_cells, add_panel, dataset_of, genes_of, panel_of, panel_words
from grn_core.cli.lists import choice_of, chosen_cells, joined, split
from grn_core.cli.output import note, put, put_out, say_json
from grn_core.errors import RequestError
from grn_core.experiments.bundled import bundled
from grn_core.experiments.change import CHANGES, KNOCK_DOWN, KNOCK_OUT, LEFT
from grn_core.experiments.draw_limits import N_DRAWS
from grn_core.planning import BACKGROUNDS
from grn_core.runs import RunStore, WhatIfRequest
from grn_core.runs.foretold_cells import foretell
from grn_core.runs.kinds.what_if import GENES

if TYPE_CHECKING:
    import argparse

    from grn_core.datasets import Dataset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_cells(parser, optional=True)
    add_panel(parser)
    option = parser.add_argument
    option("named", nargs="?", default="", metavar="TF[,TF]", help="the TFs that are changed, all at once")
    option("--tf", default="", metavar="TF[,TF]", help="the same, which a gene list without cells needs")
    kinds = "; ".join(f"{one.name}: {one.generic}, in a group {one.group}" for one in CHANGES.values())
    option("--change", choices=tuple(CHANGES), default=KNOCK_OUT, help=f"{kinds} (default: {KNOCK_OUT})")
    option("--left", type=float, metavar="SHARE", help=f"share of the TF that a knock-down leaves (default {LEFT:g})")
    where = "virtual: a generic cell (default); context: the mean of a group of cells"
    option("--background", choices=BACKGROUNDS, default=BACKGROUNDS[0], help=where)
    group_help = "that group, where it is not the cells from which the genes are chosen"
    option("--group", metavar="COLUMN=VALUE[,VALUE]", help=group_help)
    donor_help = "column of donors: whole donors are drawn for the uncertainty in a group, not cells"
    option("--donor", default="", metavar="COLUMN", help=donor_help)
    option(
        "--model",
        type=a_name,
        default="compact",
        help="foundation model of values (see `models list`), or the folder of one",
    )
    readout_help = "which output of the model is read (default: its usual one; in a group one that shows every gene)"
    option("--readout", help=readout_help)
    option("--draws", type=int, default=N_DRAWS, metavar="N", help=f"draws of the uncertainty (default {N_DRAWS})")
    option("--seed", type=int, default=0, metavar="N", help="of the draws (default 0)")
    measured_help = (
        "measured changes to set beside it: a gene and its log fold change a row, and if known tf and p; or one that "
    )
    measured_help += f"comes along: {', '.join(bundled())}"
    option("--measured", type=a_name, metavar="FILE|NAME", help=f"{measured_help}; a file is kept here under a name")
    propagate_help = "pass the change on along a network with signs for three steps: omnipath, or the id of a run "
    propagate_help += "(default: none)"
    option("--propagate", type=a_name, metavar="NETWORK", help=propagate_help)
    option("--home", type=a_path, help="data folder of uploads and runs (default: GRN_HOME)")
    option("--json", action="store_true", help="print the record of the run as JSON to stdout")
    option("-o", "--output", type=a_path, metavar="GENES.TSV", help="where the table goes (default: stdout)")
    parser.set_defaults(run=run, requests=requests)


def requests(arguments: argparse.Namespace) -> list[WhatIfRequest]:
    """Return what the command asks for."""
    changed = split(",".join(one for one in (arguments.named, arguments.tf) if one))
    if not changed:
        message = "no TF was named"
        raise RequestError(message, needed="--tf=TF, or several, --tf=SPI1,CEBPA", todo="name the TFs that are changed")
    if arguments.left is not None and arguments.change != KNOCK_DOWN:
        message = f"--left was given with --change={arguments.change}"
        raise RequestError(message, needed=f"--change={KNOCK_DOWN}", todo="leave out --left")
    genes = genes_of(arguments)
    if arguments.data is None and genes is None:
        message = "neither cells nor genes were given"
        raise RequestError(message, needed="FILE, a built-in dataset or --genes", todo="see `what-if --help`")
    dataset = None if arguments.data is None else dataset_of(arguments)
    return [
        panel_of(arguments, dataset, genes).of_kind(
            WhatIfRequest,
            changed=changed,
            change=arguments.change,
            left=LEFT if arguments.left is None else arguments.left,
            background=arguments.background,
            group=None if arguments.group is None else _group(arguments.group, dataset),
            donor=arguments.donor,
            readout=arguments.readout,
            n_draws=arguments.draws,
            seed=arguments.seed,
            measured=_kept(arguments.measured) if arguments.measured else "",
            propagate=arguments.propagate or "",
        )
    ]


def _group(text: str, dataset: Dataset | None) -> tuple[str, tuple[str, ...]]:
    return chosen_cells(text) if dataset is None else cells_named(text, dataset)


def _kept(measured: str) -> str:
    """Return the name of a table of measured changes that is kept here, or that is kept now."""
    from grn_core.experiments.uploads import store_measured, stored_measured

    if measured in bundled() or measured in stored_measured():
        return measured
    path = Path(measured).expanduser()
    if not path.is_file():
        message = f"there is no file {measured}, and no table of that name is kept here"
        raise RequestError(
            message, needed=f"a table of measured changes, or one of {', '.join(bundled())}", todo="check the path"
        )
    with path.open("rb") as content:
        return store_measured(path.name, content)


def words_of(request: WhatIfRequest) -> list[str]:
    """Return the words that ask for it."""
    words = ["what-if", *panel_words(request), f"--tf={joined(request.changed)}"]
    words += [] if request.model == "compact" else [f"--model={request.model}"]
    words += [] if request.change == KNOCK_OUT else [f"--change={request.change}"]
    words += [] if request.left == LEFT else [f"--left={request.left!r}"]
    words += [] if request.background == BACKGROUNDS[0] else [f"--background={request.background}"]
    words += [] if request.group is None else [f"--group={choice_of(*request.group)}"]
    words += [f"--donor={request.donor}"] if request.donor else []
    words += [] if request.readout is None else [f"--readout={request.readout}"]
    words += [] if request.n_draws == N_DRAWS else [f"--draws={request.n_draws}"]
    words += [] if request.seed == 0 else [f"--seed={request.seed}"]
    words += [f"--propagate={request.propagate}"] if request.propagate else []
    return words + ([f"--measured={request.measured}"] if request.measured else [])


def run(arguments: argparse.Namespace) -> int:
    """Ask the model, write the table, and say what it is worth."""
    from grn_core.experiments.limits import limits_of
    from grn_core.experiments.propagation import reached, worth_of_propagation
    from grn_core.networks.edge_table import table_tsv

    check_file(arguments.output)
    (request,) = requests(arguments)
    request.check()
    request = request.called_as_in(request.panel())  # a TF that cannot be asked shows before there is a run
    cells = request.dataset() if request.has_cells else None
    run_id, _ = computed(request, before=lambda: note(foretell(request, cells).told))
    store = RunStore()
    record = store.record(run_id)
    table, result = store.table(run_id, GENES), record["result"]
    note(result["covers"])
    for text in (
        (result["propagated"], reached(table), worth_of_propagation(request.propagate)) if request.propagate else ()
    ):
        note(text)
    for text in (result.get("measured") or {}).get("words", ()):
        note(f"measured: {text}")
    if result.get("not_compared"):
        note(f"not compared: {result['not_compared']}")
    sha = str(record["hashes"].get("model", ""))
    for text in limits_of(request.model, sha=sha, **request.unlike_measured):
        note(f"worth: {text}")
    content = table_tsv(table)
    if arguments.output is not None:
        put(content, arguments.output)
        note(f"{len(table):,} genes written to {arguments.output}")
    if arguments.json:
        say_json(record)
    elif arguments.output is None:
        put_out(content)
    return 0
