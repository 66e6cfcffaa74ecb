"""``groups``: which edges differ between two groups of cells, and the networks of all groups of a column."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.cli.cell_choice import group_named, tell_donors
from grn_core.cli.follow import check_file, computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.inputs import add_cells, add_panel, dataset_of, genes_of, panel_of, panel_words
from grn_core.cli.lists import choice_of
from grn_core.cli.output import note, put, put_out, say_json
from grn_core.datasets.columns_said import not_named
from grn_core.differential import ways
from grn_core.errors import RequestError
from grn_core.in_words import counted
from grn_core.runs import AllGroupsRequest, GroupsRequest, RunStore
from grn_core.runs.doubts import notes_of
from grn_core.runs.foretold_cells import foretell, foretell_groups
from grn_core.runs.kinds.groups import BEST, N_PERMUTATIONS
from grn_core.runs.kinds.panel import CellsRequest

if TYPE_CHECKING:
    import argparse

    import pandas as pd

    from grn_core.datasets import Dataset

USUAL = "pearson"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_cells(parser)
    add_panel(parser)
    option = parser.add_argument
    option("--by", metavar="COLUMN", help="column of the groups; then --a and --b are values of it")
    group_help = "as --cells; with --by only VALUE[,VALUE]"
    option("--a", metavar="COLUMN=VALUE[,VALUE]", help=f"group A, {group_help}")
    option("--b", metavar="COLUMN=VALUE[,VALUE]", help=f"group B, {group_help}")
    all_help = "every group of the column --by: a network each, and which edge stands in which"
    option("--all", action="store_true", dest="every", help=all_help)
    option(
        "--donors",
        "--donor",
        default="",
        metavar="COLUMN",
        help="column of donors: whole donors are permuted, not cells",
    )
    titles = "; ".join(f"{name}: {title}" for name, title in ways().items())
    of_cells = f"without donors one of {', '.join(ways(of_cells=True))}"
    option("--method", choices=tuple(ways()), default=USUAL, help=f"{titles} (default {USUAL}); A and B {of_cells}")
    model_help = "whose genes the panel may hold, and what the method context asks (default compact)"
    option("--model", type=a_name, default="compact", metavar="NAME|FOLDER", help=model_help)
    permutations_help = f"permutations at most; where there are fewer, all are taken (default {N_PERMUTATIONS:,})"
    option("--permutations", type=int, default=N_PERMUTATIONS, metavar="N", help=permutations_help)
    option("--best", type=int, default=BEST, metavar="N", help=f"with --all: edges of each group (default {BEST})")
    option("--seed", type=int, default=0, metavar="N", help="of the permutations, and of methods that draw (default 0)")
    option("--home", type=a_path, help="data folder of uploads and runs (default: GRN_HOME)")
    option("--json", action="store_true", help="print the record of the run as JSON to stdout")
    option("-o", "--output", type=a_path, metavar="FILE.TSV", help="write the table here instead of to stdout")
    parser.set_defaults(run=run, requests=requests)


def requests(arguments: argparse.Namespace) -> list[GroupsRequest | AllGroupsRequest]:
    """Return what the command asks for."""
    dataset = dataset_of(arguments)
    if arguments.every:
        return [_all_groups(arguments, dataset)]
    given = {name: getattr(arguments, name) for name in "ab"}
    if None in given.values():
        message = "groups A and B were not both named"
        raise RequestError(message, needed="--a and --b, or --by COLUMN --all", todo="name both groups")
    found = {name: group_named(text, arguments.by, dataset) for name, text in given.items()}
    return [
        panel_of(arguments, dataset, genes_of(arguments)).of_kind(
            GroupsRequest,
            method=arguments.method,
            seed=arguments.seed,
            a=found["a"],
            b=found["b"],
            donor=arguments.donors,
            permutations=arguments.permutations,
        )
    ]


def _all_groups(arguments: argparse.Namespace, dataset: Dataset) -> AllGroupsRequest:
    if arguments.by is None or arguments.a is not None or arguments.b is not None or arguments.donors:
        message = "--all was given without --by COLUMN, or together with --a, --b or --donors"
        raise RequestError(message, needed="--by COLUMN --all", todo="correct the options")
    return panel_of(arguments, dataset, genes_of(arguments)).of_kind(
        AllGroupsRequest,
        method=arguments.method,
        seed=arguments.seed,
        by=arguments.by,
        best=arguments.best,
    )


def words_of(request: GroupsRequest | AllGroupsRequest) -> list[str]:
    """Return the words that ask for the same."""
    words = ["groups", *panel_words(request)]
    words += [] if request.model == "compact" else [f"--model={request.model}"]
    words += [] if request.method == USUAL else [f"--method={request.method}"]
    words += [f"--seed={request.seed}"] if request.seed else []
    if isinstance(request, AllGroupsRequest):
        return [*words, f"--by={request.by}", "--all", *([] if request.best == BEST else [f"--best={request.best}"])]
    words += [f"--a={choice_of(*request.a)}", f"--b={choice_of(*request.b)}"]
    words += [f"--donors={request.donor}"] if request.donor else []
    n = request.permutations
    return words + ([] if n == N_PERMUTATIONS else [f"--permutations={n}"])


def run(arguments: argparse.Namespace) -> int:
    """Compare the groups; write or print the edges, the surest first, or where each edge stands."""
    check_file(arguments.output)
    (request,) = requests(arguments)
    if isinstance(request, GroupsRequest):
        request = _by_what_counts(request)
        run_id, _ = computed(request, quiet=True, before=lambda: _tell_before(request))
    else:
        request.dataset().column(request.by)  # a column that is not there shows before there is a run
        run_id, _ = computed(request, before=lambda: note(foretell(request, request.dataset()).told))
    if isinstance(request, GroupsRequest):
        from grn_core.differential.words import found_in_words

        table, facts = RunStore().differences(run_id)
        for text in found_in_words(facts):
            note(text)
        for text in notes_of(RunStore().record(run_id)):
            note(f"note: {text}")
    else:
        table = _matrix(run_id)
    if arguments.json:
        say_json(RunStore().record(run_id))
    _put(table, arguments.output, quiet=arguments.json)
    return 0


def _by_what_counts(request: GroupsRequest) -> GroupsRequest:
    """Return the request without donors where there are too few of them, so that cells are compared."""
    from grn_core.datasets.replicates import with_donors_that_count

    dataset = request.dataset()
    among = CellsRequest.mask(request, dataset)
    used = with_donors_that_count(request.groups(), dataset, among=among).donor
    tell_donors(request.donor, used)
    return replace(request, donor=used)


def _tell_before(request: GroupsRequest) -> None:
    """Say before anything is computed what it cannot find, how often labels are permuted, and how long that takes."""
    from grn_core.differential.words import limit_of

    dataset = request.dataset()
    if text := not_named(dataset, request.groups(), among=CellsRequest.mask(request, dataset)):
        note(f"{text} --donors compares donors, not cells.")
    found = foretell_groups(request, dataset)
    if limit := limit_of(found.facts):
        note(limit.words)
    n = found.facts["labellings"]
    often = counted(n, "permutation")
    if found.facts["exhaustive"]:
        often = "the only permutation that there is" if n == 1 else f"all {often} that there are"
    fit = "" if found.facts["exhaustive"] else f"; in a minute about {found.in_a_minute:,} fit"
    note(f"{often}: {found.cost.told}{fit}")


def _matrix(run_id: str) -> pd.DataFrame:

    from grn_core.differential.all_groups import matrix_of, written

    return written(matrix_of(RunStore().standing(run_id)))


def _put(table: pd.DataFrame, output: Path | None, *, quiet: bool) -> None:
    from grn_core.networks.edge_table import table_tsv

    if output is not None:
        put(table_tsv(table), output)
        note(f"{len(table):,} edges written to {output}")
    elif not quiet:
        put_out(table_tsv(table))
