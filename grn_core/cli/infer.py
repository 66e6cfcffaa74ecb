"""``python -m grn_core infer``: from a file of cells, or a bare gene list, to a table of edges."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.adapt import DEFAULT_STEPS, AdaptOptions
from grn_core.cli import coexpression
from grn_core.cli.actions import add_shared
from grn_core.cli.follow import check_file, computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.inputs import add_cells, add_panel, dataset_of, genes_of, panel_of, panel_words, read_as_of, tfs_of
from grn_core.cli.lists import listed
from grn_core.cli.output import note, put_out, say_json
from grn_core.coexpression.added import WEIGHT
from grn_core.datasets.genes_of_cells import genes_of_few_cells
from grn_core.datasets.labels import names_in_data
from grn_core.errors import GrnError, HoldsGenesError, RequestError
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.registry import DEFAULT
from grn_core.genes import match_genes
from grn_core.genes.vocabulary import VocabularyReport, vocabulary_report
from grn_core.homes import as_usual
from grn_core.networks import write_edges
from grn_core.networks.edge_table import edges_tsv
from grn_core.planning import BACKGROUNDS, SIGNS, Plan, plan
from grn_core.runs import CoexpressionRequest, InferRequest, RanksRequest, RunStore, manager
from grn_core.runs.foretold import foretell_network
from grn_core.runs.kinds.panel import PanelRequest
from grn_core.translator.registry import DEFAULT as TRANSLATOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grn_core.datasets import Dataset
    from grn_core.genes import GeneMatch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_shared(parser)
    option = parser.add_argument
    add_cells(parser, optional=True)
    option("-o", "--output", type=a_path, metavar="EDGES.TSV", help="where the edges go (default: stdout)")
    add_panel(parser)
    genes_only = "ask the genes of a file that has too few cells, without its cells: its TFs, and 500 others at most"
    option("--genes-only", action="store_true", help=genes_only)
    option(
        "--model",
        type=a_name,
        default="compact",
        help="foundation model (see `models list`), or the folder of a checkpoint",
    )
    readout_help = "which output of the model is read (default: what the translator reads; of a rank model its best)"
    option("--readout", help=readout_help)
    background_help = (
        "value of the other genes: virtual, the model's own middle value (default); context, their mean in the chosen "
        "cells, which needs a translator whose readout shows them. Translators are calibrated on the virtual "
        "background: under context there is no probability, and the scores on the translator's card do not hold"
    )
    option("--background", default="virtual", choices=BACKGROUNDS, help=background_help)
    with_help = (
        f"add {WEIGHT:g} times the log-odds of the rank of Pearson's correlation in the chosen cells to the score of "
        "the generic cell: not calibrated, so there is no probability, and measured on data sets with cells it ranks "
        "edges no better than the generic cell alone (docs/trust.md)"
    )
    option("--with-coexpression", action="store_true", help=with_help)
    names = "; ".join(f"{name}: {record.title}" for name, record in EXTRACTORS.items())
    text = (
        f"extractors whose logits are averaged, of those that the translator has learnt (default {','.join(DEFAULT)}, "
    )
    text += f"or all that it has learnt). {names}"
    option("--extractors", "--methods", dest="extractors", type=listed, metavar="LIST", help=text)
    option(
        "--translator",
        type=a_name,
        help=f"name or folder (default: {TRANSLATOR}, or the first that fits model and background)",
    )
    adapt_help = f"continue the model's pre-training on the chosen cells first (STEPS: default {DEFAULT_STEPS})"
    option("--adapt", nargs="?", type=int, const=DEFAULT_STEPS, metavar="STEPS", help=adapt_help)
    option("--seeds", type=_numbers, metavar="LIST", help="default: all that the translator was trained with")
    signs_help = (
        "none: edges have no sign (default), since measured on known edges the model tells activation from repression "
        "hardly better than a coin; slope: the sign of its response, with what it is worth"
    )
    option("--signs", default=SIGNS[0], choices=SIGNS, help=signs_help)
    coexpression.add_options(parser)
    parser.set_defaults(run=run, requests=lambda arguments: [asked(arguments)[0]])


def run(arguments: argparse.Namespace) -> int:
    """Infer and write the edges."""
    output = arguments.output
    check_file(output)
    request, report = asked(arguments)
    for text in report.sentences():
        note(f"genes: {text}")
    before = manager.status_if_known(request.run_id())
    if before is None or before.state != "done":
        _tell_time(request)  # genes, TFs or cells that cannot be asked show too, before there is a run
    run_id, status = computed(request)
    store = RunStore()
    record, edges = store.record(run_id), store.edges(run_id)
    if output is not None:
        with as_usual():
            write_edges(edges, output)
        note(f"{len(edges)} edges written to {output}")
    if arguments.json:
        edge_file = str(output or store.path(run_id) / "edges.parquet")
        say_json(
            {
                **record,
                "matching": report.to_json(),
                "state": status.state,
                "wall_s": status.wall_s,
                "edges_file": edge_file,
            }
        )
    elif output is None:
        put_out(edges_tsv(edges))
    return 0


def _tell_time(request: PanelRequest) -> None:
    """Say before anything is computed what is asked, and about how long it takes."""
    dataset = request.dataset() if request.has_cells else None
    panel = request.panel(dataset)
    n_cells, n_values = 0, 0
    if dataset is not None:
        chosen = request.mask(dataset)
        n_cells, n_values = dataset.n_cells if chosen is None else int(chosen.sum()), dataset.n_values
    expected = foretell_network(request, panel, n_cells=n_cells, n_values=n_values)
    sources = f"{len(panel.sources):,} TF{'s' if len(panel.sources) > 1 else ''}"
    cells = f" in {n_cells:,} cells" if request.reads_cells else ""
    rough = "" if expected.measured else ", by figures of another machine"
    note(f"{sources}, {len(panel.genes):,} genes{cells}: {expected.words}{rough}")


def asked(arguments: argparse.Namespace) -> tuple[PanelRequest, VocabularyReport]:
    """Return what was asked for, and what the model knows of its genes."""
    genes = genes_of(arguments)
    if arguments.genes_only:
        genes = _genes_of_file(arguments, given=genes)
    if arguments.data is None and genes is None:
        message = "neither cells nor genes were given"
        raise RequestError(message, needed="FILE, a built-in dataset or --genes", todo="see `infer --help`")
    method = coexpression.chosen(arguments)
    planned = None if method is not None else _planned(arguments)  # a mistake shows before a large file is read
    tfs = tfs_of(arguments)
    known_tfs: str | Iterable[str] = tfs
    dataset: Dataset | None = None
    if arguments.data is None:
        match = match_genes(genes or (), species=arguments.species, common=True)
        labels, _ = names_in_data(match)
    else:
        try:
            dataset = dataset_of(arguments)
        except HoldsGenesError:
            if genes is not None:
                raise
            note(f"note: {arguments.data} is a gene list: it is asked without cells")
            arguments.genes, arguments.data = Path(arguments.data), None
            return asked(arguments)
        for text in dataset.notes:
            note(f"note: {text}")
        match = dataset.match if genes is None else match_genes(genes, species=dataset.match.species, common=True)
        labels = dataset.labels if genes is None else names_in_data(match)[0]
        known_tfs = dataset.tf_list(tfs)
    panel = panel_of(arguments, dataset, genes)
    request: PanelRequest
    if method is not None:
        request = panel.of_kind(CoexpressionRequest, method=method.name, options=method.options, seed=method.seed)
    elif planned is not None and planned.translator is not None:
        request = InferRequest.planned(panel, planned)
    else:
        request = panel.of_kind(RanksRequest, readout=arguments.readout)
    return request, _report(request, match, tfs=known_tfs, labels=labels)


def _genes_of_file(arguments: argparse.Namespace, *, given: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the genes of a file that has too few cells, and forget the file."""
    if arguments.data is None or given is not None or arguments.cells is not None:
        message = "--genes-only was given without a file, or beside a gene list or a choice of cells"
        raise RequestError(
            message, needed="--genes-only with FILE alone", todo="leave out --genes, --gene-list, --cells"
        )
    read_as = read_as_of(arguments)
    genes = genes_of_few_cells(Path(arguments.data).expanduser(), read_as=read_as)
    note(f"note: {len(genes):,} genes of {arguments.data} are asked without its cells")
    arguments.data = None
    return genes


