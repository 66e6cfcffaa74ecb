"""``propose``: which TFs of a finished network to knock down, because that would tell most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.cli.actions import add_shared
from grn_core.cli.follow import check_file
from grn_core.cli.given import a_path
from grn_core.cli.output import note, put, put_out, say_json
from grn_core.runs import RunStore

if TYPE_CHECKING:
    import argparse

N_TFS, BEST = 10, 50
"""As in `grn_core.experiments.proposals`, which brings pandas."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_shared(parser)
    option = parser.add_argument
    option("run_id", metavar="RUN", help="id of a finished run with probabilities, see `runs list`")
    option("--tfs", type=int, default=N_TFS, metavar="N", help=f"so many TFs (default {N_TFS})")
    option("--best", type=int, default=BEST, metavar="N", help=f"best targets of each TF that count (default {BEST})")
    option("-o", "--output", type=a_path, metavar="TFS.TSV", help="where the table goes (default: stdout)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Propose, write the table, and say what such lists are worth."""
    from grn_core.experiments.proposals import METHOD, propose, worth
    from grn_core.networks.edge_table import table_tsv

    check_file(arguments.output)
    table = propose(RunStore().edges(arguments.run_id), n=arguments.tfs, best=arguments.best)
    note(METHOD)
    note(f"worth: {worth()}")
    text = table_tsv(table)
    if arguments.output is not None:
        put(text, arguments.output)
        note(f"{len(table):,} TFs written to {arguments.output}")
    if arguments.json:
        say_json({"method": METHOD, "worth": worth(), "table": table.to_dict("records")})
    elif arguments.output is None:
        put_out(text)
    return 0
