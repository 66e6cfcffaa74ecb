"""``import``: the network of another tool, or one that was exported here, as a run."""

from __future__ import annotations

import shlex
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from grn_core.cli.actions import add_shared
from grn_core.cli.follow import check_file, computed
from grn_core.cli.given import a_path
from grn_core.cli.inputs import TRUST_HELP
from grn_core.cli.output import note, say_json
from grn_core.datasets.questions import TRUST, refuse_questions
from grn_core.errors import GrnError
from grn_core.homes import as_usual
from grn_core.in_words import counted
from grn_core.networks import write_edges
from grn_core.networks.imports import DIRECTIONS
from grn_core.runs import ImportRequest, RunStore
from grn_core.runs.kinds.panel import SPECIES

if TYPE_CHECKING:
    import argparse

UNSCORED = "The order of these edges is no ranking: say --score COLUMN, or --ranked if its lines stand best first."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_shared(parser)
    option = parser.add_argument
    option("file", type=a_path, metavar="FILE", help="a table of edges, SIF, GMT, GraphML or Cytoscape JSON")
    option("--species", choices=SPECIES, help="default: recognised from the gene names")
    option("--score", metavar="COLUMN", help="the column that holds the scores (the higher, the better), or its number")
    option("--ranked", action="store_true", help="the edges of a file without scores stand best first")
    option("--signed", action="store_true", help="scores below zero are repression, and their size is the score")
    option("--direction", choices=DIRECTIONS, help="turned: the file names the target of each edge before its TF")
    option(TRUST, action="store_true", help=TRUST_HELP)
    option("-o", "--output", type=a_path, metavar="EDGES.TSV", help="write the edges, matched and ranked, there too")
    parser.set_defaults(run=run, requests=lambda arguments: [asked(arguments)])


def asked(arguments: argparse.Namespace) -> ImportRequest:
    """Return what the command asks for."""
    return ImportRequest.of(
        arguments.file,
        species=arguments.species,
        score=arguments.score,
        ranked=arguments.ranked,
        signed=arguments.signed,
        direction=arguments.direction,
    )


def words_of(request: ImportRequest) -> list[str]:
    """Return the words that ask for an import."""
    words = ["import", f"--species={request.species}"] if request.species else ["import"]
    words += [f"--score={request.score}"] if request.score is not None else []
    words += [f"--{name}" for name in ("ranked", "signed") if getattr(request, name)]
    words += [f"--direction={request.direction}"] if request.direction else []
    words += [TRUST] if _asks(request) else []
    return [*words, str(request.place)]


@lru_cache(maxsize=16)
def _asks(request: ImportRequest) -> bool:
    """Whether the file leaves a question open that the request does not answer; a file that is gone asks nothing."""
    with suppress(GrnError):
        return bool(request.read().questions)
    return False


def run(arguments: argparse.Namespace) -> int:
    """Read the file and say what came of it."""
    check_file(arguments.output)
    request = asked(arguments)
    if not arguments.trust_guess:
        refuse_questions(request.read().questions, title=request.subject)
    run_id, _ = computed(request, quiet=True)
    store = RunStore()
    edges, record = store.edges(run_id), store.record(run_id)
    for told in record["result"]["notes"]:
        note(told)
    if not record["result"]["score"]["scored"]:
        note(UNSCORED)
        for one in record["result"].get("score_columns", ()):
            note(f"--score {shlex.quote(one['name'])}: {one['gives']}")
    many = f"{counted(len(edges), 'edge')} of {counted(record['result']['sources'], 'TF')}"
    note(f"{many}: open run {run_id} on the pages, or export it")
    if arguments.output is not None:
        with as_usual():
            write_edges(edges, arguments.output)
        note(f"{len(edges):,} edges written to {arguments.output}")
    if arguments.json:
        say_json(record)
    return 0
