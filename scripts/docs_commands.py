"""The documentation's list of commands and of settings, read from the code that takes them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass

from grn_core.cli import build_parser
from grn_core.doctor import settings_in_force

PROGRAM = "python -m grn_core"
SHARED = ("home", "json")
"""Options that most commands take; they are explained once."""


def markdown_table(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table; a bar within a cell is kept as one."""
    lines = [heading, ("---",) * len(heading), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


@dataclass(frozen=True)
class Command:
    """A command that can be called: its name, its line in the help of the one above, and its parser."""

    name: str
    summary: str
    parser: argparse.ArgumentParser


def commands() -> Iterator[Command]:
    """Yield every command, in the order of the help: ``infer``, ``runs list``, ``runs show`` ..."""
    for name in _inner(build_parser(), ""):
        whole = _inner(build_parser(name), "")[name]
        yield from _inner(whole.parser, f"{name} ").values() or (whole,)


def _inner(parser: argparse.ArgumentParser, before: str) -> dict[str, Command]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {one.dest: one.help or "" for one in action._choices_actions}
            return {name: Command(before + name, helps.get(name, ""), one) for name, one in action.choices.items()}
    return {}


def command_list() -> str:
    """One line for each command."""
    rows = [(f"[`{one.name}`](#{one.name.replace(' ', '-')})", sentence(one.summary)) for one in commands()]
    return markdown_table(("command", "what it does"), rows)


def command_sections() -> str:
    """A section for each command: what it does, how it is called, its options."""
    return "\n\n".join(_section(one) for one in commands())


def _section(command: Command) -> str:
    actions = [one for one in command.parser._actions if not isinstance(one, argparse._HelpAction)]
    actions = [one for one in actions if one.help is not argparse.SUPPRESS]
    given = [one for one in actions if not one.option_strings]
    options = [one for one in actions if one.option_strings]
    needed = [f"{one.option_strings[-1]} {value_of(one)}" for one in options if one.required]
    words = [PROGRAM, command.name, *(_positional(one) for one in given), *needed]
    if len(needed) < len(options):
        words.append("[OPTIONS]")
    what = sentence(command.parser.description or command.summary)
    text = f"### {command.name}\n\n{what}\n\n```bash\n{' '.join(words)}\n```"
    rows = [(f"`{_called(one)}`", _meaning(one)) for one in (*given, *options) if one.dest not in SHARED]
    if rows:
        text = f"{text}\n\n{markdown_table(('option', 'meaning'), rows)}"
    shared = " and ".join(f"`{_called(one)}`" for one in options if one.dest in SHARED)
    return f"{text}\n\nTakes {shared} too." if shared else text


def value_of(action: argparse.Action) -> str:
    """Return how the value of an option is written; empty for a switch."""
    if action.nargs == 0:
        return ""
    if action.metavar is not None:
        name = action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar)
    else:
        name = "|".join(map(str, action.choices)) if action.choices else action.dest.replace("_", "-").upper()
    return {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} [{name} ...]"}.get(str(action.nargs), name)


def _positional(action: argparse.Action) -> str:
    return value_of(action) if action.option_strings or action.metavar else action.dest.replace("_", "-").upper()


def _called(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    return f"{names} {value_of(action)}".strip() if names else _positional(action)


def _meaning(action: argparse.Action) -> str:
    words = (action.help or "") % {**vars(action), "prog": PROGRAM}
    more = []
    if action.choices and action.metavar:
        more.append(f"one of {', '.join(map(str, action.choices))}")
    if action.default not in (None, False, "", argparse.SUPPRESS, (), []) and "default" not in words:
        given = action.default if isinstance(action.default, str | int | float) else " ".join(map(str, action.default))
        more.append(f"default {given}")
    if isinstance(action, argparse._AppendAction):
        more.append("can be given more than once")
    return re.sub(r"\s+", " ", "; ".join(filter(None, (words, *more))))


def sentence(words: str | None) -> str:
    """Return a summary as a sentence."""
    text = re.sub(r"\s+", " ", words or "").strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def settings_table() -> str:
    """Every setting with its default and its meaning."""
    home = settings_in_force()[0].default
    rows = [
        (f"`{row.variable}`", "`~/.cache/grn-studio`" if row.default == home else row.default, row.meaning)
        for row in settings_in_force()
    ]
    return markdown_table(("variable", "default", "meaning"), rows)
