"""``models``: list, download, check and name foundation models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core import in_words
from grn_core.cli.actions import add_actions
from grn_core.cli.follow import computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.output import StageLine, note, say, say_json, table
from grn_core.damaged_records import MODELS, damaged, sentences
from grn_core.extractors import extractors_of
from grn_core.hub.manifest import checkpoint, checkpoints
from grn_core.models.folders import LIST, forget, record_file, registered
from grn_core.runs import AddRequest, PullRequest
from grn_core.runs.unread import remove_record, unread_records

if TYPE_CHECKING:
    import argparse

    from grn_core.hub.check import Report

COLUMNS = ("name", "title", "here", "size", "extractors", "licence")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command with its actions."""
    add = add_actions(parser)
    add("list", show, "list the models that can be chosen and the published checkpoints")
    parser = add("pull", pull, "download a published checkpoint, or check the files that were placed by hand")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--accept", action="append", default=[], metavar="SHA256", help="accept a file that differs")
    parser.add_argument("--endpoint", metavar="URL", help="a mirror of the hub (default: HF_ENDPOINT)")
    parser.set_defaults(requests=pulls)
    text = "say what a checkpoint is: format, files, tensors, readouts, genes"
    add("check", check, text).add_argument("target", type=a_name, metavar="FOLDER|NAME")
    parser = add("add", register, "check a checkpoint folder and give it a name to choose it by")
    parser.add_argument("folder", type=a_path, metavar="FOLDER")
    parser.add_argument("--name", default="", help="default: made from the folder's name")
    parser.add_argument("--title", default="", help="for menus")
    parser.set_defaults(requests=adds)
    add("remove", remove, "take a name off the list; the files stay").add_argument("name", metavar="NAME")
    add("path", path, "print the folder of a model").add_argument("name", metavar="NAME")


def show(arguments: argparse.Namespace) -> None:
    """List the models that are here and those that are published."""
    from grn_core.models.registry import records

    named = {record.name: record for record in registered()}
    rows = []
    for record in records():
        folder = named.get(record.name)
        here = "bundled" if folder is None else "downloaded" if folder.source else "folder"
        fields = ("name", "title", "n_parameters", "readouts", "units", "licence", "description")
        facts = {name: getattr(record, name) for name in fields}
        rows.append({"here": here, "size": "", "extractors": extractors_of(record), **facts})
    for known in checkpoints():
        if known.name not in named:
            size = "" if known.size is None else in_words.size(known.size)
            facts = {name: getattr(known, name) for name in ("name", "title", "licence", "description", "notice")}
            rows.append({"here": "no", "size": size, "extractors": (), "n_bytes": known.size, **facts})
    if arguments.json:
        say_json(rows)
    else:
        cells = [{**row, "extractors": ", ".join(row["extractors"])} for row in rows]
        say(table(COLUMNS, [[row[name] for name in COLUMNS] for row in cells]))
    for text in sentences(damaged(MODELS)):
        note(text)


def pulls(arguments: argparse.Namespace) -> list[PullRequest]:
    """Return what the command ``models pull`` asks for."""
    known = checkpoint(arguments.name)
    return [PullRequest(title=known.title, checkpoint=known.name)]


def adds(arguments: argparse.Namespace) -> list[AddRequest]:
    """Return what the command ``models add`` asks for."""
    from grn_core.hub.check import name_for

    folder = arguments.folder.expanduser().resolve()
    return [AddRequest(folder=str(folder), name=arguments.name or name_for(folder), heading=arguments.title)]


def words_of(request: PullRequest | AddRequest) -> list[str]:
    """Return the words that ask for a checkpoint, or enter a folder."""
    if isinstance(request, PullRequest):
        return ["models", "pull", request.checkpoint]
    words = ["models", "add", request.folder, f"--name={request.name}"]
    return [*words, f"--title={request.heading}"] if request.heading else words


def pull(arguments: argparse.Namespace) -> None:
    """Download in a process of its own, and wait for it."""
    from grn_core.hub.verify import accept

    (request,) = pulls(arguments)
    known = checkpoint(arguments.name)
    if arguments.endpoint:
        os.environ["HF_ENDPOINT"] = arguments.endpoint
    if arguments.accept:
        accept(known, arguments.accept)
    size = "" if known.size is None else f", {in_words.size(known.size)}"
    note(f"{known.title}{size}; licence: {known.licence}")
    if known.notice:
        note(known.notice)
    computed(request)
    _report(record_file(known.name), arguments)


def check(arguments: argparse.Namespace) -> None:
    """Check a folder or a named model."""
    from grn_core.hub.check import check as look

    with StageLine() as progress:
        report = look(arguments.target, progress)
    if arguments.json:
        say_json(_facts(report))
    else:
        say(table(("what", "found"), [(name, _text(value)) for name, value in _facts(report).items() if value]))
        for warning in report.warnings:
            note(warning)


def register(arguments: argparse.Namespace) -> None:
    """Check a folder and enter it in the list."""
    from grn_core.hub.check import recognise

    (request,) = adds(arguments)
    recognise(request.folder, name=request.name)
    computed(request)
    _report(record_file(request.name), arguments)


def remove(arguments: argparse.Namespace) -> None:
    """Take a name off the list."""
    from grn_core.errors import ModelError

    found = next((record for record in registered() if record.name == arguments.name), None)
    if (unread := f"{LIST}/{arguments.name}.json") in unread_records():
        remove_record(unread)
        note(f"the record of {arguments.name}, which could not be read, is deleted")
        return
    if found is None:
        message = f"no folder has the name {arguments.name!r}"
        raise ModelError(message, needed=", ".join(record.name for record in registered()) or "a registered folder")
    forget(arguments.name)
    note(f"{arguments.name} is off the list; its files stay in {found.folder}")


def path(arguments: argparse.Namespace) -> None:
    """Print the folder of a model: where it is, or where the files of a published checkpoint belong."""
    from grn_core.models.registry import folder_of

    published = {known.name: known.folder for known in checkpoints()}
    named = {record.name for record in registered()}
    folder = published.get(arguments.name) if arguments.name not in named else None
    say(str(folder or folder_of(arguments.name)))


def _report(file: Path, arguments: argparse.Namespace) -> None:
    """Say what was entered in the list."""
    from grn_core.models.registry import record_of

    record = next(record for record in registered() if record.name == file.stem)
    facts = {name: getattr(record, name) for name in ("name", "title", "format", "folder", "licence", "source")}
    facts |= {name: record.card.get(name) for name in ("n_parameters", "n_genes", "readouts", "coverage", "warnings")}
    facts["extractors"] = extractors_of(record_of(record.name))
    if arguments.json:
        say_json(facts)
    else:
        say(table(("what", "found"), [(name, _text(value)) for name, value in facts.items()]))


def _facts(report: Report) -> dict[str, Any]:
    record = report.record
    return {
        "folder": str(report.folder),
        "format": report.format,
        "description": record.description,
        "files": {name: in_words.size(size) for name, size in report.files.items()},
        "published_checksums": list(report.confirmed),
        "n_parameters": record.n_parameters,
        "n_genes": record.n_genes,
        "units": record.units,
        "readouts": list(record.readouts),
        "extractors": list(extractors_of(record)),
        "coverage": report.coverage,
        "warnings": list(report.warnings),
        "licence": record.licence,
        "limits": record.limits,
    }


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    if isinstance(value, tuple | list) and len(value) == 2 and all(isinstance(part, int) for part in value):
        return f"{value[0]:,} of {value[1]:,}"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
