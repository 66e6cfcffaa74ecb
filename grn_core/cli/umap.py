"""``umap``: the map of the cells of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.cli.actions import add_shared
from grn_core.cli.follow import check_file, computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.inputs import add_reading, cells_words, data_help, dataset_of
from grn_core.cli.output import note, put, put_out, say_json
from grn_core.networks.edge_table import table_tsv
from grn_core.runs import RunStore, UmapRequest

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_shared(parser)
    parser.add_argument("data", type=a_name, metavar="FILE|REF", help=data_help())
    add_reading(parser)
    clusters_help = "find Leiden clusters too, and quality figures (RESOLUTION: default 1, more gives more clusters)"
    parser.add_argument("--clusters", nargs="?", type=float, const=1.0, metavar="RESOLUTION", help=clusters_help)
    parser.add_argument("--seed", type=int, default=0, help="decides every draw (default 0)")
    parser.add_argument("-o", "--output", type=a_path, metavar="MAP.TSV", help="where the points go (default: stdout)")
    parser.set_defaults(run=run, requests=requests)


def requests(arguments: argparse.Namespace) -> list[UmapRequest]:
    """Return what the command asks for."""
    dataset = dataset_of(arguments)
    return [
        UmapRequest(
            title=dataset.title,
            dataset_ref=dataset.ref,
            dataset_sha=dataset.sha256,
            resolution=arguments.clusters,
            seed=arguments.seed,
        )
    ]


def words_of(request: UmapRequest) -> list[str]:
    """Return the words that ask for a map."""
    words = ["umap", *cells_words(request)]
    words += [] if request.resolution is None else [f"--clusters={request.resolution!r}"]
    return words if request.seed == 0 else [*words, f"--seed={request.seed}"]


def run(arguments: argparse.Namespace) -> None:
    """Compute the map and write its points, one cell a line."""
    import pandas as pd

    check_file(arguments.output)
    (request,) = requests(arguments)
    run_id, _ = computed(request)
    cells = request.dataset().obs.index
    points = pd.DataFrame(RunStore().embedding(run_id), columns=["x", "y"], index=cells)
    if request.resolution is not None:
        look = RunStore().closer_look(run_id)
        points = points.assign(cluster=look.clusters).join(look.figures.set_index(cells))
    text = table_tsv(points.rename_axis("cell").reset_index())
    if arguments.output is not None:
        put(text, arguments.output)
        note(f"{len(points)} points written to {arguments.output}")
    if arguments.json:
        say_json(RunStore().record(run_id))
    elif arguments.output is None:
        put_out(text)
