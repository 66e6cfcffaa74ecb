"""The parser of the command line, and what a command asks for."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from grn_core.runs import Request

INSTALLED = "grn-studio"
"""The command that an installation has (see ``pyproject.toml``)."""
COMMANDS = {
    "app": ("app", "start the dashboard"),
    "infer": ("infer", "infer a gene regulatory network"),
    "consensus": ("consensus", "put finished runs together: a consensus of their edges"),
    "umap": ("umap", "compute the map (UMAP) of the cells of a dataset"),
    "compare": (
        "compare",
        "say how far finished runs agree: best edges in common, rank correlation, beside what chance would give",
    ),
    "import": ("import_network", "open the network of another tool, or one that was exported here, as a run"),
    "export": ("export", "write the network of a finished run for another program"),
    "enrich": ("enrich", "say which regulons or gene sets a TF's targets, or chosen genes of a run, share"),
    "propose": ("propose", "propose the TFs whose knock-down would tell most about a network"),
    "datasets": ("datasets", "datasets: list what is here, check a file, add one"),
    "runs": ("runs", "list, show, cancel, resume, name, pin or remove runs"),
    "doctor": ("machine", "say what this machine can do"),
    "data": ("data", "public datasets and reference networks: list, download, check, say where they are"),
    "cells": ("cells", "columns and labels of a dataset's cells, and two groups of them to compare"),
    "models": ("models", "foundation models: list, download, check, name a folder"),
    "cache": ("cache", "what is kept only to save time, and removing it"),
    "activity": ("activity", "say which TFs are active in which cells, or differ between two groups"),
    "groups": ("groups", "say which edges differ between two groups of cells, or list the networks of all groups"),
    "drill": ("drill", "try what this installation survives: kills, damage, no room"),
    "adapt": ("adapt", "continue a model's pre-training on your cells"),
    "pretrain": ("pretrain", "train the bundled compact model from count matrices"),
    "train-translator": ("train_translator", "train a translator on a reference network"),
    "what-if": ("what_if", "say how every gene changes when TFs are knocked out or over-expressed"),
    "benchmark": ("benchmark", "measure a model and its controls on reference networks"),
}
"""Command -> its module in this room and its line in the help. Modules bring pandas and more: one loads when called."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Leave with exit code 2."""
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of all commands, of which only `command` gets its own options."""
    installed = Path(sys.argv[0]).stem == INSTALLED
    parser: argparse.ArgumentParser = Parser(
        prog=INSTALLED if installed else "python -m grn_core",
        description="Gene regulatory networks from foundation models.",
    )
    parser.set_defaults(home=None, json=False)  # of the first parser alone: an action's would undo its command's
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        one = commands.add_parser(name, help=summary, description=summary)
        if name == command:
            import_module(f"{__package__}.{module}").add_arguments(one)
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
