"""``python -m grn_core runs``: list, show and steer runs, and say what one thinks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core import in_words, runs
from grn_core.cli.actions import add_actions
from grn_core.cli.command import shown
from grn_core.cli.output import note, say, say_json, table
from grn_core.runs import GroupsRequest, Request, RunStatus, RunStore, manager
from grn_core.runs.names import name_of, pinned_first, title_of
from grn_core.runs.trash import KEPT_DAYS
from grn_core.runs.unread import unread_runs
from grn_core.runs.versions import differences

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

COLUMNS = ("run_id", "created", "kind", "state", "done", "name")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command and its actions."""
    add = add_actions(parser)
    listed = add("list", runs_list, "list the runs, pinned ones first, then the newest first")
    listed.add_argument("--removed", action="store_true", help="those that were removed and can be restored")
    for name, run, text in (
        ("show", runs_show, "show a run's record and status"),
        ("cancel", runs_cancel, "stop a queued or running run"),
        ("resume", runs_resume, "go on with a stopped run from its finished parts"),
        ("restore", runs_restore, "bring a removed run back"),
    ):
        add(name, run, text).add_argument("run_id")
    for name, run, text, what in (
        ("rename", runs_rename, "call a run by a name of your own", "the name; empty for the one of its request"),
        ("note", runs_note, "keep a note on a run", "the note; empty for none"),
    ):
        action = add(name, run, text)
        action.add_argument("run_id")
        action.add_argument("text", help=what)
    pin = add("pin", runs_pin, "let a run stand before the others in lists and menus")
    pin.add_argument("run_id")
    pin.add_argument("--off", action="store_true", help="no longer")
    gone = f"remove a run: the same request is then computed from nothing; for {KEPT_DAYS} days it can be restored"
    remove = add("remove", runs_remove, gone)
    remove.add_argument("run_id")
    remove.add_argument("--now", action="store_true", help="delete its files at once: it cannot be restored")


def runs_list(arguments: argparse.Namespace) -> None:
    """List the runs, pinned ones first, then the newest first."""
    infos = [one.info for one in runs.removed_runs()] if arguments.removed else pinned_first(RunStore().list_runs())
    rows = [
        {
            "run_id": info.run_id,
            "created": info.created[:19],
            "kind": info.request.kind,
            "state": info.status.state,
            "done": f"{info.status.fraction:z.0%}",
            "name": f"{title_of(info)}{' (pinned)' if info.marks.pinned and not arguments.json else ''}",
            "dataset": info.request.subject,
            "model": _asked(info.request),
            "note": info.marks.told,
            "pinned": info.marks.pinned,
        }
        for info in infos
    ]
    if arguments.json:
        say_json(rows)
    else:
        say(table(COLUMNS, [[row[name] for name in COLUMNS] for row in rows]))
    for error in () if arguments.removed else unread_runs(infos).values():
        note(str(error))


def _asked(request: Request) -> str:
    """Return the model, or the co-expression method, that a run asks."""
    name = "method" if request.kind == "coexpression" else "model"
    return str(getattr(request, name, ""))


def runs_show(arguments: argparse.Namespace) -> None:
    """Show a run's record and status."""
    store = RunStore()
    record, status = store.record(arguments.run_id), store.status(arguments.run_id)
    marks = store.marks(arguments.run_id)
    request = store.request(arguments.run_id)
    packages, name = request.packages(), marks.name or name_of(request)
    differ = "" if packages is None else differences(record, packages)
    command = shown(request)
    if arguments.json:
        told = {"status": status.to_json(), "folder": str(store.path(arguments.run_id)), "name": name}
        said = {"my_note": marks.note, "pinned": marks.pinned, "found": _found(request, record)}
        say_json({**record, **told, **said, "command": command, "note": differ})
        return
    lines = {"name": name, "state": _in_words(status), "folder": store.path(arguments.run_id), "command": command}
    lines |= {name: record[name] for name in ("created", "title", "owner", "executor") if record[name]}
    lines |= {"found": " ".join(found)} if (found := _found(request, record)) else {}
    lines |= {"note": differ} if differ else {}
    lines |= {"my note": marks.told} if marks.told else {}
    for group in ("request", "hashes", "versions", "result"):
        lines |= {f"{group}.{name}": value for name, value in record[group].items() if value not in (None, "")}
    say(table(("run", arguments.run_id), lines.items()))


def _found(request: Request, record: Mapping[str, Any]) -> list[str]:
    """Say what a finished comparison of two groups has found, and first what it could not; nothing of other runs."""
    facts = (record["result"] or {}).get("facts") or {}
    if not isinstance(request, GroupsRequest) or "turned" not in facts:  # runs of before did not count all of it
        return []
    from grn_core.differential.words import found_in_words

    return found_in_words(facts)


def runs_cancel(arguments: argparse.Namespace) -> None:
    """Stop a queued or running run."""
    before = manager.cancel(arguments.run_id)
    status = manager.wait(arguments.run_id, timeout_s=30) if before.active else before
    _answer(arguments, status)


def runs_resume(arguments: argparse.Namespace) -> None:
    """Go on with a stopped run; the worker computes in the background."""
    _answer(arguments, manager.resume(arguments.run_id))


def runs_remove(arguments: argparse.Namespace) -> None:
    """Take a run away."""
    runs.remove(arguments.run_id, keep=not arguments.now)
    if arguments.json:
        say_json({"run_id": arguments.run_id, "removed": True})
        return
    back = "" if arguments.now else f"; for {KEPT_DAYS} days: runs restore {arguments.run_id}"
    note(f"run {arguments.run_id}: removed{back}")


def runs_restore(arguments: argparse.Namespace) -> None:
    """Bring a removed run back."""
    runs.restore(arguments.run_id)
    _answer(arguments, manager.status(arguments.run_id))


def runs_rename(arguments: argparse.Namespace) -> None:
    """Call a run by a name of the user's own."""
    runs.mark(arguments.run_id, name=arguments.text)
    _marked(arguments)


def runs_note(arguments: argparse.Namespace) -> None:
    """Keep a note on a run."""
    runs.mark(arguments.run_id, note=arguments.text)
    _marked(arguments)


def runs_pin(arguments: argparse.Namespace) -> None:
    """Let a run stand before the others, or no longer."""
    runs.mark(arguments.run_id, pinned=not arguments.off)
    _marked(arguments)


def _marked(arguments: argparse.Namespace) -> None:
    store, run_id = RunStore(), arguments.run_id
    marks = store.marks(run_id)
    name = marks.name or name_of(store.request(run_id))
    if arguments.json:
        say_json({"run_id": run_id, "name": name, "note": marks.note, "pinned": marks.pinned})
        return
    said = f" ({marks.told})" if marks.told else ""
    note(f"run {run_id}: {name}{said}{', pinned' if marks.pinned else ''}")


def _in_words(status: RunStatus) -> str:
    if status.state == "running":
        left = "" if not status.eta_s else f", about {in_words.duration(status.eta_s)} left"
        return f"running: {status.stage} {status.done}/{status.total}{left}"
    if status.state == "failed":
        return f"failed: {' '.join(str(part) for part in (status.error or {}).values() if part)}"
    return f"{status.state}: {status.message}" if status.message not in ("", status.state) else status.state


def _answer(arguments: argparse.Namespace, status: RunStatus) -> None:
    if arguments.json:
        say_json({"run_id": arguments.run_id, "status": status.to_json()})
    else:
        note(f"run {arguments.run_id}: {_in_words(status)}")
