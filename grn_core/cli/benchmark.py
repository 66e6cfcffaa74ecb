"""``benchmark``: how well a model's edges generalise, beside controls; computed once, then read from disk."""

from __future__ import annotations

import argparse
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.cli.output import StageLine, note, say, say_json, table
from grn_core.errors import DataError, RequestError
from grn_core.settings import check_writable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from grn_core.benchmark.protocol import Protocol
    from grn_core.benchmark.runner import Outcome

SUITES = ("ugrn", "transfer", "curated", "own")
SIZES = ("n_sources", "n_targets", "n_positives", "prevalence")
WHERE = ("train", "test", "genes", "split", "method")
SIGNED = ("sign_accuracy", "sign_majority")
SHOWN = {
    "tf-restricted": ("auprc", "auprc_sd", "auroc", "epr", "auprc_natural", "auprc_per_tf", "prevalence_per_tf"),
    "all-pairs": ("auprc", "auprc_sd", "auroc", "epr", "auprc_natural"),
    "degree-matched": ("auprc", "auprc_sd", "auroc", "epr"),
    "beeline": ("auprc_beeline", "auprc_beeline_sd", "auroc", "epr_beeline", "auprc"),
}
PATHS = ("references", "expression", "corpus", "reference", "genes", "cells")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from grn_core.adapt.options import DEFAULT_STEPS
    from grn_core.benchmark.negatives import NEGATIVES
    from grn_core.benchmark.references import BEELINE_SETS
    from grn_core.benchmark.splits import SPLITS

    option = parser.add_argument
    option("--suite", choices=SUITES, default="ugrn", help="ugrn (default); transfer: train on each; curated; own")
    option("--model", default="compact", help="foundation model or checkpoint folder (default compact)")
    option("--readout", help="output of the model that is read (default: the model's)")
    option("--references", type=Path, metavar="FOLDER", help="holds NETWORK_DATASET_TFsplusN.tsv.gz")
    option("--expression", type=Path, metavar="FOLDER", help="holds DATASET/ExpressionData.csv: adds co-expression")
    option("--size", action="append", choices=BEELINE_SETS, help="gene set TFs+N (ugrn: each that is there; 500)")
    option("--train", action="append", metavar="DATASET:NETWORK", help="or omnipath, the default of curated and own")
    option("--tests", metavar="LIST", help="test on these, separated by commas (default: same network, other datasets)")
    option("--split", action="append", choices=tuple(SPLITS), help="may be repeated (ugrn: each; all)")
    kinds = "a table each (ugrn: each but beeline; tf-restricted)"
    option("--negatives", action="append", choices=NEGATIVES, help=kinds)
    option("--seeds", type=int, default=5, help="number of seeds (default 5)")
    option("--corpus", type=Path, metavar="FOLDER", help="pre-training data: adds the controls that need no model")
    steps = {"type": int, "nargs": "?", "const": DEFAULT_STEPS, "default": 0, "metavar": "STEPS"}
    option("--adapt", **steps, help=f"adds rows of the model adapted to each test's cells (default {DEFAULT_STEPS})")
    option("--coexpression", metavar="LIST", help="methods on measured cells, separated by commas, or none (all)")
    option(
        "--reference", type=Path, metavar="FILE", help="suite own: edge list with source, target and, if known, sign"
    )
    option("--genes", type=Path, metavar="FILE", help="suite own: gene panel, one name a line (default: the network's)")
    option("--cells", type=Path, metavar="FILE", help="suite own: measured cells, .h5ad or table: adds co-expression")
    option("--title", default="", help="heading of the results (default: the model's)")
    option("--chosen-on", default="", metavar="LIST", help="tests on which anything was chosen, for the record")
    option("--home", type=Path, help="data folder that keeps what was computed (default: GRN_HOME)")
    option("--out", type=Path, metavar="FOLDER", help="write a results folder, or add to it")
    option("--json", action="store_true", help="print every measure as JSON to stdout")


