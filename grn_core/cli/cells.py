"""``cells``: columns of a dataset's cells, labels of the user's own, and the two groups that are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.cli.actions import add_actions
from grn_core.cli.cell_choice import MOST_NAMED, cells_named
from grn_core.cli.given import a_name, a_path
from grn_core.cli.inputs import add_reading, data_help, dataset_of
from grn_core.cli.output import note, say, say_json, table
from grn_core.damaged_records import COLUMNS, damaged, sentences
from grn_core.errors import DataError

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command with its actions."""
    add = add_actions(parser)
    for name, run, text in (
        ("columns", columns, "list the columns by which cells can be chosen, with their values"),
        ("label", label, "read a table of cells and labels, and keep it as a column"),
        ("groups", groups, "name two groups of cells, A and B, that comparisons use; without --a and --b show them"),
    ):
        parser = add(name, run, text)
        parser.add_argument("data", type=a_name, metavar="FILE|REF", help=data_help())
        add_reading(parser)
        if name == "label":
            parser.add_argument("table", type=a_path, metavar="TABLE", help=".csv or .tsv: a cell and its label a line")
            parser.add_argument("--title", help="what the column is called (default: the name of the file)")
        if name == "groups":
            which = "e.g. cell_type=B cell,T cell; a value with a comma in it stands in double quotes"
            parser.add_argument("--a", metavar="COLUMN=VALUE[,VALUE]", help=f"group A, {which}")
            parser.add_argument("--b", metavar="COLUMN=VALUE[,VALUE]", help="group B")
            parser.add_argument(
                "--donor", default="", metavar="COLUMN", help="column that tells donors or batches apart"
            )


def columns(arguments: argparse.Namespace) -> None:
    """List the columns of the cells."""
    from grn_core.datasets.annotations import annotations_of

    dataset = dataset_of(arguments)
    titles = {one.ref: one.title for one in annotations_of(dataset.sha256)}
    rows = []
    for name in (*map(str, dataset.obs.columns), *titles):
        counts = dataset.column(name).dropna().astype(str).value_counts(sort=False)
        rows.append(
            {"column": name, "title": titles.get(name, ""), "values": {str(k): int(v) for k, v in counts.items()}}
        )
    for text in sentences(damaged(COLUMNS)):
        note(text)
    if arguments.json:
        say_json(rows)
        return
    shown = [(row["column"], row["title"], len(row["values"]), _some(list(row["values"]))) for row in rows]
    say(table(("column", "title", "values", "which"), shown))


def label(arguments: argparse.Namespace) -> None:
    """Keep a table of labels as a column."""
    from grn_core.datasets.cell_labels import label_cells

    if not arguments.table.is_file():
        message = f"there is no file {arguments.table}"
        raise DataError(message, needed="a table with a cell and its label in each line", todo="check the path")
    found = label_cells(dataset_of(arguments), arguments.table, title=arguments.title or arguments.table.stem)
    note(found.words)
    if arguments.json:
        say_json(vars(found))
    else:
        say(table(("column", found.ref), found.labels.items()))


def groups(arguments: argparse.Namespace) -> None:
    """Name the two groups, or show them."""
    from grn_core.datasets.groups import CellGroup, Groups, groups_of, keep_groups, why_no_groups

    dataset = dataset_of(arguments)
    if arguments.a and arguments.b:
        a, b = (CellGroup(*cells_named(text, dataset)) for text in (arguments.a, arguments.b))
        chosen = Groups(a, b, arguments.donor)
        keep_groups(dataset, chosen)
    elif arguments.a or arguments.b or arguments.donor:
        message = "one group was given"
        raise DataError(message, needed="--a and --b", todo="name both groups")
    kept = groups_of(dataset.sha256)
    if kept is None:
        none = ("no groups were named for these cells", "name both groups")
        message, todo = why_no_groups(dataset.sha256) or none
        raise DataError(message, needed="--a COLUMN=VALUE and --b COLUMN=VALUE", todo=todo)
    counts = [int(mask.sum()) for mask in kept.masks(dataset)]
    if arguments.json:
        say_json({**kept.to_json(), "cells": counts})
        return
    rows = [(name, group.title, n) for name, group, n in zip("AB", (kept.a, kept.b), counts, strict=True)]
    say(table(("group", "which", "cells"), rows))


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (" ..." if len(names) > MOST_NAMED else "")
