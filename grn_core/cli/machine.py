"""``python -m grn_core doctor``: what this machine can do, and whether all is in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core import doctor as found
from grn_core import in_words
from grn_core.bug_report import bug_report
from grn_core.cli.actions import add_shared
from grn_core.cli.follow import check_file, computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.output import note, say, say_json, table
from grn_core.disk import disk_use
from grn_core.errors import RequestError
from grn_core.files import write_json
from grn_core.homes import as_usual
from grn_core.runs import MeasureRequest
from grn_core.settings import settings

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_shared(parser)
    parser.set_defaults(run=doctor)
    measure_help = "measure it first, for estimates of time and memory (MODEL: default compact); half a minute"
    parser.add_argument("--measure", type=a_name, nargs="?", const="compact", metavar="MODEL", help=measure_help)
    bundle_help = "write a report for a bug tracker, without data, names of genes or cells, or paths"
    parser.add_argument("--bundle", type=a_path, metavar="FILE.json", help=bundle_help)
    parser.set_defaults(requests=measurements)


def measurements(arguments: argparse.Namespace) -> list[MeasureRequest]:
    """Return what ``doctor --measure`` asks for."""
    from grn_core.models.registry import located, record_of

    if arguments.measure is None:
        return []
    name = located(arguments.measure)
    return [MeasureRequest(model=name, title=record_of(name).title)]


def measure_words(request: MeasureRequest) -> list[str]:
    """Return the words that ask for a measurement of the machine."""
    return ["doctor", f"--measure={request.model}"]


def doctor(arguments: argparse.Namespace) -> None:
    """Say what this machine can do, and whether all is in order."""
    check_file(arguments.bundle, option="--bundle")
    if arguments.bundle is not None and arguments.bundle.suffix.lower() != ".json":
        message = f"{arguments.bundle} does not end in .json, and the report is JSON"
        raise RequestError(message, needed="FILE.json", todo="correct --bundle")
    for request in measurements(arguments):
        computed(request)
    if arguments.bundle is not None:
        with as_usual():
            write_json(arguments.bundle, bug_report())
        note(f"{arguments.bundle} is written: look it over, then attach it to the report")
        return
    looked_at = found.checks()
    if arguments.json:
        say_json(found.to_json())
    else:
        as_shown = {"ok": "ok", "note": "note", "fault": "FAULT"}
        checked = [(one.title, as_shown[one.state], one.found) for one in looked_at]
        rows = [(one.variable, one.value, one.origin) for one in found.settings_in_force()]
        used = [(one.title, in_words.size(one.bytes), one.folder) for one in disk_use(settings())]
        say(table(("what", "found"), found.facts(settings()).items()))
        say("\n" + table(("checked", "state", "found"), checked))
        fast = [(one.title, one.where, one.example) for one in found.speeds()]
        say("\n" + table(("speed with", "measured", "the demo's network: usual; with your cells"), fast))
        say("\n" + table(("setting", "value", "from"), rows))
        if used:
            say("\n" + table(("on disk", "size", "folder"), used))
    for one in looked_at:
        if one.error is not None:
            raise one.error
