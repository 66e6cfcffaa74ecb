"""``train-translator``: train a translator on reference networks and measure it on others."""

from __future__ import annotations

import argparse
from pathlib import Path

from grn_core.cli.output import StageLine, note, say, say_json, table
from grn_core.errors import RequestError
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.registry import DEFAULT
from grn_core.settings import check_writable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    where = "omnipath, an edge list (.tsv or .csv), or beeline:FOLDER:DATASET:NETWORK[:500|1000]"
    parser.add_argument("--reference", action="append", required=True, help=f"train on this: {where}; may be repeated")
    parser.add_argument("--test", action="append", default=[], help="measure on this, training pairs left out")
    parser.add_argument("--model", default="compact", help="foundation model or checkpoint folder (default compact)")
    parser.add_argument("--readout", help="output of the model that is read (default: the model's)")
    names = "; ".join(f"{name}: {record.title}" for name, record in EXTRACTORS.items())
    default = ",".join(DEFAULT)
    text = f"what it learns to read, separated by commas (default {default}). {names}"
    parser.add_argument("--extractors", type=_names, default=DEFAULT, metavar="LIST", help=text)
    measured = ", ".join(name for name, record in EXTRACTORS.items() if record.needs_cells)
    text = f"file of measured cells, for extractors that are read at their mean ({measured})"
    parser.add_argument("--cells", type=Path, help=text)
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds (default 5)")
    parser.add_argument("--name", required=True, help="name of the translator")
    parser.add_argument("--title", help="title for menus (default: the name)")
    parser.add_argument("--description", default="", help="one sentence for menus")
    parser.add_argument("--corpus", type=Path, help="pre-training data: adds the controls that need no model")
    parser.add_argument(
        "--out", type=Path, help="folder to write (default: where app and command line find it by name)"
    )
    parser.add_argument("--replace", action="store_true", help="write over a translator that is there")
    parser.add_argument("--home", type=Path, help="data folder of translators and runs (default: GRN_HOME)")
    parser.add_argument("--json", action="store_true", help="print the card to stdout")


def run(arguments: argparse.Namespace) -> int:
    """Train, measure, write and print the table."""
    from grn_core.benchmark.protocol.translator import TranslatorOptions, train_and_measure
    from grn_core.benchmark.references.reference import read_reference
    from grn_core.benchmark.results.card import translator_card
    from grn_core.translator.registry import own_folder

    out = arguments.out or own_folder(arguments.name)
    _check_out(out, replace=arguments.replace)
    options = TranslatorOptions(
        name=arguments.name,
        title=arguments.title or arguments.name,
        description=arguments.description,
        model=arguments.model,
        readout=arguments.readout,
        extractors=arguments.extractors,
        cells=arguments.cells,
        n_seeds=arguments.seeds,
        corpus=arguments.corpus,
    )
    references = [read_reference(text) for text in arguments.reference]
    tests = [read_reference(text) for text in arguments.test]
    with StageLine() as progress:
        translator = train_and_measure(options, references, tests, progress=progress, note=note)
    translator.save(out)
    (out / "README.md").write_text(translator_card(translator.card), encoding="utf-8")
    if arguments.json:
        say_json(translator.card)
    elif tests:
        columns = ("reference", "method", "mean", "sd", "n_sources", "n_targets", "n_positives", "prevalence")
        say(table(columns, ([row[column] for column in columns] for row in translator.card["evaluation"])))
    if not tests:
        note("not measured: name a reference with --test to see how well it does beside its controls")
    note(f"written to {out}")
    if arguments.out is None:
        note(f"use it: infer --model {arguments.model} --translator {arguments.name}")
    return 0


def _check_out(out: Path, *, replace: bool) -> None:
    """Refuse a folder that cannot be written, or that holds a translator or a model, before anything is computed."""
    if (out / "card.json").exists() and not replace:
        message = f"{out} holds a translator or a model"
        raise RequestError(message, needed="a name or folder of its own", todo="choose another, or give --replace")
    check_writable(out, todo="correct --out")


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (word.strip() for word in text.split(","))))
