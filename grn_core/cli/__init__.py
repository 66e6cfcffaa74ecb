"""The command line: the same engine, runs and run ids as the app, without a browser.

Tables go to stdout, progress to stderr; a user's mistake is one line on stderr and exit code 2.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from grn_core.cli import cache, data, export, infer, models, show
from grn_core.errors import GrnError
from grn_core.settings import check_home

if TYPE_CHECKING:
    from collections.abc import Sequence

LATER = {
    "adapt": ("grn_core.cli.adapt", "continue a model's pre-training on your cells"),
    "pretrain": ("grn_core.cli.pretrain", "train the bundled compact model from count matrices"),
    "train-translator": ("grn_core.cli.train_translator", "train a translator on a reference network"),
    "benchmark": ("grn_core.cli.benchmark", "measure a model and its controls on reference networks"),
}
"""Commands that import torch: their modules are loaded only when they are called."""
READERS = ("datasets", "export", "runs", "doctor")
"""Commands that leave the data folder as it is, but for runs that are there."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Leave with exit code 2."""
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


def build_parser(command: str | None = None) -> Parser:
    """Return the parser; of the commands in `LATER` only `command` gets its own options."""
    parser = Parser(prog="python -m grn_core", description="Gene regulatory networks from foundation models.")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--home", type=Path, help="data folder of uploads and runs (default: GRN_HOME)")
    shared.add_argument("--json", action="store_true", help="print JSON to stdout")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    infer.add_parser(commands, shared)
    export.add_parser(commands, shared)
    show.add_parsers(commands, shared)
    data.add_parsers(commands, shared)
    models.add_parsers(commands, shared)
    cache.add_parsers(commands, shared)
    for name, (module, summary) in LATER.items():
        later = commands.add_parser(name, help=summary, description=summary)
        if name == command:
            loaded = import_module(module)
            loaded.add_arguments(later)
            later.set_defaults(run=loaded.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 2 for an error, 130 after Ctrl-C."""
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = build_parser(given[0] if given else None).parse_args(given)
        if getattr(arguments, "home", None) is not None:
            os.environ["GRN_HOME"] = str(arguments.home.expanduser().resolve())
        if arguments.command not in READERS and getattr(arguments, "action", "") != "list":
            check_home()
        return arguments.run(arguments) or 0
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our stdout has left (e.g. `| head`): what it wanted is out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (GrnError, OSError) as error:
        sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
        return 2
