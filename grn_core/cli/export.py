"""``python -m grn_core export``: the network of a finished run as a file for another program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.cli.actions import add_shared
from grn_core.cli.command import shown
from grn_core.cli.figures import FIGURES, figure_of, kind_of
from grn_core.cli.follow import check_file
from grn_core.cli.given import a_path
from grn_core.cli.lists import split
from grn_core.cli.output import note, put, say_json
from grn_core.errors import RequestError
from grn_core.networks import first_view, select_edges
from grn_core.networks.exports import EXPORTS, export_of, find_export, network_of
from grn_core.networks.first_view import MOST, PER_TF
from grn_core.runs.account import account_of
from grn_core.runs.finished import FinishedRun
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    import argparse

    import pandas as pd

    from grn_core.networks import GeneNames


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_shared(parser)
    formats = "; ".join(f"{record.name}: {record.title}, {record.ending}" for record in EXPORTS.values())
    parser.description = f"{parser.description}. {formats}."
    parser.add_argument("run_id", metavar="RUN", help="id of a finished run, see `runs list`")
    parser.add_argument("-o", "--output", type=a_path, required=True, metavar="FILE", help="where the network goes")
    parser.add_argument("--format", choices=tuple(EXPORTS), help="default: by the ending of FILE")
    parser.add_argument("--top", type=int, metavar="N", help="only the N best edges (default: all)")
    group = parser.add_argument_group("what the page Network shows", "each of these implies --shown")
    group.add_argument("--shown", action="store_true", help=f"the {MOST} best edges, at most {PER_TF} of each TF")
    group.add_argument("--max-edges", type=int, metavar="N", help="other than that many edges")
    group.add_argument("--per-tf", type=int, metavar="N", help="other than that many of each TF; 0 for all")
    group.add_argument("--min-precision", type=float, metavar="SHARE", help="down to this expected precision, 0 to 1")
    group.add_argument("--tf-list", metavar="TF[,TF]", help="only edges of these TFs")
    group.add_argument("--between", metavar="GENE,GENE[,GENE]", help="only edges between these genes")
    figures = parser.add_argument_group("a figure in place of the network, as .svg, .pdf or .png")
    figures.add_argument(
        "--figure", choices=tuple(FIGURES), help="; ".join(f"{name}: {words}" for name, words in FIGURES.items())
    )
    figures.add_argument("--edge", metavar="TF,TARGET", help="whose curves are drawn")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the file."""
    output: Path = arguments.output
    check_file(output)
    if arguments.top is not None and arguments.top < 1:
        message = f"--top is {arguments.top}"
        raise RequestError(message, needed="1 or more", todo="choose another number, or leave it out")
    _check_figure(arguments)
    if arguments.figure is not None:
        return _figure(arguments)
    record = export_of(output) if arguments.format is None else find_export(arguments.format)
    run = FinishedRun.of(arguments.run_id)
    edges = run.edges
    account = account_of(run, command=shown(run.request))
    tfs = frozenset(edges["source"])
    chosen = edges if arguments.top is None else edges.head(arguments.top)
    drawn = _shown(run, chosen, arguments)
    written = chosen if drawn is None or record.of_run else drawn
    content = record.write(network_of(written, tfs=tfs, account=account, shown=drawn))
    put(content, output)
    note(f"{len(written):,} edges of run {arguments.run_id} written to {output} ({record.title})")
    if arguments.json:
        say_json({"run_id": arguments.run_id, "edges": len(written), "format": record.name, "file": str(output)})
    return 0


def _check_figure(arguments: argparse.Namespace) -> None:
    """Refuse what would be passed over: options of a network beside a figure, and of a figure without one."""
    given = [f"--{name}" for name in ("format", "top") if getattr(arguments, name) is not None]
    if arguments.figure is not None and given:
        message = f"{' and '.join(given)} are of a network, and --figure {arguments.figure} is a picture"
        todo = "leave one of them out; the ending of FILE says which kind of picture it is"
        raise RequestError(message, needed="a network or a figure", todo=todo)
    if arguments.edge is not None and arguments.figure != "curves":
        message = "--edge names the edge of a figure that was not asked for"
        raise RequestError(message, needed="--figure curves", todo="add it, or leave out --edge")


def _figure(arguments: argparse.Namespace) -> int:
    """Write a figure of the run."""
    kind, run = kind_of(arguments.output), FinishedRun.of(arguments.run_id)
    edges = run.edges
    drawing = figure_of(run, arguments.figure, shown=_first_view(run, edges, arguments), edge=arguments.edge)
    content = drawing.write(kind)
    put(content, arguments.output)
    note(f"{drawing.sentence} Written to {arguments.output}.")
    if arguments.json:
        say_json({"run_id": arguments.run_id, "figure": arguments.figure, "file": str(arguments.output)})
    return 0


def _shown(run: FinishedRun, edges: pd.DataFrame, arguments: argparse.Namespace) -> pd.DataFrame | None:
    """Return the edges that the page would show; None where that is not asked for."""
    asked = (arguments.max_edges, arguments.per_tf, arguments.min_precision, arguments.tf_list, arguments.between)
    if not arguments.shown and all(one is None for one in asked):
        return None
    return _first_view(run, edges, arguments)


def _first_view(run: FinishedRun, edges: pd.DataFrame, arguments: argparse.Namespace) -> pd.DataFrame:
    """Return the edges that the page would show, as the options say."""
    names = RunStore().gene_names(run.id)
    tfs, between = (genes_of(asked, names) for asked in (arguments.tf_list, arguments.between))
    usual = first_view.per_tf(scored=run.scored)
    return select_edges(
        edges,
        min_precision=arguments.min_precision,
        top_k_per_source=usual if arguments.per_tf is None else arguments.per_tf or None,
        sources=tfs,
        among=between,
        max_edges=first_view.most_edges() if arguments.max_edges is None else arguments.max_edges,
    ).edges


def genes_of(words: str | None, names: GeneNames) -> tuple[str, ...] | None:
    """Return what the run calls genes of the command line; `RequestError` names those that it does not have."""
    if words is None:
        return None
    asked = tuple(dict.fromkeys(word.strip() for word in split(words) if word.strip()))
    found = names.labels_of(asked)
    unknown = [name for name, label in zip(asked, found, strict=True) if label is None]
    if unknown or not asked:
        message = f"the run has no gene {', '.join(unknown[:5])}" if unknown else "no gene was named"
        needed = "genes of the run, by symbol or Ensembl id"
        raise RequestError(message, needed=needed, todo="see the columns source and target")
    return tuple(dict.fromkeys(label for label in found if label is not None))
