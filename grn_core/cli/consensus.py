"""``consensus``: finished runs put together to one; ``umap``: the map of the cells of a dataset."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.cli.follow import check_file, computed
from grn_core.cli.inputs import add_reading, cells_words, data_help, dataset_of
from grn_core.cli.output import note, say_json
from grn_core.files import write_atomic
from grn_core.genes.usual import BORDA, JOININGS
from grn_core.networks import write_edges
from grn_core.networks.edge_table import edges_tsv, table_tsv
from grn_core.runs import ConsensusRequest, RunStore, UmapRequest

if TYPE_CHECKING:
    import argparse


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add both commands and their options."""
    summary = "put finished runs together: a consensus of their edges"
    parser = commands.add_parser("consensus", parents=[shared], help=summary, description=summary)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="two or more run ids")
    ways = "; ".join(f"{name}: {way.about}{' (default)' * (name == BORDA)}" for name, way in JOININGS.items())
    parser.add_argument("--method", choices=tuple(JOININGS), default=BORDA, help=ways)
    parser.add_argument("-o", "--output", type=Path, metavar="EDGES.TSV", help="where the edges go (default: stdout)")
    parser.set_defaults(run=consensus, requests=consensus_requests)
    summary = "compute the map (UMAP) of the cells of a dataset"
    parser = commands.add_parser("umap", parents=[shared], help=summary, description=summary)
    parser.add_argument("data", metavar="FILE|REF", help=data_help())
    add_reading(parser)
    clusters_help = "find Leiden clusters too, and quality figures (RESOLUTION: default 1, more gives more clusters)"
    parser.add_argument("--clusters", nargs="?", type=float, const=1.0, metavar="RESOLUTION", help=clusters_help)
    parser.add_argument("--seed", type=int, default=0, help="decides every draw (default 0)")
    parser.add_argument("-o", "--output", type=Path, metavar="MAP.TSV", help="where the points go (default: stdout)")
    parser.set_defaults(run=umap, requests=umap_requests)


def consensus_requests(arguments: argparse.Namespace) -> list[ConsensusRequest]:
    """Return what the command ``consensus`` asks for."""
    return [ConsensusRequest(runs=tuple(arguments.runs), method=arguments.method)]


def umap_requests(arguments: argparse.Namespace) -> list[UmapRequest]:
    """Return what the command ``umap`` asks for."""
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


def consensus_words(request: ConsensusRequest) -> list[str]:
    """Return the words that ask for a consensus."""
    return ["consensus", *([] if request.method == BORDA else [f"--method={request.method}"]), *request.runs]


def umap_words(request: UmapRequest) -> list[str]:
    """Return the words that ask for a map."""
    words = ["umap", *cells_words(request)]
    words += [] if request.resolution is None else [f"--clusters={request.resolution!r}"]
    return words if request.seed == 0 else [*words, f"--seed={request.seed}"]


def consensus(arguments: argparse.Namespace) -> None:
    """Put runs together and write the edges."""
    check_file(arguments.output)
    (request,) = consensus_requests(arguments)
    for run_id in request.runs:
        RunStore().edges(run_id)  # a run that is not there or not finished shows before there is another
    run_id, _ = computed(request)
    edges = RunStore().edges(run_id)
    if arguments.output is not None:
        write_edges(edges, arguments.output)
        note(f"{len(edges)} edges written to {arguments.output}")
    if arguments.json:
        say_json(RunStore().record(run_id))
    elif arguments.output is None:
        sys.stdout.write(edges_tsv(edges).decode("utf-8"))


def umap(arguments: argparse.Namespace) -> None:
    """Compute the map and write its points, one cell a line."""
    import pandas as pd

    check_file(arguments.output)
    (request,) = umap_requests(arguments)
    run_id, _ = computed(request)
    cells = request.dataset().obs.index
    points = pd.DataFrame(RunStore().embedding(run_id), columns=["x", "y"], index=cells)
    if request.resolution is not None:
        look = RunStore().closer_look(run_id)
        points = points.assign(cluster=look.clusters).join(look.figures.set_index(cells))
    text = table_tsv(points.rename_axis("cell").reset_index())
    if arguments.output is not None:
        write_atomic(arguments.output, lambda path: path.write_bytes(text))
        note(f"{len(points)} points written to {arguments.output}")
    if arguments.json:
        say_json(RunStore().record(run_id))
    elif arguments.output is None:
        sys.stdout.write(text.decode("utf-8"))
