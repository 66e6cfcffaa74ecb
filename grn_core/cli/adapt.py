"""``adapt``: continue a model's pre-training on the user's cells; resumes where it was stopped, computed once."""

from __future__ import annotations

import argparse

from grn_core import in_words
from grn_core.adapt.options import DEFAULT_STEPS, MAX_STEPS, AdaptOptions, estimate
from grn_core.cli.follow import computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.inputs import add_cells, cells_of, cells_words, dataset_of
from grn_core.cli.output import note, say, say_json, table
from grn_core.errors import RequestError
from grn_core.files import copy_whole
from grn_core.homes import as_usual
from grn_core.runs import AdaptRequest, RunStore
from grn_core.runs.kinds.adapt import MODEL


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    option, default = parser.add_argument, AdaptOptions()
    add_cells(parser)
    option("-o", "--output", type=a_path, metavar="FOLDER", help="write the adapted model there, as a model folder")
    option("--name", default="", metavar="TITLE", help="title of the adapted model (default: that of base and cells)")
    option("--model", type=a_name, default="compact", help="foundation model or model folder (default compact)")
    option(
        "--steps", type=int, default=DEFAULT_STEPS, help=f"training steps, 0 to {MAX_STEPS} (default {DEFAULT_STEPS})"
    )
    option("--learning-rate", type=float, default=default.learning_rate, help=f"default {default.learning_rate:g}")
    option("--seed", type=int, default=default.seed, help=f"decides every draw (default {default.seed})")
    option("--home", type=a_path, help="data folder that keeps adapted models (default: GRN_HOME)")
    option("--json", action="store_true", help="print the report as JSON to stdout")
    parser.set_defaults(run=run, requests=requests)


def requests(arguments: argparse.Namespace) -> list[AdaptRequest]:
    """Return what a command asks for."""
    from grn_core.models.registry import located

    AdaptOptions(steps=arguments.steps, learning_rate=arguments.learning_rate, seed=arguments.seed)  # before a file
    dataset = dataset_of(arguments)
    return [
        AdaptRequest(
            title=dataset.title,
            dataset_ref=dataset.ref,
            dataset_sha=dataset.sha256,
            cells=cells_of(arguments, dataset),
            model=located(arguments.model),
            steps=arguments.steps,
            learning_rate=arguments.learning_rate,
            seed=arguments.seed,
            heading=arguments.name,
        )
    ]


def words_of(request: AdaptRequest) -> list[str]:
    """Return the words that ask for an adaptation."""
    usual = AdaptRequest(dataset_ref=request.dataset_ref)
    words = ["adapt", *cells_words(request)]
    words += [] if request.model == usual.model else [f"--model={request.model}"]
    for name in ("steps", "learning_rate", "seed"):
        value = getattr(request, name)
        words += [] if value == getattr(usual, name) else [f"--{name.replace('_', '-')}={value!r}"]
    return words + ([f"--name={request.heading}"] if request.heading else [])


def run(arguments: argparse.Namespace) -> int:
    """Adapt, or read what was adapted before, and say what it did."""
    if arguments.output is not None and arguments.output.is_dir() and any(arguments.output.iterdir()):
        message = f"the folder {arguments.output} is not empty"
        raise RequestError(message, needed="a folder that is new or empty", todo="correct -o")
    (request,) = requests(arguments)
    note(f"{request.subject}: about {in_words.duration(estimate(request.steps))} on one core")
    run_id, _ = computed(request)
    report = RunStore().record(run_id)["result"]["report"]
    if arguments.output is not None:
        with as_usual():
            copy_whole(RunStore().file(run_id, MODEL), arguments.output, last="card.json")
        note(f"written to {arguments.output}: use it as --model {arguments.output}")
    if arguments.json:
        say_json({"run_id": run_id, "options": request.options.key(), **report})
    else:
        rows = [(line["step"], _number(line["training"]), _number(line["held_out"])) for line in report["curve"]]
        say(table(("step", "training error", "held-out error"), rows))
    return 0


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:z.4f}"
