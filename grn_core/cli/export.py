"""``python -m grn_core export``: the network of a finished run as a file for another program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.cli.command import shown
from grn_core.cli.output import note, say_json
from grn_core.errors import RequestError
from grn_core.files import write_atomic
from grn_core.networks.exports import EXPORTS, export_of, find_export, network_of
from grn_core.runs.account import account_of
from grn_core.runs.finished import FinishedRun

if TYPE_CHECKING:
    import argparse


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the command and its options."""
    summary = "write the network of a finished run for another program"
    formats = "; ".join(f"{record.name}: {record.title}, {record.ending}" for record in EXPORTS.values())
    parser = commands.add_parser("export", parents=[shared], help=summary, description=f"{summary}. {formats}.")
    parser.add_argument("run_id", metavar="RUN", help="id of a finished run, see `runs list`")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where the network goes")
    parser.add_argument("--format", choices=tuple(EXPORTS), help="default: by the ending of FILE")
    parser.add_argument("--top", type=int, metavar="N", help="only the N best edges (default: all)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the file."""
    output: Path = arguments.output
    if output.is_dir() or not output.absolute().parent.is_dir():
        message = f"{output} cannot be written"
        raise RequestError(message, needed="a file in a folder that exists", todo="correct -o")
    if arguments.top is not None and arguments.top < 1:
        message = f"--top is {arguments.top}"
        raise RequestError(message, needed="1 or more", todo="choose another number, or leave it out")
    record = export_of(output) if arguments.format is None else find_export(arguments.format)
    run = FinishedRun.of(arguments.run_id)
    edges = run.edges
    account = account_of(run, command=shown(run.request))
    tfs = frozenset(edges["source"])
    chosen = edges if arguments.top is None else edges.head(arguments.top)
    content = record.write(network_of(chosen, tfs=tfs, account=account))
    write_atomic(output, lambda draft: draft.write_bytes(content))
    note(f"{len(chosen):,} edges of run {arguments.run_id} written to {output} ({record.title})")
    if arguments.json:
        say_json({"run_id": arguments.run_id, "edges": len(chosen), "format": record.name, "file": str(output)})
    return 0