def run(arguments: argparse.Namespace) -> int:
    """Measure, or read what was measured before, and print a table for each gene set and kind of non-edges."""
    from grn_core.benchmark.export import earlier, manifest_of, results_of, save
    from grn_core.benchmark.handle import model_handle
    from grn_core.benchmark.runner import join, run_protocols

    if arguments.out is not None and not arguments.out.absolute().parent.is_dir():
        message = f"{arguments.out} cannot be written"
        raise RequestError(message, needed="a folder in one that exists", todo="correct --out")
    started = time.monotonic()
    _find_references(arguments)
    _fill(arguments)
    groups = protocols_of(arguments)
    model = model_handle(arguments.model)
    if arguments.out is not None:  # before anything is measured
        check_writable(arguments.out, todo="choose another --out")
        earlier(arguments.out, model_sha=model.sha)
    with StageLine() as progress:
        untrained = model_handle(arguments.model, weights="random")
        flat = [protocol for group in groups for protocol in group]
        found = iter(run_protocols(flat, model, untrained, progress=progress))
        outcomes = [join([next(found) for _ in group]) for group in groups]
    for text in dict.fromkeys(text for one in outcomes for text in one.notes):
        note(f"note: {text}")
    n_computed, n_cells = (sum(getattr(one, name) for one in outcomes) for name in ("n_computed", "n_cells"))
    note(f"{n_computed:,} of {n_cells:,} cells computed now, the others were there")
    if arguments.out is not None:
        manifest = manifest_of(
            model,
            outcomes,
            command=command_of(arguments),
            seconds=time.monotonic() - started,
            title=arguments.title,
            chosen_on=_list(arguments.chosen_on),
        )
        save(results_of(outcomes, manifest, suite=arguments.suite), arguments.out)
        note(f"written to {arguments.out}")
    if arguments.json:
        say_json([row for one in outcomes for row in json.loads(one.table.to_json(orient="records"))])
        return 0
    for outcome in outcomes:
        if len(outcome.table):
            _print(outcome, arguments.suite)
    return 0


def protocols_of(arguments: argparse.Namespace) -> list[list[Protocol]]:
    """Return the protocols of a command, those of one gene set and kind of non-edges together."""
    from grn_core.benchmark.curated import NAMES, PREFIX
    from grn_core.benchmark.protocol import FEWEST_SEEDS, OMNIPATH, OWN, Protocol

    if arguments.seeds < FEWEST_SEEDS:
        note(f"note: {arguments.seeds} seeds; figures that are reported take at least {FEWEST_SEEDS}")
    suite, trains = arguments.suite, arguments.train
    options = {"n_seeds": arguments.seeds, "readout": arguments.readout, "corpus": arguments.corpus}
    options |= {"splits": tuple(arguments.split or ("all",)), "folder": arguments.references}
    options |= {"expression": _expression(arguments), "adapt": arguments.adapt}
    if arguments.coexpression:
        options["coexpression"] = tuple(_list(arguments.coexpression.replace("none", "")))
    if suite == "curated":
        options |= {"tests": tuple(PREFIX + name for name in NAMES), "negatives": "beeline"}
        return [[Protocol(train=train, **options)] for train in trains or [OMNIPATH]]
    negatives = arguments.negatives or ["tf-restricted"]
    if suite == "own":
        options |= {"tests": (OWN,), "own": arguments.reference, "genes": arguments.genes, "cells": arguments.cells}
        return [[Protocol(train=one, negatives=n, **options) for one in trains or [OMNIPATH]] for n in negatives]
    return [
        [
            Protocol(train=train, tests=tests, size=size, negatives=kind, **options)
            for train, tests in _tests(arguments, size).items()
        ]
        for size in arguments.size or ["500"]
        for kind in negatives
    ]


def _find_references(arguments: argparse.Namespace) -> None:
    """Where no folder of references was named, take the one of the settings or of the downloads."""
    if arguments.references is not None or arguments.suite not in ("ugrn", "transfer"):
        return
    from grn_core.downloads import references_folder

    with StageLine() as progress:
        arguments.references = references_folder(progress=progress)
    if arguments.references is None:
        message = "there are no reference networks here"
        todo = "run `python -m grn_core data pull beeline-networks`, or name a folder with --references"
        raise RequestError(message, needed="BEELINE's networks", todo=todo)


