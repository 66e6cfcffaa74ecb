"""``datasets``: list what is here, check a file (what was recognised in it, what is lost), and keep one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.cli.actions import add_actions, add_shared
from grn_core.cli.given import a_name, a_path
from grn_core.cli.inputs import add_reading, data_help, is_stored, read_as_of
from grn_core.cli.output import note, put, say, say_json, table
from grn_core.damaged_records import MODELS
from grn_core.datasets.catalog import asks_of
from grn_core.datasets.questions import TRUST
from grn_core.datasets.reading import OPTIONS
from grn_core.errors import DataError, GrnError
from grn_core.in_words import counted

if TYPE_CHECKING:
    import argparse

    from grn_core.datasets import Dataset
    from grn_core.datasets.report import Report

COLUMNS = ("ref", "title", "species", "n_cells", "licence", "source")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options and actions of the command; without an action it lists."""
    add_shared(parser)
    parser.set_defaults(run=show)
    add = add_actions(parser, required=False)
    add("list", show, "list built-in datasets and uploads")
    text = "say whether a file can be used, what was recognised in it and what is lost; exit code 2 if it cannot"
    one = add("check", check, text)
    one.add_argument("data", type=a_name, metavar="FILE|REF", help=data_help())
    one.add_argument("--model", type=a_name, default="compact", help="whose genes count as known (see `models list`)")
    one.add_argument(
        "--lost", type=a_path, metavar="OUT.TSV", help="write every name that takes no part, with its reason"
    )
    add_reading(one)
    text = "keep a copy of a file, as an upload on the page Dataset does; prints the name by which it is known"
    new = add("add", keep, text)
    new.add_argument("file", type=a_path, metavar="FILE", help="a file of cells, checked before it is kept")
    new.add_argument("--title", help="default: the name of the file")
    add_reading(new)
    old = add("remove", remove, "delete an upload or a gene list, or a record of cells that cannot be read")
    old.add_argument("ref", type=a_name, metavar="REF", help="as `datasets list` names it")
    old.add_argument("--with-runs", action="store_true", help="delete the runs that were asked of it too, for good")


def show(arguments: argparse.Namespace) -> None:
    """List built-in datasets and uploads."""
    from grn_core.damaged_records import LISTS, UPLOADS, damaged, sentences
    from grn_core.datasets import builtins, list_uploads

    rows = [{name: getattr(record, name) for name in COLUMNS} for record in builtins()]
    for upload in list_uploads():
        known = {name: getattr(upload, name, "") for name in COLUMNS}
        rows.append({**known, "source": f"upload of {upload.filename}"})
    if arguments.json:
        say_json(rows)
    else:
        say(table(COLUMNS[:-1], [[row[name] for name in COLUMNS[:-1]] for row in rows]))
    for text in sentences(damaged(UPLOADS, LISTS)):
        note(text)


def check(arguments: argparse.Namespace) -> int:
    """Report on a file; exit code 2 where it is not usable."""
    from grn_core.cli.follow import check_file
    from grn_core.datasets.report import NOT_USABLE, lost_table, refusal, report
    from grn_core.models.registry import card, located, vocabulary

    check_file(arguments.lost, option="--lost")
    model = located(arguments.model)
    known, title = vocabulary(model), str(card(model).get("title", model))
    try:
        found = report(_read(arguments), known, model=title)
    except GrnError as error:
        if arguments.lost is not None:
            note(f"{arguments.lost} was not written: the file was refused before its names could be told apart")
        if not arguments.json:
            say(f"verdict  {NOT_USABLE}")
            raise
        say_json(refusal(error, name=arguments.data))
        return 2
    if arguments.lost is not None:
        put(lost_table(found), arguments.lost)
        note(f"{len(found.lost) + len(found.left_out):,} names written to {arguments.lost}")
    if arguments.json:
        say_json(found.to_json() | {"file": arguments.data})
    else:
        say(in_lines(found))
    return 2 if found.verdict == NOT_USABLE else 0


