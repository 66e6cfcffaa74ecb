"""``consensus``: finished runs put together to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.cli.actions import add_shared
from grn_core.cli.follow import check_file, computed
from grn_core.cli.given import a_path
from grn_core.cli.output import note, put_out, say_json
from grn_core.genes.usual import BORDA, JOININGS
from grn_core.homes import as_usual
from grn_core.networks import write_edges
from grn_core.networks.edge_table import edges_tsv
from grn_core.runs import ConsensusRequest, RunStore

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_shared(parser)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="two or more run ids")
    ways = "; ".join(f"{name}: {way.about}{' (default)' * (name == BORDA)}" for name, way in JOININGS.items())
    parser.add_argument("--method", choices=tuple(JOININGS), default=BORDA, help=ways)
    parser.add_argument("-o", "--output", type=a_path, metavar="EDGES.TSV", help="where the edges go (default: stdout)")
    parser.set_defaults(run=run, requests=requests)


def requests(arguments: argparse.Namespace) -> list[ConsensusRequest]:
    """Return what the command asks for."""
    return [ConsensusRequest(runs=tuple(arguments.runs), method=arguments.method)]


def words_of(request: ConsensusRequest) -> list[str]:
    """Return the words that ask for a consensus."""
    return ["consensus", *([] if request.method == BORDA else [f"--method={request.method}"]), *request.runs]


def run(arguments: argparse.Namespace) -> None:
    """Put runs together and write the edges."""
    check_file(arguments.output)
    (request,) = requests(arguments)
    for run_id in request.runs:
        RunStore().edges(run_id)  # a run that is not there or not finished shows before there is another
    run_id, _ = computed(request)
    edges = RunStore().edges(run_id)
    if arguments.output is not None:
        with as_usual():
            write_edges(edges, arguments.output)
        note(f"{len(edges)} edges written to {arguments.output}")
    if arguments.json:
        say_json(RunStore().record(run_id))
    elif arguments.output is None:
        put_out(edges_tsv(edges))
