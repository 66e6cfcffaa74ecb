"""What many commands share: ``--home`` and ``--json``, and being a set of actions, such as ``data pull``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from grn_core.cli.given import a_path

if TYPE_CHECKING:
    from collections.abc import Callable


def add_shared(parser: argparse.ArgumentParser) -> None:
    """Add the options that most commands take; their defaults are those of the first parser."""
    home_help = "data folder of uploads and runs (default: GRN_HOME)"
    parser.add_argument("--home", type=a_path, default=argparse.SUPPRESS, help=home_help)
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON to stdout")


def add_actions(
    parser: argparse.ArgumentParser, *, required: bool = True
) -> Callable[[str, Any, str], argparse.ArgumentParser]:
    """Make a command one of actions; return ``add(name, run, text)``, which adds one and returns its parser."""
    actions = parser.add_subparsers(dest="action", required=required, metavar="ACTION")

    def add(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        action: argparse.ArgumentParser = actions.add_parser(name, help=text, description=text)
        add_shared(action)
        action.set_defaults(run=run)
        return action

    return add
