"""``train-translator``: train a translator on reference networks and measure it on others."""

from __future__ import annotations

import argparse
from pathlib import Path

from grn_core.benchmark.references.called import beeline_parts
from grn_core.benchmark.references.usual import USUAL_SEEDS, usual_training
from grn_core.benchmark.results.made import training_words
from grn_core.cli.follow import computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.inputs import add_reading, cells_file_of, check_told
from grn_core.cli.lists import listed
from grn_core.cli.output import note, say, say_json, table
from grn_core.datasets.local import named_file, options_of_named
from grn_core.datasets.questions import TRUST
from grn_core.errors import DataError
from grn_core.extractors import EXTRACTORS
from grn_core.files import copy_whole, read_json
from grn_core.homes import as_usual
from grn_core.pretrain.doubts import asks
from grn_core.pretrain.files import profiles_beside
from grn_core.runs import RunStore, TrainTranslatorRequest
from grn_core.runs.foretold import foretell_training
from grn_core.runs.kinds.train_translator import CARD, TRANSLATOR, check_free
from grn_core.settings import check_writable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    where = "omnipath, an edge list (.tsv or .csv), or beeline:FOLDER:DATASET:NETWORK[:500|1000]"
    text = f"train on this: {where}; may be repeated (default: what the default translator was trained on, and what "
    text += "it knows beside; where BEELINE's networks are not here, omnipath)"
    parser.add_argument("--reference", type=a_name, action="append", default=[], help=text)
    parser.add_argument(
        "--test", type=a_name, action="append", default=[], help="measure on this, training pairs left out"
    )
    text = "leave the edges of this out of the training, as edges and as negatives: a network that is measured on later"
    parser.add_argument("--without", type=a_name, action="append", default=[], metavar="REFERENCE", help=text)
    text = "know the edges of this by heart, beside what is trained on: they count in the extractors of genes and of "
    text += "neighbours alone; may be repeated"
    parser.add_argument("--beside", type=a_name, action="append", default=[], metavar="REFERENCE", help=text)
    parser.add_argument(
        "--model", type=a_name, default="compact", help="foundation model or checkpoint folder (default compact)"
    )
    parser.add_argument("--readout", help="output of the model that is read (default: the model's)")
    names = "; ".join(f"{name}: {record.title}" for name, record in EXTRACTORS.items())
    text = "what it learns to read, separated by commas (default: what the default translator reads, as far as the "
    text += f"model can serve it). {names}"
    parser.add_argument("--extractors", type=listed, metavar="LIST", help=text)
    measured = ", ".join(name for name, record in EXTRACTORS.items() if record.needs_cells)
    text = f"file of measured cells, for extractors that are read at their mean ({measured})"
    parser.add_argument("--cells", type=a_path, help=text)
    add_reading(parser)
    parser.add_argument("--seeds", type=int, default=USUAL_SEEDS, help=f"number of seeds (default {USUAL_SEEDS})")
    parser.add_argument("--name", type=a_name, required=True, help="name of the translator")
    parser.add_argument("--title", default="", help="title for menus (default: the name)")
    parser.add_argument("--description", default="", help="one sentence for menus")
    parser.add_argument("--corpus", type=a_path, help="pre-training data: adds the controls that need no model")
    parser.add_argument(
        "--out", type=a_path, help="folder to write (default: where app and command line find it by name)"
    )
    parser.add_argument("--replace", action="store_true", help="write over a translator that is there")
    parser.add_argument("--home", type=a_path, help="data folder of translators and runs (default: GRN_HOME)")
    parser.add_argument("--json", action="store_true", help="print the card to stdout")
    parser.set_defaults(run=run, requests=requests)


def requests(arguments: argparse.Namespace) -> list[TrainTranslatorRequest]:
    """Return what a command asks for."""
    from grn_core.models.registry import located

    return [
        TrainTranslatorRequest(
            name=arguments.name,
            references=tuple(_located(text) for text in arguments.reference),
            tests=tuple(_located(text) for text in arguments.test),
            without=tuple(_located(text) for text in arguments.without),
            beside=tuple(_located(text) for text in arguments.beside),
            model=located(arguments.model),
            readout=arguments.readout,
            extractors=arguments.extractors or (),
            cells=cells_file_of(arguments),
            n_seeds=arguments.seeds,
            heading=arguments.title,
            description=arguments.description,
            corpus="" if arguments.corpus is None else str(arguments.corpus.expanduser().absolute()),
            install=arguments.out is None,
            replace=arguments.replace,
        )
    ]


def _located(text: str) -> str:
    """Return a reference as it is called from any folder."""
    if text.startswith("beeline:"):
        folder, *rest = beeline_parts(text)
        return ":".join(["beeline", str(Path(folder).expanduser().absolute()), *rest])
    return str(Path(text).expanduser().absolute()) if Path(text).expanduser().is_file() else text


def words_of(request: TrainTranslatorRequest) -> list[str]:
    """Return the words that ask for a translator."""
    words = training_words(
        name=request.name,
        references=request.references,
        beside=request.beside,
        without=request.without,
        tests=request.tests,
        model=request.model,
        readout=request.readout,
        extractors=request.extractors,
        cells=str(named_file(request.cells)[0]) if request.cells else "",
        n_seeds=request.n_seeds,
        title=request.heading,
        description=request.description,
        corpus=request.corpus,
    )
    said = options_of_named(request.cells) if request.cells else []
    if request.corpus and asks(Path(request.corpus), profiles=profiles_beside(Path(request.corpus))):
        said = [*said, TRUST]
    words = ["train-translator", *words, *dict.fromkeys(said)]
    return [*words, "--replace"] if request.replace else words


def run(arguments: argparse.Namespace) -> int:
    """Train, measure, write and print the table."""
    from grn_core.translator.registry import own_folder

    (request,) = requests(arguments)
    if not arguments.reference and (missing := usual_training().in_words):
        note(missing)
    out = arguments.out or own_folder(arguments.name)
    check_writable(out, todo="correct --out")
    corpus = Path(request.corpus) if request.corpus else None
    check_told(arguments, cells=request.cells, corpus=corpus, profiles=corpus and profiles_beside(corpus))
    if arguments.out is not None:
        check_free(out, replace=arguments.replace)
    run_id, _ = computed(request, estimate=lambda: f"{request.subject}: {foretell_training(request)}")
    made = RunStore().file(run_id, TRANSLATOR)
    card = read_json(made / CARD)
    if card is None:
        message = f"the card of the translator in run {run_id} cannot be read"
        raise DataError(message, todo=f"compute it again: `python -m grn_core runs remove {run_id}`, then the same")
    if arguments.out is not None:
        with as_usual():
            copy_whole(made, arguments.out, last=CARD)
    if arguments.json:
        say_json(card)
    elif request.tests:
        columns = ("reference", "method", "mean", "sd", "n_sources", "n_targets", "n_positives", "prevalence")
        say(table(columns, ([row[column] for column in columns] for row in card["evaluation"])))
    if not request.tests:
        note("not measured: name a reference with --test to see how well it does beside its controls")
    note(f"written to {out}")
    if arguments.out is None:
        note(f"use it: infer --model {arguments.model} --translator {arguments.name}")
    return 0
