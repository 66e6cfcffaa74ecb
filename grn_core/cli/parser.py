"""The parser of the command line, and what a command asks for."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from grn_core.cli import (
    cache,
    cells,
    compare,
    consensus,
    data,
    datasets,
    enrich,
    export,
    import_network,
    infer,
    machine,
    models,
    propose,
    runs,
)

if TYPE_CHECKING:
    from grn_core.runs import Request

LATER = {
    "activity": (
        "grn_core.cli.activity",
        "say which TFs are active in which cells, or differ between two groups",
    ),
    "groups": (
        "grn_core.cli.groups",
        "say which edges differ between two groups of cells, or list the networks of all groups",
    ),
    "drill": ("grn_core.cli.drill", "try what this installation survives: kills, damage, no room"),
    "adapt": ("grn_core.cli.adapt", "continue a model's pre-training on your cells"),
    "pretrain": ("grn_core.cli.pretrain", "train the bundled compact model from count matrices"),
    "train-translator": ("grn_core.cli.train_translator", "train a translator on a reference network"),
    "what-if": ("grn_core.cli.what_if", "say how every gene changes when TFs are knocked out or over-expressed"),
    "benchmark": ("grn_core.cli.benchmark", "measure a model and its controls on reference networks"),
}
"""Commands whose modules bring pandas and more: they are loaded only when they are called."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Leave with exit code 2."""
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser; of the commands in `LATER` only `command` gets its own options."""
    parser: argparse.ArgumentParser = Parser(
        prog="python -m grn_core", description="Gene regulatory networks from foundation models."
    )
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--home", type=Path, help="data folder of uploads and runs (default: GRN_HOME)")
    shared.add_argument("--json", action="store_true", help="print JSON to stdout")
    parser.set_defaults(home=None, json=False)  # of the first parser alone: an action's would undo its command's
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    infer.add_parser(commands, shared)
    consensus.add_parsers(commands, shared)
    compare.add_parser(commands, shared)
    import_network.add_parser(commands, shared)
    export.add_parser(commands, shared)
    enrich.add_parser(commands, shared)
    propose.add_parser(commands, shared)
    datasets.add_parser(commands, shared)
    runs.add_parsers(commands, shared)
    machine.add_parser(commands, shared)
    data.add_parsers(commands, shared)
    cells.add_parsers(commands, shared)
    models.add_parsers(commands, shared)
    cache.add_parsers(commands, shared)
    for name, (module, summary) in LATER.items():
        later = commands.add_parser(name, help=summary, description=summary)
        if name == command:
            loaded = import_module(module)
            loaded.add_arguments(later)
            later.set_defaults(run=loaded.run, requests=loaded.requests)
    return parser


def requests_of(words: list[str]) -> list[Request]:
    """Return what a command asks for: of the words of `grn_core.cli.command.command_of` an equal request.

    Parameters
    ----------
    words
        A command without ``python -m grn_core``.
    """
    arguments = build_parser(words[0]).parse_args(words)
    found: list[Request] = arguments.requests(arguments)
    return found