def keep(arguments: argparse.Namespace) -> None:
    """Keep a file and print its ref."""
    from grn_core import datasets

    path = arguments.file.expanduser()
    if not path.is_file():
        message = f"there is no file {str(path)!r}"
        raise DataError(message, needed="a file; a folder is read where it lies", todo="check the name")
    with path.open("rb") as file:
        ref = datasets.store_upload(
            path.name, file, read_as=read_as_of(arguments), title=arguments.title, trust_guess=arguments.trust_guess
        )
    if arguments.json:
        say_json({"ref": ref, "not_confirmed": asks_of(ref).split()})
    else:
        say(ref)


def _read(arguments: argparse.Namespace) -> Dataset:
    from grn_core import datasets

    read_as = read_as_of(arguments)
    if is_stored(arguments.data, read_as):
        return datasets.load(arguments.data)
    return datasets.read(
        Path(arguments.data).expanduser(),
        species=read_as.species,
        values=read_as.values,
        matrix=read_as.matrix,
        orientation=read_as.orientation,
        name_column=read_as.name_column,
        decimal=read_as.decimal,
    )


def in_lines(found: Report) -> str:
    """Return the report as text: the verdict first, then the table, then what was done."""
    from grn_core.datasets.kinds import find_kind

    rows = [("verdict", found.verdict), *(("", text) for text in found.why)]
    rows += [
        ("species", found.species or "not recognised"),
        ("gene names", found.ids or "not recognised"),
        ("values", f"{found.values}: {find_kind(found.values).title}"),
    ]
    rows += [("matrix", found.matrix)] if found.matrix else []
    rows += [
        (
            f"  {one.name}",
            one.refused or f"{one.n_tfs:,} TFs, {one.n_genes:,} genes{f', {one.kind}' if one.kind else ''}",
        )
        for one in found.matrices
    ]
    rows += [
        (name, word) for name, word in (("orientation", found.orientation), ("names from", found.name_column)) if word
    ]
    rows += [
        ("cells", f"{found.n_cells:,}"),
        ("genes", f"{found.n_genes:,}"),
        ("known", f"{found.n_known:,} ({found.share(found.n_known):z.0%})"),
        ("human symbol", f"{found.n_human:,} ({found.share(found.n_human):z.0%})"),
        ("in the model", f"{found.n_model:,} ({found.share(found.n_model):z.0%}) of {found.model}"),
        ("TFs", f"{found.n_tfs:,}, {found.n_tfs_model:,} in the model"),
        ("left out", f"{len(found.left_out):,}"),
    ]
    for one in found.questions:
        rows.append(("question", f"{one.asks} {OPTIONS[one.about]}, or {TRUST} for {one.guess}"))
        rows += [(f"  {each.word}", f"{each.title}: {each.gives}") for each in one.candidates]
    rows += [("note", text) for text in found.notes]
    return table(rows[0], rows[1:])


def remove(arguments: argparse.Namespace) -> None:
    """Delete an upload, with the runs that hang on it if that was said; or a record of cells that cannot be read."""
    from grn_core.runs.belongings import hanging_on, remove_upload
    from grn_core.runs.unread import remove_record, unread_records

    unread = {path.stem: name for name, (room, path) in unread_records().items() if room is not MODELS}
    if (name := arguments.ref.removeprefix("@")) in unread:
        remove_record(unread[name])
        note(f"the record {name}, which could not be read, is deleted")
        return
    runs = hanging_on(arguments.ref)
    if runs and not arguments.with_runs:
        hanging = counted(len(runs), "run was", "runs were")
        message = f"{hanging} asked of {arguments.ref}: {', '.join(info.run_id for info in runs)}"
        raise DataError(message, needed="your word that they go too", todo="say --with-runs")
    remove_upload(arguments.ref)
    note(f"{arguments.ref} is deleted, and {counted(len(runs), 'run')} of it")
