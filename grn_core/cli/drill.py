"""``python -m grn_core drill``: kills, damage and no room are tried on the work that people ask for, and counted."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from dataclasses import asdict
from typing import TYPE_CHECKING

from grn_core.cli.output import note, say, say_json, table
from grn_core.errors import RequestError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from grn_core.drill import Tried
    from grn_core.runs import Request

COLUMNS = ("fault", "tries", "survived", "wrong")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    option = parser.add_argument
    option("--minutes", type=float, default=10.0, help="how long (default 10); 0: each fault with each work once")
    option("--seed", type=int, default=0, help="of the moments and bits (default 0)")
    option("--work", action="append", metavar="NAME", help="only this work; may be repeated (default: all)")
    option("--fault", action="append", metavar="NAME", help="only this fault; may be repeated (default: all)")
    option("--json", action="store_true", help="print every try as JSON to stdout")
    parser.set_defaults(run=run, requests=requests)


def run(arguments: argparse.Namespace) -> int:
    """Drill in a data folder of its own, and print the table; 1 where something was wrong or not survived."""
    from grn_core.cli.parser import requests_of
    from grn_core.drill import FAULTS, WORKS, drill

    if arguments.minutes < 0:
        message = f"{arguments.minutes:g} minutes"
        raise RequestError(message, needed="0 or more", todo="correct --minutes")
    named = {work.name: work for work in WORKS}
    works = [named[name] for name in _chosen(arguments.work, list(named), "--work")]
    faults = _chosen(arguments.fault, list(FAULTS), "--fault")
    found = drill(
        _quietly(requests_of),
        minutes=arguments.minutes,
        seed=arguments.seed,
        faults=faults,
        works=works,
        told=_tell,
        note=note,
    )
    if arguments.json:
        say_json([asdict(one) for one in found])
    else:
        say(table(COLUMNS, [_row(fault, [one for one in found if one.fault == fault]) for fault in faults]))
        say("\n" + table(("work", *COLUMNS[1:]), [_row(name, [one for one in found if one.work == name]) for name in
                                                   [work.name for work in works]]))  # fmt: skip
        say("\n" + table(("in all", *COLUMNS[1:]), [_row("", found)]))
    return int(any(one.wrong or not one.survived for one in found))


def requests(_arguments: argparse.Namespace) -> list[Request]:
    """Return what the command asks for in the user's own data folder: nothing."""
    return []


def _quietly(requests_of: Callable[[list[str]], list[Request]]) -> Callable[[list[str]], list[Request]]:
    """Return the function without what it says of the demo's genes each time."""

    def asked(words: list[str]) -> list[Request]:
        with redirect_stderr(io.StringIO()):
            return requests_of(words)

    return asked


def _chosen(wanted: list[str] | None, known: list[str], option: str) -> list[str]:
    unknown = [name for name in wanted or () if name not in known]
    if unknown:
        message = f"there is no {unknown[0]!r}"
        raise RequestError(message, needed=f"one of {', '.join(known)}", todo=f"correct {option}")
    return wanted or known


def _row(name: str, tries: list[Tried]) -> tuple[str, int, int, int]:
    return name, len(tries), sum(one.survived for one in tries), sum(bool(one.wrong) for one in tries)


def _tell(one: Tried) -> None:
    came = f"WRONG: {one.wrong}" if one.wrong else "survived" if one.survived else f"NOT SURVIVED: {one.said}"
    note(f"{one.fault}, {one.work}: {came} ({one.seconds:z.0f} s)")
