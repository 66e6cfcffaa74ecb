"""``python -m grn_core infer``: from a file of cells, or a bare gene list, to a table of edges."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core import in_words
from grn_core.adapt import DEFAULT_STEPS
from grn_core.cli import coexpression, ranks
from grn_core.cli.output import ProgressLine, note, say_json
from grn_core.datasets import formats
from grn_core.errors import DataError, RequestError
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.registry import DEFAULT
from grn_core.genes import GeneMatch, match_genes
from grn_core.genes.vocabulary import VocabularyReport, vocabulary_report
from grn_core.networks import write_edges
from grn_core.networks.edge_table import edges_tsv
from grn_core.runs import RunRequest, RunStatus, RunStore, manager
from grn_core.runs.inputs import panel_of
from grn_core.runs.request import BACKGROUNDS, GENES_ONLY, TF_LISTS

if TYPE_CHECKING:
    from collections.abc import Iterable


def add_parser(commands: argparse._SubParsersAction, shared: argparse.ArgumentParser) -> None:
    """Add the command and its options."""
    summary = "infer a gene regulatory network"
    parser = commands.add_parser("infer", parents=[shared], help=summary, description=summary)
    option = parser.add_argument
    option("data", nargs="?", metavar="FILE|REF", help=f"{formats.in_words()}, or a built-in dataset")
    option("-o", "--output", type=Path, metavar="EDGES.TSV", help="where the edges go (default: stdout)")
    option("--n-variable", type=int, default=500, help="number of variable genes beside the TFs (default 500)")
    option("--tfs", default="auto", help=f"TF list: {', '.join(TF_LISTS)}, or a file with one gene a line")
    option("--genes", type=Path, metavar="FILE", help="own gene list, one a line; without FILE|REF no cell is needed")
    option("--cells", metavar="COLUMN=VALUE[,VALUE]", help="only these cells, e.g. cell_type=B cell,T cell")
    option("--species", choices=("human", "mouse"), help="default: recognised from the gene names")
    option("--model", default="compact", help="foundation model (see `models list`), or the folder of a checkpoint")
    readout_help = "which output of the model is read (default: what the translator reads; of a rank model its best)"
    option("--readout", help=readout_help)
    background_help = (
        "value of the other genes: virtual, the model's own middle value (default); context, their mean in the chosen "
        "cells, which needs a translator whose readout shows them. Translators are trained on the virtual background: "
        "under context, probabilities are not calibrated and the scores on the translator's card do not hold"
    )
    option("--background", default="virtual", choices=BACKGROUNDS, help=background_help)
    names = "; ".join(f"{name}: {record.title}" for name, record in EXTRACTORS.items())
    text = f"extractors whose logits are averaged, those that the translator has learnt (default {','.join(DEFAULT)}). "
    option("--methods", type=_words, default=DEFAULT, metavar="LIST", help=text + names)
    option("--translator", help="name or folder (default: omnipath, or the first that fits model and background)")
    adapt_help = f"continue the model's pre-training on the chosen cells first (STEPS: default {DEFAULT_STEPS})"
    option("--adapt", nargs="?", type=int, const=DEFAULT_STEPS, metavar="STEPS", help=adapt_help)
    option("--seeds", type=_numbers, metavar="LIST", help="default: all that the translator was trained with")
    coexpression.add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Infer and write the edges."""
    output = arguments.output
    if output is not None and (output.is_dir() or not output.absolute().parent.is_dir()):
        message = f"{output} cannot be written"
        raise RequestError(message, needed="a file in a folder that exists", todo="correct -o")
    request, report = _request(arguments)
    for text in report.sentences():
        note(f"genes: {text}")
    before = manager.status_if_known(request.run_id())
    done = before is not None and before.state == "done"
    if not done:
        panel_of(request)  # genes, TFs or cells that cannot be asked show before there is a run
    run_id = manager.submit(request)
    if done:
        note(f"run {run_id}: computed before, nothing to compute")
        status = before
    else:
        note(f"run {run_id}: {request.title}")
        status = follow(run_id)
    status.raise_for_failure()
    store = RunStore()
    record, edges = store.record(run_id), store.edges(run_id)
    for text in record["result"].get("notes", ()):
        note(f"note: {text}")
    if output is not None:
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
        sys.stdout.write(edges_tsv(edges).decode("utf-8"))
    return 0


def follow(run_id: str) -> RunStatus:
    """Wait for a run and show its progress; Ctrl-C cancels it."""
    line = ProgressLine()
    try:
        status = manager.wait(run_id, listener=line)
    except KeyboardInterrupt:
        manager.cancel(run_id)
        line.close()
        note(f"run {run_id}: cancelled; the same command goes on from the finished parts")
        raise
    line.close()
    if status.state == "done":
        memory = in_words.size(status.peak_bytes)
        note(f"run {run_id}: done in {in_words.duration(status.wall_s)}, {memory} of memory at most")
    return status


