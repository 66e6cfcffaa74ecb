"""``activity``: the activity of TFs in cells, in groups of them, and what differs between two groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.cli.cell_choice import group_named, tell_donors
from grn_core.cli.follow import check_file, computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.inputs import add_cells, cells_of, cells_words, dataset_of
from grn_core.cli.lists import choice_of
from grn_core.cli.output import note, put_out, say_json
from grn_core.datasets.columns_said import not_named
from grn_core.errors import RequestError
from grn_core.genes.usual import MIN_TARGETS, N_TARGETS, OMNIPATH
from grn_core.homes import as_usual
from grn_core.networks.activity import METHODS
from grn_core.runs import ActivityRequest, RunStore
from grn_core.runs.foretold_cells import foretell
from grn_core.runs.regulons import BUNDLED

if TYPE_CHECKING:
    import argparse

    import pandas as pd

    from grn_core.networks.activity.kept import KeptActivity

ENDINGS = (".tsv", ".txt", ".h5ad")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_cells(parser)
    option = parser.add_argument
    bundled = "; ".join(f"{name}: {title}" for name, title in BUNDLED.items())
    network_help = f"whose regulons: the id of a finished run (an import too), or {bundled} (default {OMNIPATH})"
    option("--network", type=a_name, default=OMNIPATH, metavar="RUN|NAME", help=network_help)
    methods = "; ".join(f"{one.name}: {one.title}" for one in METHODS.values())
    option("--method", choices=tuple(METHODS), default=next(iter(METHODS)), help=f"{methods} (default: the first)")
    targets_help = f"best targets of each TF of a run that count, 0 for all (default {N_TARGETS}); all without ranks"
    option("--targets", type=int, metavar="N", help=targets_help)
    least_help = f"leave out a TF of which the cells express fewer targets (default {MIN_TARGETS})"
    option("--min-targets", type=int, default=MIN_TARGETS, metavar="N", help=least_help)
    option("--group", default="", metavar="COLUMN", help="describe the groups of this column: mean and specificity")
    option("--by", metavar="COLUMN", help="column of groups A and B; then --a and --b are values of it")
    group_help = "with --by only VALUE[,VALUE]"
    option("--a", metavar="COLUMN=VALUE[,VALUE]", help=f"group A, to be compared with B; {group_help}")
    option("--b", metavar="COLUMN=VALUE[,VALUE]", help=f"group B, {group_help}")
    option(
        "--donor",
        "--donors",
        default="",
        metavar="COLUMN",
        help="column of donors: their means are compared, not cells",
    )
    output_help = "the activity of every TF in every cell, as a table, or as .h5ad with the activity in obsm"
    option("--home", type=a_path, help="data folder of uploads and runs (default: GRN_HOME)")
    option("--json", action="store_true", help="print the record of the run as JSON to stdout")
    option("-o", "--output", type=a_path, metavar="FILE.TSV|FILE.H5AD", help=output_help)
    parser.set_defaults(run=run, requests=requests)


def requests(arguments: argparse.Namespace) -> list[ActivityRequest]:
    """Return what the command asks for."""
    if arguments.targets is not None and arguments.network in BUNDLED:
        message = f"--targets was given, and {arguments.network} does not rank its targets"
        raise RequestError(message, needed="a run that ranks them", todo="leave out --targets, or name a run")
    dataset = dataset_of(arguments)
    return [
        ActivityRequest(
            title=dataset.title,
            dataset_ref=dataset.ref,
            dataset_sha=dataset.sha256,
            cells=cells_of(arguments, dataset),
            network=arguments.network,
            method=arguments.method,
            n_targets=N_TARGETS if arguments.targets is None else arguments.targets,
            min_targets=arguments.min_targets,
            group=arguments.group,
            a=None if arguments.a is None else group_named(arguments.a, arguments.by, dataset),
            b=None if arguments.b is None else group_named(arguments.b, arguments.by, dataset),
            donor=arguments.donor,
        )
    ]


def words_of(request: ActivityRequest) -> list[str]:
    """Return the words that ask for the activity."""
    words = ["activity", *cells_words(request)]
    words += [] if request.network == OMNIPATH else [f"--network={request.network}"]
    words += [] if request.method == next(iter(METHODS)) else [f"--method={request.method}"]
    words += [] if request.n_targets == N_TARGETS else [f"--targets={request.n_targets}"]
    words += [] if request.min_targets == MIN_TARGETS else [f"--min-targets={request.min_targets}"]
    words += [f"--group={request.group}"] if request.group else []
    words += [f"--{name}={choice_of(*group)}" for name in "ab" if (group := getattr(request, name)) is not None]
    return words + ([f"--donor={request.donor}"] if request.donor else [])


def run(arguments: argparse.Namespace) -> int:
    """Compute the activity; write it, and print what was asked of groups, or an overview of the TFs."""
    from grn_core.networks.activity.writing import write_h5ad, write_table

    check_file(arguments.output)
    if arguments.output is not None and arguments.output.suffix.lower() not in ENDINGS:
        message = f"{arguments.output} ends in none of {', '.join(ENDINGS)}"
        raise RequestError(message, needed="a table (.tsv) or AnnData (.h5ad)", todo="correct -o")
    (request,) = requests(arguments)
    groups = request.groups()
    dataset = request.dataset()
    for name in filter(None, (request.group, request.cells and request.cells[0])):
        dataset.column(name)  # a column that is not there shows before there is a run
    if groups is not None:
        groups.masks(dataset, among=request.mask(dataset))
        asked, request = request, request.by_what_counts(dataset)
        tell_donors(asked.donor, request.donor)
        if not asked.donor and (text := not_named(dataset, groups, among=request.mask(dataset))):
            note(f"{text} --donors compares donors, not cells.")
    run_id, _ = computed(request, before=lambda: note(foretell(request, dataset).told))
    kept = RunStore().activity(run_id)
    if arguments.output is not None:
        write = write_h5ad if arguments.output.suffix.lower() == ".h5ad" else write_table
        with as_usual():
            write(kept, dataset, arguments.output)
        note(f"{len(kept.tfs):,} TFs in {len(kept.cells):,} cells written to {arguments.output}")
    if arguments.json:
        say_json(RunStore().record(run_id))
    else:
        _print(_shown(kept))
    return 0


def _shown(kept: KeptActivity) -> pd.DataFrame:
    """Return the table that answers what was asked: A against B, else the groups, else the TFs."""
    for found in (kept.differences, kept.groups):
        if found is not None:
            return found
    return kept.overview()


def _print(table: pd.DataFrame) -> None:
    from grn_core.networks.edge_table import table_tsv

    put_out(table_tsv(table))
