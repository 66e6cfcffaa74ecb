"""The commands that list, show and steer: ``runs``, ``doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core import doctor as found
from grn_core import in_words
from grn_core.cli.command import shown
from grn_core.cli.follow import computed
from grn_core.cli.output import note, say, say_json, table
from grn_core.disk import disk_use
from grn_core.runs import MeasureRequest, Request, RunStatus, RunStore, manager
from grn_core.runs.versions import differences
from grn_core.settings import settings

if TYPE_CHECKING:
    import argparse


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the commands and their options."""

    def add(
        name: str, run: Any, summary: str, parent: argparse._SubParsersAction[argparse.ArgumentParser] = commands
    ) -> Any:
        parser = parent.add_parser(name, parents=[shared], help=summary, description=summary)
        parser.set_defaults(run=run)
        return parser

    runs_help = "list, show, cancel, resume or remove runs"
    inner = commands.add_parser("runs", help=runs_help, description=runs_help)
    actions = inner.add_subparsers(dest="action", required=True)
    add("list", runs_list, "list the runs, newest first", actions)
    for name, run, summary in (
        ("show", runs_show, "show a run's record and status"),
        ("cancel", runs_cancel, "stop a queued or running run"),
        ("resume", runs_resume, "go on with a stopped run from its finished parts"),
        ("remove", runs_remove, "delete a run; the same request is then computed from nothing"),
    ):
        add(name, run, summary, actions).add_argument("run_id")
    parser = add("doctor", doctor, "say what this machine can do")
    measure_help = "measure it first, for estimates of time and memory (MODEL: default compact); half a minute"
    parser.add_argument("--measure", nargs="?", const="compact", metavar="MODEL", help=measure_help)
    parser.set_defaults(requests=measurements)


def runs_list(arguments: argparse.Namespace) -> None:
    """List the runs, newest first."""
    rows = [
        {
            "run_id": info.run_id,
            "created": info.created[:19],
            "kind": info.request.kind,
            "state": info.status.state,
            "done": f"{info.status.fraction:.0%}",
            "dataset": info.request.subject,
            "model": _asked(info.request),
        }
        for info in RunStore().list_runs()
    ]
    _list(rows, as_json=arguments.json, columns=("run_id", "created", "kind", "state", "done", "dataset", "model"))


def _asked(request: Request) -> str:
    """Return the model, or the co-expression method, that a run asks."""
    name = "method" if request.kind == "coexpression" else "model"
    return str(getattr(request, name, ""))


def runs_show(arguments: argparse.Namespace) -> None:
    """Show a run's record and status."""
    store = RunStore()
    record, status = store.record(arguments.run_id), store.status(arguments.run_id)
    packages = store.request(arguments.run_id).packages()
    differ = "" if packages is None else differences(record, packages)
    command = shown(store.request(arguments.run_id))
    if arguments.json:
        told = {"status": status.to_json(), "folder": str(store.path(arguments.run_id))}
        say_json({**record, **told, "command": command, "note": differ})
        return
    lines = {"state": _in_words(status), "folder": store.path(arguments.run_id), "command": command}
    lines |= {name: record[name] for name in ("created", "title", "owner", "executor") if record[name]}
    lines |= {"note": differ} if differ else {}
    for group in ("request", "hashes", "versions", "result"):
        lines |= {f"{group}.{name}": value for name, value in record[group].items() if value not in (None, "")}
    say(table(("run", arguments.run_id), lines.items()))


def runs_cancel(arguments: argparse.Namespace) -> None:
    """Stop a queued or running run."""
    before = manager.cancel(arguments.run_id)
    status = manager.wait(arguments.run_id, timeout_s=30) if before.active else before
    _answer(arguments, status)


def runs_resume(arguments: argparse.Namespace) -> None:
    """Go on with a stopped run; the worker computes in the background."""
    _answer(arguments, manager.resume(arguments.run_id))


def runs_remove(arguments: argparse.Namespace) -> None:
    """Delete a run and all its files."""
    manager.remove(arguments.run_id)
    if arguments.json:
        say_json({"run_id": arguments.run_id, "removed": True})
    else:
        note(f"run {arguments.run_id}: removed")


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
    for request in measurements(arguments):
        computed(request)
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
        fast = [(one.title, "here" if one.measured else f"on {one.device}", one.example) for one in found.speeds()]
        say("\n" + table(("speed with", "measured", "the demo's network: usual; with your cells"), fast))
        say("\n" + table(("setting", "value", "from"), rows))
        if used:
            say("\n" + table(("on disk", "size", "folder"), used))
    for one in looked_at:
        if one.error is not None:
            raise one.error


def _in_words(status: RunStatus) -> str:
    if status.state == "running":
        left = "" if status.eta_s is None else f", about {in_words.duration(status.eta_s)} left"
        return f"running: {status.stage} {status.done}/{status.total}{left}"
    if status.state == "failed":
        return f"failed: {' '.join(str(part) for part in (status.error or {}).values() if part)}"
    return f"{status.state}: {status.message}" if status.message not in ("", status.state) else status.state


def _answer(arguments: argparse.Namespace, status: RunStatus) -> None:
    if arguments.json:
        say_json({"run_id": arguments.run_id, "status": status.to_json()})
    else:
        note(f"run {arguments.run_id}: {_in_words(status)}")


def _list(rows: list[dict[str, Any]], *, as_json: bool, columns: tuple[str, ...]) -> None:
    if as_json:
        say_json(rows)
    else:
        say(table(columns, [[_cell(row[name]) for name in columns] for row in rows]))


def _cell(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)