def _planned(arguments: argparse.Namespace) -> Plan:
    planned = plan(
        arguments.model,
        translator=arguments.translator,
        extractors=arguments.extractors,
        seeds=arguments.seeds,
        readout=arguments.readout,
        background=arguments.background,
        adapt=AdaptOptions(steps=arguments.adapt) if arguments.adapt else None,
        signs=arguments.signs,
        with_coexpression=arguments.with_coexpression,
        has_cells=arguments.data is not None,
    )
    for text in planned.notes:
        note(f"note: {text}")
    return planned


def _report(
    request: PanelRequest, match: GeneMatch, *, tfs: str | Iterable[str], labels: Sequence[str]
) -> VocabularyReport:
    from grn_core.models.registry import card, vocabulary

    title = str(card(request.model).get("title", request.model))
    return vocabulary_report(match, vocabulary(request.model), model=title, tfs=tfs, labels=labels)


def words_of(request: PanelRequest) -> list[str]:
    """Return the words that ask for an inference, a rank model or a co-expression."""
    words = ["infer", *panel_words(request)]
    if request.model != "compact":
        words.append(f"--model={request.model}")
    if isinstance(request, CoexpressionRequest):
        return words + coexpression.words_of(request)
    if isinstance(request, RanksRequest):
        return words if request.readout is None else [*words, f"--readout={request.readout}"]
    if not isinstance(request, InferRequest):
        message = f"{request.kind} is no work of the command infer"
        raise RequestError(message, needed="infer, ranks or coexpression")
    taken, same = _usual(request, None), _usual(request, request.translator)
    is_taken = taken is not None and taken.translator is not None and taken.translator.name == request.translator
    words += [] if request.readout is None else [f"--readout={request.readout}"]
    words += [] if request.background == BACKGROUNDS[0] else [f"--background={request.background}"]
    words += ["--with-coexpression"] if request.with_coexpression else []
    words += [] if is_taken else [f"--translator={request.translator}"]
    if same is None or request.extractors != same.extractors:
        words.append(f"--extractors={','.join(request.extractors)}")
    if same is None or request.seeds != same.seeds:
        words.append(f"--seeds={','.join(map(str, request.seeds))}")
    words += [] if request.signs == SIGNS[0] else [f"--signs={request.signs}"]
    return words if request.adapt is None else [*words, f"--adapt={request.adapt}"]


def _usual(request: InferRequest, translator: str | None) -> Plan | None:
    """Return what the command would take by itself with a translator; None where that cannot be asked."""
    try:
        return plan(
            request.model,
            translator=translator,
            readout=request.readout,
            background=request.background,
            has_cells=request.has_cells,
        )
    except GrnError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in listed(text))
    except ValueError as error:
        message = f"{text!r} is not a list of whole numbers"
        raise argparse.ArgumentTypeError(message) from error