def _fill(arguments: argparse.Namespace) -> None:
    """Ask the whole protocol of the suite ugrn where less was not asked for; the command then says so."""
    from grn_core.benchmark.negatives import BEELINE, NEGATIVES
    from grn_core.benchmark.protocol import available
    from grn_core.benchmark.references import BEELINE_SETS
    from grn_core.benchmark.splits import SPLITS

    if arguments.suite != "ugrn":
        return
    there = []
    for size in BEELINE_SETS:
        with suppress(DataError):  # none of that size
            available(arguments.references, size=size)
            there.append(size)
    arguments.size = arguments.size or there or None
    arguments.split = arguments.split or list(SPLITS)
    arguments.negatives = arguments.negatives or [kind for kind in NEGATIVES if kind != BEELINE]


def command_of(arguments: argparse.Namespace) -> str:
    """Return the command without the user's paths, which say nothing to others."""
    words = ["python -m grn_core benchmark"]
    for name, value in vars(arguments).items():
        if name in ("command", "run", "home", "out", "json", "title", "chosen_on") or value in (None, "", False):
            continue
        option = f"--{name.replace('_', '-')}"
        for one in value if isinstance(value, list) else [value]:
            shown = one.name if isinstance(one, Path) or (name == "model" and Path(one).is_dir()) else one
            words.append(f"{option} {Path(shown).name if name in PATHS else shown}")
    return " ".join(words)


def _tests(arguments: argparse.Namespace, size: str) -> dict[str, tuple[str, ...]]:
    """Return the tests of every training reference."""
    from grn_core.benchmark.protocol import available, other_datasets

    names = available(arguments.references, size=size)
    if arguments.suite == "transfer":
        return {train: tuple(name for name in names if name != train) for train in arguments.train or names}
    trains = arguments.train or ["hESC:STRING"]
    if arguments.tests:
        return {train: tuple(_list(arguments.tests)) for train in trains}
    return {train: other_datasets(train, names) for train in trains}


def _expression(arguments: argparse.Namespace) -> Path | None:
    """The folder that was named, or the one called ``expression`` beside the references."""
    if arguments.expression is not None:
        if not arguments.expression.is_dir():
            message = f"there is no folder {arguments.expression}"
            raise RequestError(message, needed="a folder with DATASET/ExpressionData.csv", todo="correct --expression")
        return arguments.expression
    beside = None if arguments.references is None else arguments.references.absolute().parent / "expression"
    return beside if beside is not None and beside.is_dir() else None


def _list(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _print(outcome: Outcome, suite: str) -> None:
    """Print one table; for the suite transfer with a single split the matrix of the ensemble before it."""
    from grn_core.benchmark.runner import transfer_matrix

    found = outcome.table
    negatives, size = found["negatives"].iloc[0], found["size"].iloc[0]
    what = f"TFs+{size}, " if suite in ("ugrn", "transfer") else ""
    say(f"{what}{negatives}")
    whole = found[~found["genes"].str.endswith("(measured)")]
    if suite == "transfer" and found["split"].nunique() == 1 and "Ensemble" in set(found["method"]):
        matrix = transfer_matrix(whole).round(3).fillna("")
        say("AUPRC of the Ensemble, row = trained on, column = tested on")
        say(table(["", *matrix.columns], ([name, *row] for name, row in zip(matrix.index, matrix.values, strict=True))))
        say("")
    measures = [name for name in (*SHOWN[negatives], *SIGNED) if name in found]
    columns: Sequence[str] = (*WHERE, *measures, *SIZES)
    shown: pd.DataFrame = found[list(columns)].copy()
    shown["method"] = [
        name if kind == "method" else f"{name} ({kind})"
        for name, kind in zip(found["method"], found["kind"], strict=True)
    ]
    shown = shown.map(lambda value: f"{value:.3f}" if isinstance(value, float) else value)
    say(table(columns, shown.itertuples(index=False)))
    say("")
