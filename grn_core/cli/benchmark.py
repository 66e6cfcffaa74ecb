"""``benchmark``: how well a model's edges generalise, beside controls; computed once, then read from disk."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.cli.output import StageLine, note, say, say_json, table
from grn_core.errors import RequestError

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.benchmark.runner import Outcome
    from grn_core.progress import Progress

SUITES = ("ugrn", "transfer", "curated")
WHERE = ("train", "test", "split", "negatives", "method")
SIZES = ("n_sources", "n_targets", "n_positives", "prevalence")
SHOWN = {
    "ugrn": (*WHERE, "auprc", "auprc_sd", "auroc", "epr", "auprc_per_tf", "prevalence_per_tf", *SIZES),
    "transfer": (*WHERE, "auprc", "auprc_sd", *SIZES),
    "curated": ("dataset", "method", "auprc", "auprc_beeline", "epr", "sign_accuracy", "sign_majority", *SIZES),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from grn_core.benchmark.negatives import NEGATIVES
    from grn_core.benchmark.references import BEELINE_SETS
    from grn_core.benchmark.splits import SPLITS

    option = parser.add_argument
    option("--suite", choices=SUITES, default="ugrn", help="ugrn (default), transfer (train on each), or curated")
    option("--model", default="compact", help="foundation model or checkpoint folder (default compact)")
    option("--readout", help="output of the model that is read (default: the model's)")
    option("--references", type=Path, metavar="FOLDER", help="holds NETWORK_DATASET_TFsplusN.tsv.gz")
    option("--size", choices=BEELINE_SETS, default="500", help="gene set TFs+N (default 500)")
    option("--train", default="hESC:STRING", metavar="DATASET:NETWORK", help="train on this (default hESC:STRING)")
    option("--tests", metavar="LIST", help="test on these, separated by commas (default: same network, other datasets)")
    option("--split", action="append", choices=tuple(SPLITS), help="may be repeated (default all)")
    option("--negatives", choices=NEGATIVES, default="tf-restricted", help="where non-edges come from")
    option("--seeds", type=int, default=5, help="number of seeds (default 5)")
    option("--corpus", type=Path, help="pre-training data: adds the controls that need no model")
    option("--translator", default="omnipath", help="translator of the suite curated (default omnipath)")
    option("--home", type=Path, help="data folder that keeps what was computed (default: GRN_HOME)")
    option("--out", type=Path, metavar="TABLE.TSV", help="write every measure to this file")
    option("--json", action="store_true", help="print every measure as JSON to stdout")


def run(arguments: argparse.Namespace) -> int:
    """Measure, or read what was measured before, and print the table."""
    if arguments.out is not None and not arguments.out.absolute().parent.is_dir():
        message = f"{arguments.out} cannot be written"
        raise RequestError(message, needed="a file in a folder that exists", todo="correct --out")
    with StageLine() as progress:
        outcome = _curated(arguments, progress) if arguments.suite == "curated" else _ugrn(arguments, progress)
    for text in outcome.notes:
        note(f"note: {text}")
    note(f"{outcome.n_computed} cells computed now, the others were there")
    if arguments.out is not None:
        outcome.table.to_csv(arguments.out, sep="\t", index=False, float_format="%.6g")
        note(f"written to {arguments.out}")
    if arguments.json:
        say_json(json.loads(outcome.table.to_json(orient="records")))
    elif len(outcome.table):
        _print(outcome.table, arguments.suite)
    return 0


def _curated(arguments: argparse.Namespace, progress: Progress) -> Outcome:
    from grn_core.benchmark.curated import run_curated
    from grn_core.benchmark.handle import model_handle
    from grn_core.translator.registry import folder_of

    folder = Path(arguments.translator)
    folder = folder if (folder / "card.json").is_file() else folder_of(arguments.translator)
    return run_curated(model_handle(arguments.model), folder, n_seeds=arguments.seeds, progress=progress)


def _ugrn(arguments: argparse.Namespace, progress: Progress) -> Outcome:
    from grn_core.benchmark.handle import model_handle
    from grn_core.benchmark.protocol import FEWEST_SEEDS, Protocol, available, other_datasets
    from grn_core.benchmark.runner import transfer

    if arguments.references is None:
        message = "no reference networks were given"
        raise RequestError(message, needed="--references FOLDER", todo="see `benchmark --help`")
    if arguments.seeds < FEWEST_SEEDS:
        note(f"note: {arguments.seeds} seeds; figures that are reported take at least {FEWEST_SEEDS}")
    names = available(arguments.references, size=arguments.size)
    if arguments.suite == "transfer":
        tests = {train: tuple(name for name in names if name != train) for train in names}
    elif arguments.tests:
        tests = {arguments.train: tuple(arguments.tests.split(","))}
    else:
        tests = {arguments.train: other_datasets(arguments.train, names)}
    protocols = [
        Protocol(
            train=train,
            tests=others,
            folder=arguments.references,
            size=arguments.size,
            splits=tuple(arguments.split or ("all",)),
            negatives=arguments.negatives,
            n_seeds=arguments.seeds,
            readout=arguments.readout,
            corpus=arguments.corpus,
        )
        for train, others in tests.items()
    ]
    untrained = model_handle(arguments.model, weights="random")
    return transfer(protocols, model_handle(arguments.model), untrained, progress=progress)


def _print(found: pd.DataFrame, suite: str) -> None:
    """Print the table; for the suite transfer with a single split the matrix of the ensemble before it."""
    from grn_core.benchmark.runner import transfer_matrix

    if suite == "transfer" and found["split"].nunique() == 1:
        matrix = transfer_matrix(found).round(3).fillna("")
        say("AUPRC of the Ensemble, row = trained on, column = tested on")
        say(table(["", *matrix.columns], ([name, *row] for name, row in zip(matrix.index, matrix.values, strict=True))))
        say("")
    shown = found[list(SHOWN[suite])].copy()
    shown["method"] = [
        f"{name} (control)" if control else name
        for name, control in zip(found["method"], found["is_control"], strict=True)
    ]
    shown = shown.map(lambda value: f"{value:.3f}" if isinstance(value, float) else value)
    say(table(SHOWN[suite], shown.itertuples(index=False)))
