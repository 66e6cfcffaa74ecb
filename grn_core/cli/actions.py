"""Commands that are a set of actions, such as ``data pull`` and ``models list``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    shared: argparse.ArgumentParser,
    *,
    name: str,
    summary: str,
) -> Callable[[str, Any, str], argparse.ArgumentParser]:
    """Add a command; return ``add(name, run, text)``, which gives it an action and returns the action's parser."""
    parser = commands.add_parser(name, help=summary, description=summary)
    actions = parser.add_subparsers(dest="action", required=True)

    def add(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        action: argparse.ArgumentParser = actions.add_parser(name, parents=[shared], help=text, description=text)
        action.set_defaults(run=run)
        return action

    return add