def _request(arguments: argparse.Namespace) -> tuple[RunRequest, VocabularyReport]:
    """Return what was asked for, and what the model knows of its genes."""
    genes = None if arguments.genes is None else _names(arguments.genes)
    options = {
        "n_variable": arguments.n_variable,
        "tfs": arguments.tfs if arguments.tfs in TF_LISTS else _names(Path(arguments.tfs)),
        "genes": genes,
        "cells": None if arguments.cells is None else chosen_cells(arguments.cells),
        **{name: getattr(arguments, name) for name in ("readout", "background", "methods", "adapt")},
        **_model(arguments),
    }
    if arguments.seeds is not None:
        options["seeds"] = arguments.seeds
    options |= coexpression.chosen(arguments)
    if arguments.data is None and genes is None:
        message = "neither cells nor genes were given"
        raise RequestError(message, needed="FILE, a built-in dataset or --genes", todo="see `infer --help`")
    request = RunRequest(dataset_ref=arguments.data or GENES_ONLY, **options)
    request.check()  # a mistake in the options shows before a large file is read
    if arguments.data is None:
        request = replace(request, species=arguments.species, title=f"{len(genes)} genes, no cells")
        return request, _report(request, match_genes(genes, species=arguments.species), tfs=request.tfs)

    from grn_core import datasets

    dataset = datasets.load(_ref(arguments.data, species=arguments.species))
    for text in dataset.notes:
        note(f"note: {text}")
    match = dataset.match if genes is None else match_genes(genes, species=dataset.match.species)
    request = replace(request, dataset_ref=dataset.ref, dataset_sha=dataset.sha256, title=dataset.title)
    return request, _report(request, match, tfs=dataset.tf_list(request.tfs))


def _report(request: RunRequest, match: GeneMatch, *, tfs: str | Iterable[str]) -> VocabularyReport:
    from grn_core.models.registry import card, vocabulary

    title = str(card(request.model).get("title", request.model))
    return vocabulary_report(match, vocabulary(request.model), model=title, tfs=tfs)


def _model(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return model and translator as they are called from anywhere, with the seeds that the translator holds."""
    from grn_core.models.registry import card, content_name, located, record_of
    from grn_core.translator.fit import readouts_for
    from grn_core.translator.registry import default_for, record_for
    from grn_core.translator.registry import located as located_translator

    model = located(arguments.model)
    of_ranks = {} if arguments.method is not None else ranks.chosen(arguments, card(model))
    if arguments.method is not None or of_ranks:
        return {"model": model, **of_ranks}
    wanted = readouts_for(record_of(model), background=arguments.background, readout=arguments.readout)
    translator = arguments.translator or default_for(content_name(model), model=model, readouts=wanted)
    found = record_for(translator, model=model)
    if wanted and arguments.translator is None:
        why = ", which shows the model the other genes" if arguments.background == "context" else ""
        note(f"note: translator {translator} is taken: it reads the readout {found.readout}{why}")
    return {"model": model, "translator": located_translator(translator), "seeds": found.seeds}


def _ref(data: str, *, species: str | None) -> str:
    """Return the ref of a stored dataset; a file is stored first."""
    from grn_core import datasets

    if data in {record.ref for record in (*datasets.builtins(), *datasets.list_uploads())}:
        if species is not None:
            message = f"--species was given with the stored dataset {data!r}, whose species is known"
            raise RequestError(
                message, needed="a file with --species, or the dataset alone", todo="leave out --species"
            )
        return data
    path = Path(data).expanduser()
    if not path.is_file():
        message = f"there is neither a file nor a dataset called {data!r}"
        raise DataError(message, needed="a file, or a name that `datasets` lists", todo="check the name")
    with path.open("rb") as handle:
        return datasets.store_upload(path.name, handle, species=species)


def _names(path: Path) -> tuple[str, ...]:
    """Return the names in a text file, one a line; ``#`` begins a comment."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"the gene list {str(path)!r} cannot be read"
        raise RequestError(message, needed="a text file with one gene a line", todo="check the path") from error
    names = tuple(name for line in lines if (name := line.partition("#")[0].strip()))
    if not names:
        message = f"the gene list {str(path)!r} is empty"
        raise RequestError(message, needed="one gene a line")
    return names


def chosen_cells(text: str) -> tuple[str, tuple[str, ...]]:
    """Read ``COLUMN=VALUE[,VALUE]``."""
    column, equals, values = text.partition("=")
    if not (column and equals and values):
        message = f"--cells is {text!r}"
        raise RequestError(message, needed="COLUMN=VALUE[,VALUE]", todo="e.g. --cells 'cell_type=B cell'")
    return column, tuple(values.split(","))


def _words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (word.strip() for word in text.split(","))))


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in _words(text))
    except ValueError as error:
        message = f"{text!r} is not a list of whole numbers"
        raise argparse.ArgumentTypeError(message) from error
