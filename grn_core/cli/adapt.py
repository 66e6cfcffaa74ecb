"""``adapt``: continue a model's pre-training on the user's cells; resumes where it was stopped, computed once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core import in_words
from grn_core.adapt.options import DEFAULT_STEPS, MAX_STEPS, AdaptOptions, estimate
from grn_core.cli.output import StageLine, note, say, say_json, table
from grn_core.datasets import formats
from grn_core.errors import RequestError
from grn_core.settings import settings

if TYPE_CHECKING:
    from grn_core.datasets import Dataset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    option, default = parser.add_argument, AdaptOptions()
    option("data", metavar="FILE|REF", help=f"{formats.in_words()}, or a built-in dataset")
    option("-o", "--output", type=Path, metavar="FOLDER", help="write the adapted model there, as a model folder")
    option("--name", metavar="TITLE", help="title of the adapted model (default: that of the base and of the cells)")
    option("--model", default="compact", help="foundation model or model folder (default compact)")
    option(
        "--steps", type=int, default=DEFAULT_STEPS, help=f"training steps, 0 to {MAX_STEPS} (default {DEFAULT_STEPS})"
    )
    option("--learning-rate", type=float, default=default.learning_rate, help=f"default {default.learning_rate:g}")
    option("--seed", type=int, default=default.seed, help=f"decides every draw (default {default.seed})")
    option("--cells", metavar="COLUMN=VALUE[,VALUE]", help="only these cells, e.g. cell_type=B cell,T cell")
    option("--species", choices=("human", "mouse"), help="default: recognised from the gene names")
    option("--home", type=Path, help="data folder that keeps adapted models (default: GRN_HOME)")
    option("--json", action="store_true", help="print the report as JSON to stdout")


def run(arguments: argparse.Namespace) -> int:
    """Adapt, or read what was adapted before, and say what it did."""
    import torch

    from grn_core.adapt.export import export_adapted
    from grn_core.adapt.options import Adaptation
    from grn_core.adapt.store import adapted_model, report_in_words
    from grn_core.cli.infer import chosen_cells
    from grn_core.models.load import load_model

    if arguments.output is not None and arguments.output.is_dir() and any(arguments.output.iterdir()):
        message = f"the folder {arguments.output} is not empty"
        raise RequestError(message, needed="a folder that is new or empty", todo="correct -o")
    options = AdaptOptions(steps=arguments.steps, learning_rate=arguments.learning_rate, seed=arguments.seed)
    dataset = _read(arguments)
    cells = None if arguments.cells is None else dataset.cells_where(*chosen_cells(arguments.cells))
    torch.set_num_threads(settings().threads or torch.get_num_threads())
    base = load_model(arguments.model, device="cpu")
    note(f"{dataset.title or arguments.data}: about {in_words.duration(estimate(options.steps))} on one core")
    with StageLine() as progress:
        model, report = adapted_model(base, Adaptation(dataset, cells, options), progress=progress)
    note(report_in_words(report))
    if arguments.output is not None:
        title = arguments.name or f"{base.record.title}, adapted to {dataset.title or arguments.data}"
        export_adapted(model, report, options, base=arguments.model, folder=arguments.output, title=title)
        note(f"written to {arguments.output}: use it as --model {arguments.output}")
    if arguments.json:
        say_json({"options": options.key(), **report})
    else:
        rows = [(line["step"], _number(line["training"]), _number(line["held_out"])) for line in report["curve"]]
        say(table(("step", "training error", "held-out error"), rows))
    return 0


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _read(arguments: argparse.Namespace) -> Dataset:
    """Read a file, or load a built-in or stored dataset."""
    from grn_core import datasets

    if Path(arguments.data).expanduser().is_file():
        return datasets.read(Path(arguments.data).expanduser(), species=arguments.species)
    return datasets.load(arguments.data)
